"""Bytes of HTTP/1.1 connections as they pass, below the client and above TLS.

A `Tape` is what one request wrote and read. It belongs to the thread that sends the
request, and a connection serves one request at a time, so every byte finds its tape,
whichever connection of a shared pool carries it.
"""

from __future__ import annotations

import io
import logging
import time
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from archiver.edges.fence import Fence
    from archiver.formats.http1_framing import Framed

__all__ = ["OverLimitError", "Peer", "Tape", "TeeBackend", "recording"]

SLOWEST = 1_024
"""Bytes a second. A response may take its timeout, and longer only while it comes faster."""

_DER = 2
"""``_ssl.ENCODING_DER``, which Python 3.13 hides behind `ssl.SSLSocket.get_unverified_chain`."""

_tape: ContextVar[Tape | None] = ContextVar("tape", default=None)


class OverLimitError(Exception):
    """The response is longer than we take."""


class Peer(NamedTuple):
    """Who was at the other end: address, TLS version and cipher suite, chain (DER)."""

    address: str = ""
    tls: str = ""
    certificates: tuple[bytes, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """The SHA-256 of each certificate (hex), the peer's own first."""
        return tuple(sha256(der).hexdigest() for der in self.certificates)


class Tape:
    """What one request wrote and read, and how long it may go on.

    Args:
        timeout: seconds of silence, and to begin with seconds altogether.
        largest: bytes to read at most; may be raised while reading.
        listen: seconds altogether for an answer that does not end; 0 for any other.
        largest_body: bytes to read of a body, once the head is known.
        fence: what may be connected to; None for no bounds.
    """

    def __init__(
        self,
        timeout: float,
        largest: int,
        listen: float = 0.0,
        largest_body: int = 1 << 20,
        *,
        fence: Fence | None = None,
    ) -> None:
        self.sent = io.BytesIO()
        self.received = io.BytesIO()
        self.peer = Peer()
        self.fence = fence
        self.ended = False
        self.largest = largest
        self.largest_body = largest_body
        self._timeout = timeout
        self._listen = listen
        self._began = time.monotonic()

    def allow(self, head: Framed, method: str) -> bool:
        """Allow for the body that a head announces; False where that is longer than we take."""
        stated = [one for one in head.values("content-length") if one.isascii() and one.isdigit()]
        if method != "HEAD" and any(int(one[:20]) > self.largest_body for one in stated):
            self.largest = head.body_start
            return False
        self.largest = head.body_start + self.largest_body
        return True

    def patience(self) -> float:
        """Return the seconds that the next step may take. Raises `httpcore.ReadTimeout`."""
        allowed = self._listen or self._timeout + self.received.tell() / SLOWEST
        left = self._began + allowed - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return min(left, self._timeout)

    def take(self, data: bytes) -> None:
        """Keep what was read. Raises `OverLimitError`."""
        self.received.write(data)
        self.ended = not data
        if self.received.tell() > self.largest:
            raise OverLimitError


@contextmanager
def recording(tape: Tape) -> Iterator[None]:
    """Keep on ``tape`` what this thread sends and receives, and out of the log."""
    token = _tape.set(tape)
    try:
        yield
    finally:
        _tape.reset(token)


class TeeBackend(httpcore.NetworkBackend):
    """Opens TCP connections whose bytes are kept on the tape of the request they serve."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the tape knows how long
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. Raises `httpcore.ConnectError`, `httpcore.ConnectTimeout` or `FencedError`."""
        tape = _current()
        try:
            place = tape.fence.pinned(host, port) if tape.fence else host
        except (OSError, UnicodeError) as error:  # no such name
            raise httpcore.ConnectError(str(error)) from error
        stream = httpcore.SyncBackend().connect_tcp(
            place, port, tape.patience(), local_address, socket_options
        )
        address = stream.get_extra_info("server_addr")
        tape.peer = Peer(str(address[0]))
        return _TeeStream(stream, tape.peer)


class _TeeStream(httpcore.NetworkStream):
    """One connection."""

    def __init__(self, stream: httpcore.NetworkStream, peer: Peer) -> None:
        self._stream = stream
        self._peer = peer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        """Read, and keep what came."""
        tape = _current()
        data = self._stream.read(max_bytes, tape.patience())
        tape.take(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        """Keep what is about to be sent, and send it."""
        tape = _current()
        tape.peer = self._peer
        tape.sent.write(buffer)
        self._stream.write(buffer, tape.patience())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        """Go on in TLS. Raises `httpcore.ConnectError`, also for a bad certificate."""
        tape = _current()
        stream = self._stream.start_tls(ssl_context, server_hostname, tape.patience())
        tape.peer = _tls_peer(stream, self._peer.address)
        return _TeeStream(stream, tape.peer)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the class above declares it
        """Return what the connection below knows."""
        return self._stream.get_extra_info(info)


def _current() -> Tape:
    tape = _tape.get()
    if tape is None:
        raise RuntimeError("a recorded connection is used outside `recording`")
    return tape


def _tls_peer(stream: httpcore.NetworkStream, address: str) -> Peer:
    """Return what the handshake showed: the chain is as the peer sent it."""
    inner = stream.get_extra_info("ssl_object")
    cipher = inner.cipher()
    chain = inner.get_unverified_chain() or ()
    return Peer(
        address,
        f"{inner.version()} {cipher[0] if cipher else 'unknown'}",
        tuple(bytes(certificate.public_bytes(_DER)) for certificate in chain),
    )


def _outside_recording(_: logging.LogRecord) -> bool:
    """Say whether a log line may pass: while we record it would show credentials."""
    return _tape.get() is None


for _name in ("httpcore.connection", "httpcore.http11", "httpx"):
    logging.getLogger(_name).addFilter(_outside_recording)
