"""What an item says, column by column (the lexicons of com.atproto and app.bsky).

A record is kept as its author signed it: what no column takes goes to ``extra``, its
CID among it, so that every edit shows. What the network adds of its own and changes
without the thing (counts, how we stand to its author, faces, addresses of pictures)
goes to ``volatile``.
"""

from __future__ import annotations

import json
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from archiver.capture.jsonitem import Row, object_text
from archiver.capture.platforms.bluesky.heads import owner
from archiver.capture.platforms.bluesky.records import (
    VALUE,
    drop,
    metric,
    moment,
    named,
    put,
    record_value,
)
from archiver.columns import fields_of
from archiver.formats.excerpts_json import json_items
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler

__all__ = ["row_of"]

_DERIVED = frozenset({"name", "title", "author_id", "author_name", "author_url"})
"""Columns that repeat what another one says, where a stream has that other one."""
_RELATIONS = {
    "follower": "follower",
    "following": "following",
    "mute": "muted",
    "block": "blocked",
    "list-mute": "muted",
}


def row_of(data: bytes, stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item."""
    row = Row()
    members = row.members(data)
    row.fill(members, _table(stream, dict(members)))
    _say_relation(row, stream, native_id)
    allowed = _columns(stream)
    for column in [name for name in row.fields if name not in allowed]:
        value = row.fields.pop(column)
        if column not in _DERIVED:
            row.keep(column, json.dumps(value))
    return row.finished()


@lru_cache(maxsize=32)
def _columns(stream: str) -> frozenset[str]:
    try:
        return frozenset(column.name for column in fields_of(stream))
    except ValueError:  # not one of our streams: nothing to be told from nothing
        return frozenset()


def _table(stream: str, members: Mapping[str, bytes]) -> Mapping[str, Handler]:
    """Return how an item is read, by the members that its kind alone has."""
    found = next((table for name, table in _SHAPES if name in members), None)
    if found is not None:
        return found
    return _TABLES.get(stream, _PERSON)


def _say_relation(row: Row, stream: str, native_id: str) -> None:
    """Set what only the id says: what a reaction is to, and how a person stands to us."""
    before, _, person = native_id.rpartition("/")
    if stream == Stream.REACTIONS and before.startswith("at://") and person.startswith("did:"):
        subject, _, what = before.rpartition("/")
        row.put("parent_id", subject)
        row.put("state", what)
    elif before in _RELATIONS:
        row.put("roles" if stream == Stream.SUBSCRIBERS else "state", _spelt(before, stream))


def _spelt(relation: str, stream: str) -> str:
    word = _RELATIONS[relation]
    return json.dumps([word]) if stream == Stream.SUBSCRIBERS else word


def _labels(row: Row, name: str, value: bytes) -> None:
    """Keep labels, and their values as the state; an empty list says nothing."""
    found = [dict(row.members(value[a:b])).get("val", b"") for a, b in json_items(value)]
    if found:
        row.put("state", ", ".join(sorted(row.text(name, one) for one in found)))
        row.keep(name, row.raw(name, value))


def _person(*, by_handle: bool) -> Handler:
    """Return a handler for a profile view beside something that the person did."""

    def handle(row: Row, name: str, value: bytes) -> None:
        known = dict(row.members(value))
        handle_text = row.text(name, known.get("handle", b"null"))
        shown = "" if by_handle else row.text(name, known.get("displayName", b"null"))
        row.put("author_id", row.text(name, known.get("did", b"null")))
        row.put("author_name", shown or handle_text)
        row.put("author_url", f"at://{handle_text}" if handle_text else "")
        row.metric(name, row.raw(name, value))

    return handle


def _own(row: Row, name: str, value: bytes) -> None:
    """Set a record's address, which says whose it is."""
    text = row.text(name, value)
    row.put("url", text)
    row.put("author_id", owner(text))


def _post(row: Row, name: str, value: bytes) -> None:
    """Read the post of a feed's entry as if it stood alone."""
    members = row.members(value)
    if members:
        row.fill(members, _POST)
    else:
        row.keep(name, row.raw(name, value))


def _who(row: Row, name: str, value: bytes) -> None:
    text = row.text(name, value)
    row.put("author_id", text)
    row.put("url", f"at://{text}" if text else "")


def _handle(row: Row, name: str, value: bytes) -> None:
    """Set a handle, and the name it stands in for where there is no other."""
    text = row.text(name, value)
    row.put("handle", text)
    for column in ("name", "title", "author_name"):
        row.fields.setdefault(column, text)


def _display(row: Row, name: str, value: bytes) -> None:
    named(row, name, value)
    row.put("author_name", row.text(name, value))


def _blocked(row: Row, name: str, value: bytes) -> None:
    row.put("state", "blocked")
    row.metric(name, row.raw(name, value))


def _subject(row: Row, name: str, value: bytes) -> None:
    row.put("thread_id", row.text(name, value))


def _aside(row: Row, name: str, value: bytes) -> None:
    """Keep a hydrated object for evidence; it changes whenever what it shows does."""
    row.metric(name, object_text([(name, row.raw(name, value))]))


_SHOWN: dict[str, Handler] = dict.fromkeys(
    ("viewer", "indexedAt", "avatar", "associated", "verification", "status", "debug"), metric
)
_POST: dict[str, Handler] = _SHOWN | {
    "$type": drop,
    "uri": put("url"),
    "author": _person(by_handle=False),
    "record": record_value,
    "labels": _labels,
    "embed": metric,
    "threadgate": metric,
    "replyCount": metric,
    "repostCount": metric,
    "likeCount": metric,
    "quoteCount": metric,
    "bookmarkCount": metric,
}
_FEED: dict[str, Handler] = {
    "post": _post,
    "reason": _aside,
    "reply": _aside,
    "feedContext": metric,
    "reqId": metric,
}
_LIKE: dict[str, Handler] = _SHOWN | {
    "actor": _person(by_handle=True),
    "createdAt": moment("created"),
}
_NOTIFICATION: dict[str, Handler] = _SHOWN | {
    "uri": put("url"),
    "author": _person(by_handle=True),
    "reason": put("title"),
    "reasonSubject": _subject,
    "record": record_value,
    "labels": _labels,
    "isRead": metric,
}
_RECORD: dict[str, Handler] = {"uri": _own, "value": record_value}
_PERSON: dict[str, Handler] = _SHOWN | {
    "did": _who,
    "handle": _handle,
    "displayName": _display,
    "description": put("text"),
    "labels": _labels,
    "createdAt": moment("created"),
}
_REACTOR: dict[str, Handler] = _PERSON | {
    # Who shared a post is the person, whatever name and words the profile bears now.
    "displayName": metric,
    "description": metric,
    "labels": metric,
    "createdAt": metric,
    "handle": _handle,
    "did": put("author_id"),
}
_SHUT_OUT: dict[str, Handler] = _PERSON | {"description": metric, "labels": metric}
_LIST: dict[str, Handler] = _SHOWN | {
    "uri": put("url"),
    "creator": _person(by_handle=True),
    "name": put("title"),
    "description": put("text"),
    "labels": _labels,
    "listItemCount": metric,
}
_OWN: dict[str, Handler] = _PERSON | {
    "avatar": VALUE["avatar"],
    "followersCount": metric,
    "followsCount": metric,
    "postsCount": metric,
}
_SHAPES: tuple[tuple[str, dict[str, Handler]], ...] = (
    ("value", _RECORD),
    ("post", _FEED),
    ("reason", _NOTIFICATION),
    ("record", _POST),
    ("actor", _LIKE),
    ("blocked", {"$type": drop, "uri": put("url"), "author": metric, "blocked": _blocked}),
    ("didDoc", {"did": _who, "handle": _handle}),
    ("rev", {"rev": metric, "cid": metric}),
    ("creator", _LIST),
)
"""A member that only one kind of item has -> how that kind is read; the first counts."""
_TABLES: Mapping[str, Mapping[str, Handler]] = MappingProxyType(
    {Stream.PROFILE: _OWN, Stream.REACTIONS: _REACTOR, Stream.MODERATION: _SHUT_OUT}
)
