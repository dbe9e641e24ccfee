"""The situations of ordinary clients, each of which must leave its exchange in the spool."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING

import httpcore
import pytest

from archiver.edges.http import USER_AGENT, Recorder
from archiver.edges.http_tee import Tape, TeeBackend
from archiver.edges.spool import Spool
from archiver.errors import TransientError, UsageError
from archiver.formats.exchanges import ExchangeReader
from archiver.formats.http1 import response_of
from archiver.formats.replacement import Secrets
from archiver.record import Exchange, Request
from tests.doubles import FixedClock, SeededRandomness
from tests.edges.conftest import spooled
from tests.edges.servers import Server, certificate_authority, response

if TYPE_CHECKING:
    import socket
    from pathlib import Path


def always(data: bytes) -> Server:
    """Return a server with one answer."""
    return Server(lambda _, __: data)


def test_fresh_client(recorder: Recorder, spool: Spool) -> None:
    """A first request is recorded byte for byte, both ways, and durable when it returns."""
    answer = b"HTTP/1.1 200 Oll Korrect\r\nx-ODD: 1\r\nX-odd:2 \r\nContent-Length: 3\r\n\r\nabc"
    with always(answer) as server:
        exchange = recorder.send(Request(f"{server.url}/a?b=c#d"), {"listing": "posts"})
        assert exchange.response == answer
        assert exchange.request == server.requests[0]
    assert exchange.request.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert f"User-Agent: {USER_AGENT}\r\n".encode() in exchange.request
    assert b"Accept-Encoding: identity\r\n" in exchange.request
    assert exchange.url == f"{server.url}/a?b=c"
    assert exchange.captured_at == "2026-11-20T09:00:00.000000Z"
    assert (exchange.ip_address, exchange.tls, exchange.truncated) == ("127.0.0.1", "", "")
    assert (exchange.purpose, exchange.number) == ({"listing": "posts"}, 1)
    assert spooled(spool) == [exchange]


@pytest.mark.parametrize(
    "imports",
    [
        "import httpx, httpcore, http.client, requests; from archiver.edges.http import Recorder",
        "from archiver.edges.http import Recorder; import requests, httpx",
        "import warcio.capture_http; from archiver.edges.http import Recorder",
    ],
)
def test_import_order(tmp_path: Path, repo_root: Path, imports: str) -> None:
    """It does not matter what was imported before or after."""
    program = f"""{imports}
import sys, pathlib
from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from archiver.edges.spool import Spool
from archiver.formats.replacement import Secrets
from archiver.record import Request
clock = SystemClock()
with Spool.open(pathlib.Path(sys.argv[2]), "a", clock, SystemRandomness()) as spool:
    with Recorder(spool, Secrets({{}}), clock) as recorder:
        recorder.send(Request(sys.argv[1]), {{}})
