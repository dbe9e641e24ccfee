"""What a Mastodon item says, column by column (docs.joinmastodon.org/entities).

Known members go to their columns. What changes without the thing itself changing goes to
``volatile``: counts, who the reader is to it, link previews, the rest of an author's
profile. Everything else goes to ``extra`` as it stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from archiver.capture.jsonitem import Row, object_text
from archiver.capture.platforms.mastodon.fields import (
    author,
    author_handle,
    drop,
    markup,
    metric,
    put,
    reference,
    time,
)
from archiver.capture.platforms.mastodon.people import FOLLOWER, PERSON, PROFILE, SETTINGS
from archiver.capture.text import plain_text
from archiver.formats.excerpts_json import json_items
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["row_of"]


def row_of(excerpts: tuple[Excerpt, ...], stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item."""
    row = Row()
    data = b"null".join(excerpt.data for excerpt in excerpts if excerpt.role == "item")
    if native_id.startswith("domain_block/"):
        row.put("state", "domain_block")
        row.put("title", row.text("domain", data))
        return row.finished()
    for excerpt in excerpts:
        if excerpt.role == "status_id":
            row.put("parent_id", row.text("status_id", excerpt.data))
    _named(row, native_id)
    members = row.members(data)
    handlers = _table(stream, native_id)
    if handlers in _SPARING:
        handlers = {name: handlers.get(name, metric) for name, _ in members}
    row.fill(members, handlers)
    return row.finished()


def _named(row: Row, native_id: str) -> None:
    """Fill in what the id says: of what kind a thing without a state is, and what it is about."""
    parts = native_id.split("/")
    if parts[0] in _STATES and len(parts) > 1:
        row.put("state", _STATES[parts[0]])
    elif parts[-2:-1] in (["favourited_by"], ["reblogged_by"]):
        row.put("state", "favourite" if parts[-2] == "favourited_by" else "boost")
        row.put("parent_id", parts[0])
    elif parts[1:2] == ["edit"]:
        row.put("parent_id", parts[0])


def _table(stream: str, native_id: str) -> Mapping[str, Handler]:
    head, _, rest = native_id.partition("/")
    if rest and head in _KINDS:
        return _KINDS[head]
    if rest.startswith("edit/"):
        return _POST if stream == Stream.POSTS else _WRITING
    return SETTINGS if rest == "settings" else _TABLES.get(stream, {})


def _some(row: Row, members: Mapping[str, bytes], *names: str) -> list[tuple[str, str]]:
    """Return those members of an object, each value as spelt."""
    return [(name, row.raw(name, members[name])) for name in names if name in members]


def _status(row: Row, name: str, value: bytes) -> None:
    """Take the text of a boosted or quoted status, without its numbers, whole as volatile."""
    metric(row, name, value)
    if value == b"null":
        return
    members = dict(row.members(value))
    who = dict(row.members(members.get("account", b"{}")))
    kept = _some(row, members, "id", "uri", "url")
    kept += [(f"account_{key}", text) for key, text in _some(row, who, "id", "acct")]
    row.keep(name, object_text(kept))
    for key, handler in _BOOSTED.items():
        if key in members:
            handler(row, key, members[key])


def _content(row: Row, name: str, value: bytes) -> None:
    """Take a text, unless that of the boosted status has been taken: a boost's own is empty."""
    if value != b'""' or "markup" not in row.fields:
        markup(row, name, value)


def _attachments(row: Row, name: str, value: bytes) -> None:
    if value != b"[]":
        row.put("attachments", row.raw(name, value))


def _tags(row: Row, name: str, value: bytes) -> None:
    if value != b"[]":
        row.put("tags", row.raw(name, value))


def _poll(row: Row, name: str, value: bytes) -> None:
    """Keep what a poll asks; its votes are volatile."""
    metric(row, name, value)
    if value == b"null":
        return
    members = dict(row.members(value))
    kept = _some(row, members, "id", "expires_at", "multiple")
    options = members.get("options", b"[]")
    titles = [dict(row.members(options[a:b])).get("title", b'""') for a, b in json_items(options)]
    asked = ",".join(row.raw("title", title) for title in titles)
    row.keep(name, object_text([*kept, ("options", f"[{asked}]")]))


def _quote(row: Row, name: str, value: bytes) -> None:
    """Keep the state of a quote and what it quotes; the quoted status changes on its own."""
    metric(row, name, value)
    if value == b"null":
        return
    members = dict(row.members(value))
    kept = _some(row, members, "state")
    for key in ("quoted_status", "quoted_status_id"):
        quoted = dict(row.members(members.get(key, b"null")))
        if key in members:
            kept.append((key, row.raw(key, quoted.get("id", members[key]))))
    row.keep(name, object_text(kept))


