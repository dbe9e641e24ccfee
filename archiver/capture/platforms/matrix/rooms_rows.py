"""What the rows of rooms, of the account's own profile and of its standing in rooms say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.jsonitem import Row, object_text
from archiver.capture.times import epoch_time

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["account_data_row", "profile_row", "room_row", "standing_row"]

_TITLE = "m.room.name"
_TOPIC = "m.room.topic"
_COLUMNS = {_TITLE: ("name", "title"), _TOPIC: ("topic", "text")}
_TAGS = {
    "m.room.create": ("room_version", "type"),
    "m.room.join_rules": ("join_rule",),
    "m.room.history_visibility": ("history_visibility",),
    "m.room.guest_access": ("guest_access",),
    "m.room.encryption": ("algorithm",),
}
"""Members of these contents that say at a glance what kind of room it is."""
_KEPT = ("event_id", "sender", "origin_server_ts", "content")


def room_row(parts: Sequence[bytes]) -> dict[str, str]:
    """Return the row of a room out of its state events, in whatever order they came."""
    row = Row()
    tags: list[tuple[str, str]] = []
    state: dict[str, str] = {}
    for data in parts:
        event = dict(row.members(data))
        kind = row.text("type", event.get("type", b"null"))
        key = row.text("state_key", event.get("state_key", b"null"))
        kept = [(name, row.raw(name, event[name])) for name in _KEPT if name in event]
        state[f"{kind} {key}".rstrip()] = object_text(kept)
        if not key:
            tags += _read(row, kind, event)
    if tags:
        row.put("tags", object_text(sorted(tags)))
    for name in sorted(state):
        row.keep(name, state[name])
    return row.finished()


def _read(row: Row, kind: str, event: dict[str, bytes]) -> list[tuple[str, str]]:
    """Read one part of a room's state; return what it says of the kind of room."""
    content = dict(row.members(event.get("content", b"")))
    if kind in _COLUMNS:
        member, column = _COLUMNS[kind]
        row.put(column, row.text(member, content.get(member, b"null")))
    elif kind == "m.room.create":
        text = row.text("origin_server_ts", event.get("origin_server_ts", b"null"))
        row.time("created", "m.room.create", text, epoch_time(text))
        row.put("author_id", row.text("sender", event.get("sender", b"null")))
    elif kind == "m.room.tombstone":
        row.put("state", "replaced")
    elif kind == "m.room.avatar" and "url" in content:
        row.put("attachments", f'[{{"role":"avatar","url":{row.raw("url", content["url"])}}}]')
    names = _TAGS.get(kind, ())
    return [(name, row.raw(name, content[name])) for name in names if name in content]


def standing_row(name: bytes, membership: bytes, invitation: bytes) -> dict[str, str]:
    """Return the row of the account's standing in a room: in it, invited, gone."""
    row = Row()
    row.put("handle", row.text("room", name))
    row.put("state", row.text("membership", membership))
    if invitation:
        row.keep("invitation", row.raw("invitation", invitation))
    return row.finished()


def profile_row(data: bytes, native_id: str) -> dict[str, str]:
    """Return the row of the account's profile, or of its list of direct conversations."""
    if native_id.endswith("/m.direct"):
        return account_data_row(data, "Direct conversations")
    row = Row()
    row.put("handle", native_id)
    for name, value in row.members(data):
        if name == "displayname":
            row.put("name", row.text(name, value))
        elif name == "avatar_url":
            row.put("attachments", f'[{{"role":"avatar","url":{row.raw(name, value)}}}]')
        else:
            row.keep(name, row.raw(name, value))
    return row.finished()


def account_data_row(data: bytes, title: str) -> dict[str, str]:
    """Return the row of a list that the account keeps at its homeserver."""
    row = Row()
    row.put("title", title)
    for name, value in row.members(data):
        row.keep(name, row.raw(name, value))
    return row.finished()
