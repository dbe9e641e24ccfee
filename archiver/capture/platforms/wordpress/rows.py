"""What a WordPress item says, column by column (REST API handbook, schemas of 6.1 on).

Known members go to their columns; ids that are 0 mean none, as do empty texts. What
changes without the thing itself changing goes to ``volatile``: rendered forms where the
raw text is there, links (they tell of replies and revisions), a user's screen settings.
Everything else goes to ``extra`` as it stood.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from archiver.capture.jsonitem import Row, object_text
from archiver.capture.text import plain_text, unescaped
from archiver.capture.times import internet_time, utc_time
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler

__all__ = ["row_of"]


def row_of(data: bytes, stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item."""
    row = Row()
    row.fill(row.members(data), _table(stream, native_id))
    return row.finished()


def _table(stream: str, native_id: str) -> Mapping[str, Handler]:
    if "/revision/" in native_id:
        return _REVISION
    return _TABLES.get(stream, {})


def _drop(row: Row, name: str, value: bytes) -> None:
    """Leave out a member that the record's own id repeats."""


def _metric(row: Row, name: str, value: bytes) -> None:
    row.metric(name, row.raw(name, value))


def _text(column: str) -> Handler:
    return lambda row, name, value: row.put(column, row.text(name, value))


def _plain(column: str) -> Handler:
    """Return a handler for text in which WordPress has escaped ``&`` and the like."""
    return lambda row, name, value: row.put(column, unescaped(row.text(name, value)))


def _reference(column: str) -> Handler:
    """Return a handler for the id of another thing."""

    def handle(row: Row, name: str, value: bytes) -> None:
        if value != b"0":
            row.put(column, row.text(name, value))

    return handle


def _utc(prefix: str) -> Handler:
    """Return a handler for a time that WordPress documents as GMT."""

    def handle(row: Row, name: str, value: bytes) -> None:
        text = row.text(name, value)
        row.time(prefix, name, text, utc_time(text))

    return handle


def _registered(row: Row, name: str, value: bytes) -> None:
    text = row.text(name, value)
    row.time("created", name, text, internet_time(text))


def _rich(plain: str, markup: str = "") -> Handler:
    """Return a handler for an object of ``raw`` (edit context only) and ``rendered``."""

    def handle(row: Row, name: str, value: bytes) -> None:
        if value[:1] != b"{":
            _put(row, row.text(name, value))
            return
        members = row.members(value)
        forms = dict(members)
        chosen = "raw" if "raw" in forms else "rendered"
        _put(row, row.text(name, forms[chosen]) if chosen in forms else "")
        rest = [(key, row.raw(name, form)) for key, form in members if key != chosen]
        if rest and chosen == "raw":
            row.metric(name, object_text(rest))
        elif rest:
            row.keep(name, object_text(rest))

    def _put(row: Row, text: str) -> None:
        row.put(plain, plain_text(text))
        if markup:
            row.put(markup, text)

    return handle


def _terms(row: Row, name: str, value: bytes) -> None:
    """Add the ids of one taxonomy to ``tags``, an object of id lists by taxonomy."""
    if value == b"[]":
        return
    before = row.fields.get("tags", "{}")[1:-1]
    joined = ",".join(filter(None, [before, f"{json.dumps(name)}:{row.raw(name, value)}"]))
    row.put("tags", f"{{{joined}}}")


def _featured(row: Row, name: str, value: bytes) -> None:
    if value != b"0":
        row.put("attachments", f'[{{"role":"featured_media","id":{row.raw(name, value)}}}]')


def _source(row: Row, name: str, value: bytes) -> None:
    url = row.text(name, value)
    row.put("attachments", f'[{{"role":"file","url":{row.raw(name, value)}}}]')
    try:
        row.put("file_name", unquote(urlsplit(url).path.rpartition("/")[2], errors="replace"))
    except ValueError:
        row.flag(f"not-a-url {name}")


_SHARED: dict[str, Handler] = {
    "id": _drop,
    "link": _text("url"),
    "status": _text("state"),
    "author": _reference("author_id"),
    "date_gmt": _utc("created"),
    "modified_gmt": _utc("modified"),
    "title": _rich("title"),
    "content": _rich("text", "markup"),
    "excerpt": _rich("summary"),
    "_links": _metric,
}
_POST: dict[str, Handler] = _SHARED | {
    "categories": _terms,
    "tags": _terms,
    "featured_media": _featured,
    "parent": _reference("parent_id"),
}
_REVISION: dict[str, Handler] = _SHARED | {"parent": _reference("parent_id")}
_TABLES: dict[str, dict[str, Handler]] = {
    Stream.POSTS: _POST,
    Stream.PAGES: _POST,
    Stream.COMMENTS: _SHARED
    | {
        "post": _reference("thread_id"),
        "parent": _reference("parent_id"),
        "author_name": _plain("author_name"),
        "author_email": _text("author_email"),
        "author_url": _text("author_url"),
        "author_ip": _text("author_ip"),
        "author_user_agent": _text("author_agent"),
    },
    Stream.MEDIA: _SHARED
    | {
        "post": _reference("parent_id"),
        "description": _rich("text", "markup"),
        "caption": _rich("caption"),
        "alt_text": _text("alt_text"),
        "mime_type": _text("media_type"),
        "source_url": _source,
        "missing_image_sizes": _metric,
    },
    Stream.SUBSCRIBERS: {
        "id": _drop,
        "link": _text("url"),
        "username": _text("handle"),
        "name": _plain("name"),
        "email": _text("email"),
        "description": _rich("text", "markup"),
        "locale": _text("language"),
        "registered_date": _registered,
        "roles": lambda row, name, value: row.put("roles", row.raw(name, value)),
        "meta": _metric,
        "_links": _metric,
    },
    Stream.PROFILE: {
        "name": _plain("name"),
        "description": _rich("text", "markup"),
        "url": _text("url"),
        "_links": _metric,
    },
}
