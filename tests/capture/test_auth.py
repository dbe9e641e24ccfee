"""Logging in, as the RFCs say; what comes back is secret, and what is replaced is kept."""

from __future__ import annotations

import json
from base64 import b64decode
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.auth import (
    api_key,
    basic,
    bearer,
    client_credentials,
    refreshed,
)
from archiver.capture.connector import Login
from archiver.formats.http1 import HttpResponse, parse_response

ENDPOINT = "https://login.example.gov/token"
APP = {"client_id": "city app", "client_secret": "s:ecret", "refresh_token": "first-token"}


def answer(body: object, status: str = "200 OK", *, headers: str = "") -> HttpResponse:
    """Return the answer of a token endpoint."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(data)}\r\n\r\n"
    return parse_response(head.encode() + data)


def asked(login: Login) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the form and the headers of a login's request."""
    assert login.request is not None
    assert (login.request.url, login.request.method) == (ENDPOINT, "POST")
    return parse_qs(login.request.body.decode()), dict(login.request.headers)


def taken(login: Login, response: HttpResponse) -> Login:
    """Return the step after an answer."""
    assert login.take is not None
    return login.take(response)


def test_headers_are_those_of_the_rfcs() -> None:
    """RFC 6750 section 2.1, RFC 7617 with its own example, and a platform's own header."""
    assert bearer("mF_9.B5f-4.1JqM") == (("Authorization", "Bearer mF_9.B5f-4.1JqM"),)
    (name, value) = basic("Aladdin", "open sesame")[0]
    assert (name, value) == ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    assert api_key("X-Api-Key", "k") == (("X-Api-Key", "k"),)


def test_a_refresh_token_is_sent_as_the_rfc_says() -> None:
    """Section 6: the form; section 2.3.1: the client, form-encoded, in HTTP Basic."""
    form, headers = asked(refreshed(ENDPOINT, APP))
    assert form == {"grant_type": ["refresh_token"], "refresh_token": ["first-token"]}
    assert b64decode(headers["Authorization"].removeprefix("Basic ")) == b"city%20app:s%3Aecret"
    form, headers = asked(refreshed(ENDPOINT, APP, in_body=True))
    assert (form["client_id"], form["client_secret"]) == (["city app"], ["s:ecret"])
    assert "Authorization" not in headers
    form, headers = asked(refreshed(ENDPOINT, {**APP, "client_secret": ""}))
    assert form["client_id"] == ["city app"]
    assert "client_secret" not in form
    assert "Authorization" not in headers
    assert refreshed(ENDPOINT, {}) == Login()


def test_an_application_logs_in_for_itself() -> None:
    """Section 4.4."""
    form, _ = asked(client_credentials(ENDPOINT, APP, scope="read write"))
    assert form == {"grant_type": ["client_credentials"], "scope": ["read write"]}
    assert client_credentials(ENDPOINT, {"client_id": "x"}) == Login()


def test_what_comes_is_secret_and_what_is_replaced_is_kept() -> None:
    """A new refresh token ends the old one; where none comes, the old one stays good."""
    login = refreshed(ENDPOINT, APP, origin="https://api.example.gov")
    done = taken(login, answer({"access_token": "at-1", "refresh_token": "second-token"}))
    assert done.headers == bearer("at-1")
    assert done.secrets == {"access_token": "at-1"}
    assert done.keep == {"refresh_token": "second-token"}
    assert done.origin == "https://api.example.gov"
    assert taken(login, answer({"access_token": "at-1"})).keep == {}


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (answer({"error": "invalid_grant"}, "400 Bad Request"), "invalid_grant"),
        (
            answer({"error": "invalid_client", "error_description": "who?"}, "401 No"),
            "invalid_client: who?",
        ),
        (answer({"error": "invalid_grant"}), "invalid_grant"),
        (answer(b"<html>", "403 Forbidden"), "HTTP/1.1 403 Forbidden"),
        (answer(b"<html>"), "the answer to the login has no access token"),
        (answer({"access_token": "a b"}), "the answer to the login has no access token"),
        (answer({"access_token": "tök"}), "the answer to the login has no access token"),
        (answer({"access_token": 7}), "the answer to the login has no access token"),
        (answer({"access_token": ""}), "the answer to the login has no access token"),
        (answer({"access_token": "a\r\nX: y"}), "the answer to the login has no access token"),
    ],
)
def test_a_refusal_is_told_in_its_words(response: HttpResponse, words: str) -> None:
    """Section 5.2; what is no token never becomes a header."""
    assert taken(refreshed(ENDPOINT, APP), response) == Login(refused=words)


def test_trouble_is_waited_for_and_no_refusal() -> None:
    """A busy server says nothing of the credential; 400 and 401 do."""
    judge = refreshed(ENDPOINT, APP).judge
    assert judge is not None
    busy = judge(answer(b"", "429 Slow", headers="Retry-After: 7\r\n"))
    assert busy is not None
    assert (busy.code, busy.retry_after) == ("rate", 7.0)
    down = judge(answer(b"", "503 Down"))
    assert down is not None
    assert down.code == "transient"
    assert judge(answer({"error": "invalid_grant"}, "400 Bad Request")) is None
    assert judge(answer({"access_token": "x"})) is None


@given(st.binary(max_size=200), st.integers(100, 999))
def test_no_answer_breaks_a_login(body: bytes, status: int) -> None:
    """Whatever a token endpoint sends is a login or a refusal."""
    done = taken(refreshed(ENDPOINT, APP), answer(body, f"{status} X"))
    assert bool(done.refused) is not bool(done.headers)
