"""Secrets are planted everywhere, and then every stored and logged byte is searched."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import traceback
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from archiver.edges.http import Recorder
from archiver.edges.spool import Spool
from archiver.errors import TransientError, UsageError
from archiver.formats.http1 import response_of
from archiver.formats.replacement import Secrets
from archiver.record import Exchange, Request
from tests.doubles import FixedClock, SeededRandomness
from tests.edges.conftest import spooled
from tests.edges.servers import Server, response

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "abcd EFGH/1234+ijkl=ü"
TOKEN = "EAABsbCS1iHgBO7sentinel"
SECRETS = Secrets({"basic-password": PASSWORD, "page-token": TOKEN})
BASIC = base64.b64encode(f"city:{PASSWORD}".encode()).decode()
LOGIN = (("Authorization", f"Basic {BASIC}"),)
ECHO = json.dumps(
    {
        "paging": {"next": f"https://graph.example/v1/me?access_token={TOKEN}&after=x"},
        "who": PASSWORD,
        "raw": f"Basic {BASIC}",
        "kept": "an innocent text",
    }
).replace("/", "\\/")


def spellings(value: str) -> set[bytes]:
    """Return what must be found nowhere."""
    data = value.encode()
    coded = base64.b64encode(data)
    found = {
        data,
        quote(value, safe="").encode(),
        quote(value, safe="").lower().encode(),
        quote_plus(value).encode(),
        json.dumps(value)[1:-1].encode(),
        json.dumps(value)[1:-1].replace("/", "\\/").encode(),
        coded.rstrip(b"="),
        coded.translate(bytes.maketrans(b"+/", b"-_")).rstrip(b"="),
        base64.b64encode(b"city:" + data).rstrip(b"="),
    }
    # Inside other base64 text the value's middle shows, at each of three alignments.
    return found | {base64.b64encode(bytes(shift) + data)[4:-4] for shift in range(3)}


NEEDLES = spellings(PASSWORD) | spellings(TOKEN) | {b"session-of-the-city"}


def hits(data: bytes) -> list[bytes]:
    """Return which secrets stand in ``data``."""
    return [needle for needle in NEEDLES if needle in data]


@pytest.fixture
def kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[Spool]:
    """Yield a spool; afterwards search it, all logs and all output."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection", "archiver"):
        caplog.set_level(logging.DEBUG, logger=name)
    with Spool.open(tmp_path / "spool", "blog", FixedClock(), SeededRandomness()) as spool:
        yield spool
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".warc" and path.stat().st_size for path in files)
    for path in files:
        assert hits(path.read_bytes()) == [], path
    for record in caplog.get_records("call"):
        assert hits(repr((record.getMessage(), record.args)).encode()) == []
        assert hits(record.getMessage().encode()) == []
    names = {record.name for record in caplog.get_records("call")}
    assert "archiver.edges.http" in names
    assert hits("".join(capfd.readouterr()).encode()) == []


def send(spool: Spool, answer: bytes, request: Request | None = None) -> Exchange:
    """Send a request full of secrets to a server that echoes them."""
    with (
        Server(lambda _, __: answer) as server,
        Recorder(
            spool, SECRETS, FixedClock(), timeout=3, authorisation={server.url: LOGIN}
        ) as recorder,
    ):
        url = f"{server.url}/me?access_token={TOKEN}&p={quote_plus(PASSWORD)}"
        exchange = recorder.send(request or Request(url), {"listing": "posts", "next": url})
        assert hits(server.requests[0])
    return exchange


def test_the_needles_are_real() -> None:
    """The search would find what a careless recorder stores."""
    assert len(hits(ECHO.encode())) >= 3
    assert hits(f"Authorization: Basic {BASIC}".encode())


def test_request_with_secrets(kept: Spool) -> None:
    """URL, headers, cookies, body and purpose go out with secrets and are kept without."""
    headers = (("Cookie", "a=session-of-the-city"), ("X-Token", f"Bearer {TOKEN}"))
    with (
        Server(lambda _, __: response(b"ok")) as server,
        Recorder(
            kept, SECRETS, FixedClock(), timeout=3, authorisation={server.url: LOGIN}
        ) as recorder,
    ):
        url = f"{server.url}/me?access_token={quote(PASSWORD, safe='')}"
        body = f"client_secret={quote_plus(PASSWORD)}&token={TOKEN}".encode()
        request = Request(url, "POST", headers, body)
        exchange = recorder.send(request, {"url": url, "token": TOKEN})
        assert len(hits(server.requests[0])) >= 4
    assert exchange.url.endswith("/me?access_token=%5Breplaced%3A%20basic-password%5D")
    assert b"\r\nAuthorization: [replaced: basic-password]\r\n" in exchange.request
    assert b"\r\nCookie: [replaced: credential]\r\n" in exchange.request
    assert len(exchange.request.partition(b"\r\n\r\n")[2]) == len(body)
    assert exchange.replacements == (
        "url basic-password 1",
        "request-body basic-password 1",
        "request-body page-token 1",
        "request-header authorization basic-password 1",
        "request-header cookie credential 1",
        "request-header x-token page-token 1",
        "request-target basic-password 1",
        "purpose token page-token 1",
        "purpose url basic-password 1",
    )


def test_echoed_in_headers(kept: Spool) -> None:
    """Cookies that are set, links and any other header lose what they echo."""
    exchange = send(
        kept,
        response(
            b"",
            "Set-Cookie: sid=session-of-the-city; Path=/; HttpOnly",
            f"Link: <https://x.example/?page=2&access_token={TOKEN}>; rel=next",
            f"X-Debug: {BASIC}",
            f"Location: /?p={quote(PASSWORD)}",
        ),
    )
    assert b"\r\nSet-Cookie: sid=[replaced: credential]; Path=/; HttpOnly\r\n" in exchange.response
    link = response_of(exchange).header("link")
    assert (
        link == "<https://x.example/?page=2&access_token=%5Breplaced%3A%20page-token%5D>; rel=next"
    )


