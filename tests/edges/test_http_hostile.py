"""Servers that answer wrongly, slowly, endlessly or not at all."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from archiver.edges.http import Recorder
from archiver.errors import TransientError
from archiver.formats.http1 import response_of
from archiver.formats.replacement import Secrets
from archiver.record import Request
from tests.doubles import FixedClock
from tests.edges.conftest import spooled
from tests.edges.servers import Server, reset, response

if TYPE_CHECKING:
    from archiver.edges.spool import Spool

HEAD = b"HTTP/1.1 200 OK\r\n"


def says_and_closes(data: bytes) -> Server:
    """Return a server that sends ``data`` and ends the connection."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)

    return Server(answer)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcdeXX\r\n0\r\n\r\n", "unspecified"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", "unspecified"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc", "disconnect"),
        (HEAD + b"Content-Length: 99\r\n\r\nabc", "disconnect"),
        (HEAD + b"Content-Length: -1\r\n\r\nabc", "unspecified"),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "unspecified"),
        (HEAD + b"X-Cut: ye", "disconnect"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "unspecified"),
        (HEAD + b"X-Bomb: " + b"b" * 400_000 + b"\r\n\r\n", "unspecified"),
        (HEAD + b"".join(b"X-%d: bomb\r\n" % n for n in range(40_000)), "unspecified"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50_000, "length"),
        (b"", "disconnect"),
    ],
    ids=[
        "chunk longer than its size",
        "no chunk size",
        "cut in a chunk",
        "cut body",
        "negative length",
        "two lengths",
        "cut head",
        "not HTTP",
        "endless header",
        "endless headers",
        "endless interim responses",
        "nothing",
    ],
)
def test_failures_are_recorded_then_raised(
    recorder: Recorder, spool: Spool, data: bytes, reason: str
) -> None:
    """What came is kept as it came, with the reason, and the error names the exchange."""
    with says_and_closes(data) as server, pytest.raises(TransientError) as raised:
        recorder.send(Request(server.url), {})
    [exchange] = spooled(spool)
    assert exchange.truncated == reason
    assert data.startswith(exchange.response)
    assert len(exchange.response) == len(data) or len(exchange.response) > 100_000
    assert exchange.id in str(raised.value)
    assert response_of(exchange).complete is False


def test_reset_inside_the_body(recorder: Recorder, spool: Spool) -> None:
    """A connection that is reset in the body is a disconnect."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b"Content-Length: 9\r\n\r\nabc")
        reset(connection)

    with Server(answer) as server, pytest.raises(TransientError):
        recorder.send(Request(server.url), {})
    [exchange] = spooled(spool)
    assert exchange.truncated == "disconnect"


@pytest.mark.parametrize("drip", [b"", b"x"], ids=["silent", "one byte at a time"])
@pytest.mark.parametrize("start", [b"", HEAD + b"Content-Length: 9999\r\n\r\n"])
def test_slow_servers_are_left(spool: Spool, drip: bytes, start: bytes) -> None:
    """Neither silence nor a byte now and then keeps us longer than the timeout."""
    over = threading.Event()

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        while not over.wait(0.05):
            connection.sendall(drip)

    with (
        Server(answer) as server,
        Recorder(spool, Secrets({}), FixedClock(), timeout=0.4) as recorder,
    ):
        with pytest.raises(TransientError, match="in time"):
            recorder.send(Request(server.url), {})
        over.set()
    [exchange] = spooled(spool)
    assert exchange.truncated == "time"
    assert exchange.response.startswith(start)


def test_interim_responses_are_part_of_the_exchange(recorder: Recorder) -> None:
    """A 100 or 103 that nobody asked for is recorded before the response it announces."""
    data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    with Server(lambda _, __: data + response(b"then")) as server:
        exchange = recorder.send(Request(server.url), {})
    assert exchange.response == data + response(b"then")
    parsed = response_of(exchange)
    assert (parsed.status, parsed.body) == (200, b"then")
    assert parsed.interim == ("HTTP/1.1 100 Continue", "HTTP/1.1 103 Early Hints")


def test_bytes_after_the_end_answer_nothing(recorder: Recorder) -> None:
    """What a server appends to a response is recorded, and never taken for the next one."""
    forged = response(b"forged")
    answers = iter([response(b"one") + forged, response(b"two")])
    with Server(lambda _, __: next(answers)) as server:
        first = recorder.send(Request(server.url), {})
        second = recorder.send(Request(server.url), {})
        assert server.connections == 2
    assert first.response == response(b"one") + forged
    assert response_of(first).problem == f"{len(forged)} bytes after the end"
    assert response_of(second).body == b"two"


def test_body_until_the_connection_closes(recorder: Recorder) -> None:
    """Without a length the end of the connection is the end of the body."""
    with says_and_closes(HEAD + b"\r\nuntil the end") as server:
        exchange = recorder.send(Request(server.url), {})
    assert exchange.truncated == ""
    assert response_of(exchange).body == b"until the end"


def test_switching_protocols(recorder: Recorder, spool: Spool) -> None:
    """A 101 that nobody asked for is no HTTP answer."""
    data = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    with says_and_closes(data) as server, pytest.raises(TransientError):
        recorder.send(Request(server.url), {})
    [exchange] = spooled(spool)
    assert (exchange.response, exchange.truncated) == (data, "unspecified")


def test_nobody_listens(recorder: Recorder, spool: Spool) -> None:
    """A refused connection is an exchange without bytes."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransientError, match=r"no connection: .*refused"):
        recorder.send(Request(f"http://127.0.0.1:{port}/"), {"listing": "posts"})
    [exchange] = spooled(spool)
    assert (exchange.request, exchange.response, exchange.ip_address) == (b"", b"", "")
    assert exchange.purpose == {"listing": "posts"}


def test_name_that_cannot_be_looked_up(recorder: Recorder, spool: Spool) -> None:
    """A host name that no resolver takes fails like one that does not exist."""
    with pytest.raises(TransientError):
        recorder.send(Request(f"http://{'a' * 70}.invalid/"), {})
    assert [exchange.truncated for exchange in spooled(spool)] == ["disconnect"]


def test_interruption_is_recorded_too(
    recorder: Recorder, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exchange that a person interrupts is kept as far as it came."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with Server(lambda _, __: response(b"half")) as server:
        monkeypatch.setattr("httpcore.HTTP11Connection._receive_response_body", interrupt)
        with pytest.raises(KeyboardInterrupt):
            recorder.send(Request(server.url), {})
    [exchange] = spooled(spool)
    assert exchange.truncated == "unspecified"
    assert exchange.response == response(b"half")
