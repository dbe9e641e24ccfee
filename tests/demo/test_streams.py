"""The stand-ins' streams, as any client of such a server hears them."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from archiver.demo.answer import Asked
from archiver.demo.bluesky.calls import XrpcError
from archiver.demo.bluesky.firehose import Firehose
from archiver.demo.bluesky.life import CityNetwork
from archiver.demo.bluesky.network import Network
from archiver.demo.bluesky.service import Bluesky
from archiver.demo.city import City
from archiver.demo.faults import truncated
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.instance import Instance
from archiver.demo.server import CityServer
from archiver.formats import websocket
from archiver.formats.dag_cbor import read
from archiver.formats.event_stream import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIREHOSE = "/xrpc/com.atproto.sync.subscribeRepos"
STREAM = "/api/v1/streaming/user"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455 §1.3."""
UPGRADE = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n"


def messages(frames: Iterator[bytes]) -> list[tuple[dict[str, object], dict[str, object]]]:
    """Return header and body of what a stream says until it has nothing new."""
    found = []
    for piece in frames:
        if not piece:
            break
        (frame,) = websocket.frames(piece)
        if frame.opcode == websocket.BINARY:
            header, middle = read(piece, frame.start)
            body, end = read(piece, middle)
            assert end == frame.end
            assert isinstance(header, dict)
            assert isinstance(body, dict)
            found.append((header, body))
    return found


def small() -> Network:
    """Return a network on which three things happened."""
    network = Network()
    did = network.join("ann.example", "Ann")
    uri = network.post(did, "Hello")
    network.edit(uri, "Hello again")
    network.delete(uri)
    return network


def test_events_are_replayed_from_a_position_on() -> None:
    """Numbers without holes; what was made, changed and deleted, with its record."""
    network = small()
    told = messages(Firehose(network).frames("1"))
    assert [(one["t"], body["seq"]) for one, body in told] == [
        ("#commit", 2),
        ("#commit", 3),
        ("#commit", 4),
    ]
    actions = [body["ops"][0]["action"] for _, body in told]  # type: ignore[index]
    assert actions == ["create", "update", "delete"]
    assert messages(Firehose(network).frames("")) == []


def test_what_happens_later_follows() -> None:
    """A listener hears it without asking again."""
    network = small()
    frames = Firehose(network).frames("4")
    assert messages(frames) == []
    network.join("ben.example", "Ben")
    assert [body["seq"] for _, body in messages(frames)] == [5]


@pytest.mark.parametrize(
    ("cursor", "oldest", "refuse", "names", "numbers"),
    [
        ("1", 3, "", ["OutdatedCursor"], [3, 4]),
        ("9", 1, "", ["FutureCursor"], []),
        ("3", 1, "ConsumerTooSlow", ["ConsumerTooSlow"], [4]),
        ("2", 3, "", [], [3, 4]),
    ],
)
def test_lost_positions_are_told(
    cursor: str, oldest: int, refuse: str, names: list[str], numbers: list[int]
) -> None:
    """In the words of the protocol; the stream then goes on, or ends."""
    firehose = Firehose(small())
    firehose.oldest, firehose.refuse = oldest, refuse
    told = messages(firehose.frames(cursor))
    assert [body.get("name") or body["error"] for _, body in told if "seq" not in body] == names
    assert [body["seq"] for _, body in told if "seq" in body] == numbers
    assert firehose.refuse == ""


def test_what_is_no_position_is_refused() -> None:
    """As the lexicon has it: an integer."""
    with pytest.raises(XrpcError):
        Firehose(small()).frames("soon")


def ask(server: CityServer, path: str, headers: str, seconds: float = 0.3) -> bytes:
    """Return what came for a while after a request."""
    parts = urlsplit(server.url)
    place = (str(parts.hostname), int(parts.port or 0))
    with closing(socket.create_connection(place)) as connection:
        connection.settimeout(0.02)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
        came, until = b"", time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                data = connection.recv(65_536)
            except TimeoutError:
                continue
            if not data:
                break
            came += data
        return came


def test_a_websocket_is_opened_as_the_standard_says() -> None:
    """Accept for the key of RFC 6455; a ping, then frames; without an upgrade 426."""
    with CityServer(City(), Bluesky(CityNetwork())) as server:
        came = ask(server, f"{FIREHOSE}?cursor=0", UPGRADE)
        head, _, body = came.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert f"Sec-WebSocket-Accept: {ACCEPT}".encode() in head
        opcodes = [one.opcode for one in websocket.frames(body)]
        assert opcodes[0] == websocket.PING
        assert len(opcodes) > 100
        assert ask(server, FIREHOSE, "Connection: close\r\n").startswith(b"HTTP/1.1 426 ")
        assert ask(server, f"{FIREHOSE}?cursor=x", UPGRADE).startswith(b"HTTP/1.1 400 ")


def test_a_stream_may_break_anywhere() -> None:
    """After as many bytes as were told."""
    with CityServer(City(), Bluesky(CityNetwork())) as server:
        server.fail(FIREHOSE, truncated(700))
        body = ask(server, f"{FIREHOSE}?cursor=0", UPGRADE, 5.0).partition(b"\r\n\r\n")[2]
        assert len(body) == 700


def test_toots_are_streamed_with_heartbeats() -> None:
    """What happens while somebody listens; not what happened before or after."""
    town = Instance()
    ann, ben = town.join("ann", "Ann").id, town.join("ben", "Ben").id
    town.relate("follow", town.city.id, ben)
    acts: list[Callable[[], object]] = [
        lambda: town.post(town.city.id, "Road closed"),
        lambda: town.edit(max(town.statuses), "Road open"),
        lambda: town.delete(max(town.statuses)),
        lambda: town.post(ann, "nobody of ours"),
        lambda: town.post(ben, "followed"),
        lambda: town.post(ann, "@quillwater psst", visibility="direct"),
        lambda: town.add_filter("raffles"),
    ]
    service = Mastodon(town)
    with CityServer(City(), service) as server:
        stream = service.answer(asked(server, service.token))
        assert stream is not None
        assert stream.stream is not None
        assert next(stream.stream) == b":)\n"
        for act in acts:
            act()
        came = b""
        while not came.endswith(b":thump\n"):
            came += next(stream.stream)
        told = [one.type for one in events(came) if one.type]
        assert told == [
            "update", "status.update", "delete", "update", "conversation", "notification",
            "filters_changed",
        ]  # fmt: skip
        stream.stream.close()  # type: ignore[attr-defined]
        assert town.listeners == []
        assert ask(server, STREAM, "Connection: close\r\n").startswith(b"HTTP/1.1 422 ")


def asked(server: CityServer, token: str) -> Asked:
    """Return the request for the city's own stream."""
    return Asked("GET", STREAM, server.url, {"authorization": f"Bearer {token}"})


def test_a_listener_hears_over_http() -> None:
    """In chunks, from the server's own description on; it ends with the server."""
    town = Instance()
    service = Mastodon(town)
    login = f"Authorization: Bearer {service.token}\r\n"
    with CityServer(City(), service) as server:
        about = ask(server, "/api/v2/instance", f"{login}Connection: close\r\n")
        assert server.url.replace("http", "ws", 1).encode() in about
        came = ask(server, STREAM, login)
        assert b"text/event-stream" in came
        assert b":)\n" in came
        assert b":thump\n" in came
