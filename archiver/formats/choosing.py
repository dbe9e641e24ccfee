"""What is stored of a stream that also tells of other people's affairs.

Some streams can't be had for one account alone. What is not the account's is left out
before anything is written, and declared like a replacement: ``response-messages others
COUNT`` in a WebSocket, ``response-body others COUNT decoded`` in an event stream (which is
then stored without its chunks). A message shortened to its position (``position``) stands
for those left out before it; one that was not whole (``unfinished``) is left out as well,
and one that came in several frames is stored in one (``joined``).
Nothing here raises on any bytes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from archiver.formats import websocket
from archiver.formats.event_stream import events

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archiver.formats.http1_framing import Framed

    Choose = Callable[[Sequence[bytes]], Sequence[bytes]]

__all__ = ["Chosen", "Message", "choose_events", "choose_messages", "messages"]


class Message(NamedTuple):
    """One whole message of a WebSocket: where its frames begin and end, its payload.

    ``start`` is where the payload lies if one frame holds it, else -1.
    """

    begin: int
    end: int
    start: int
    payload: bytes


class Chosen(NamedTuple):
    """A body of which only what may be stored is left, and what was left out."""

    body: bytes
    declarations: tuple[str, ...]


def messages(body: bytes) -> tuple[list[Message], list[tuple[int, int]]]:
    """Return the whole messages of a recorded WebSocket, and where its control frames lie.

    Control frames may stand among the frames of one message (RFC 6455 §5.4); then it
    begins with its first and ends with its last frame all the same.
    """
    found: list[Message] = []
    control: list[tuple[int, int]] = []
    parts: list[websocket.Frame] = []
    for frame in websocket.frames(body):
        if frame.opcode >= websocket.CLOSE:
            control.append((frame.begin, frame.end))
            continue
        if frame.opcode != websocket.CONTINUATION:
            parts = []
        parts.append(frame)
        if frame.last:
            payload = b"".join(body[one.start : one.end] for one in parts)
            start = frame.start if len(parts) == 1 else -1
            found.append(Message(parts[0].begin, frame.end, start, payload))
            parts = []
    return found, control


def choose_messages(body: bytes, choose: Choose) -> Chosen:
    """Return the frames of a WebSocket with only what ``choose`` leaves of its messages."""
    found, control = messages(body)
    kept = choose([one.payload for one in found])
    pieces = [(a, body[a:b]) for a, b in control]
    counts = Counter[str]()
    for one, left in zip(found, kept, strict=True):
        if left == one.payload and one.start >= 0:
            pieces.append((one.begin, body[one.begin : one.end]))
        elif left:
            counts["joined" if left == one.payload else "position"] += 1
            pieces.append((one.begin, websocket.message(left)))
        else:
            counts["others"] += 1
    end = max([one.end for one in found] + [b for _, b in control], default=0)
    counts["unfinished"] += end < len(body)
    declared = tuple(f"response-messages {name} {n}" for name, n in counts.items() if n)
    return Chosen(b"".join(piece for _, piece in sorted(pieces)), declared)


def choose_events(framed: Framed, body: bytes, choose: Choose) -> Chosen | None:
    """Return an event stream with only what ``choose`` leaves of its events.

    None where all may be stored. What is no whole event yet is never shown to ``choose``.
    """
    if not any(kind.startswith("text/event-stream") for kind in framed.values("content-type")):
        return None
    found = [event for event in events(body) if event.type]
    kept = choose([body[one.begin : one.end] for one in found])
    left = bytearray()
    at = others = 0
    for event, text in zip(found, kept, strict=True):
        if not text:
            others += 1
            left += body[at : event.begin]
            at = event.end
    left += body[at:]
    return Chosen(bytes(left), (f"response-body others {others} decoded",)) if others else None
