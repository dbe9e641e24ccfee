"""The archive of a Mastodon account: ActivityStreams 2.0 in JSON, and its media.

A status has the number of its address, as the interface names it; what is addressed to followers
or people alone is private.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.handlers import drop, metric, put, time
from archiver.capture.importers.cutting import array_at
from archiver.capture.importers.fields import html, raw
from archiver.capture.importers.importer import Cell
from archiver.capture.importers.tables import JsonExport, Listed, Names
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.capture.jsonitem import Handler, Row

__all__ = ["MASTODON_ARCHIVE"]

_SOURCE = "https://docs.joinmastodon.org/user/moving/#export"
_PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_FOLLOWERS = "/followers"


def _list(names: Names, *members: str) -> list[str]:
    """Return the addresses in these members of an activity."""
    found: list[str] = []
    for name in members:
        try:
            told = msgspec.json.decode(names.members.get(name, b"[]"))
        except UNREADABLE:
            continue
        found += [
            one for one in (told if isinstance(told, list) else [told]) if isinstance(one, str)
        ]
    return found


def _audience(names: Names) -> str:
    """Return for whom an activity is: everybody, followers, or the people it names."""
    to = _list(names, "to", "cc")
    if _PUBLIC in to or "as:Public" in to:
        return "public"
    return "private" if any(one.endswith(_FOLLOWERS) for one in to) else "direct"


def _status(audience: str) -> Callable[[Names], str]:
    """Return what names a status for that audience: the number in its address."""

    def native(names: Names) -> str:
        if names.text("type") not in {"Create", "Announce"} or _audience(names) != audience:
            return ""
        parts = names.text("id").split("/")
        return parts[-2] if parts[-1:] == ["activity"] and len(parts) > 1 else parts[-1]

    return native


def _object(row: Row, name: str, value: bytes) -> None:
    """Read the note of a Create, or the address that an Announce is of."""
    if value[:1] == b"{":
        row.fill(row.members(value), _NOTE)
    else:
        row.put("parent_id", row.text(name, value))


_NOTE: dict[str, Handler] = {
    "id": drop,
    "type": drop,
    "url": put("url"),
    "content": html,
    "summary": put("summary"),
    "inReplyTo": put("parent_id"),
    "attachment": raw("attachments"),
    "updated": time("modified"),
    "published": drop,
    "replies": metric,
}
_ACTIVITY: dict[str, Handler] = {
    "id": drop,
    "type": put("state"),
    "published": time("created"),
    "actor": put("author_url"),
    "object": _object,
    "signature": metric,
}


def _outbox(role: str, audience: str, stream: str, sensitivity: str) -> Listed:
    return Listed(
        role=role,
        where=r"(?:.*/)?outbox\.json",
        stream=stream,
        native=_status(audience),
        handlers=_ACTIVITY,
        path=("orderedItems",),
        sensitivity=sensitivity,
        cutting=array_at(2),
    )


MASTODON_ARCHIVE = JsonExport(
    name="mastodon-archive",
    parser="mastodon-archive/1",
    title="Mastodon archive (ActivityPub)",
    platforms=("mastodon",),
    module=__name__,
    cells=(
        Cell(Stream.POSTS, "the account's own; no answers of others", _SOURCE),
        Cell(Stream.MESSAGES, "those that the account wrote", _SOURCE),
        Cell(Stream.PROFILE, "as it was then", _SOURCE),
        Cell(Stream.MEDIA, "what the account attached", _SOURCE),
    ),
    table=(
        _outbox("status", "public", Stream.POSTS, Sensitivity.PUBLIC),
        _outbox("status_private", "private", Stream.POSTS, Sensitivity.PRIVATE),
        _outbox("status_direct", "direct", Stream.MESSAGES, Sensitivity.PRIVATE),
        Listed(
            role="actor",
            where=r"(?:.*/)?actor\.json",
            stream=Stream.PROFILE,
            native=lambda names: f"actor:{names.text('id')}" if names.text("id") else "",
            handlers={
                "preferredUsername": put("handle"),
                "name": put("name"),
                "summary": html,
                "url": put("url"),
                "published": time("created"),
            },
            alone=True,
            sensitivity=Sensitivity.PUBLIC,
        ),
    ),
    files=r"(?:.*/)?(?:media_attachments/.+|avatar\.\w+|header\.\w+)",
    telling=r"(?:.*/)?outbox\.json",
)
