"""Columns of what a status carries: attachments, a poll, a quote, the status it boosts.

Kept is what its author made of it; where the server has the bytes now, and who reads,
changes without the status and is volatile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.jsonitem import object_text
from archiver.capture.platforms.mastodon.fields import author_columns, markup, metric
from archiver.capture.text import plain_text
from archiver.formats.excerpts_json import json_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler, Row

__all__ = ["attachments", "boosted", "poll", "quote", "summary"]

_MEDIUM = ("id", "type", "description", "blurhash")
"""Addresses are not the picture: a server gives another once it dropped or moved its copy."""
_TO_THE_READER = (b'"blocked_account"', b'"blocked_domain"', b'"muted_account"')
"""States of an accepted quote whose author the reader keeps away (entities/Quote, 4.5)."""


def some(row: Row, members: Mapping[str, bytes], *names: str) -> list[tuple[str, str]]:
    """Return those members of an object, each value as spelt."""
    return [(name, row.raw(name, members[name])) for name in names if name in members]


def attachments(row: Row, name: str, value: bytes) -> None:
    """Keep what is attached by what it is; where it lies is volatile."""
    if value == b"[]":
        return
    metric(row, name, value)
    media = [dict(row.members(value[a:b])) for a, b in json_items(value)]
    shown = ",".join(object_text(some(row, one, *_MEDIUM)) for one in media)
    row.put("attachments", f"[{shown}]")


def poll(row: Row, name: str, value: bytes) -> None:
    """Keep what a poll asks, and its result once it has closed; until then votes are volatile."""
    metric(row, name, value)
    if value == b"null":
        return
    members = dict(row.members(value))
    text = members.get("options", b"[]")
    options = [dict(row.members(text[a:b])) for a, b in json_items(text)]
    kept = some(row, members, "id", "expires_at", "multiple")
    kept.append(("options", _each(row, options, "title")))
    if members.get("expired") == b"true":
        kept += some(row, members, "expired", "votes_count", "voters_count")
        kept.append(("votes", _each(row, options, "votes_count")))
    row.keep(name, object_text(kept))


def _each(row: Row, objects: list[dict[str, bytes]], name: str) -> str:
    """Return one member of each object as a JSON array."""
    return "[" + ",".join(row.raw(name, one.get(name, b"null")) for one in objects) + "]"


def quote(row: Row, name: str, value: bytes) -> None:
    """Keep the state of a quote and what it quotes; the quoted status changes on its own."""
    metric(row, name, value)
    if value == b"null":
        return
    members = dict(row.members(value))
    if members.get("state") in _TO_THE_READER:
        members["state"] = b'"accepted"'
    kept = some(row, members, "state")
    for key in ("quoted_status", "quoted_status_id"):
        quoted = dict(row.members(members.get(key, b"null")))
        if key in members:
            kept.append((key, row.raw(key, quoted.get("id", members[key]))))
    row.keep(name, object_text(kept))


def boosted(row: Row, name: str, value: bytes) -> None:
    """Take a boosted status's text under the name of whoever wrote it; its numbers are volatile.

    The record says that it is a boost, and of what; the account boosted it, and wrote none
    of it.
    """
    metric(row, name, value)
    members = dict(row.members(value))
    who = dict(row.members(members.get("account", b"{}")))
    kept = some(row, members, "id", "uri", "url")
    kept += [(f"account_{key}", text) for key, text in some(row, who, "id", "acct")]
    row.keep(name, object_text(kept))
    row.put("state", "boost")
    row.put("parent_id", row.text("id", members.get("id", b"null")))
    author_columns(row, who)
    for key, handler in _BOOSTED.items():
        if key in members:
            handler(row, key, members[key])


def summary(row: Row, name: str, value: bytes) -> None:
    """Take a content warning, which is plain text in a status and markup in none."""
    row.put("summary", plain_text(row.text(name, value)))


_BOOSTED: dict[str, Handler] = {
    "content": markup,
    "spoiler_text": summary,
    "media_attachments": attachments,
}
