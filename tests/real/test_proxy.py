"""The fault proxy: what it passes on, and how it spoils answers."""

from __future__ import annotations

import httpx
import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from tests.real.proxy import FaultProxy, reply

TARGET = "/?rest_route=/wp/v2/posts"


def test_passes_everything_on() -> None:
    """Without a fault an answer is the server's own, byte for byte, and requests are noted."""
    with CityServer(City()) as city, FaultProxy(int(city.url.rpartition(":")[2])) as proxy:
        plain = httpx.get(city.url + TARGET)
        passed = httpx.get(proxy.url + TARGET)
        assert passed.status_code == plain.status_code == 200
        assert len(passed.json()) == len(plain.json()) > 5
        assert proxy.log == [("GET", TARGET, "")]


def test_spoils_as_often_as_told() -> None:
    """A fault waits for its turn, spoils as many answers as told, and is then used up."""
    with CityServer(City()) as city, FaultProxy(int(city.url.rpartition(":")[2])) as proxy:
        proxy.fail("/", "429", times=2, skip=1, holding="posts")
        codes = [httpx.get(proxy.url + TARGET).status_code for _ in range(4)]
        assert codes == [200, 429, 429, 200]
        assert proxy.pending == 0


def test_resets_and_cuts() -> None:
    """A reset breaks the connection; a truncated answer ends before its announced length."""
    with CityServer(City()) as city, FaultProxy(int(city.url.rpartition(":")[2])) as proxy:
        proxy.fail("/", "reset")
        with pytest.raises(httpx.TransportError):
            httpx.get(proxy.url + TARGET)
        proxy.fail("/", "truncated")
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(proxy.url + TARGET)


def test_answers_in_a_platforms_own_words() -> None:
    """A raw response is sent in place of the server's; unknown kinds are refused."""
    with CityServer(City()) as city, FaultProxy(int(city.url.rpartition(":")[2])) as proxy:
        proxy.fail("/", reply(401, b'{"error":"gone"}', ("Content-Type", "application/json")))
        answer = httpx.get(proxy.url + TARGET)
        assert (answer.status_code, answer.json()) == (401, {"error": "gone"})
        proxy.fail("/", "429")
        proxy.clear()
        assert httpx.get(proxy.url + TARGET).status_code == 200
        with pytest.raises(ValueError, match="flood"):
            proxy.fail("/", "flood")
