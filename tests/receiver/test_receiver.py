"""The receiver as a process: what it answers to whom, and what is then in the archive."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from archiver.edges.inbox import InboxFiles
from tests.doubles import SeededRandomness
from tests.edges.store_helpers import memory_folder
from tests.receiver.events import SECRET, event, signature
from tests.receiver.serving import BASE, NAME, Served, data, request, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.record import Exchange

FORGED = 403


@pytest.fixture(scope="module")
def place() -> Iterator[Served]:
    """A receiver that runs and does not settle, so that what it keeps can be looked at."""
    with memory_folder() as folder, served(folder) as made:
        made.start("--no-settle", "--settle-every", "0.2", "--proxy", "127.0.0.1")
        yield made
        assert made.stop() == 0


def exchanges(place: Served) -> list[Exchange]:
    """Return what is durable and closed, once what is open is due."""
    (handle,) = (path.name for path in (place.folder / "home").glob("*/inbox/*/"))
    (inboxes,) = (place.folder / "home").glob("*/inbox")
    time.sleep(1.3)
    files = InboxFiles(inboxes, handle, SeededRandomness("reader"))
    return [one for file in files.pending() for one in files.read(file)]


def kept(place: Served) -> list[bytes]:
    """Return the bodies of it."""
    return [one.request.partition(b"\r\n\r\n")[2] for one in exchanges(place)]


def test_a_delivery_is_kept_once(place: Served) -> None:
    """Answered with 200 each time, and in the inbox when it is answered."""
    path, body = place.path(), event(1)
    assert [place.post(path, body) for _ in range(3)] == [200] * 3
    assert kept(place).count(body) == 1


def test_the_answer_is_what_is_recorded(place: Served) -> None:
    """Byte for byte, where the connection stays open."""
    sent = request(place.path(), event(2), {"Connection": "keep-alive"})
    with socket.create_connection(("127.0.0.1", place.port)) as line:
        for _ in range(2):
            line.sendall(sent)
            assert line.recv(1000) == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Hub-Signature": signature(event(3), "another secret")}, FORGED),
        ({"X-Hub-Signature": "sha256=" + "0" * 64}, FORGED),
        ({"X-Hub-Signature": signature(event(4))}, FORGED),
        ({"X-Hub-Signature": ""}, FORGED),
        ({"Content-Type": "text/html"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Length": str(17 << 20)}, 413),
        ({"Content-Length": "9" * 40}, 400),
        ({"Content-Length": "-1"}, 400),
        ({"Transfer-Encoding": "chunked"}, 400),
        ({"X-Long": "x" * 70_000}, 431),
        ({"X-Very-Long": "x" * 2_000_000}, 431),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_is_refused(place: Served, headers: dict[str, str], expected: int) -> None:
    """With the right status."""
    answer = place.raw(request(place.path(), event(3), headers))
    assert int(answer.split(b" ", 2)[1]) == expected


def test_many_headers_are_refused(place: Served) -> None:
    """A bomb of small ones, too."""
    bomb = {f"X-{number}": "y" for number in range(9_000)}
    assert place.post(place.path(), event(3), bomb) == 431


def test_an_unknown_account_looks_like_a_forgery(place: Served) -> None:
    """Same status, same headers, whatever is sent; a directory of accounts leaks nowhere."""
    body, path = event(5), place.path()
    unknown = "/hooks/" + "a" * 26
    for sent in (
        {"X-Hub-Signature": "sha256=00"},
        {"Content-Type": "text/html"},
        {"Content-Length": str(17 << 20)},
    ):
        known, other = (place.raw(request(one, body, sent)) for one in (path, unknown))
        assert known == other
    assert place.post(unknown, body) == FORGED
    get = "GET {}?hub.challenge=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert place.raw(get.format(path).encode()) == place.raw(get.format(unknown).encode())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("PUT {path} HTTP/1.1", 405),
        ("DELETE {path} HTTP/1.1", 405),
        ("OPTIONS {path} HTTP/1.1", 405),
        ("GET {path} HTTP/1.1", FORGED),
        ("GET / HTTP/1.1", 404),
        ("GET /docs HTTP/1.1", 404),
        ("GET /openapi.json HTTP/1.1", 404),
        ("GET /hooks/ HTTP/1.1", 404),
        ("GET {path}/ HTTP/1.1", 404),
        ("GET /hooks/../hooks HTTP/1.1", 404),
        ("POST {path}?a=\x7f HTTP/1.1", 400),
        ("NONSENSE", 400),
    ],
)
def test_other_methods_and_addresses(place: Served, line: str, expected: int) -> None:
    """There is nothing there but hooks."""
    text = line.format(path=place.path())
    head = f"{text}\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n"
    answer = place.raw(head.encode("latin-1"))
    assert int(answer.split(b" ", 2)[1]) == expected
    assert (b"allow: GET, POST" in answer) == (expected == 405)


def test_a_body_may_come_in_chunks(place: Served) -> None:
    """It is signed as a whole, and kept as a whole; one that is too large is not."""
    body = event(6)
    head = {"Transfer-Encoding": "chunked", "Content-Length": ""}
    chunked = b"".join(b"%x\r\n%b\r\n" % (1, body[at : at + 1]) for at in range(len(body)))
    sent = request(place.path(), body, head).removesuffix(body)
    assert place.raw(sent + chunked + b"0\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert body in kept(place)
    endless = b"%x\r\n" % (1 << 20) + bytes(1 << 20) + b"\r\n"
    with socket.create_connection(("127.0.0.1", place.port), 20) as line:
        line.sendall(sent)
        answer = b""
        line.settimeout(20)
        try:
            for _ in range(64):
                line.sendall(endless)
        except (ConnectionResetError, BrokenPipeError):
            pass
        try:
            answer = line.recv(1000)
        except ConnectionResetError:
            answer = b"HTTP/1.1 413 "  # it was sent, and lost with the connection
        assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_proxy_is_believed_who_called(place: Served) -> None:
    """The one that was named; the address it gives is recorded."""
    assert place.post(place.path(), event(11), {"X-Forwarded-For": "203.0.113.9"}) == 200
    (one,) = [one for one in exchanges(place) if one.request.endswith(event(11))]
    assert one.ip_address == "203.0.113.9"


def test_pipelined_requests_are_answered_in_order(place: Served) -> None:
    """Each by itself: a forged one between two good ones is refused alone."""
    keep = {"Connection": "keep-alive"}
    good = [request(place.path(), event(number), keep) for number in (7, 8)]
    forged = request(place.path(), event(9), {**keep, "X-Hub-Signature": "sha256=00"})
    last = request(place.path(), event(10))
    answer = place.raw(good[0] + forged + good[1] + last)
    codes = [int(one[:3]) for one in answer.split(b"HTTP/1.1 ")[1:]]
    assert codes == [200, FORGED, 200, 200]


def test_each_refusal_leaves_one_line_without_secrets(place: Served) -> None:
    """Neither body nor query nor header values stand in the log, nor the secret."""
    before = place.log().count("\n")
    forged = request(place.path() + "?token=sentinel-query", b'{"x":"sentinel-body"}')
    forged = forged.replace(b"sha256=", b"sentinel-header")
    assert place.raw(forged).startswith(b"HTTP/1.1 403 ")
    log = place.log()
    assert log.count("\n") == before + 1
    assert f"refused 403: X-Hub-Signature is not the signature of this body ({NAME}," in log
    assert "sentinel" not in log
    assert SECRET not in log


def test_nothing_of_what_was_refused_is_kept(place: Served) -> None:
    """By no test before this one."""
    bodies = kept(place)
    assert not {event(3), event(4), event(5), event(9)} & set(bodies)
    assert len(set(bodies)) == len(bodies)


def test_the_addresses_are_listed(place: Served) -> None:
    """As they are entered at the platform, with what waits."""
    (one,) = data(place.run("webhook", "list", "--json"))
    assert one["url"] == BASE + place.path()
    assert (one["lacking"], one["fields"]) == ("", ["webhook_secret"])
    assert one["waiting"] == len(kept(place))
