"""Columns of the accounts that Mastodon lists: followers, the blocked, those who like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.jsonitem import Row, object_text
from archiver.capture.platforms.mastodon.fields import drop, markup, metric, put, time

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler

__all__ = ["FOLLOWER", "PERSON", "PROFILE", "SETTINGS"]


def _roles(row: Row, name: str, value: bytes) -> None:
    if value not in (b"[]", b"null"):
        row.put("roles", row.raw(name, value))


def _picture(row: Row, name: str, value: bytes) -> None:
    """Add a profile's picture to its attachments."""
    before = row.fields.get("attachments", "[]")[1:-1]
    shown = f'{{"role":"{name}","url":{row.raw(name, value)}}}'
    row.put("attachments", "[" + ",".join(filter(None, [before, shown])) + "]")


def _source(row: Row, name: str, value: bytes) -> None:
    """Keep the account's own settings; how many ask to follow is a number like others."""
    members = [(key, row.raw(key, one)) for key, one in row.members(value)]
    counts = [(key, one) for key, one in members if key.endswith("_count")]
    row.keep(name, object_text(one for one in members if one not in counts))
    if counts:
        row.metric(name, object_text(counts))


_COUNTS: dict[str, Handler] = dict.fromkeys(
    ("followers_count", "following_count", "statuses_count", "last_status_at", "emojis"), metric
)
FOLLOWER: dict[str, Handler] = _COUNTS | {
    "id": drop,
    "acct": put("handle"),
    "display_name": put("name"),
    "url": put("url"),
    "note": markup,
    "created_at": time("created"),
    "roles": _roles,
    **dict.fromkeys(("avatar", "avatar_static", "header", "header_static"), metric),
}
"""Pictures of others are theirs: a new one changes nothing of who follows."""

PROFILE: dict[str, Handler] = _COUNTS | {
    "id": drop,
    "acct": put("handle"),
    "display_name": put("name"),
    "url": put("url"),
    "note": markup,
    "created_at": time("created"),
    "avatar": _picture,
    "header": _picture,
}
SETTINGS: dict[str, Handler] = PROFILE | {"source": _source}

PERSON: dict[str, Handler] = {
    "id": put("author_id"),
    "acct": put("author_name"),
    "url": put("author_url"),
}
"""Somebody who did something: by the names that do not change; all else is volatile."""
