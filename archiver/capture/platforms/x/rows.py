"""What an item of X's says, column by column (pip ``xdk``, `xdk.schemas`).

Known members go to their columns, what changes without the thing to ``volatile``, and
everything else to ``extra`` as it stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.handlers import drop, keep, metric, put, time
from archiver.capture.jsonitem import Row
from archiver.capture.platforms.x.posts import OWN_NUMBERS
from archiver.capture.platforms.x.posts_rows import (
    author,
    current,
    fill_post,
    poll,
    repeated_author,
    repeated_text,
)
from archiver.capture.times import epoch_time
from archiver.formats.excerpts_json import json_items
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["row_of"]


def row_of(excerpts: tuple[Excerpt, ...], stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item."""
    row = Row()
    parts: dict[str, list[bytes]] = {}
    for excerpt in excerpts:
        parts.setdefault(excerpt.role, []).append(excerpt.data)
    whole, _, own = native_id.partition("/")
    if own.startswith("metrics/"):
        _numbers(row, whole, parts)
        return row.finished()
    # What stood where excerpts of one object meet was the value of a member.
    data = b"null".join(parts.get("item", ()))
    if stream in {Stream.POSTS, Stream.COMMENTS}:
        _post(row, data, parts, stream, version=bool(own))
        if own:
            row.put("parent_id", whole)
        return row.finished()
    _named(row, native_id)
    members = current(row.members(data))
    handlers = _table(stream, native_id)
    if handlers in _SPARING:
        handlers = {name: handlers.get(name, metric) for name, _ in members}
    row.fill(members, handlers)
    for role, put_in in _ROLES.items():
        for one in parts.get(role, ()):
            put_in(row, one)
    return row.finished()


def _post(
    row: Row, data: bytes, parts: Mapping[str, list[bytes]], stream: str, *, version: bool
) -> None:
    """Fill in a post, and what lies beside it: its author, poll and place, a post it shows."""
    whole = b"null".join(parts.get("retweeted", ()))
    if whole:
        repeated_text(row, whole)
    fill_post(row, data, tags=stream == Stream.POSTS, version=version)
    if whole:
        repeated_author(row, whole)
    for one in parts.get("author", ()):
        author(row, one)
    for one in parts.get("poll", ()):
        poll(row, one)
    for one in parts.get("place", ()):
        row.metric("place", row.raw("place", one))
    if "quoted" in parts:
        row.metric("quoted", row.raw("quoted", b"null".join(parts["quoted"])))


def _numbers(row: Row, post: str, parts: Mapping[str, list[bytes]]) -> None:
    """Keep the numbers that only a post's author is shown."""
    row.put("parent_id", post)
    row.put("state", "metrics")
    for name in OWN_NUMBERS:
        for one in parts.get(name, ()):
            row.metric(name, row.raw(name, one))


def _named(row: Row, native_id: str) -> None:
    """Fill in what the id says: of what kind a thing is, and what it is about."""
    parts = native_id.split("/")
    if parts[0] in _STATES and len(parts) > 1:
        row.put("state", _STATES[parts[0]])
    elif parts[-2:-1] in (["liking_users"], ["retweeted_by"]):
        row.put("state", "like" if parts[-2] == "liking_users" else "repost")
        row.put("parent_id", parts[0])
    if native_id.endswith(_DELIVERED):
        row.put("parent_id", native_id.removesuffix(_DELIVERED))
    if parts[0] == "like" and len(parts) > 1:
        row.put("parent_id", parts[1])
    if parts[0] == "chat":
        row.flag("encrypted")


def _table(stream: str, native_id: str) -> Mapping[str, Handler]:
    head, _, rest = native_id.partition("/")
    if rest and head in _KINDS:
        return _KINDS[head]
    if native_id.endswith(_DELIVERED):
        return _DELIVERY
    if rest.startswith("update/"):
        return _CHANGE
    return _TABLES.get(stream, {})


def _picture(row: Row, name: str, value: bytes) -> None:
    """Add a profile's picture to its attachments, by address."""
    if value in (b'""', b"null"):
        return
    before = row.fields.get("attachments", "[]")[1:-1]
    shown = f'{{"role":"{name}","url":{row.raw(name, value)}}}'
    row.put("attachments", "[" + ",".join(filter(None, [before, shown])) + "]")


def _references(row: Row, name: str, value: bytes) -> None:
    """Keep which posts a message shows; the first is what it is about."""
    row.keep(name, row.raw(name, value))
    for a, b in json_items(value)[:1]:
        row.put("parent_id", row.text("id", dict(row.members(value[a:b])).get("id", b"null")))


def _attachments(row: Row, name: str, value: bytes) -> None:
    if value not in (b"null", b"{}"):
        row.put("attachments", row.raw(name, value))


