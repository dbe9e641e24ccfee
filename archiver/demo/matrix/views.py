"""How a homeserver shows events, rooms and memberships to those who ask (as Synapse 1.163)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archiver.demo.matrix.rooms import Event, Room

__all__ = ["client_event", "document", "stripped"]

_KEPT_WHEN_REDACTED = {
    "m.room.member": ("membership",),
    "m.room.create": ("room_version",),
    "m.room.join_rules": ("join_rule",),
    "m.room.history_visibility": ("history_visibility",),
    "m.room.redaction": ("redacts",),
}


def document(value: object) -> bytes:
    """Return JSON as Synapse writes it."""
    return json.dumps(value, separators=(",", ":")).encode()


def client_event(room: Room, event: Event, now: int, *, unredacted: bool = False) -> dict[str, Any]:
    """Return an event in the form of ``/messages`` and ``/state``: members by name."""
    shown = _bare(room, event, now)
    unsigned: dict[str, Any] = {"age": now - event.when, "membership": "join"}
    if event.before is not None:
        previous = event.before
        unsigned |= {
            "prev_content": previous.content,
            "prev_sender": previous.sender,
            "replaces_state": previous.id,
        }
        shown |= {"prev_content": previous.content, "replaces_state": previous.id}
    redaction = None if unredacted else room.redacted.get(event.id)
    if redaction is not None:
        kept = _KEPT_WHEN_REDACTED.get(event.type, ())
        shown["content"] = {name: event.content[name] for name in kept if name in event.content}
        because = _bare(room, redaction, now) | {"unsigned": {"age": now - redaction.when}}
        shown["redacted_because"] = unsigned["redacted_because"] = because
        unsigned["redacted_by"] = redaction.id
    edit = room.last_edit(event.id)
    if edit is not None and redaction is None:
        later = _bare(room, edit, now) | {"unsigned": {"age": now - edit.when}}
        unsigned["m.relations"] = {"m.replace": later}
    shown["unsigned"] = unsigned
    return dict(sorted(shown.items()))


def _bare(room: Room, event: Event, now: int) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "age": now - event.when,
        "content": event.content,
        "event_id": event.id,
        "origin_server_ts": event.when,
        "room_id": room.id,
        "sender": event.sender,
        "type": event.type,
        "user_id": event.sender,
    }
    if event.state_key is not None:
        shown["state_key"] = event.state_key
    if event.redacts:
        shown["redacts"] = event.redacts
    return shown


def stripped(room: Room) -> list[dict[str, Any]]:
    """Return what an invitation shows of a room: a few events without ids."""
    kinds = ("m.room.create", "m.room.join_rules", "m.room.name", "m.room.member")
    return [
        {
            "content": event.content,
            "sender": event.sender,
            "state_key": event.state_key,
            "type": event.type,
        }
        for (kind, _), event in room.state.items()
        if kind in kinds
    ]
