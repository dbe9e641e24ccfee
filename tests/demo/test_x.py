"""The stand-in X: what its verbs refuse, whom it shows what, its pages, tokens, limits."""

from __future__ import annotations

import json
from base64 import b64encode
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from archiver.demo.answer import Answer, Asked
from archiver.demo.x.api import XApi
from archiver.demo.x.life import Life
from archiver.demo.x.seed import Square
from archiver.errors import UsageError

BASE = "http://x.test"


class Client:
    """Somebody with the city's token."""

    def __init__(self, api: XApi) -> None:
        self.api = api
        self.token = ""
        self.refresh(api.tokens.refresh)

    def refresh(self, token: str) -> Answer:
        """Ask for a new access token."""
        tokens = self.api.tokens
        proof = b64encode(f"{tokens.client}:{tokens.secret}".encode()).decode()
        fields = urlencode({"grant_type": "refresh_token", "refresh_token": token}).encode()
        headers = {"authorization": f"Basic {proof}"}
        answer = self.api.answer(Asked("POST", "/2/oauth2/token", BASE, headers, fields))
        assert answer is not None
        self.token = json.loads(answer.body).get("access_token", self.token)
        return answer

    def ask(self, target: str) -> Answer:
        """Ask for something below ``/2/``."""
        headers = {"authorization": f"Bearer {self.token}"}
        answer = self.api.answer(Asked("GET", f"/2/{target}", BASE, headers))
        assert answer is not None
        return answer

    def read(self, target: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the document at an address."""
        return json.loads(self.ask(target).body)

    def walk(self, target: str) -> list[list[str]]:
        """Return the ids of each page of a listing."""
        pages, token = [], ""
        while True:
            name = "next_token" if "search" in target else "pagination_token"
            page = self.read(f"{target}&{name}={token}" if token else target)
            pages.append([one["id"] for one in page.get("data", [])])
            token = page["meta"].get("next_token", "")
            if not token:
                return pages


@pytest.fixture
def client() -> Client:
    """The city's client on a new square."""
    return Client(XApi(Square()))


def test_pages_have_everything_once_newest_first(client: Client) -> None:
    """Whatever their size, and as far as the limits go."""
    city = client.api.network.city.id
    own = [one for one in client.api.network.posts.values() if one.author == city]
    pages = client.walk(f"users/{city}/tweets?max_results=7")
    ids = [one for page in pages for one in page]
    assert ids == sorted((str(one.last.id) for one in own), key=int, reverse=True)
    assert {len(page) for page in pages[:-1]} == {7}
    client.api.limits.posts = 10
    assert [one for page in client.walk(f"users/{city}/tweets?max_results=7") for one in page] == (
        ids[:10]
    )


def test_only_what_is_asked_for_is_given(client: Client) -> None:
    """A post has its id and text; an unknown field is left out without a word."""
    city = client.api.network.city.id
    (post,) = client.read(f"users/{city}/tweets?max_results=1&post.fields=colour")["data"]
    assert post.keys() == {"id", "text"}
    (post,) = client.read(
        f"users/{city}/tweets?max_results=1&post.fields=lang&expansions=author_id"
    )["data"]
    assert post.keys() == {"id", "text", "lang", "author_id"}


def test_whom_the_city_may_not_see_is_not_shown() -> None:
    """Suspended, protected, or having blocked the city: in their own words each."""
    network = Square()
    client = Client(XApi(network))
    post = next(one for one in network.posts.values() if one.author == network.residents[2])
    person = network.people[post.author]
    assert client.read(f"tweets/{post.id}")["data"]["id"] == str(post.id)
    person.protected = True
    (error,) = client.read(f"tweets/{post.id}")["errors"]
    assert error["type"].endswith("/not-authorized-for-resource")
    network.relate("follow", network.city.id, person.id)
    assert "data" in client.read(f"tweets/{post.id}")
    network.relate("block", person.id, network.city.id)
    person.protected = False
    assert "errors" in client.read(f"tweets/{post.id}")
    person.suspended = True
    (error,) = client.read(f"users/{person.id}")["errors"]
    assert "suspended" in error["detail"]


def test_a_refresh_token_is_good_once(client: Client) -> None:
    """The access token of before ends with it; without the app's proof there is none."""
    tokens = client.api.tokens
    spent = tokens.refresh
    before = client.token
    assert client.refresh(spent).status == 200
    assert client.refresh(spent).status == 400
    assert client.token != before
    client.token = before
    assert client.ask("users/me").status == 401
    bare = client.api.answer(Asked("POST", "/2/oauth2/token", BASE, {}, b""))
    assert bare is not None
    assert bare.status == 401


def test_limits_are_told_in_headers(client: Client) -> None:
    """The window of a rate limit, the day, the credits."""
    client.api.limits.requests = 1
    answer = client.ask("users/me")
    assert dict(answer.headers)["x-rate-limit-remaining"] == "0"
    refused = client.ask("users/me")
    assert refused.status == 429
    assert int(dict(refused.headers)["x-rate-limit-reset"]) > 0
    assert client.ask("users/me").status == 200
    client.api.limits.requests, client.api.limits.things = None, 1
    assert [client.ask("users/me").status for _ in range(2)] == [200, 402]


def test_what_is_not_there_is_refused() -> None:
    """By the verbs, and by the API in X's words."""
    network = Square()
    post = network.post(network.city.id, "Hi")
    for number in range(5):
        network.edit(post.id, f"Hi {number}")
    for verb in (
        lambda: network.edit(post.id, "too often"),
        lambda: network.delete(5),
        lambda: network.vote(post.id, 0),
        lambda: network.unrelate("mute", 1, 2),
    ):
        with pytest.raises(UsageError):
            verb()
    client = Client(XApi(network))
    for target in ("tweets/5", "users/5", "lists/5", "chat/conversations/5/events"):
        (error,) = client.read(target)["errors"]
        assert error["type"].endswith("/resource-not-found")
    for target in ("colours", f"users/{network.city.id}/colours", f"tweets/{post.id}/colours"):
        assert client.ask(target).status == 404
    assert client.ask("tweets/search/all?query=colour").status == 400
    assert client.api.answer(Asked("GET", "/elsewhere", BASE)) is None
    nothing = client.api.answer(Asked("GET", "/media/3_5.png", BASE))
    assert nothing is not None
    assert nothing.status == 404


def test_the_same_chance_gives_the_same_life() -> None:
    """A test that fails can be run again."""
    lives = []
    for _ in range(2):
        life = Life(Random(5))
        life.live(300)
        lives.append({number: post.last.text for number, post in life.posts.items()})
    assert lives[0] == lives[1]
    assert len(lives[0]) > len(Square().posts)
