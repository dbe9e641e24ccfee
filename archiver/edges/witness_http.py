"""A small HTTP/1.1 server for a witness: bounded bodies, times and connections.

It knows two things to ask: POST ``…/add-checkpoint`` and GET ``…/<hash>/checkpoint``. What
to answer is decided by who started it. TLS and rate limits are a reverse proxy's work.
"""

from __future__ import annotations

import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple, Self, cast

from archiver.errors import ArchiverError

if TYPE_CHECKING:
    from collections.abc import Callable
    from socketserver import _RequestType as _Connection

__all__ = ["Limits", "WitnessServer"]

TEXT = "text/plain; charset=utf-8"
_ASKED = re.compile(r"/(?:[A-Za-z0-9._~/-]*/)?([0-9a-f]{64})/checkpoint")
_LENGTH = re.compile("[0-9]{1,9}")


class Limits(NamedTuple):
    """Bytes of a body, seconds of silence, connections at once."""

    body: int
    silence: float = 10.0
    connections: int = 64


class WitnessServer:
    """Serves one witness until it is closed. ``url`` is where.

    Args:
        address: host and port; port 0 takes any that is free.
        add: answers the body of an add-checkpoint with (status, body, content type).
        show: answers the hash of an origin likewise.
        limits: what is borne of a client.
        report: is told why a request could not be answered: whoever runs the witness must
            know of it. The client is answered 500.
    """

    def __init__(
        self,
        address: tuple[str, int],
        add: Callable[[bytes], tuple[int, bytes, str]],
        show: Callable[[str], tuple[int, bytes, str]],
        limits: Limits,
        report: Callable[[Exception], None],
    ) -> None:
        self._http = _HttpServer(address, add, show, limits, report)
        self.url = f"http://{self._http.server_name}:{self._http.server_port}/"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve, name="witness")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def serve(self) -> None:
        """Serve in this thread until the process is interrupted, or the context ends."""
        self._http.serve_forever(poll_interval=0.1)


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        address: tuple[str, int],
        add: Callable[[bytes], tuple[int, bytes, str]],
        show: Callable[[str], tuple[int, bytes, str]],
        limits: Limits,
        report: Callable[[Exception], None],
    ) -> None:
        self.add, self.show, self.limits, self.report = add, show, limits, report
        self._slots = threading.BoundedSemaphore(limits.connections)
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without asking DNS for our own name, as the standard library would."""
        super(ThreadingHTTPServer, self).server_bind()

    def process_request(self, request: _Connection, client_address: object) -> None:
        """Give a connection a thread, if there is one left; else close it."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: _Connection, client_address: object) -> None:
        """Serve a connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over a connection that broke off: there is nobody to answer. Report all else."""
        del request, client_address
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, (ConnectionError, TimeoutError)):
            self.report(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "civic-archiver-witness"
    sys_version = ""

    def setup(self) -> None:
        """Set how long a client may be silent."""
        super().setup()
        self.connection.settimeout(cast("_HttpServer", self.server).limits.silence)

    def do_POST(self) -> None:
        """Answer an add-checkpoint."""
        limits = cast("_HttpServer", self.server).limits
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not _LENGTH.fullmatch(length):
            self._answer(411, b"say how long the body is\n", close=True)
        elif int(length) > limits.body:
            self._answer(413, b"too large\n", close=True)
        elif not self.path.endswith("/add-checkpoint"):
            self._answer(404, b"nothing is here\n", close=True)
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._answer_with(lambda: cast("_HttpServer", self.server).add(body))

    def do_GET(self) -> None:
        """Show the latest checkpoint that was cosigned for an origin."""
        asked = _ASKED.fullmatch(self.path)
        if asked is None:
            self._answer(404, b"nothing is here\n")
        else:
            self._answer_with(lambda: cast("_HttpServer", self.server).show(asked[1]))

    def _answer_with(self, made: Callable[[], tuple[int, bytes, str]]) -> None:
        """Answer; where the witness's own store or keys fail, say only that they do."""
        try:
            answer = made()
        except ArchiverError as error:
            cast("_HttpServer", self.server).report(error)
            answer = (500, b"this witness can't answer now: its operator has to look\n", TEXT)
        self._answer(*answer)

    def _answer(
        self,
        status: int,
        body: bytes,
        kind: str = TEXT,
        *,
        close: bool = False,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep no log of who asked."""
