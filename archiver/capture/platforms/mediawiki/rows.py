"""What a MediaWiki item says, column by column (API help of 1.39, measured on 1.39.17).

What changes without the thing itself goes to ``volatile``: a page's title beside a
revision (the page's own record tells of moves), counts, times of caching, where the file
of a version lies now. Everything without a column goes to ``extra`` as it stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.jsonitem import Row, object_text
from archiver.capture.platforms.mediawiki.listings import REVISION
from archiver.capture.times import UNKNOWN, internet_time, utc_time
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["row_of"]


def row_of(excerpts: tuple[Excerpt, ...], stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item; excerpts of role ``page`` are members of its page."""
    row = Row()
    item = next((one.data for one in excerpts if one.role == "item"), b"")
    row.fill(row.members(item), _table(stream, native_id))
    parts = [one.data for one in excerpts if one.role == "page"]
    if parts:
        row.fill(row.members(b"{" + b",".join(parts) + b"}"), _AROUND.get(stream, {}))
    return row.finished()


def _table(stream: str, native_id: str) -> Mapping[str, Handler]:
    if stream == Stream.PAGES and native_id.startswith(REVISION):
        return _REVISION
    return _TABLES.get(stream, {})


def _drop(row: Row, name: str, value: bytes) -> None:
    """Leave out a member that the record's own id repeats."""


def _metric(row: Row, name: str, value: bytes) -> None:
    row.metric(name, row.raw(name, value))


def _text(column: str) -> Handler:
    return lambda row, name, value: row.put(column, row.text(name, value))


def _raw(column: str) -> Handler:
    """Return a handler for a list that is kept as spelt; an empty one gives nothing."""

    def handle(row: Row, name: str, value: bytes) -> None:
        if value != b"[]":
            row.put(column, row.raw(name, value))

    return handle


def _reference(column: str) -> Handler:
    """Return a handler for the number of another thing; 0 means none."""

    def handle(row: Row, name: str, value: bytes) -> None:
        if value != b"0":
            row.put(column, row.text(name, value))

    return handle


def _time(row: Row, name: str, value: bytes) -> None:
    text = row.text(name, value)
    found = utc_time(text[:-1]) if text.endswith("Z") else UNKNOWN
    row.time("created", name, text, found if found.precision else internet_time(text))


def _parent(row: Row, name: str, value: bytes) -> None:
    if value != b"0":
        row.put("parent_id", f"{REVISION}{row.text(name, value)}")


def _state(row: Row, name: str, value: bytes) -> None:
    """Add a mark such as ``texthidden`` to the state, in the order in which they stand."""
    if value == b"true":
        row.put("state", f"{row.fields.get('state', '')} {name}".strip())
    else:
        row.keep(name, row.raw(name, value))


def _entry_type(row: Row, name: str, value: bytes) -> None:
    """Put a log entry's type first in its state."""
    row.put("state", f"{row.text(name, value)} {row.fields.get('state', '')}".strip())


def _entry_action(row: Row, name: str, value: bytes) -> None:
    """Add the action to the type, as the wiki names both: ``delete/restore``."""
    first, _, marks = row.fields.get("state", "").partition(" ")
    row.put("state", f"{first}/{row.text(name, value)} {marks}".strip())


def _slots(row: Row, name: str, value: bytes) -> None:
    """Take the text out of the main slot; the rest of the slots stays in ``extra``."""
    kept = []
    for slot, content in row.members(value):
        if slot == "main" and content[:1] == b"{":
            kept.append((slot, _main_slot(row, content)))
        else:
            kept.append((slot, row.raw(slot, content)))
    row.keep(name, object_text(kept))


def _main_slot(row: Row, value: bytes) -> str:
    kept = []
    for name, content in row.members(value):
        if name == "content":
            row.put("text", row.text(name, content))
        elif name == "texthidden":
            _state(row, name, content)
        else:
            kept.append((name, row.raw(name, content)))
    return object_text(kept)


def _blocked(row: Row, name: str, value: bytes) -> None:
    row.put("state", "blocked")
    row.keep(name, row.raw(name, value))


def _general(row: Row, name: str, value: bytes) -> None:
    """Read the wiki's name and language; its clock runs without the wiki changing."""
    kept = []
    for key, content in row.members(value):
        if key == "time":
            row.metric(key, row.raw(key, content))
        elif key in _GENERAL:
            row.put(_GENERAL[key], row.text(key, content))
        else:
            kept.append((key, row.raw(key, content)))
    row.keep(name, object_text(kept))


def _title(row: Row, name: str, value: bytes) -> None:
    title = row.text(name, value)
    row.put("title", title)
    row.put("file_name", title.partition(":")[2])


_GENERAL = {"sitename": "name", "lang": "language", "base": "url"}
_HIDDEN: dict[str, Handler] = dict.fromkeys(
    (
        "texthidden",
        "userhidden",
        "commenthidden",
        "sha1hidden",
        "actionhidden",
        "filehidden",
        "suppressed",
        "hidden",
    ),
    _state,
)
_SHARED: dict[str, Handler] = _HIDDEN | {
    "user": _text("author_name"),
    "userid": _reference("author_id"),
    "timestamp": _time,
}
_REVISION: dict[str, Handler] = _SHARED | {
    "revid": _drop,
    "parentid": _parent,
    "comment": _text("summary"),
    "slots": _slots,
    "tags": _raw("tags"),
}
_TABLES: dict[str, dict[str, Handler]] = {
    Stream.PAGES: {
        "pageid": _drop,
        "title": _text("title"),
        "fullurl": _text("url"),
        "pagelanguage": _text("language"),
    }
    | dict.fromkeys(
        (
            "touched",
            "talkid",
            "subjectid",
            "watchers",
            "visitingwatchers",
            "editurl",
            "canonicalurl",
            "pagelanguagehtmlcode",
            "pagelanguagedir",
        ),
        _metric,
    ),
    Stream.MODERATION: _SHARED
    | {
        "logid": _drop,
        "title": _text("title"),
        "pageid": _metric,
        "logpage": _reference("thread_id"),
        "type": _entry_type,
        "action": _entry_action,
        "comment": _text("text"),
    },
    Stream.MEDIA: _SHARED
    | {
        "descriptionurl": _text("url"),
        "title": _title,
        "mime": _text("media_type"),
        "comment": _text("text"),
        "description": _text("text"),
    }
    | dict.fromkeys(("url", "descriptionshorturl", "archivename"), _metric),
    Stream.SUBSCRIBERS: {
        "userid": _drop,
        "name": _text("handle"),
        "editcount": _metric,
        "registration": _time,
        "groups": _raw("roles"),
        "blockid": _blocked,
        "blockedtimestampformatted": _metric,
        "blockexpiryformatted": _metric,
        "blockexpiryrelative": _metric,
    }
    | _HIDDEN,
    Stream.PROFILE: {"general": _general, "statistics": _metric},
}
_AROUND: dict[str, dict[str, Handler]] = {
    Stream.PAGES: {
        "pageid": _reference("thread_id"),
        "title": _metric,
        "ns": _metric,
        "missing": _metric,
    },
    Stream.MEDIA: {"title": _title, "pageid": _metric, "missing": _metric, "known": _metric},
}
