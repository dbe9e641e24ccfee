"""Reading a file: what is the file, and what a server shows in its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.capture.platforms.wordpress import WordPress
from archiver.capture.purposes import ask_page
from archiver.capture.reading import listing_of, read
from archiver.record import Exchange, Request
from tests.capture.town import SITE, TownConnector

PICTURE = b"\x89PNG\r\n"
ERROR = b'{"error":{"code":2,"message":"Try again later"}}'


def fetched(
    status: str, kind: str, *, url: str = "http://town.test/f/1.png", head: str = "",
    body: bytes = PICTURE, **more: str,
) -> Exchange:  # fmt: skip
    """Return the exchange in which a file was asked for."""
    purpose = {"role": "file", "stream": "media", "native_id": "1/file", "sensitivity": "public"}
    response = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{head}"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    when = "2026-11-20T10:00:00.000000Z"
    return Exchange("lane", 1, url, when, b"", response, purpose=purpose | more)


def test_a_file_is_one_observation_of_its_whole_response() -> None:
    """The excerpt is the response as it came; the row says what it says."""
    (sighting,) = read(TownConnector(), SITE, fetched("200 OK", "image/png")).sightings
    assert sighting.excerpts[0].data.endswith(PICTURE)
    assert sighting.row["media_type"] == "image/png"


@pytest.mark.parametrize(
    ("exchange", "code"),
    [
        (fetched("404 Not Found", "text/html"), "missing"),
        (fetched("410 Gone", "text/html"), "missing"),
        (fetched("403 Forbidden", "text/html"), "forbidden"),
        (fetched("401 Unauthorized", "text/html"), "authorisation"),
        (fetched("401 Unauthorized", "text/html", url="http://other.test/f/1.png"), "forbidden"),
        (fetched("401 Unauthorized", "text/html", url="https://town.test/f/1.png"), "forbidden"),
        (fetched("401 Unauthorized", "text/html", url="http://town.test:81/1.png"), "forbidden"),
        (fetched("407 Proxy Authentication Required", "text/html"), "forbidden"),
        (fetched("204 No Content", "text/html"), "forbidden"),
        (fetched("503 Service Unavailable", "text/html"), "transient"),
        (fetched("429 Too Many Requests", "text/html"), "rate"),
        (fetched("200 OK", "text/html; charset=utf-8"), "schema"),
        (fetched("200 OK", "application/json", body=ERROR), "transient"),
        (fetched("200 OK", "text/html", url="http://town.test/wp-login.php", hop="1"), "schema"),
    ],
)
def test_what_comes_in_place_of_a_file_is_no_content(exchange: Exchange, code: str) -> None:
    """Errors and web pages give a problem and no item."""
    reading = read(TownConnector(), SITE, exchange)
    assert reading.sightings == ()
    assert reading.page.problem is not None
    assert reading.page.problem.code == code


def test_a_page_that_was_asked_for_is_a_file() -> None:
    """A file whose own name is that of a web page may be one."""
    exchange = fetched("200 OK", "text/html", url="http://town.test/f/minutes.html")
    assert len(read(TownConnector(), SITE, exchange).sightings) == 1


@pytest.mark.parametrize(
    "exchange",
    [
        fetched("200 OK", "application/json", url="http://town.test/f/log.json", body=ERROR),
        fetched("200 OK", "application/json", head="Content-Disposition: inline\r\n", body=ERROR),
        fetched("200 OK", "application/json", body=b'{"errors":[],"rows":3}'),
        fetched("200 OK", "application/json", body=b'["error"]'),
        fetched("200 OK", "application/json", body=b'{"error":'),
        fetched("200 OK", "application/json", body=b'{"error":"%b"}' % (b"x" * (1 << 16))),
    ],
)
def test_a_document_is_a_file_unless_it_says_what_went_wrong(exchange: Exchange) -> None:
    """By its name, by its header, or by what it says it is somebody's own."""
    assert len(read(TownConnector(), SITE, exchange).sightings) == 1


def test_a_page_that_is_said_to_be_a_file_is_one() -> None:
    """Somebody's own page in a chat, at an address that says nothing of its kind."""
    url, said = "http://town.test/media/town.test/AbC", "Content-Disposition: attachment\r\n"
    exchange = fetched("200 OK", "text/html", url=url, head=said)
    assert len(read(TownConnector(), SITE, exchange).sightings) == 1
    exchange = fetched("200 OK", "text/html", url=url)
    assert read(TownConnector(), SITE, exchange).page.problem is not None


