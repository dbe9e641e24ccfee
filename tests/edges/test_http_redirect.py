"""Where redirects lead, and what does not come along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.edges.http import Recorder
from archiver.errors import CaptureError, TransientError, UsageError
from archiver.formats.http1 import parse_request, response_of
from archiver.formats.replacement import Secrets
from archiver.record import Request
from tests.doubles import FixedClock
from tests.edges.conftest import spooled
from tests.edges.servers import Server, certificate_authority, response

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from archiver.edges.spool import Spool

SECRET = "hunter22-hunter22"
LOGIN = (("Authorization", f"Bearer {SECRET}"),)


def redirect(location: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return response(b"", f"Location: {location}", status=status)


def test_credentials_stay_within_their_origin(spool: Spool) -> None:
    """Same origin keeps the login; another origin gets none, and the way back has none."""

    def home(_: socket.socket, request: bytes) -> bytes:
        target = request.split()[1]
        if target == b"/start":
            return redirect("/again")
        return redirect(f"{away.url}/") if target == b"/again" else response(b"home")

    with (
        Server(home) as server,
        Server(lambda _, __: redirect(f"{server.url}/back")) as away,
        Recorder(
            spool, Secrets({"token": SECRET}), FixedClock(), authorisation={server.url: LOGIN}
        ) as recorder,
    ):
        headers = (("X-WP-Nonce", "abcdef1234"), ("X-Key", SECRET), ("X-Plain", "1"))
        recorder.send(Request(f"{server.url}/start", headers=headers), {})
        start, again, back = (parse_request(request) for request in server.requests)
        [other] = (parse_request(request) for request in away.requests)
    for request in (start, again):
        assert request.header("authorization") == f"Bearer {SECRET}"
        assert request.header("x-wp-nonce") == "abcdef1234"
    for request in (other, back):
        names = {name.lower() for name, _ in request.headers}
        assert not names & {"authorization", "x-wp-nonce", "x-key"}
        assert request.header("x-plain") == "1"


def test_a_request_as_a_stranger_carries_no_login(spool: Spool) -> None:
    """Neither at first nor after a redirect on the same origin, where others do."""

    def home(_: socket.socket, request: bytes) -> bytes:
        return redirect("/b") if request.split()[1] == b"/a" else response(b"ok")

    with (
        Server(home) as server,
        Recorder(
            spool, Secrets({"token": SECRET}), FixedClock(), authorisation={server.url: LOGIN}
        ) as recorder,
    ):
        recorder.send(Request(f"{server.url}/a", anonymous=True), {})
        recorder.send(Request(f"{server.url}/b"), {})
        sent = [parse_request(request).header("authorization") for request in server.requests]
    assert sent == ["", "", f"Bearer {SECRET}"]


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        ("301 Moved", "POST", ("GET", b"")),
        ("302 Found", "POST", ("GET", b"")),
        ("303 See Other", "POST", ("GET", b"")),
        ("303 See Other", "PUT", ("GET", b"")),
        ("303 See Other", "HEAD", ("HEAD", b"")),
        ("307 Temporary", "POST", ("POST", b"body")),
        ("308 Permanent", "POST", ("POST", b"body")),
        ("302 Found", "PUT", ("PUT", b"body")),
    ],
)
def test_method_after_redirect(
    recorder: Recorder, status: str, method: str, expected: tuple[str, bytes]
) -> None:
    """The method and body after a redirect are those of RFC 9110."""
    answers = iter([redirect("/then", status), response(b"", status="204 No Content")])
    with Server(lambda _, __: next(answers)) as server:
        body = b"" if method == "HEAD" else b"body"
        request = Request(server.url, method, (("Content-Type", "text/plain"),), body)
        recorder.send(request, {})
        then = parse_request(server.requests[1])
    assert (then.method, then.body) == expected
    assert bool(then.header("content-type")) == bool(then.body)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("ftp://127.0.0.1/x", "what is no http address"),
        ("mailto:city@example.org", "what is no http address"),
        ("http://a\x01b/", "what is no http address"),
        ("/again", "more than 10 redirects"),
    ],
)
def test_redirects_that_we_do_not_follow(
    recorder: Recorder, spool: Spool, location: str, message: str
) -> None:
    """A redirect that leads nowhere good is recorded, then refused."""
    with (
        Server(lambda _, __: redirect(location)) as server,
        pytest.raises(CaptureError, match=message) as raised,
    ):
        recorder.send(Request(server.url), {})
    assert raised.value.code == "capture-redirect"
    assert len(spooled(spool)) == (11 if location == "/again" else 1)


def test_from_https_to_http(spool: Spool, tmp_path: Path) -> None:
    """A redirect that gives up encryption is refused."""
    server_side, client_side = certificate_authority(tmp_path)
    with (
        Server(lambda _, __: response(b"open")) as plain,
        Server(lambda _, __: redirect(plain.url), server_side) as server,
        Recorder(spool, Secrets({}), FixedClock(), tls=client_side) as recorder,
    ):
        with pytest.raises(CaptureError, match="from https to http"):
            recorder.send(Request(server.url), {})
        assert plain.requests == []
    assert len(spooled(spool)) == 1


def test_a_body_goes_to_no_other_server(recorder: Recorder) -> None:
    """A request's body, which may hold a password, is not sent on to another origin."""
    with (
        Server(lambda _, __: response(b"")) as away,
        Server(lambda _, __: redirect(away.url, "307 Temporary")) as server,
    ):
        with pytest.raises(CaptureError, match="body to another server"):
            recorder.send(Request(server.url, "POST", body=b"password=x"), {})
        assert away.requests == []


