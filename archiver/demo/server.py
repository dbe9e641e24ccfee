"""The stand-in city's web server: loopback only, in a background thread, any free port.

    >>> with CityServer(City()) as server:
    ...     server.fail("/wp-json/wp/v2/posts", too_many_requests(2))
    ...     ...  # capture server.url

HTTP/1.1 with connections that stay open (RFC 9112 §9.3).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple, Self, cast

from archiver.demo.answer import Asked
from archiver.demo.feed import Feeds
from archiver.demo.wordpress.api import WordPress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from socketserver import _RequestType as _Connection
    from types import TracebackType

    from archiver.demo.answer import Answer, Service
    from archiver.demo.city import City
    from archiver.demo.faults import Fault

__all__ = ["CityServer", "Served"]

_CHUNK = 1000


class Served(NamedTuple):
    """One request that was answered; status 0: the connection was reset. No header is kept."""

    method: str
    path: str
    status: int


class CityServer:
    """Serves ``city`` and further ``services`` while the context is open.

    ``faults`` is a queue of (beginning of the target, `archiver.demo.faults` fault): the
    first that fits a request spoils its answer and is used up. ``log`` has every
    request in the order of the answers.
    """

    def __init__(self, city: City, *services: Service) -> None:
        self.city = city
        self.faults: list[tuple[str, Fault]] = []
        self.log: list[Served] = []
        self._lock = threading.Lock()
        self._services = (*services, Feeds(city))
        self._blog = WordPress(city)
        self._http: _HttpServer | None = None
        self._thread = threading.Thread()

    @property
    def url(self) -> str:
        """The address of the city, without a trailing slash."""
        if self._http is None:
            raise RuntimeError("the stand-in city is not being served: use `with`")
        return f"http://127.0.0.1:{self._http.server_port}"

    def fail(self, prefix: str, fault: Fault) -> None:
        """Spoil the answer to the next request whose target begins with ``prefix``."""
        with self._lock:
            self.faults.append((prefix, fault))

    def __enter__(self) -> Self:
        self._http = _HttpServer(self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="city"
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving, and end every connection that is still open."""
        http, self._http = cast("_HttpServer", self._http), None
        http.shutdown()
        self._thread.join()
        http.close_connections()
        http.server_close()
        if http.broken and error is None:
            raise http.broken[0]

    def answer(self, asked: Asked) -> Answer:
        """Answer a request, spoilt by the first fault that fits it, and note it in the log."""
        answers = (service.answer(asked) for service in self._services)
        good = next((one for one in answers if one is not None), None) or self._blog.answer(asked)
        fault = self._next_fault(asked.target)
        given = fault(asked, good) if fault else good
        with self._lock:
            self.log.append(Served(asked.method, asked.target, given.status))
        return given

    def _next_fault(self, target: str) -> Fault | None:
        with self._lock:
            for place, (prefix, _) in enumerate(self.faults):
                if target.startswith(prefix):
                    return self.faults.pop(place)[1]
        return None


class _HttpServer(ThreadingHTTPServer):
    """Knows its open connections, so that it can end them, and what went wrong in it."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, owner: CityServer) -> None:
        self.owner = owner
        self.broken: list[BaseException] = []
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: _Connection, client_address: object) -> None:
        """Remember a new connection and give it a thread."""
        self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Connection) -> None:
        """Forget a connection that has ended."""
        self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End every open connection, so that its thread ends too."""
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):  # it may just have ended by itself
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: _Connection, client_address: object) -> None:
        """Keep what broke in a thread for `CityServer`; clients may leave when they like."""
        del request, client_address
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.broken.append(error)


class _Handler(BaseHTTPRequestHandler):
    """Passes requests on and sends answers as they are meant to be sent."""

    protocol_version = "HTTP/1.1"
    server_version = "Quillwater"
    sys_version = ""
    disable_nagle_algorithm = True  # else each answer waits for a delayed acknowledgement

    def do_GET(self) -> None:
        """Answer any method; the name is given by `http.server`."""
        http = cast("_HttpServer", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        base = f"http://127.0.0.1:{http.server_port}"
        answer = http.owner.answer(Asked(self.command, self.path, base, headers, body))
        if answer.reset:
            self._reset()
        elif answer.stream is not None:
            self._stream(answer, answer.stream)
        else:
            self._send(answer)

    def __getattr__(self, name: str) -> object:
        """Answer every method in the same way; the class is asked for ``do_`` + method."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
        """Say nothing on the terminal: `CityServer.log` has the requests."""

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(
                (_in_chunks(answer.body) if answer.chunked else answer.body)[: answer.cut]
            )
        self.close_connection = self.close_connection or answer.cut is not None

    def _stream(self, answer: Answer, pieces: Iterator[bytes]) -> None:
        """Send pieces as they come, until they end, the client leaves, or ``cut`` bytes are out."""
        self.close_connection = True
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        raw = answer.status == HTTPStatus.SWITCHING_PROTOCOLS
        if not raw:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        left = answer.cut
        for piece in pieces:
            if self._is_left():
                return
            sent = piece if left is None else piece[:left]
            if sent:
                self.wfile.write(sent if raw else b"%x\r\n%b\r\n" % (len(sent), sent))
            left = None if left is None else left - len(sent)
            if left == 0:
                return
        if not raw:
            self.wfile.write(b"0\r\n\r\n")

    def _is_left(self) -> bool:
        """Say whether the client, or the server itself, has ended the connection."""
        try:
            ready = select.select([self.connection], [], [], 0)[0]
            return bool(ready) and not self.connection.recv(_CHUNK)
        except OSError:
            return True

    def _reset(self) -> None:
        """Close the socket so that the other side gets a reset (socket(7), SO_LINGER)."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        self.close_connection = True


def _in_chunks(body: bytes) -> bytes:
    """Return a body in chunked transfer coding (RFC 9112 §7.1)."""
    parts = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])
