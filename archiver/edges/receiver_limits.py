"""What one sender may cost the receiver before anybody knows who it is.

The protocol of uvicorn bounds neither how long a head may take nor how long it may be; here
it does. What is refused here gets an answer and loses its connection.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from archiver.limits import LARGEST_DELIVERY

if TYPE_CHECKING:
    import asyncio

__all__ = ["Guarded", "Limits", "guarded"]

_log = logging.getLogger("archiver.receiver")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one receiver.

    ``body`` and ``head``: bytes of one request. ``head_seconds``, ``body_seconds``: in which it
    must have come. ``idle_seconds``: how long a connection may stay without a request.
    ``connections``: at once. ``requests`` and ``held``: requests, and bytes of bodies, that are
    being read or wait to be durable. ``stop_seconds``: for what is under way at the end.
    """

    body: int = LARGEST_DELIVERY
    head: int = 64 << 10
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    idle_seconds: int = 10
    connections: int = 2_000
    requests: int = 5_000
    held: int = 256 << 20
    stop_seconds: int = 15


class Guarded(HttpToolsProtocol):
    """One connection, within `limits`."""

    limits = Limits()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._head, self._in_head = 0, True
        self._timer = self.loop.call_later(self.limits.head_seconds, self._too_slow)
        if len(self.connections) > self.limits.connections:
            self._refuse(503, b"Service Unavailable", "too many connections")

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that goes on for too long is refused."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            self._check_head()

    def on_message_begin(self) -> None:
        """Begin to wait for the end of a head."""
        super().on_message_begin()
        self._head, self._in_head = 0, True
        self._timer.cancel()
        self._timer = self.loop.call_later(self.limits.head_seconds, self._too_slow)

    def on_headers_complete(self) -> None:
        """Let the request be answered, where its head is no larger than is allowed."""
        self._timer.cancel()
        self._in_head = False
        self._head = len(self.url) + sum(len(a) + len(b) + 4 for a, b in self.headers)
        self._check_head()
        if not self.transport.is_closing():
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, unless its request was refused."""
        if self.cycle is not None and not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of a body, likewise."""
        if self.cycle is not None and not self.transport.is_closing():
            super().on_message_complete()

    def _check_head(self) -> None:
        if self._head > self.limits.head:
            self._refuse(431, b"Request Header Fields Too Large", "the head is too large")

    def _too_slow(self) -> None:
        if self._in_head and self._head:
            self._refuse(408, b"Request Timeout", "the head does not come to its end")
        elif self._in_head:
            self.transport.close()  # nothing was asked

    def _refuse(self, status: int, phrase: bytes, why: str) -> None:
        """Answer and end a connection whose request nobody reads."""
        if self.transport.is_closing():
            return
        _log.warning("refused %d: %s (from %s)", status, why, self._from())
        retry = b"retry-after: 5\r\n" if status == 503 else b""  # noqa: PLR2004 - RFC 9110 §15.6.4
        self.transport.write(
            b"HTTP/1.1 %d %b\r\ncontent-length: 0\r\nconnection: close\r\n%b\r\n"
            % (status, phrase, retry)
        )
        self.transport.close()

    def _from(self) -> Any:  # noqa: ANN401 - what asyncio calls a peer
        return self.client[0] if self.client else "unknown"


def guarded(limits: Limits) -> type[HttpToolsProtocol]:
    """Return the protocol of connections that keep to these limits."""
    return type("Guarded", (Guarded,), {"limits": limits})