def test_echoed_in_json(kept: Spool) -> None:
    """In a body a secret becomes asterisks: it is still JSON of the declared length."""
    exchange = send(kept, response(ECHO.encode()))
    parsed = response_of(exchange)
    assert parsed.complete
    data = json.loads(parsed.body)
    assert data["paging"]["next"] == (
        f"https://graph.example/v1/me?access_token={'*' * len(TOKEN)}&after=x"
    )
    assert data["who"] == "*" * (len(json.dumps(PASSWORD)) - 2 + 1)
    assert data["kept"] == "an innocent text"
    assert not exchange.decoded


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("chunk", [0, 7])
def test_echoed_in_coded_bodies(kept: Spool, coding: str, chunk: int) -> None:
    """What shows only after decoding makes the body be stored decoded, and say so."""
    data = gzip.compress(ECHO.encode()) if coding == "gzip" else zlib.compress(ECHO.encode())
    answer = response(data, f"Content-Encoding: {coding}")
    if chunk:
        answer = chunked(data, chunk, f"Content-Encoding: {coding}\r\n".encode())
    exchange = send(kept, answer)
    assert exchange.decoded
    assert "response-body page-token 1 decoded" in exchange.replacements
    assert json.loads(response_of(exchange).body)["kept"] == "an innocent text"
    assert f"Content-Encoding: {coding}".encode() in exchange.response


@pytest.mark.parametrize("chunk", [1, 5, 33])
def test_split_over_chunks(kept: Spool, chunk: int) -> None:
    """A secret that two chunks share is replaced where it stands; the chunks stay."""
    answer = chunked(ECHO.encode(), chunk, b"")
    exchange = send(kept, answer)
    assert len(exchange.response) == len(answer)
    assert not exchange.decoded
    assert json.loads(response_of(exchange).body)["kept"] == "an innocent text"


def chunked(data: bytes, size: int, headers: bytes) -> bytes:
    """Return a response in chunks, with a trailer that echoes the token."""
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    end = f"0\r\nX-Trailer: {TOKEN}\r\n\r\n".encode()
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + headers + b"\r\n" + body + end


@pytest.mark.parametrize(
    "data",
    [
        f"HTTP/1.1 200 OK\r\nX-Broken {TOKEN}\r\n bad: \x00{BASIC}\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{TOKEN} {TOKEN[:-1]}",
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz{TOKEN}\r\n",
        f"HTTP/1.1 200 OK\r\nX-Cut: {TOKEN}",
        f"{TOKEN} is no HTTP\r\n\r\n",
        f"HTTP/1.1 200 {TOKEN}\r\n{TOKEN}: {BASIC}\r\nContent-Length: {TOKEN}\r\n\r\n",
    ],
)
def test_errors_say_no_secret(kept: Spool, data: str) -> None:
    """Failures quote nothing that was sent or received, in no link of their chain."""
    server = Server(lambda connection, _: connection.sendall(data.encode()))
    with (
        server,
        Recorder(
            kept, SECRETS, FixedClock(), timeout=3, authorisation={server.url: LOGIN}
        ) as recorder,
        pytest.raises(TransientError) as raised,
    ):
        recorder.send(Request(f"{server.url}/?access_token={TOKEN}"), {})
    told = "".join(traceback.format_exception(raised.value))
    assert hits(told.encode()) == []
    assert hits(repr(raised.value).encode()) == []
    assert raised.value.__context__ is None
    assert TOKEN[:-1].encode() not in b"".join(f.path.read_bytes() for f in kept.pending())


def test_refusals_say_no_secret(kept: Spool) -> None:
    """A request that is refused, and secrets that are shown, show no value."""
    send(kept, response(b""))
    with (
        Recorder(kept, SECRETS, FixedClock()) as recorder,
        pytest.raises(UsageError) as raised,
    ):
        recorder.send(Request(f"ftp://x.example/?access_token={TOKEN}"), {})
    assert hits(str(raised.value).encode()) == []
    assert hits(repr(SECRETS).encode()) == []


def test_redirect_with_a_new_token(kept: Spool) -> None:
    """A token that only the server knows is followed, and stored nowhere."""

    def answer(_: socket.socket, request: bytes) -> bytes:
        if b"/start" in request:
            headers = "Location: /next?access_token=session-of-the-city"
            return response(b"", headers, status="302 Found")
        return response(b"there")

    with Server(answer) as server, Recorder(kept, SECRETS, FixedClock()) as recorder:
        last = recorder.send(Request(f"{server.url}/start"), {})
        assert b"session-of-the-city" in server.requests[1]
    assert response_of(last).body == b"there"
    assert last.replacements == ("url access_token 1", "request-target access_token 1")


def test_log_speaks_again_afterwards(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """The client's own log is silent only while we record."""
    caplog.set_level(logging.DEBUG)
    with (
        Spool.open(tmp_path, "blog", FixedClock(), SeededRandomness()) as spool,
        Server(lambda _, __: response(b"")) as server,
        Recorder(spool, SECRETS, FixedClock()) as recorder,
    ):
        recorder.send(Request(server.url), {})
        assert not [record for record in caplog.records if record.name.startswith("http")]
        logging.getLogger("httpcore.http11").debug("speaks")
        assert [record.getMessage() for record in caplog.records if record.name[:4] == "http"] == [
            "speaks"
        ]
        assert len(spooled(spool)) == 1
