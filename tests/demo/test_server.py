"""Tests of the stand-in city's web server and of its misbehaviour."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from archiver.demo import faults
from archiver.demo.city import City
from archiver.demo.server import CityServer, Served
from tests.demo.helpers import API

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.demo.answer import Answer, Asked


@pytest.fixture
def server() -> Iterator[CityServer]:
    """A city that is being served."""
    with CityServer(City()) as running:
        yield running


@pytest.fixture
def client(server: CityServer) -> Iterator[httpx.Client]:
    """A client that is logged in and follows no redirects."""
    city = server.city
    with httpx.Client(base_url=server.url, auth=(city.user, city.secret)) as logged_in:
        yield logged_in


def test_everything_is_under_one_address(client: httpx.Client) -> None:
    """API, feeds, files and pages are served."""
    source = client.get(f"{API}/media?_fields=source_url&per_page=1").json()[0]["source_url"]
    for target in ("/", "/wp-json/", "/feed", "/feed.json", source):
        assert client.get(target).status_code == 200
    assert client.get("/nothing").status_code == 404


def test_changes_show_at_once(server: CityServer, client: httpx.Client) -> None:
    """What happens to the city is served from then on."""
    post = server.city.publish("Now", "text")
    assert client.get(f"{API}/posts/{post.id}").json()["title"]["rendered"] == "Now"
    server.city.delete_post(post.id)
    assert client.get(f"{API}/posts/{post.id}").status_code == 404


def test_a_connection_serves_many_requests(server: CityServer) -> None:
    """Connections stay open from one answer to the next, also after HEAD and 404."""
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]))
    connection.connect()
    socket = connection.sock
    for method, target in (("GET", "/feed"), ("HEAD", "/feed"), ("GET", "/x"), ("POST", "/feed")):
        connection.request(method, target, body=b"ignored" if method == "POST" else None)
        answer = connection.getresponse()
        assert answer.read() or method == "HEAD"
        assert connection.sock is socket
    connection.close()


def test_head_announces_what_get_sends(client: httpx.Client) -> None:
    """HEAD has the same headers, totals included, and no body."""
    got, head = client.get(f"{API}/comments"), client.head(f"{API}/comments")
    assert head.content == b""
    for name in ("X-WP-Total", "X-WP-TotalPages", "Content-Length"):
        assert head.headers[name] == got.headers[name]


def test_the_log_has_requests_and_no_credentials(server: CityServer, client: httpx.Client) -> None:
    """Method, target and status of each request are noted, headers never."""
    client.get(f"{API}/posts?per_page=101")
    client.head("/feed")
    assert server.log == [
        Served("GET", f"{API}/posts?per_page=101", 400),
        Served("HEAD", "/feed", 200),
    ]
    said = client.get("/feed").request.headers["Authorization"].partition(" ")[2]
    assert said not in repr(server.log)
    assert server.city.secret not in repr(server.log)


def test_a_fault_is_used_once_and_only_where_it_fits(
    server: CityServer, client: httpx.Client
) -> None:
    """The first fault that fits a request spoils it; the next request is answered well."""
    server.fail("/feed", faults.server_error())
    server.fail("/feed", faults.too_many_requests(7))
    assert client.get("/wp-json/").status_code == 200
    assert client.get("/feed").status_code == 500
    limited = client.get("/feed")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert client.get("/feed").status_code == 200
    assert server.faults == []
    assert [one.status for one in server.log] == [200, 500, 429, 200]


def test_a_truncated_body_is_shorter_than_announced(
    server: CityServer, client: httpx.Client
) -> None:
    """So many bytes arrive, then the connection ends."""
    server.fail("/feed", faults.truncated(100))
    with client.stream("GET", "/feed") as answer:
        assert int(answer.headers["Content-Length"]) > 100
        parts = answer.iter_raw()
        assert len(next(parts)) == 100
        with pytest.raises(httpx.RemoteProtocolError):
            next(parts)


def test_a_reset_connection_answers_nothing(server: CityServer, client: httpx.Client) -> None:
    """The connection is reset before any byte, and the next one works."""
    server.fail("/feed", faults.reset())
    with pytest.raises(httpx.ReadError):
        client.get("/feed")
    assert client.get("/feed").status_code == 200
    assert [one.status for one in server.log] == [0, 200]


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        (faults.gzipped(), "Content-Encoding", "gzip"),
        (faults.chunked(), "Transfer-Encoding", "chunked"),
    ],
)
def test_coded_bodies_say_the_same(
    server: CityServer, client: httpx.Client, fault: faults.Fault, name: str, value: str
) -> None:
    """Compressed and chunked bodies arrive whole."""
    plain = client.get("/feed")
    server.fail("/feed", fault)
    coded = client.get("/feed")
    assert coded.headers[name] == value
    assert coded.content == plain.content
    assert ("Content-Length" in coded.headers) is (name != "Transfer-Encoding")


@pytest.mark.parametrize("elsewhere", ["", "/feed.json"])
def test_a_redirect_leads_on(server: CityServer, client: httpx.Client, elsewhere: str) -> None:
    """One redirect leads to the same address, or to another."""
    to = f"{server.url}{elsewhere}" if elsewhere else ""
    server.fail("/feed", faults.redirected(to))
    answer = client.get("/feed")
    assert (answer.status_code, answer.headers["Location"]) == (302, to or f"{server.url}/feed")
    assert client.get(answer.headers["Location"]).status_code == 200


def test_an_expired_token_is_refused_in_json(server: CityServer, client: httpx.Client) -> None:
    """401 with WordPress's code for a password that is no longer known."""
    server.fail(API, faults.expired_token())
    answer = client.get(f"{API}/posts")
    assert (answer.status_code, answer.json()["code"]) == (401, "incorrect_password")


def test_a_login_page_comes_with_200(server: CityServer, client: httpx.Client) -> None:
    """HTML instead of JSON, although the status says all is well."""
    server.fail(API, faults.login_page())
    answer = client.get(f"{API}/posts")
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        "text/html; charset=UTF-8",
    )
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_leaving_ends_open_connections() -> None:
    """After the context nothing listens any more, though a client kept its connection."""
    with httpx.Client() as client:
        with CityServer(City()) as server:
            url = server.url
            assert client.get(f"{url}/feed").status_code == 200
        with pytest.raises(httpx.TransportError):
            client.get(f"{url}/feed")


def test_a_server_that_is_not_running_has_no_address() -> None:
    """Asking for the address outside of the context is an error."""
    with pytest.raises(RuntimeError, match="not being served"):
        _ = CityServer(City()).url


def test_an_error_of_the_stand_in_itself_comes_to_light() -> None:
    """What breaks while answering is raised when the context ends."""

    def broken(_asked: Asked, _good: Answer) -> Answer:
        raise ZeroDivisionError

    server = CityServer(City())
    server.fail("/feed", broken)
    server.__enter__()
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{server.url}/feed")
    with pytest.raises(ZeroDivisionError):
        server.__exit__(None, None, None)
