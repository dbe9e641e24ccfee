"""What a Mastodon item says, column by column (docs.joinmastodon.org/entities).

Known members go to their columns. What changes without the thing itself changing goes to
``volatile``: counts, who the reader is to it, link previews, the rest of an author's
profile. Everything else goes to ``extra`` as it stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.jsonitem import Row
from archiver.capture.platforms.mastodon.carried import attachments, boosted, poll, quote, summary
from archiver.capture.platforms.mastodon.fields import (
    author,
    drop,
    keep,
    markup,
    metric,
    put,
    reference,
    time,
)
from archiver.capture.platforms.mastodon.people import FOLLOWER, PERSON, PROFILE, SETTINGS
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
    if handlers in (_WRITING, _POST) and dict(members).get("reblog", b"null") != b"null":
        handlers = {**handlers, **_BOOST}
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


def _tags(row: Row, name: str, value: bytes) -> None:
    if value != b"[]":
        row.put("tags", row.raw(name, value))


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


_WRITING: dict[str, Handler] = {
    "id": drop,
    "created_at": time("created"),
    "edited_at": time("modified"),
    "in_reply_to_id": reference("parent_id"),
    "visibility": put("state"),
    "spoiler_text": summary,
    "language": put("language"),
    "url": put("url"),
    "content": markup,
    "media_attachments": attachments,
    "account": author,
    "quote": quote,
    "poll": poll,
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
            "reblog",
            # Who reads decides on these, or they say how others may treat the status:
            "application",
            "emojis",
            "pinned",
            "quote_approval",
        ),
        metric,
    ),
}
_POST = _WRITING | {"tags": _tags}
_BOOST: dict[str, Handler] = {
    **dict.fromkeys(("account", "content", "spoiler_text", "media_attachments"), metric),
    "reblog": boosted,
    "visibility": keep,
}
"""A boost has nothing of its own but when, how widely and by whom (`boosted`)."""
_LIKED: dict[str, Handler] = {
    "id": put("parent_id"),
    "url": put("url"),
    "account": author,
}
_KINDS: dict[str, Mapping[str, Handler]] = {
    "follower": FOLLOWER,
    "following": FOLLOWER,
    "follow_request": FOLLOWER,
    "block": PERSON,
    "mute": PERSON | {"mute_expires_at": keep},
    "favourite": _LIKED,
    "notification": {
        "id": drop,
        "type": put("state"),
        "created_at": time("created"),
        "account": author,
        "status": _about,
    },
    "conversation": {
        "id": drop,
        "unread": metric,
        "accounts": _participants,
        "last_status": _last,
    },
    "scheduled": {"id": drop, "params": _parameters, "media_attachments": attachments},
    "filter": {"id": drop, "title": put("title"), "filter_action": put("state")},
}
_MEDIUM: dict[str, Handler] = {
    "id": drop,
    "type": keep,
    "description": put("alt_text"),
    "blurhash": keep,
}
_SPARING = (PERSON, _KINDS["mute"], _LIKED, _MEDIUM)
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
    Stream.MEDIA: _MEDIUM,
}