def _about(row: Row, name: str, value: bytes) -> None:
    """Name the status that a notification is about; its own record has its text."""
    if value != b"null":
        metric(row, name, value)
        row.put("parent_id", row.text("id", dict(row.members(value)).get("id", b"null")))


def _last(row: Row, name: str, value: bytes) -> None:
    """Keep which message is the last: a conversation is another one with it."""
    metric(row, name, value)
    row.keep(name, row.raw("id", dict(row.members(value)).get("id", b"null")))


def _participants(row: Row, name: str, value: bytes) -> None:
    metric(row, name, value)
    ids = [dict(row.members(value[a:b])).get("id", b"null") for a, b in json_items(value)]
    row.keep(name, "[" + ",".join(row.raw("id", one) for one in ids) + "]")


def _parameters(row: Row, name: str, value: bytes) -> None:
    """Take the text of a status that is yet to be published."""
    row.keep(name, row.raw(name, value))
    members = dict(row.members(value))
    row.put("text", row.text("text", members.get("text", b"null")))
    row.put("summary", row.text("spoiler_text", members.get("spoiler_text", b"null")))
    row.put("parent_id", row.text("in_reply_to_id", members.get("in_reply_to_id", b"null")))


def _file(row: Row, name: str, value: bytes) -> None:
    """Name an attachment's file, as its row's own record will (`archiver.capture.reading`)."""
    url = row.text(name, value)
    if url:
        row.put("attachments", f'[{{"role":"file","url":{row.raw(name, value)}}}]')
        row.put("file_name", unquote(url.partition("?")[0].rpartition("/")[2], errors="replace"))


def _summary(row: Row, name: str, value: bytes) -> None:
    """Take a content warning, which is plain text in a status and markup in none."""
    row.put("summary", plain_text(row.text(name, value)))


_BOOSTED: dict[str, Handler] = {
    "content": markup,
    "spoiler_text": _summary,
    "media_attachments": _attachments,
}
_WRITING: dict[str, Handler] = {
    "id": drop,
    "created_at": time("created"),
    "edited_at": time("modified"),
    "in_reply_to_id": reference("parent_id"),
    "visibility": put("state"),
    "spoiler_text": _summary,
    "language": put("language"),
    "url": put("url"),
    "content": _content,
    "media_attachments": _attachments,
    "account": author,
    "reblog": _status,
    "quote": _quote,
    "poll": _poll,
    **dict.fromkeys(
        (
            "replies_count",
            "reblogs_count",
            "favourites_count",
            "quotes_count",
            "favourited",
            "reblogged",
            "muted",
            "bookmarked",
            "filtered",
            "card",
        ),
        metric,
    ),
}
_POST = _WRITING | {"account": author_handle, "tags": _tags}
_LIKED: dict[str, Handler] = {
    "id": put("parent_id"),
    "url": put("url"),
    "account": author_handle,
}
_KINDS: dict[str, Mapping[str, Handler]] = {
    "follower": FOLLOWER,
    "following": FOLLOWER,
    "follow_request": FOLLOWER,
    "block": PERSON,
    "mute": PERSON
    | {"mute_expires_at": lambda row, name, value: row.keep(name, row.raw(name, value))},
    "favourite": _LIKED,
    "notification": {
        "id": drop,
        "type": put("state"),
        "created_at": time("created"),
        "account": author_handle,
        "status": _about,
    },
    "conversation": {
        "id": drop,
        "unread": metric,
        "accounts": _participants,
        "last_status": _last,
    },
    "scheduled": {"id": drop, "params": _parameters, "media_attachments": _attachments},
    "filter": {"id": drop, "title": put("title"), "filter_action": put("state")},
}
_SPARING = (PERSON, _KINDS["mute"], _LIKED)
"""Of these only what they name is the thing; all else is volatile."""
_STATES = {
    "follower": "follower",
    "following": "following",
    "follow_request": "follow_request",
    "block": "block",
    "mute": "mute",
    "favourite": "favourite",
    "scheduled": "scheduled",
    "conversation": "conversation",
}
_TABLES: dict[str, Mapping[str, Handler]] = {
    Stream.POSTS: _POST,
    Stream.COMMENTS: _WRITING,
    Stream.MESSAGES: _WRITING,
    Stream.REACTIONS: PERSON,
    Stream.PROFILE: PROFILE,
    Stream.MEDIA: {
        "id": drop,
        "url": _file,
        "description": put("alt_text"),
        "preview_url": metric,
    },
}