def test_user_information_of_a_location_is_not_used(recorder: Recorder, spool: Spool) -> None:
    """User and password that a server puts into a location are neither used nor stored."""
    answers = iter([b"", response(b"there")])
    with Server(lambda _, __: next(answers) or redirect(address)) as server:
        address = server.url.replace("//", "//user:open-sesame@") + "/then"
        last = recorder.send(Request(server.url), {})
        assert "authorization" not in server.requests[1].decode().lower()
    assert response_of(last).body == b"there"
    assert b"open-sesame" not in b"".join(file.path.read_bytes() for file in spool.pending())


def test_location_with_other_than_ascii(recorder: Recorder) -> None:
    """A location in raw UTF-8 is followed as browsers do; one without is no redirect."""
    answers = iter(
        [
            redirect("/straße".encode().decode("latin-1")),
            response(b"choose", status="300 Multiple Choices"),
        ]
    )
    with Server(lambda _, __: next(answers)) as server:
        last = recorder.send(Request(server.url), {})
        assert server.requests[1].startswith(b"GET /stra%C3%9Fe HTTP/1.1\r\n")
    assert response_of(last).status == 300


@pytest.mark.parametrize(
    "request_",
    [
        Request("ftp://example.org/"),
        Request("http://user:hunter22@example.org/"),
        Request("http://"),
        Request("http://exa mple.org\n/"),
        Request("http://example.org/", headers=(("If-None-Match", '"a"'),)),
        Request("http://example.org/", headers=(("Accept-Encoding", "gzip"),)),
        Request("http://example.org/", headers=(("Range", "bytes=0-1"),)),
        Request("http://example.org/", headers=(("X-A", "b\r\nX-C: d"),)),
        Request("http://example.org/", headers=(("X A", "b"),)),
        Request("http://example.org/", headers=(("X-A", "\u20ac"),)),
        Request("http://example.org/", method="GET /x"),
        Request("http://example.org/", method="CONNECT"),
    ],
)
def test_requests_that_we_do_not_send(recorder: Recorder, spool: Spool, request_: Request) -> None:
    """Requests that would weaken the evidence, or are none, are refused before sending."""
    with pytest.raises(UsageError) as raised:
        recorder.send(request_, {})
    assert "hunter22" not in str(raised.value)
    assert spooled(spool) == []


def test_redirect_to_nobody(recorder: Recorder, spool: Spool) -> None:
    """When the second hop fails, both are in the spool."""
    with (
        Server(lambda _, __: redirect("http://127.0.0.1:1/")) as server,
        pytest.raises(TransientError),
    ):
        recorder.send(Request(server.url), {"listing": "x"})
    assert [exchange.purpose.get("hop") for exchange in spooled(spool)] == [None, "1"]


def test_parameters_that_log_in_stay_within_their_origin_and_in_no_address(spool: Spool) -> None:
    """They are sent there alone, each hop anew; what is kept has them replaced or not at all."""

    def home(_: socket.socket, request: bytes) -> bytes:
        target = request.split()[1]
        if target.startswith(b"/start"):
            return redirect("/again?x=1")
        return redirect(f"{away.url}/") if target.startswith(b"/again") else response(b"home")

    with (
        Server(home) as server,
        Server(lambda _, __: response(SECRET.encode())) as away,
        Recorder(
            spool, Secrets({"proof": SECRET}), FixedClock(),
            parameters={server.url: (("proof", SECRET),)},
        ) as recorder,
    ):  # fmt: skip
        recorder.send(Request(f"{server.url}/start"), {})
        sent = [request.split()[1] for request in server.requests]
        [other] = (request.split()[1] for request in away.requests)
    assert sent == [f"/start?proof={SECRET}".encode(), f"/again?x=1&proof={SECRET}".encode()]
    assert other == b"/"
    kept = spooled(spool)
    assert [one.url for one in kept[:2]] == [f"{server.url}/start", f"{server.url}/again?x=1"]
    assert [one.request.split()[1] for one in kept[:2]] == [
        b"/start?proof=%5Breplaced%3A%20proof%5D", b"/again?x=1&proof=%5Breplaced%3A%20proof%5D",
    ]  # fmt: skip
    assert "request-target proof 1" in kept[0].replacements
    assert not any(SECRET.encode() in one.request + one.response for one in kept)