"""
    with always(response(b"seen")) as server:
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, server.url, str(tmp_path)],
            check=True,
            cwd=repo_root,
        )
    with Spool.open(tmp_path, "a", FixedClock(), SeededRandomness()) as spool:
        assert [response_of(exchange).body for exchange in spooled(spool)] == [b"seen"]


def test_https(spool: Spool, tmp_path: Path) -> None:
    """Over TLS the plain bytes are kept, with version, suite, and the chain once per file."""
    server_side, client_side = certificate_authority(tmp_path)
    with (
        Server(lambda _, __: response(b"private"), server_side) as server,
        Recorder(spool, Secrets({}), FixedClock(), timeout=10, tls=client_side) as recorder,
    ):
        first = recorder.send(Request(server.url), {})
        second = recorder.send(Request(server.url), {})
    assert first.response == second.response == response(b"private")
    assert first.tls == second.tls
    assert first.tls.startswith("TLSv1.3 TLS_")
    assert first.certificates == second.certificates
    assert len(first.certificates) == 2
    [file] = spool.pending()
    with file.path.open("rb") as stream:
        reader = ExchangeReader(stream)
        assert list(reader) == [first, second]
    assert tuple(reader.certificates) == first.certificates
    assert all(sha256(der).hexdigest() == name for name, der in reader.certificates.items())
    data = file.path.read_bytes()
    assert all(data.count(der) == 1 for der in reader.certificates.values())


def test_untrusted_certificate(recorder: Recorder, spool: Spool, tmp_path: Path) -> None:
    """A certificate that nobody vouches for is a recorded failure: nothing was sent."""
    server_side, _ = certificate_authority(tmp_path)
    with Server(lambda _, __: response(b""), server_side) as server:
        with pytest.raises(TransientError, match="certificate verify failed"):
            recorder.send(Request(server.url), {})
        assert server.requests == []
    [exchange] = spooled(spool)
    assert (exchange.request, exchange.response, exchange.truncated) == (b"", b"", "disconnect")


def test_coded_body_stays_coded(recorder: Recorder) -> None:
    """A body that came compressed although we did not ask for it is kept as it came."""
    answer = response(gzip.compress(b"plain " * 99), "Content-Encoding: gzip")
    with always(answer) as server:
        exchange = recorder.send(Request(server.url), {})
    assert exchange.response == answer
    assert response_of(exchange).body == b"plain " * 99


def test_chunked_body_stays_chunked(recorder: Recorder) -> None:
    """Chunk sizes, extensions and trailers are kept as they came."""
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;note=1\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Check: 1\r\n\r\n"
    )
    with always(answer) as server:
        exchange = recorder.send(Request(server.url), {})
        again = recorder.send(Request(server.url), {})
        assert server.connections == 1
    assert exchange.response == again.response == answer
    parsed = response_of(exchange)
    assert (parsed.body, parsed.trailers) == (b"abc0123456789", (("X-Check", "1"),))


def test_refusals_are_exchanges(recorder: Recorder, spool: Spool) -> None:
    """A 429, a retry and a server error are recorded like anything else, one by one."""
    answers = iter(
        [
            response(b"slow", "Retry-After: 3", status="429 Too Many Requests"),
            response(b"broken", status="500 Oops"),
            response(b"fine"),
        ]
    )
    with Server(lambda _, __: next(answers)) as server:
        statuses = [response_of(recorder.send(Request(server.url), {})).status for _ in range(3)]
    assert statuses == [429, 500, 200]
    assert [exchange.number for exchange in spooled(spool)] == [1, 2, 3]


def test_redirect_hops(recorder: Recorder, spool: Spool) -> None:
    """Each hop of a redirect is an exchange with the same purpose and its number."""

    def answer(_: socket.socket, request: bytes) -> bytes:
        number = int(request.split()[1][1:])
        if number < 3:
            return response(b"", f"Location: /{number + 1}", status="302 Found")
        return response(b"there")

    with Server(answer) as server:
        last = recorder.send(Request(f"{server.url}/0"), {"listing": "posts"})
    assert response_of(last).body == b"there"
    found = spooled(spool)
    assert [exchange.url[-2:] for exchange in found] == ["/0", "/1", "/2", "/3"]
    assert [exchange.purpose.get("hop") for exchange in found] == [None, "1", "2", "3"]
    assert {exchange.purpose["listing"] for exchange in found} == {"posts"}


def test_post_body(recorder: Recorder) -> None:
    """A request's body of 10 kB is recorded with it."""
    body = json.dumps({"text": "x" * 10_000}).encode()
    headers = (("Content-Type", "application/json"),)
    with always(response(b"ok")) as server:
        exchange = recorder.send(Request(server.url, "POST", headers, body), {})
        assert exchange.request == server.requests[0]
    assert exchange.request.endswith(b"\r\n\r\n" + body)


def test_worker_threads(recorder: Recorder, spool: Spool) -> None:
    """One recorder serves many threads, and no byte goes to a neighbour's exchange."""

    def ask(number: int) -> Exchange:
        return recorder.send(Request(f"{server.url}/{number}"), {"n": str(number)})

    with (
        Server(lambda _, request: response(request.split()[1] * 500)) as server,
        ThreadPoolExecutor(4) as pool,
    ):
        sent = list(pool.map(ask, range(40)))
    for number, exchange in enumerate(sent):
        assert exchange.request.startswith(f"GET /{number} HTTP/1.1\r\n".encode())
        assert response_of(exchange).body == f"/{number}".encode() * 500
        assert exchange.purpose == {"n": str(number)}
    assert spooled(spool) == sorted(sent, key=lambda exchange: exchange.number)


def test_reused_connection(recorder: Recorder) -> None:
    """On a connection that is open already each request has its own bytes."""
    with Server(lambda _, request: response(request.split()[1])) as server:
        sent = [recorder.send(Request(f"{server.url}/{n}"), {}) for n in range(3)]
        assert server.connections == 1
    assert [response_of(exchange).body for exchange in sent] == [b"/0", b"/1", b"/2"]
    assert [exchange.ip_address for exchange in sent] == ["127.0.0.1"] * 3


def test_nobody_reads_the_answer(recorder: Recorder, spool: Spool) -> None:
    """The whole body is recorded although the caller never looks at it."""
    with always(response(b"z" * 3_000_000)) as server:
        recorder.send(Request(server.url), {})
    [exchange] = spooled(spool)
    assert response_of(exchange).body == b"z" * 3_000_000


def test_body_over_the_limit(spool: Spool) -> None:
    """A body that is too long, and does not say so, is cut where we said, and marked."""
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"z" * 300_000
    with (
        always(endless) as server,
        Recorder(spool, Secrets({}), FixedClock(), timeout=10, max_body=100_000) as recorder,
    ):
        exchange = recorder.send(Request(server.url), {})
    assert exchange.truncated == "length"
    parsed = response_of(exchange)
    assert (parsed.body, parsed.complete) == (b"z" * 100_000, False)
    assert spooled(spool) == [exchange]


