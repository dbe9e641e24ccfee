"""Rooms and their events, as a Matrix homeserver keeps them: only added to, never changed.

An edit and a redaction are events too; what an older event then looks like is worked out
when somebody asks (`archiver.demo.matrix.views`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

__all__ = ["Event", "Room", "name_of"]

Content = dict[str, Any]


def name_of(sigil: str, number: int) -> str:
    """Return the id of a room (``!``) or event (``$``), as rooms of version 4 on spell them."""
    digest = sha256(f"quillwater {sigil} {number}".encode()).digest()
    return f"{sigil}{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


@dataclass(slots=True)
class Event:
    """One event. ``place`` counts all events of the homeserver; ``when`` is in milliseconds."""

    id: str
    place: int
    type: str
    sender: str
    when: int
    content: Content
    state_key: str | None = None
    redacts: str = ""
    before: Event | None = None
    """The state event that this one replaced."""


@dataclass(slots=True)
class Room:
    """A room: its events, oldest first, and what later ones made of earlier ones."""

    id: str
    events: list[Event] = field(default_factory=list)
    state: dict[tuple[str, str], Event] = field(default_factory=dict)
    redacted: dict[str, Event] = field(default_factory=dict)
    edits: dict[str, list[Event]] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Let an event happen."""
        self.events.append(event)
        if event.state_key is not None:
            event.before = self.state.get((event.type, event.state_key))
            self.state[event.type, event.state_key] = event
        if event.redacts:
            self.redacted[event.redacts] = event
        relation = event.content.get("m.relates_to", {})
        if relation.get("rel_type") == "m.replace":
            self.edits.setdefault(relation["event_id"], []).append(event)

    def find(self, event_id: str) -> Event | None:
        """Return an event by its id."""
        return next((one for one in self.events if one.id == event_id), None)

    def last_edit(self, event_id: str) -> Event | None:
        """Return the latest edit of an event that nobody took back."""
        edits = self.edits.get(event_id, ())
        return next((one for one in reversed(edits) if one.id not in self.redacted), None)

    def membership(self, user: str) -> str:
        """Return what somebody is in the room; empty for a stranger."""
        event = self.state.get(("m.room.member", user))
        return str(event.content["membership"]) if event else ""

    def seen_by(self, user: str) -> list[Event] | None:
        """Return the events somebody may read, oldest first; None for one who may not.

        Rooms here show all of their history to members, to those who left what was until
        then, and nothing to strangers and to those who are banned.
        """
        membership = self.membership(user)
        if membership == "join":
            return self.events
        return self.until_gone(user) if membership == "leave" else None

    def until_gone(self, user: str) -> list[Event]:
        """Return the events until somebody's last change of membership."""
        gone = self.state["m.room.member", user]
        return [one for one in self.events if one.place <= gone.place]

    def may_moderate(self, user: str) -> bool:
        """Say whether somebody may redact what others say."""
        levels = self.state.get(("m.room.power_levels", ""))
        return levels is not None and levels.content["users"].get(user, 0) >= 50  # noqa: PLR2004 - Matrix's usual level of moderators
