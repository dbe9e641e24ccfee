"""What a stand-in is asked and what it answers."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha1
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CLOSE", "PING", "Answer", "Asked", "Service", "frame", "upgraded"]

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 §1.3."""
BINARY, CLOSE, PING = 2, 8, 9
"""Opcodes of WebSocket frames."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request: ``target`` is path and query as sent, header names in lower case.

    ``base`` is the address of the server, without a trailing slash; ``body`` what was sent.
    """

    method: str
    target: str
    base: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query as sent, without the question mark."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response, and how it is sent.

    ``cut``: bytes of the body after which the connection ends, though more were
    announced. ``chunked``: sent in chunks (RFC 9112 §7.1) instead of with its length.
    ``reset``: nothing is sent, the connection is reset. ``stream``: pieces of a body that
    does not end by itself, empty where nothing is new; a status 101 sends them as they are.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: int | None = None
    chunked: bool = False
    reset: bool = False
    stream: Iterator[bytes] | None = None


def upgraded(asked: Asked, frames: Iterator[bytes]) -> Answer:
    """Return the answer that opens a WebSocket, or 426 to who asks for none (RFC 6455 §4.2)."""
    key = asked.headers.get("sec-websocket-key", "")
    if not key or asked.headers.get("upgrade", "").lower() != "websocket":
        return Answer(426, (("Upgrade", "websocket"), ("Content-Type", "text/plain")), b"Upgrade\n")
    digest = sha1((key + _GUID).encode()).digest()  # noqa: S324 - RFC 6455 has it so
    accept = b64encode(digest).decode()
    headers = (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", accept),
    )
    return Answer(101, headers, stream=frames)


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """Return one whole message as a server sends it (RFC 6455 §5.2)."""
    size = len(payload)
    if size < 126:  # noqa: PLR2004 - lengths beyond stand in bytes of their own
        return bytes((0x80 | opcode, size)) + payload
    wide = 2 if size < 1 << 16 else 8
    return bytes((0x80 | opcode, 126 + wide // 8)) + size.to_bytes(wide, "big") + payload


class Service(Protocol):
    """One stand-in platform."""

    def answer(self, asked: Asked) -> Answer | None:
        """Answer a request, or None for an address that is not this platform's."""
        ...
