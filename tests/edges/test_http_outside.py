"""Asking services of others: bounds on what they answer, and whose host it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.edges.clock import SystemClock
from archiver.edges.http_outside import MAX_ANSWER, HttpOutside
from archiver.errors import TransientError
from tests.doubles import FixedClock
from tests.edges.servers import Server, response

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


def test_asked_and_answered() -> None:
    """Status and body come back as they are, whatever they are."""
    with Server(lambda _, request: response(request, status="409 Conflict")) as server:
        outside = HttpOutside(SystemClock())
        status, body = outside.post(f"{server.url}/x", b"body", "application/timestamp-query")
        assert status == 409
        assert b"application/timestamp-query" in body
        assert body.endswith(b"\r\n\r\nbody")
        assert outside.get(server.url)[1].startswith(b"GET / HTTP/1.1")


def test_a_redirect_is_not_followed() -> None:
    """Who is asked is who is configured, and nobody else."""
    elsewhere = "Location: http://127.0.0.1:9/"
    with Server(lambda *_: response(b"", elsewhere, status="302 Found")) as server:
        assert HttpOutside(SystemClock()).get(server.url) == (302, b"")


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: None,
        lambda *_: b"nonsense\r\n\r\n",
        lambda *_: response(bytes(MAX_ANSWER + 1)),
        lambda *_: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    ],
    ids=["closed", "no HTTP", "too long", "cut"],
)
def test_no_good_answer(answer: Callable[..., bytes | None]) -> None:
    """What is no whole answer of reasonable size is none."""

    def once(connection: socket.socket, request: bytes) -> bytes | None:
        made = answer(connection, request)
        if made is not None:
            connection.sendall(made)
        return None

    with Server(once) as server, pytest.raises(TransientError) as failed:
        HttpOutside(SystemClock()).get(f"{server.url}/x?token=secret")
    assert "secret" not in str(failed.value)


def test_an_answer_that_takes_for_ever() -> None:
    """An answer is bounded in time altogether, not only between its bytes."""
    with Server(lambda *_: response(b"x" * 1000)) as server, pytest.raises(TransientError):
        HttpOutside(FixedClock(step=timedelta(seconds=60))).get(server.url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://[::1", "http://no.such.invalid/"])
def test_nobody_is_there(url: str) -> None:
    """A service that can't be reached is told in words."""
    with pytest.raises(TransientError):
        HttpOutside(SystemClock()).get(url)


def test_whose_host_it_is() -> None:
    """This machine's addresses are its own; others are shared only with the same address."""
    outside = HttpOutside(SystemClock())
    for own in ("http://127.0.0.1/", "http://localhost:8090/", "http://0.0.0.0/", "http://[::1]/"):
        assert outside.shares_host(own, [])
    assert not outside.shares_host("http://192.0.2.7/", [])
    assert not outside.shares_host("http://192.0.2.7/", ["https://198.51.100.1/"])
    assert outside.shares_host("http://192.0.2.7:1/", ["https://192.0.2.7/bucket"])


def test_a_host_that_nobody_knows_is_not_apart() -> None:
    """Where an address can't be found out, nobody may call the host another one."""
    assert HttpOutside(SystemClock()).shares_host("http://no.such.invalid/", [])
    assert HttpOutside(SystemClock()).shares_host("not a url", [])
