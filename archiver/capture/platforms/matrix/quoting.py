"""What an event holds of other events.

An answer may quote the message that it answers (a fallback of older clients), a message
has its latest edit and its thread's latest message beside it (``m.relations``), what was
redacted the redaction (``redacted_because``), a change of state what was before
(``prev_content``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Contained
from archiver.capture.platforms.matrix import requests
from archiver.capture.text import storable
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

    from archiver.capture.platforms.matrix.events import Event

__all__ = ["contained_in", "in_room"]

_ADDED = (b"m.relations", b"redacted_because", b"prev_content")
_QUOTED = ("> ", "<mx-reply")


def contained_in(
    event: Event, room: str, stream: Stream, sensitivity: str
) -> tuple[Contained, ...]:
    """Return what an event of that sensitivity holds of others. Never raises.

    Of a public event no other is named: whether that one is public the bytes don't say.
    """
    try:
        found = list(dict.fromkeys(_inside(event, room, stream)))
    except (ValueError, RecursionError):  # what can't be read may hold anything
        return (Contained(),)
    if sensitivity == Sensitivity.PUBLIC and found:
        return (Contained(),)
    return tuple(found)


def in_room(room: str, stream: Stream, event_id: object) -> Contained:
    """Return under which id the archive keeps an event of a room."""
    if not isinstance(event_id, str) or not requests.is_event_id(storable(event_id)):
        return Contained()
    return Contained(stream, f"{room}/{event_id}")


def _inside(event: Event, room: str, stream: Stream) -> Iterator[Contained]:
    if b"m.in_reply_to" in memoryview(event.content).tobytes():
        yield from _answered(_object(event.content), room)
    unsigned = memoryview(event.unsigned).tobytes()
    if not any(mark in unsigned for mark in _ADDED):
        return
    added = _object(event.unsigned)
    relations = added.get("m.relations")
    for name, one in relations.items() if isinstance(relations, dict) else ():
        shown = one.get("latest_event") if name == "m.thread" and isinstance(one, dict) else one
        if isinstance(shown, dict) and "content" in shown:
            yield in_room(room, Stream.MESSAGES, shown.get("event_id"))
    because = added.get("redacted_because")
    if isinstance(because, dict):
        yield in_room(room, Stream.MODERATION, because.get("event_id"))
    if "prev_content" in added:
        yield in_room(room, stream, added.get("replaces_state"))


def _answered(content: dict[str, Any], room: str) -> Iterator[Contained]:
    """Yield the message that an answer quotes in its own text (fallback for rich replies)."""
    relation = content.get("m.relates_to")
    answered = relation.get("m.in_reply_to") if isinstance(relation, dict) else None
    texts = [content.get(name) for name in ("body", "formatted_body")]
    quotes = any(isinstance(text, str) and text.startswith(_QUOTED) for text in texts)
    if isinstance(answered, dict) and quotes:
        yield in_room(room, Stream.MESSAGES, answered.get("event_id"))


def _object(raw: msgspec.Raw) -> dict[str, Any]:
    text = memoryview(raw).tobytes().decode("utf-8", "surrogateescape")
    value = json.loads(text, strict=False)
    return value if isinstance(value, dict) else {}
