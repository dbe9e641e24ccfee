"""A receiver with tight limits: what is slow, too much, or finds no room is refused in time."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from archiver.edges.inbox import InboxFiles
from tests.doubles import SeededRandomness
from tests.edges.servers import certificate_authority
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = b"POST /hooks/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
PATIENCE = 10.0


@contextmanager
def tight(folder: Path, most: int = 0, *tls: Path) -> Iterator[int]:
    """Yield the port of a receiver that keeps deliveries in a folder."""
    words = [str(folder), str(most), *map(str, tls)]
    command = [sys.executable, "-m", "tests.receiver.tight", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline().rpartition(b":")[2])
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """One that writes as it likes."""
    with memory_folder() as folder, tight(folder) as found:
        yield found


def connected(port: int) -> socket.socket:
    """Return a connection."""
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def rest(line: socket.socket) -> bytes:
    """Return what comes until the connection is closed."""
    found = b""
    try:
        while piece := line.recv(65_536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def kept(folder: Path) -> list[bytes]:
    """Return the bodies that are durable, once nobody writes any more."""
    files = InboxFiles(folder, "x", SeededRandomness("reader"))
    exchanges = [one for file in files.pending() for one in files.read(file)]
    return [one.request.partition(b"\r\n\r\n")[2] for one in exchanges]


def posted(port: int, body: bytes) -> bytes:
    """Send a delivery, and return the whole answer."""
    with connected(port) as line:
        line.sendall(HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return rest(line)


@pytest.mark.parametrize(
    "start",
    [HEAD, HEAD + b"Content-Length: 10\r\n\r\n", HEAD + b"Content-Length: 10\r\n\r\nhalf"],
    ids=["head", "no body", "half a body"],
)
def test_what_does_not_come_to_its_end(port: int, start: bytes) -> None:
    """408 after the time for it, however busily single bytes come."""
    with connected(port) as line:
        began = time.monotonic()
        line.sendall(start)
        assert rest(line).startswith(b"HTTP/1.1 408 ")
        assert 0.4 < time.monotonic() - began < 5


def test_a_head_of_single_bytes(port: int) -> None:
    """The time for a head is that of all of it."""
    with connected(port) as line:
        line.settimeout(0.05)
        answer = b""
        for byte in HEAD * 4:
            try:
                line.sendall(bytes([byte]))
                answer += line.recv(1000)
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
            if answer:
                break
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_who_asks_nothing_loses_the_connection(port: int) -> None:
    """Without an answer: at the start, and after a request."""
    with connected(port) as line:
        assert rest(line) == b""
    with connected(port) as line:
        line.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
        assert rest(line) == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def test_too_many_connections(port: int) -> None:
    """The next one is told to come again, and there is room for it later."""
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(connected(port))
        time.sleep(0.1)
        with connected(port) as line:
            answer = rest(line)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: " in answer
    deadline = time.monotonic() + PATIENCE
    while not posted(port, b"[1]").startswith(b"HTTP/1.1 200 "):
        assert time.monotonic() < deadline


def test_too_much_at_once(port: int) -> None:
    """Requests and bytes that are being read have a bound; what is refused may come again."""
    with ExitStack() as stack:
        lines = [stack.enter_context(connected(port)) for _ in range(5)]
        for line in lines:
            line.sendall(HEAD + b"Content-Length: 250000\r\n\r\n" + bytes(200_000))
        answers = [rest(line) for line in lines]
    codes = sorted(answer[9:12] for answer in answers)
    assert b"503" in codes
    assert set(codes) <= {b"503", b"408"}
    refused = next(answer for answer in answers if answer[9:12] == b"503")
    assert b"retry-after: " in refused
    time.sleep(0.2)
    assert posted(port, b"[2]").startswith(b"HTTP/1.1 200 ")


def test_a_full_disk_is_never_answered_with_200() -> None:
    """503, and what was answered with 200 before is all there."""
    with memory_folder() as folder:
        taken, refused = [], 0
        with tight(folder, 60_000) as port:
            for number in range(60):
                body = b"[%d]" % number + b" " * 2000
                answer = posted(port, body)
                if answer.startswith(b"HTTP/1.1 200 "):
                    taken.append(body)
                else:
                    assert answer.startswith(b"HTTP/1.1 503 ")
                    assert b"retry-after: " in answer
                    refused += 1
        assert refused > 0
        assert kept(folder) == taken


def test_tls_may_end_here(tmp_path: Path) -> None:
    """With a certificate of its own; slow heads are refused there, too."""
    _, client = certificate_authority(tmp_path)
    pem = tmp_path / "server.pem"
    with tight(tmp_path, 0, pem, pem) as port:
        for sent, code in (
            (b"Connection: close\r\nContent-Length: 2\r\n\r\n{}", b"200"),
            (b"", b"408"),
        ):
            with client.wrap_socket(connected(port), server_hostname="127.0.0.1") as line:
                line.sendall(HEAD + sent)
                assert rest(line).startswith(b"HTTP/1.1 %b " % code)
    assert kept(tmp_path) == [b"{}"]
