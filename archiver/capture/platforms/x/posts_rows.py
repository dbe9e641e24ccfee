"""Columns of a post: what its author wrote; numbers, and what X adds by itself, are volatile.

Both of X's dialects give the same row (`archiver.capture.platforms.x.fields.CURRENT`), so
that a webhook and a later listing tell of the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.handlers import drop, metric, put, time
from archiver.capture.jsonitem import object_text
from archiver.capture.platforms.x.fields import CURRENT
from archiver.formats.excerpts_json import json_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler, Members, Row

__all__ = ["author", "current", "fill_post", "poll", "repeated_author", "repeated_text"]

_STATES = {"retweeted": "repost", "quoted": "quote", "replied_to": "reply"}
_PARENTS = ("replied_to", "retweeted", "quoted")


def current(members: Members) -> Members:
    """Return members by the names that X publishes now."""
    return [(CURRENT.get(name, name), value) for name, value in members]


def fill_post(row: Row, data: bytes, *, tags: bool, version: bool) -> None:
    """Fill a row with a post.

    ``tags``: the stream has a column for hashtags. ``version``: it is an earlier version;
    how many came after it changes nothing of it.
    """
    handlers = _POST | {"entities": _tagged if tags else metric}
    if version:
        handlers["edit_history_post_ids"] = metric
    row.fill(current(row.members(data)), handlers)


def author(row: Row, data: bytes) -> None:
    """Take who wrote it by the name that others write; the rest of the profile is volatile."""
    members = dict(row.members(data))
    row.put("author_id", row.text("id", members.get("id", b"null")))
    row.put("author_name", row.text("username", members.get("username", b"null")))
    row.metric("author", row.raw("author", data))


def repeated_text(row: Row, data: bytes) -> None:
    """Take the text of a post that another one reposts: X cuts it short in the repost."""
    row.metric("retweeted", row.raw("retweeted", data))
    members = dict(current(row.members(data)))
    for name in ("text", "note_post"):
        if name in members:
            _POST[name](row, name, members[name])


def repeated_author(row: Row, data: bytes) -> None:
    """Say who wrote what is reposted: not who reposts it, whose post it is."""
    members = dict(row.members(data))
    row.put("author_id", row.text("author_id", members.get("author_id", b"null")))


def poll(row: Row, data: bytes) -> None:
    """Keep what a poll asks, and its result once it has closed; until then votes are volatile."""
    row.metric("poll", row.raw("poll", data))
    members = dict(row.members(data))
    text = members.get("options", b"[]")
    options = [dict(row.members(text[a:b])) for a, b in json_items(text)]
    kept = [(name, row.raw(name, members[name])) for name in _ASKED if name in members]
    kept.append(("options", _each(row, options, "label")))
    if members.get("voting_status") == b'"closed"':
        kept.append(("votes", _each(row, options, "votes")))
    row.keep("poll", object_text(kept))


_ASKED = ("id", "duration_minutes", "end_datetime")


def _each(row: Row, objects: list[dict[str, bytes]], name: str) -> str:
    return "[" + ",".join(row.raw(name, one.get(name, b"null")) for one in objects) + "]"


def _text(row: Row, name: str, value: bytes) -> None:
    """Take the text, which X cuts short where a post is long: then its note has all of it."""
    if "text" not in row.fields:
        row.put("text", row.text(name, value))


def _note(row: Row, name: str, value: bytes) -> None:
    if value == b"null":
        return
    row.metric(name, row.raw(name, value))
    whole = row.text("text", dict(row.members(value)).get("text", b"null"))
    row.put("text", whole)


def _references(row: Row, name: str, value: bytes) -> None:
    """Say what a post is to others: a reply, a quote, a repost; and of which."""
    if value in (b"null", b"[]"):
        return
    row.keep(name, row.raw(name, value))
    told: Mapping[str, str] = {}
    for a, b in json_items(value):
        one = dict(row.members(value[a:b]))
        kind = row.text("type", one.get("type", b"null"))
        told = {kind: row.text("id", one.get("id", b"null")), **told}
    for kind in reversed(_PARENTS):
        if kind in told:
            row.put("parent_id", told[kind])
            row.put("state", _STATES[kind])


def _history(row: Row, name: str, value: bytes) -> None:
    """Keep the ids of an edited post's versions; of one that never was, its own says nothing."""
    if len(json_items(value)) > 1:
        row.keep(name, row.raw(name, value))


def _attachments(row: Row, name: str, value: bytes) -> None:
    if value not in (b"null", b"{}"):
        row.put("attachments", row.raw(name, value))


def _tagged(row: Row, name: str, value: bytes) -> None:
    """Take the hashtags; where else in the text something stands is told by the text."""
    row.metric(name, row.raw(name, value))
    text = dict(row.members(value)).get("hashtags", b"[]")
    found = [dict(row.members(text[a:b])).get("tag", b"null") for a, b in json_items(text)]
    if found:
        row.put("tags", "[" + ",".join(row.raw("tag", one) for one in found) + "]")


_POST: dict[str, Handler] = {
    "id": drop,
    "text": _text,
    "note_post": _note,
    "created_at": time("created"),
    "author_id": put("author_id"),
    "conversation_id": put("thread_id"),
    "referenced_posts": _references,
    "edit_history_post_ids": _history,
    "attachments": _attachments,
    **dict.fromkeys(
        (
            "card_uri",
            "context_annotations",
            "display_text_range",
            "edit_controls",
            "entities",
            "in_reply_to_user_id",
            "lang",
            "matched_media_notes",
            "media_metadata",
            "non_public_metrics",
            "note_request_suggestions",
            "organic_metrics",
            "possibly_sensitive",
            "promoted_metrics",
            "public_metrics",
            "source",
            "suggested_source_links",
            "suggested_source_links_with_counts",
            "username",
        ),
        metric,
    ),
}
"""Numbers, links as X resolves them, what it takes a text to be about, and what the parent
tells: not the author's."""
