"""Answers that do not end: recorded for as long as was asked, byte for byte."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from contextlib import suppress
from hashlib import sha1
from threading import Event
from typing import TYPE_CHECKING

import pytest

from archiver.edges.http import Recorder
from archiver.errors import TransientError
from archiver.formats import websocket
from archiver.formats.event_stream import events
from archiver.formats.http1 import response_of
from archiver.formats.replacement import Secrets
from archiver.formats.websocket import BINARY, CLOSE, PING
from archiver.record import Request
from tests.doubles import FixedClock
from tests.edges.conftest import spooled
from tests.edges.servers import Server, response
from tests.formats.test_websocket import framed

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from archiver.edges.spool import Spool

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def chunk(data: bytes) -> bytes:
    """Return one chunk (RFC 9112 §7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def opened(request: bytes, key: bytes = b"") -> bytes:
    """Return the head that opens a WebSocket for a request, or for another ``key``."""
    found = re.search(rb"Sec-WebSocket-Key: (\S+)\r\n", request)
    assert found is not None
    accept = b64encode(sha1((key or found[1]) + GUID).digest())  # noqa: S324 - RFC 6455 has it so
    lines = (b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade")
    return b"\r\n".join((*lines, b"Sec-WebSocket-Accept: " + accept, b"", b""))


def from_client(data: bytes) -> list[tuple[int, bytes]]:
    """Return the short masked frames that a client sent: opcode, payload."""
    found, at = [], 0
    while at < len(data):
        length, mask = data[at + 1] & 0x7F, data[at + 2 : at + 6]
        assert data[at + 1] & 0x80
        body = data[at + 6 : at + 6 + length]
        found.append((data[at] & 0x0F, bytes(b ^ mask[i % 4] for i, b in enumerate(body))))
        at += 6 + length
    return found


def test_events_are_taken_until_time_is_over(recorder: Recorder, spool: Spool) -> None:
    """An event stream is one exchange, cut by time, with every event that came."""

    def stream(connection: socket.socket, _: bytes) -> None:
        for number in range(3):
            connection.sendall((EVENTS if number == 0 else b"") + chunk(b"data: %d\n\n" % number))
        connection.recv(1)  # nothing more until the client leaves

    with Server(stream) as server:
        exchange = recorder.send(Request(f"{server.url}/s", listen=0.5), {"listen": "yes"})
    body = response_of(exchange).body
    assert [body[slice(*one.data[0])] for one in events(body)] == [b"0", b"1", b"2"]
    assert exchange.truncated == "time"
    assert spooled(spool) == [exchange]


def test_a_stream_that_ends_ends_the_listening(recorder: Recorder) -> None:
    """A whole answer is whole, before the time is over."""
    with Server(lambda _, __: response(b"data: 1\n\n")) as server:
        exchange = recorder.send(Request(f"{server.url}/s", listen=60.0), {})
    assert (exchange.truncated, response_of(exchange).body) == ("", b"data: 1\n\n")


def test_a_stream_that_breaks_keeps_what_came(recorder: Recorder) -> None:
    """A connection that breaks after its head is no failure: the next run goes on."""

    def stream(connection: socket.socket, _: bytes) -> None:
        connection.sendall(EVENTS + chunk(b"data: 1\n\n"))

    with Server(stream) as server:
        exchange = recorder.send(Request(f"{server.url}/s", listen=60.0), {})
    assert exchange.truncated == "disconnect"
    assert response_of(exchange).body == b"data: 1\n\n"


def test_silence_before_the_head_is_a_failure(recorder: Recorder) -> None:
    """Nobody there is not the same as nothing new."""

    def silent(connection: socket.socket, _: bytes) -> None:
        connection.recv(1)

    with Server(silent) as server, pytest.raises(TransientError, match="no whole response"):
        recorder.send(Request(f"{server.url}/s", listen=0.3), {})


def test_frames_are_taken_and_pings_answered(recorder: Recorder, spool: Spool) -> None:
    """What the server sent is kept as it came; it hears our pong and our goodbye."""
    heard, left = list[bytes](), Event()
    sent = framed(b"one") + framed(b"are you there", PING) + framed(b"two" * 100)

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(opened(request) + sent[:3])
        time.sleep(0.05)
        connection.sendall(sent[3:] + framed(b"\x03\xe8", CLOSE))
        while data := connection.recv(1000):
            heard.append(data)
        left.set()

    with Server(talk) as server:
        request = Request(f"{server.url}/ws", listen=30.0, websocket=True)
        exchange = recorder.send(request, {"listen": "yes"})
        assert left.wait(10)
    body = response_of(exchange).body
    assert body == sent + framed(b"\x03\xe8", CLOSE)
    assert [one.opcode for one in websocket.frames(body)] == [BINARY, PING, BINARY, CLOSE]
    assert from_client(b"".join(heard)) == [(10, b"are you there"), (CLOSE, b"\x03\xe8")]
    assert exchange.request.endswith(b"\r\n\r\n")  # masked, a pong would hide an echoed secret
    assert spooled(spool) == [exchange]


def test_frames_end_with_the_time(recorder: Recorder) -> None:
    """A WebSocket with nothing more to say is left when its time is over."""

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(opened(request) + framed(b"one"))
        connection.recv(1)

    with Server(talk) as server:
        exchange = recorder.send(Request(f"{server.url}/ws", listen=0.5, websocket=True), {})
    assert (exchange.truncated, response_of(exchange).body) == ("time", framed(b"one"))


def test_a_handshake_for_somebody_else_is_refused(recorder: Recorder) -> None:
    """A 101 that does not answer our key is no WebSocket of ours (RFC 6455 §4.1)."""

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(opened(request, key=b"another") + framed(b"one"))

    with Server(talk) as server, pytest.raises(TransientError, match="another protocol"):
        recorder.send(Request(f"{server.url}/ws", listen=30.0, websocket=True), {})


def test_a_refused_upgrade_is_an_ordinary_answer(recorder: Recorder) -> None:
    """An error instead of a WebSocket is recorded like any other answer."""
    with Server(lambda _, __: response(b"{}", status="401 Unauthorized")) as server:
        exchange = recorder.send(Request(f"{server.url}/ws", listen=30.0, websocket=True), {})
    assert (response_of(exchange).status, exchange.truncated) == (401, "")


def test_secrets_in_frames_are_replaced(spool: Spool) -> None:
    """Whole, across two frames, and cut by the end of the listening."""
    token = "EAABsbCS1iHgBO7sentinel"
    secret = token.encode()

    def talk(connection: socket.socket, request: bytes) -> None:
        frames = framed(b"a " + secret) + framed(b"b " + secret[:9]) + framed(secret[9:])
        connection.sendall(opened(request) + frames + framed(secret)[: 2 + 18])
        connection.recv(1)

    with (
        Server(talk) as server,
        Recorder(spool, Secrets({"token": token}), FixedClock()) as recorder,
    ):
        request = Request(f"{server.url}/ws", listen=0.5, websocket=True)
        recorder.send(request, {"listen": "yes"})
    (kept,) = spooled(spool)
    assert secret[:8] not in kept.response
    assert secret[9:] not in kept.response


def test_a_redirect_elsewhere_is_listened_to_as_long(recorder: Recorder) -> None:
    """The time is that of the request, whoever answers it."""

    def stream(connection: socket.socket, _: bytes) -> None:
        connection.sendall(EVENTS + chunk(b"data: 1\n\n"))
        connection.recv(1)

    with Server(stream) as other:
        moved = response(b"", f"Location: {other.url}/s", status="302 Found")
        with Server(lambda _, __: moved) as server:
            exchange = recorder.send(Request(f"{server.url}/s", listen=0.5), {"listen": "yes"})
    assert (exchange.truncated, response_of(exchange).body) == ("time", b"data: 1\n\n")


def test_one_giant_frame_in_small_pieces_is_looked_at_once(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece costs what it brings, not what has come before."""
    looked: list[int] = []
    plain = websocket.frames

    def counted(data: bytes, at: int = 0) -> Iterator[websocket.Frame]:
        looked.append(len(data))
        return plain(data, at)

    monkeypatch.setattr(websocket, "frames", counted)
    giant = framed(b"x" * (4 << 20))

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(opened(request))
        for start in range(0, len(giant), 8192):
            connection.sendall(giant[start : start + 8192])
        connection.sendall(framed(b"\x03\xe8", CLOSE))

    with Server(talk) as server:
        exchange = recorder.send(
            Request(f"{server.url}/ws", listen=30.0, websocket=True), {"listen": "yes"}
        )
    assert len(exchange.response) > len(giant)
    assert sum(looked) < 4 * len(giant)  # once by us, and where secrets are looked for


def test_nothing_is_looked_at_after_what_is_no_frame(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes is kept all the same."""
    looked: list[int] = []
    plain = websocket.frames

    def counted(data: bytes) -> Iterator[websocket.Frame]:
        looked.append(len(data))
        return plain(data)

    monkeypatch.setattr(websocket, "frames", counted)
    noise = b"\x81\xff" * 40_000

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(opened(request))
        for start in range(0, len(noise), 1000):
            connection.sendall(noise[start : start + 1000])
            time.sleep(0.001)

    with Server(talk) as server:
        exchange = recorder.send(
            Request(f"{server.url}/ws", listen=30.0, websocket=True), {"listen": "yes"}
        )
    assert exchange.response.endswith(noise)
    assert len(looked) <= 3


def test_an_answer_in_countless_chunks_is_cut(recorder: Recorder) -> None:
    """It is kept up to there, as one that is too long: no other try would end otherwise."""
    one = chunk(b"x")

    def stream(connection: socket.socket, _: bytes) -> None:
        connection.sendall(EVENTS)
        with suppress(ConnectionError):
            for _times in range(400):
                connection.sendall(one * 1000)

    with Server(stream) as server:
        exchange = recorder.send(Request(f"{server.url}/s"), {})
    assert exchange.truncated == "length"
    assert exchange.response.count(one) > 60_000