def _created(row: Row, name: str, value: bytes) -> None:
    """Take an older message: who wrote it, to whom, and what."""
    members = dict(row.members(value))
    row.put("author_id", row.text("sender_id", members.get("sender_id", b"null")))
    data = dict(row.members(members.get("message_data", b"{}")))
    row.put("text", row.text("text", data.get("text", b"null")))
    row.keep(name, row.raw(name, value))


def _kind(row: Row, data: bytes) -> None:
    row.put("state", row.text("event_type", data))


def _users(row: Row, data: bytes) -> None:
    """Take from the users of a message the one who wrote it."""
    members = dict(row.members(data))
    if row.text("id", members.get("id", b"null")) == row.fields.get("author_id"):
        author(row, data)
    else:
        row.metric("user", row.raw("user", data))


_DELIVERED = "/delivery"
_ROLES: dict[str, Callable[[Row, bytes], None]] = {
    "author": author,
    "event_type": _kind,
    "user": _users,
}
_PERSON: dict[str, Handler] = {"id": put("author_id"), "username": put("author_name")}
"""Somebody who did something: by the names that others write; all else is volatile."""

_FOLLOWER: dict[str, Handler] = {
    "id": drop,
    "username": put("handle"),
    "name": put("name"),
    "description": put("text"),
    "url": put("url"),
    "created_at": time("created"),
}
_PROFILE: dict[str, Handler] = _FOLLOWER | {
    "profile_image_url": _picture,
    "profile_banner_url": _picture,
    **dict.fromkeys(("public_metrics", "entities", "most_recent_post_id"), metric),
}
_LIKED: dict[str, Handler] = {"id": drop, "author_id": put("author_id")}
_REPOSTED: dict[str, Handler] = {
    "id": drop,
    "author_id": put("author_id"),
    "created_at": time("created"),
    "conversation_id": put("thread_id"),
    "referenced_posts": _references,
}
_MEDIUM: dict[str, Handler] = {
    "media_key": drop,
    "type": keep,
    "alt_text": put("alt_text"),
    "width": keep,
    "height": keep,
    "duration_ms": keep,
}
_SPARING = (_PERSON, _FOLLOWER, _LIKED, _REPOSTED, _MEDIUM)
"""Of these only what they name is the thing; all else is volatile."""

_MESSAGE: dict[str, Handler] = {
    "id": drop,
    "event_type": put("state"),
    "text": put("text"),
    "created_at": time("created"),
    "dm_conversation_id": put("thread_id"),
    "sender_id": put("author_id"),
    "attachments": _attachments,
    "referenced_posts": _references,
    "entities": metric,
}
_DELIVERY: dict[str, Handler] = {
    "id": drop,
    "type": put("state"),
    "created_timestamp": time("created", epoch_time),
    "message_create": _created,
}
_CHAT: dict[str, Handler] = {
    "id": drop,
    "sender_id": put("author_id"),
    "conversation_id": put("thread_id"),
    "created_at": time("created"),
    "created_at_msec": time("created", epoch_time),
    "is_trusted": metric,
}
_CHANGE: dict[str, Handler] = {"after": put("text"), "before": keep}
_LIKE_EVENT: dict[str, Handler] = {
    "id": drop,
    "liked_tweet_id": put("parent_id"),
    "created_at": metric,
    "timestamp_ms": time("created", epoch_time),
}
_LIST: dict[str, Handler] = {
    "id": drop,
    "name": put("name"),
    "description": put("text"),
    "created_at": time("created"),
    "follower_count": metric,
    "member_count": metric,
}
_KINDS: dict[str, Mapping[str, Handler]] = {
    "follower": _FOLLOWER,
    "following": _FOLLOWER,
    "block": _PERSON,
    "mute": _PERSON,
    "blocked_by": _PERSON,
    "muted_by": _PERSON,
    "like": _LIKED,
    "repost": _REPOSTED,
    "like-event": _LIKE_EVENT,
    "list": _LIST,
    "chat": _CHAT,
    "conversation": {"id": drop, "group_name": put("title"), "updated_at": metric},
    "event": {},
}
_TABLES: dict[str, Mapping[str, Handler]] = {
    Stream.REACTIONS: _PERSON,
    Stream.PROFILE: _PROFILE,
    Stream.MESSAGES: _MESSAGE,
    Stream.MEDIA: _MEDIUM,
}
_STATES = {
    "follower": "follower",
    "following": "following",
    "block": "block",
    "mute": "mute",
    "blocked_by": "blocked_by",
    "muted_by": "muted_by",
    "like": "like",
    "repost": "repost",
    "list": "list",
    "chat": "encrypted",
    "conversation": "conversation",
}