def test_a_file_that_is_rationed_says_how_long_to_wait() -> None:
    """``Retry-After`` holds for files as it does for listings (RFC 9110 §10.2.3)."""
    exchange = fetched("429 Too Many Requests", "text/plain", head="Retry-After: 7\r\n")
    problem = read(TownConnector(), SITE, exchange).page.problem
    assert problem is not None
    assert problem.retry_after == 7


@pytest.mark.parametrize(("stated", "code"), [("6", ""), ("7", "transient"), ("", "")])
def test_a_file_that_ends_with_its_connection_has_the_stated_size(stated: str, code: str) -> None:
    """Where no header says how long it is, the platform's own word does."""
    whole = fetched("200 OK", "image/png", size=stated)
    bare = whole.response.replace(b"Content-Length: 6\r\n", b"")
    problem = read(TownConnector(), SITE, replace(whole, response=bare)).page.problem
    assert (problem.code if problem else "") == code


def test_a_file_that_says_its_length_is_taken_at_its_word() -> None:
    """It may have been replaced since the platform stated its size."""
    exchange = fetched("200 OK", "image/png", size="7")
    assert len(read(TownConnector(), SITE, exchange).sightings) == 1


def _page(body: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n") -> Exchange:
    """Return the exchange of a page of posts."""
    purpose = {"role": "listing", "listing": "posts", "stream": "posts", "group": "posts",
               "sensitivity": "public", "exhaustive": "yes"}  # fmt: skip
    response = b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)
    return replace(fetched("200 OK", ""), response=response, purpose=purpose)


def test_what_no_record_has_room_for_is_residue() -> None:
    """An id too long is no item, and thousands of gaps are one; nothing is lost."""
    long = b'[{"id":"%b"}]' % (b"x" * 9_000)
    found = read(WordPress(), SITE, _page(long))
    assert found.sightings == ()
    assert b"".join(long[a:b] for a, b in found.residue).count(b"x" * 9_000) == 1
    many = b"[%b]" % b",".join(b'7,{"id":%d}' % number for number in range(1, 5_000))
    found = read(WordPress(), SITE, _page(many))
    assert len(found.sightings) == 4_999
    assert found.residue == ((0, many.rindex(b"{")),)


def test_long_headers_are_left_to_intake() -> None:
    """A header that no line holds is left out, a status line is shortened; a record is made."""
    head = b"HTTP/1.1 200 " + b"o" * 70_000 + b"\r\nServer: " + b"s" * 70_000 + b"\r\n"
    found = read(WordPress(), SITE, _page(b'[{"id":1}]', head + b"Date: x\r\n" * 100))
    assert all(len(value) <= 8_192 for _, value in found.headers)
    assert len(found.headers) == 17
    assert len(found.sightings) == 1


def test_what_a_request_carried_comes_back_with_its_exchange() -> None:
    """It is in the stored purpose, and nowhere in what was sent; without any there is no word."""
    (listing,) = TownConnector().listings(SITE, "reconcile")
    for carried in ("list 7", ""):
        request = Request("http://town.test/?page=2", carried=carried)
        ask = ask_page(listing, request, "1", 2)
        assert ("carried" in ask.purpose) is bool(carried)
        exchange = fetched("200 OK", "application/json", url=request.url)
        stored = replace(exchange, purpose=dict(ask.purpose))
        assert listing_of(stored).request == request


def test_a_file_refused_elsewhere_tells_of_the_login_where_that_was_sent() -> None:
    """An API may have another host than the account's pages (`Login.origin`)."""
    refused = fetched("401 Unauthorized", "text/html", url="https://api.test/f/1")
    asked = b"GET /f/1 HTTP/1.1\r\nHost: api.test\r\n%b\r\nX: authorization: no"
    for head, code in ((b"", "forbidden"), (b"Authorization: Bearer xxxx\r\n", "authorisation")):
        exchange = replace(refused, request=asked % head)
        problem = read(TownConnector(), SITE, exchange).page.problem
        assert problem is not None
        assert problem.code == code
