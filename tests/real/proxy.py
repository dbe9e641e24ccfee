"""A proxy in front of a real server that spoils some of its answers, for tests of captures.

    >>> with FaultProxy(server.port) as proxy:
    ...     proxy.fail("/api.php", "429", times=2)
    ...     ...  # capture proxy.url

Bytes pass as they come, both ways; only ``Connection: close`` is set on requests, so that
each is answered on a connection of its own. A login that runs out is a raw response made
with `reply`, for each platform says it in its own words.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import struct
import threading
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, NamedTuple, Self, cast

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["KINDS", "FaultProxy", "Passed", "reply"]

_READ = 65536
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\n(?:connection|keep-alive):[^\r]*", re.IGNORECASE)


def reply(status: int, body: bytes, *headers: tuple[str, str]) -> bytes:
    """Return a raw HTTP/1.1 response (RFC 9112) that ends its connection."""
    lines = [f"HTTP/1.1 {status} Spoilt", *(f"{name}: {value}" for name, value in headers)]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


KINDS = {
    "429": reply(429, b"Too many requests\n", ("Retry-After", "1")),
    "500": reply(500, b"<h1>Internal Server Error</h1>\n", ("Content-Type", "text/html")),
    "503": reply(503, b"Service Unavailable\n", ("Retry-After", "1")),
}
"""Answers in place of the server's. ``reset`` and ``truncated`` are kinds too: nothing but a
TCP reset; half of the server's own answer (its head whole) and then the end."""


class Passed(NamedTuple):
    """One request: method, target, and how it was spoilt (empty: not; ``reply``: by bytes)."""

    method: str
    target: str
    fault: str


@dataclass(slots=True)
class _Fault:
    """A fault that waits for ``skip`` fitting requests and then spoils ``times``."""

    prefix: str
    holding: str
    kind: str | bytes
    times: int
    skip: int


class FaultProxy:
    """Stands in front of ``127.0.0.1:upstream`` while the context is open.

    Args:
        upstream: the server's port.
        port: own port; 0 for any free one.

    ``log`` has every request in the order of arrival, without headers and bodies.
    """

    def __init__(self, upstream: int, port: int = 0) -> None:
        self.upstream = upstream
        self.log: list[Passed] = []
        self._port = port
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread = threading.Thread()

    @property
    def port(self) -> int:
        """The port to connect to."""
        if self._server is None:
            raise RuntimeError("the proxy is not running: use `with`")
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address to capture in place of the server's, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def fail(
        self, prefix: str, kind: str | bytes, times: int = 1, *, skip: int = 0, holding: str = ""
    ) -> None:
        """Spoil the answers to the next ``times`` requests whose target begins with ``prefix``.

        Args:
            prefix: beginning of path and query.
            kind: one of `KINDS`, ``reset``, ``truncated``, or a raw response (`reply`).
            times: answers to spoil.
            skip: fitting requests to let pass first.
            holding: text that the target must have anywhere.

        Raises:
            ValueError: there is no such kind.
        """
        if isinstance(kind, str) and kind not in {*KINDS, "reset", "truncated"}:
            raise ValueError(kind)
        with self._lock:
            self._faults.append(_Fault(prefix, holding, kind, times, skip))

    @property
    def pending(self) -> int:
        """How many answers are still to be spoilt."""
        with self._lock:
            return sum(fault.times for fault in self._faults)

    def clear(self) -> None:
        """Forget every fault that has not happened."""
        with self._lock:
            self._faults.clear()

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", self._port), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="fault-proxy"
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and end every connection that is still open."""
        server, self._server = cast("_Server", self._server), None
        server.shutdown()
        self._thread.join()
        server.close_connections()
        server.server_close()

    def take(self, method: str, target: str) -> str | bytes:
        """Note a request and return how it is to be spoilt; empty: not at all."""
        with self._lock:
            kind = self._next(target)
            self.log.append(Passed(method, target, kind if isinstance(kind, str) else "reply"))
            return kind

    def _next(self, target: str) -> str | bytes:
        for fault in self._faults:
            if not target.startswith(fault.prefix) or fault.holding not in target:
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times < 1:
                self._faults.remove(fault)
            return fault.kind
        return ""


class _Server(ThreadingTCPServer):
    """Knows its open connections, so that it can end them."""

    daemon_threads = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], owner: FaultProxy) -> None:
        self.owner = owner
        self.open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def close_connections(self) -> None:
        """End every open connection, so that its thread ends too."""
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):  # it may just have ended by itself
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseRequestHandler):
    """Passes one request on."""

    request: socket.socket

    def handle(self) -> None:
        """Read a request, spoil its answer or pass it on; clients may leave when they like."""
        server = cast("_Server", self.server)
        server.open.add(self.request)
        try:
            with contextlib.suppress(ConnectionError):
                self._serve(server.owner)
        finally:
            server.open.discard(self.request)

    def _serve(self, owner: FaultProxy) -> None:
        head, body = self._asked()
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) < 2:
            return  # a connection that was opened and never used
        kind = owner.take(words[0], words[1])
        if kind == "reset":
            self._reset()
        elif isinstance(kind, bytes) or kind in KINDS:
            self.request.sendall(KINDS[kind] if isinstance(kind, str) else kind)
        else:
            self._pass_on(owner.upstream, head, body, cut=kind == "truncated")

    def _asked(self) -> tuple[bytes, bytes]:
        """Read one request: its head with the empty line, and its body as sent."""
        data = b""
        while _HEAD_END not in data:
            more = self.request.recv(_READ)
            if not more:
                return b"", b""
            data += more
        head, _, body = data.partition(_HEAD_END)
        length = _LENGTH.search(head)
        chunked = _CHUNKED.search(head) is not None
        while (length and len(body) < int(length[1])) or (
            chunked and not body.endswith(b"0" + _HEAD_END)
        ):
            more = self.request.recv(_READ)
            if not more:
                break
            body += more
        return _CONNECTION.sub(b"", head) + b"\r\nConnection: close" + _HEAD_END, body

    def _pass_on(self, port: int, head: bytes, body: bytes, *, cut: bool) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=120) as server:
            server.sendall(head + body)
            whole = bytearray()
            while more := server.recv(_READ):
                if cut:
                    whole += more
                else:
                    self.request.sendall(more)
        if cut:
            start = whole.find(_HEAD_END) + len(_HEAD_END)
            self.request.sendall(whole[: start + (len(whole) - start) // 2])

    def _reset(self) -> None:
        """Close the socket so that the other side gets a reset (socket(7), SO_LINGER)."""
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.request.detach())
