"""A conversation as text: what searches of a review platform look in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.produce.happening import TIME_FROM
from archiver.produce.text import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.produce.happening import Chat
    from archiver.produce.rsmf import Event, Participant

__all__ = ["transcript"]

_SAID = {"join": "joined", "leave": "left"}


def transcript(
    chat: Chat, events: Sequence[Event], people: Mapping[str, Participant], zone: str
) -> str:
    """Return all that happened, in order, with times of a zone."""
    lines = [chat.display, ""]
    for event in events:
        lines += _lines(event, people, zone)
    return "\n".join(lines) + "\n"


def _lines(event: Event, people: Mapping[str, Participant], zone: str) -> Iterator[str]:
    def name(person: str) -> str:
        return people[person].display if person in people else person

    who = name(event.participant)
    at = f"[{time_of(event.timestamp, zone)}]"
    if event.type in _SAID:
        seen = any(one.name == TIME_FROM and one.value == "captured_at" for one in event.custom)
        yield f"{at} {who} {_SAID[event.type]}{' (time at which that was seen)' if seen else ''}"
        return
    gone = " (deleted)" if event.deleted else ""
    yield f"{at} {who}{gone}: {event.body}"
    for edit in event.edits:
        yield f"    edited {time_of(edit.timestamp, zone)}; before: {edit.previous}"
    for one in event.reactions:
        yield f"    {one.value} ({one.count}): {', '.join(map(name, one.participants))}"
    for file in event.attachments:
        yield f"    file: {file.id}"
