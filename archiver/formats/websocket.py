"""The frames of a recorded WebSocket connection (RFC 6455 §5), as the server sent them. Pure.

Nothing here raises on any bytes: reading ends where a frame is cut or is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "LONGEST_HEAD",
    "PING",
    "PONG",
    "TEXT",
    "Frame",
    "control",
    "frames",
    "length",
    "message",
]

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_KNOWN = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})

_FIN, _RESERVED, _MASK = 0x80, 0x70, 0x80
_SHORT, _MEDIUM = 126, 127
_LONGEST = 1 << 62
LONGEST_HEAD = 10
"""Bytes of a frame before its payload, where no mask is used (§5.2)."""


class Frame(NamedTuple):
    """One frame: where it begins, where its payload lies, what it is. ``last`` of a message."""

    begin: int
    start: int
    end: int
    opcode: int
    last: bool


def length(head: bytes) -> int:
    """Return how long the frame is that begins so, or as far as its head must come for that.

    Nothing that is no frame is waited for.
    """
    if len(head) < 2:  # noqa: PLR2004 - the shortest frame
        return 2
    size = {_SHORT: 2, _MEDIUM: 8}.get(head[1], 0)
    if len(head) < 2 + size:
        return 2 + size
    told = int.from_bytes(head[2 : 2 + size], "big") if size else head[1] & ~_MASK
    return 2 + size + told if told <= _LONGEST and not head[1] & _MASK else 0


def frames(data: bytes, at: int = 0) -> Iterator[Frame]:
    """Yield the whole frames in ``data`` from offset ``at`` on.

    Servers send without masks and, as we agree on no extension, without reserved bits
    (§5.1, §5.2); anything else ends the reading.
    """
    while len(data) - at >= 2:  # noqa: PLR2004 - the shortest frame
        first, length = data[at], data[at + 1]
        opcode = first & 0x0F
        if first & _RESERVED or length & _MASK or opcode not in _KNOWN:
            return
        start = at + 2
        if length >= _SHORT:
            size = 2 if length == _SHORT else 8
            start += size
            length = int.from_bytes(data[at + 2 : start], "big")
        if start + length > len(data) or length > _LONGEST:
            return
        yield Frame(at, start, start + length, opcode, bool(first & _FIN))
        at = start + length


def message(payload: bytes, opcode: int = BINARY) -> bytes:
    """Return a whole message in one frame as a server sends it (§5.2: without a mask)."""
    length = len(payload)
    if length < _SHORT:
        size = bytes((length,))
    elif length < 1 << 16:
        size = bytes((_SHORT,)) + length.to_bytes(2, "big")
    else:
        size = bytes((_MEDIUM,)) + length.to_bytes(8, "big")
    return bytes((_FIN | opcode,)) + size + payload


def control(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """Return a control frame as a client sends it (§5.3: masked with 4 random bytes).

    Args:
        opcode: CLOSE, PING or PONG.
        payload: at most 125 bytes.
        mask: the 4 bytes.
    """
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return bytes((_FIN | opcode, _MASK | len(payload))) + mask + masked
