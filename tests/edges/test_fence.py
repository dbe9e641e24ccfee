"""What others wrote leads nobody inside: a socket that listens there is never touched."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpcore
import pytest

from archiver.edges import fence
from archiver.edges.fence import Fence, FencedError, is_public
from archiver.edges.http import Recorder
from archiver.errors import ArchiverError
from archiver.formats.replacement import Secrets
from archiver.record import Request
from tests.doubles import FixedClock
from tests.edges.inside import METADATA, NAMES, SCHEMES, SPELLINGS, TRICKS, Trap
from tests.edges.servers import Server, response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.edges.spool import Spool

PUBLIC = ("93.184.216.34", "1.1.1.1", "8.8.8.8", "2606:2800:220:1::1", "::ffff:93.184.216.34")


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    """Give what listens inside."""
    with Trap() as one:
        yield one


@pytest.fixture
def open_ports(monkeypatch: pytest.MonkeyPatch, trap: Trap) -> None:
    """Let the trap's port be one of the web's, so that only its address speaks against it."""
    monkeypatch.setattr(fence, "PORTS", fence.PORTS | {trap.port})


def names(host: str, port: int) -> list[str]:
    """Resolve the names of these tests as they say, others as the machine does."""
    return NAMES[host] if host in NAMES else fence.addresses(host, port)


def fenced(spool: Spool, url: str = "https://www.example.gov/") -> Recorder:
    """Return a recorder for an account."""
    around = Fence.around(url, names)
    return Recorder(spool, Secrets({}), FixedClock(), timeout=3, fence=around)


def cases(port: int) -> list[str]:
    """Return every address that leads inside."""
    hosts = [*SPELLINGS, *METADATA, *NAMES]
    at = [f"127.0.0.1:{port}", f"localhost:{port}"]
    spelt = [f"http://{host}:{port}/" for host in hosts] + [f"http://{one}/" for one in METADATA]
    return [*spelt, *(one.replace("{at}", place) for one in (*SCHEMES, *TRICKS) for place in at)]


@pytest.mark.usefixtures("open_ports")
def test_no_address_that_a_page_may_name_leads_inside(trap: Trap, spool: Spool) -> None:
    """More than 200 spellings, asked one by one: each is refused, and nobody was there."""
    wanted = cases(trap.port)
    assert len(wanted) >= 200
    with fenced(spool) as recorder:
        for url in wanted:
            with pytest.raises(ArchiverError):
                recorder.send(Request(url, fenced=True), {})
    assert trap.touched == []


@pytest.mark.usefixtures("open_ports")
def test_no_redirect_leads_inside(trap: Trap, spool: Spool) -> None:
    """The same as a Location of the account's own server, which may be asked."""
    targets = [one.strip() for one in cases(trap.port) if one.isascii()]
    head = b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n"

    def leading(_: socket.socket, request: bytes) -> bytes:
        number = request.split(b" ")[1][1:]
        return head % targets[int(number)].encode() if number.isdigit() else response(b"own")

    with Server(leading) as server, fenced(spool, server.url) as recorder:
        for number in range(len(targets)):
            try:
                found = recorder.send(Request(f"{server.url}/{number}", fenced=True), {})
            except ArchiverError:
                continue
            assert found.url.startswith(f"{server.url}/"), targets[number]
    assert trap.touched == []


def test_a_trap_is_touched_where_nothing_is_fenced(spool: Spool) -> None:
    """So it would be seen: the test of the test."""
    with Trap() as own:
        with Recorder(spool, Secrets({}), FixedClock(), timeout=3) as recorder:
            for host in ("127.0.0.1", "2130706433", "0x7f.1", "localhost"):
                with pytest.raises(ArchiverError):
                    recorder.send(Request(f"http://{host}:{own.port}/"), {})
        assert len(own.touched) >= 4


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch, spool: Spool) -> None:
    """What it means a moment later (DNS rebinding) is not asked: the address is pinned."""
    meant = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def connect(_: object, host: str, *__: object) -> httpcore.NetworkStream:
        asked.append(host)
        raise httpcore.ConnectError("nobody is asked here")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    around = Fence.around("https://www.example.gov/", lambda *_: next(meant))
    with (
        Recorder(spool, Secrets({}), FixedClock(), timeout=3, fence=around) as recorder,
        pytest.raises(ArchiverError),
    ):
        recorder.send(Request("http://rebinding.example/", fenced=True), {})
    assert asked == ["93.184.216.34"]
    assert next(meant) == ["127.0.0.1"]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    """And are what a name is pinned to."""
    assert is_public(address)
    around = Fence.around("https://www.example.gov/", lambda *_: [address])
    assert around.pinned("www.example.gov", 443) == address


@pytest.mark.parametrize("port", [22, 25, 3306, 6379, 9200, 65535, 0])
def test_other_ports_are_not_asked(port: int) -> None:
    """Mail, databases and shells are not the web."""
    around = Fence.around("https://www.example.gov/", lambda *_: ["93.184.216.34"])
    with pytest.raises(FencedError, match=f"port {port}"):
        around.pinned("www.example.gov", port)


def test_an_account_may_be_inside_where_its_address_says_so(spool: Spool) -> None:
    """What whoever approved it could see: a number or this machine, at that port alone."""
    with Server(lambda _, __: response(b"here")) as server, fenced(spool, server.url) as recorder:
        found = recorder.send(Request(f"{server.url}/a", fenced=True), {})
        assert found.response.endswith(b"here")
    near = Fence.around("http://10.0.0.7:8080/", lambda *_: ["10.0.0.7"])
    assert near.pinned("10.0.0.7", 8080) == "10.0.0.7"
    with pytest.raises(FencedError):
        near.pinned("10.0.0.7", 80)
    with pytest.raises(FencedError):
        Fence.around("http://169.254.169.254/").pinned("169.254.169.254", 80)
    with pytest.raises(FencedError):
        Fence.around("http://intranet.example/", lambda *_: ["10.0.0.7"]).pinned(
            "intranet.example", 80
        )


def test_a_name_that_means_nothing_is_told(spool: Spool) -> None:
    """As a failure that may pass; a resolver that fails is no leave to go on."""

    def fails(*_: object) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    around = Fence.around("https://www.example.gov/", fails)
    with (
        Recorder(spool, Secrets({}), FixedClock(), timeout=3, fence=around) as recorder,
        pytest.raises(ArchiverError, match="Name or service not known"),
    ):
        recorder.send(Request("http://www.example.gov/", fenced=True), {})