@pytest.mark.parametrize("purpose", [{"role": "file"}, {"role": "listing"}])
def test_body_that_says_it_is_over_the_limit(spool: Spool, purpose: dict[str, str]) -> None:
    """Of a body that is too long by its own head nothing is kept; a page has its own limit."""
    with (
        always(response(b"z" * 300_000)) as server,
        Recorder(
            spool, Secrets({}), FixedClock(), timeout=10, max_body=299_999, max_page=1_000
        ) as recorder,
    ):
        exchange = recorder.send(Request(server.url), purpose)
        short = recorder.send(Request(server.url, "HEAD"), {"role": "file"})
    assert (exchange.truncated, short.truncated) == ("length", "")
    assert exchange.response.endswith(b"\r\n\r\n")
    with (
        always(response(b"z" * 2_000)) as server,
        Recorder(spool, Secrets({}), FixedClock(), timeout=10, max_page=1_000) as recorder,
    ):
        cut = recorder.send(Request(server.url), purpose).truncated
    assert cut == ("" if purpose["role"] == "file" else "length")


def test_short_body_over_the_limit(spool: Spool) -> None:
    """A body that comes in one piece with its head is cut as exactly as any other."""
    with (
        always(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"
        ) as server,
        Recorder(spool, Secrets({}), FixedClock(), timeout=10, max_body=4) as recorder,
    ):
        exchange = recorder.send(Request(server.url), {})
    assert exchange.truncated == "length"
    assert exchange.response.endswith(b"\r\n\r\na\r\n0")


def test_truncated_body(recorder: Recorder, spool: Spool) -> None:
    """A body that ends too early is recorded as far as it came, marked, and raised."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")

    with (
        Server(answer) as server,
        pytest.raises(TransientError, match="the connection broke, after 42 bytes"),
    ):
        recorder.send(Request(server.url), {"listing": "posts"})
    [exchange] = spooled(spool)
    assert exchange.response.endswith(b"\r\n\r\nabc")
    assert exchange.truncated == "disconnect"
    assert exchange.purpose == {"listing": "posts"}


def test_two_recorders_do_not_mix(tmp_path: Path) -> None:
    """Two recorders at work at once each keep their own exchanges, and all of them."""
    barrier = threading.Barrier(2)

    def run(name: str) -> list[bytes]:
        clock, chance = FixedClock(), SeededRandomness(name)
        with (
            Spool.open(tmp_path, name, clock, chance) as spool,
            Recorder(spool, Secrets({}), clock, timeout=10) as recorder,
        ):
            barrier.wait()
            for _ in range(15):
                recorder.send(Request(f"{server.url}/{name}"), {})
            return [response_of(exchange).body for exchange in spooled(spool)]

    with (
        Server(lambda _, request: response(request.split()[1])) as server,
        ThreadPoolExecutor(2) as pool,
    ):
        assert list(pool.map(run, ["one", "two"])) == [[b"/one"] * 15, [b"/two"] * 15]


def test_own_accept_header_and_empty_post(recorder: Recorder) -> None:
    """A request may say what it accepts; a POST without body says that it has none."""
    headers = (("Accept", "application/json"),)
    with always(response(b"")) as server:
        exchange = recorder.send(Request(server.url, "POST", headers), {})
    assert exchange.request.count(b"\r\nAccept: ") == 1
    assert b"\r\nContent-Length: 0\r\n" in exchange.request


def test_tape_runs_out_of_patience() -> None:
    """Once the time is up no step may begin, and no connection is used without a tape."""
    with pytest.raises(httpcore.ReadTimeout):
        Tape(0.0, 1).patience()
    with pytest.raises(RuntimeError, match="outside"):
        TeeBackend().connect_tcp("127.0.0.1", 1)


@pytest.mark.parametrize("value", ["Basic \u20ac-hunter22", "two\r\nlines-hunter22"])
def test_login_that_no_header_can_hold(spool: Spool, value: str) -> None:
    """An authorisation that can't be sent is refused at once, and not shown."""
    login = {"https://blog.example": (("Authorization", value),)}
    with pytest.raises(UsageError) as raised:
        Recorder(spool, Secrets({}), FixedClock(), authorisation=login)
    assert "hunter22" not in str(raised.value)


def test_origin_of_a_login_may_be_spelt_freely(spool: Spool) -> None:
    """A login finds its origin however its address is spelt."""
    with always(response(b"")) as server:
        spelt = server.url.replace("http", "HTTP") + "/path"
        login = {spelt: (("Authorization", "Bearer abcdef"),)}
        with Recorder(spool, Secrets({}), FixedClock(), authorisation=login) as recorder:
            exchange = recorder.send(Request(server.url), {})
        assert b"\r\nAuthorization: Bearer abcdef\r\n" in server.requests[0]
    assert b"\r\nAuthorization: [replaced: credential]\r\n" in exchange.request


def test_a_login_leaves_nothing(recorder: Recorder, spool: Spool) -> None:
    """What logs in is sent as it is, answered with raw bytes, and recorded nowhere."""
    answer = b"HTTP/1.1 302 Found\r\nLocation: /in\r\nSet-Cookie: s=1\r\nContent-Length: 0\r\n\r\n"
    with always(answer) as server:
        login = Request(f"{server.url}/login", "POST", (("Accept", "a/b"),), b"who=city")
        assert recorder.log_in(login) == answer
    assert len(server.requests) == 1
    assert server.requests[0].endswith(b"\r\n\r\nwho=city")
    assert spooled(spool) == []
