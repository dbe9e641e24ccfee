"""What the network leaves out or says of others: nothing is concluded, shown or mixed up by it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from archiver.demo.answer import Answer
from archiver.demo.bluesky import appview, views
from archiver.errors import AuthorisationError
from archiver.flows import accounts
from archiver.flows.capture import capture
from tests.chaos.truth import Quiet
from tests.demo.bluesky import ACCOUNT, Stage, history, staged, wrong
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from archiver.demo.answer import Asked
    from archiver.demo.bluesky.network import Record, Value
    from archiver.demo.bluesky.views import Views

NOT_FOUND = "app.bsky.graph.defs#notFoundActor"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The network, served, and an archive with its account."""
    with staged(tmp_path) as made:
        yield made


def answering(
    patch: pytest.MonkeyPatch, **methods: Callable[[Views, Mapping[str, str]], Value]
) -> None:
    """Let the AppView answer methods of app.bsky.graph otherwise."""
    given = {f"app.bsky.graph.{name}": method for name, method in methods.items()}
    patch.setattr(appview, "METHODS", {**appview.METHODS, **given})


@pytest.mark.parametrize("of_all", [True, False])
def test_whom_the_network_does_not_know_now_is_not_deleted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, of_all: bool
) -> None:
    """A follower whose account is closed for a while, or a handle that does not resolve: absent."""
    stage.capture("backfill")
    before = history(stage.archive)
    closed = set(stage.network.people) if of_all else {stage.network.people[3]}
    real = appview.METHODS["app.bsky.graph.getFollowers"]

    def followers(view: Views, query: Mapping[str, str]) -> Value:
        found = real(view, query)
        return found | {"followers": [p for p in found["followers"] if p["did"] not in closed]}

    def relationships(view: Views, query: Mapping[str, str]) -> Value:
        nobody = {"$type": NOT_FOUND, "actor": query["others"], "notFound": True}
        return ({} if of_all else {"actor": view.me}) | {"relationships": [nobody]}

    answering(monkeypatch, getFollowers=followers, getRelationships=relationships)
    stage.capture("reconcile")
    (told,) = stage.news(before).values()
    assert set(told.values()) == {"absent"}
    assert of_all or len(told) == 1


def test_the_login_of_somebody_else_is_refused(stage: Stage) -> None:
    """A resident's app password opens no archive of the city's: nothing is asked with it."""
    network = stage.network
    resident = network.accounts[network.people[0]]
    resident.password = "residents-own-password"
    login = {"handle": resident.handle, "password": resident.password}
    for place, actor in (("by-did", network.city), ("by-handle", network.user)):
        url = f"{stage.server.url}/profile/{actor}"
        accounts.add(stage.archive, {"name": place, "platform": "bluesky", "url": url}, login)
        accounts.approve(stage.archive, place, "Clerk")
        with pytest.raises(AuthorisationError, match=f"the login is that of {resident.handle}"):
            capture(stage.archive, place, "backfill", Quiet())
    assert {one.path for one in stage.server.log} == {"/xrpc/com.atproto.server.createSession"}
    assert history(stage.archive) == {}


def test_a_login_that_comes_too_soon_is_tried_when_the_limit_says(stage: Stage) -> None:
    """Servers limit logins and say until when; the answer's own clock counts."""
    body = b'{"error":"RateLimitExceeded","message":"Rate Limit Exceeded"}'
    place = "/xrpc/com.atproto.server.createSession"

    def limited(_asked: Asked, _good: Answer) -> Answer:
        reset = str(int(datetime.now(UTC).timestamp()) + 100)
        return Answer(429, (("ratelimit-reset", reset), ("Content-Type", "application/json")), body)

    stage.server.fail(place, limited)
    clock = FixedClock(datetime.now(UTC))
    capture(replace(stage.archive, clock=clock), ACCOUNT, "backfill", Quiet())
    (waited,) = clock.slept
    assert 90.0 < waited <= 110.0


def test_a_handle_that_passed_to_somebody_else_is_not_followed(stage: Stage) -> None:
    """The city was renamed and a resident took its name: no post of his is the city's."""
    stage.capture("backfill")
    before = history(stage.archive)
    network = stage.network
    old = network.user
    network.accounts[network.city].handle = "new-city.example"
    network.accounts[network.people[0]].handle = old
    network.post(network.people[0], "All city taxes are cancelled as of today.")
    login = {"handle": "new-city.example", "password": network.secret}
    accounts.renew_credential(stage.archive, ACCOUNT, login)
    with pytest.raises(AuthorisationError, match=rf"new-city.example \(did:.*, not of {old}"):
        capture(stage.archive, ACCOUNT, "reconcile", Quiet())
    assert stage.news(before) == {}


def test_without_a_login_a_handle_is_not_enough(tmp_path: Path) -> None:
    """Whose a handle is today nobody vouches for: the run says which address to give."""
    with staged(tmp_path, login=False) as stage:
        url = f"{stage.server.url}/profile/{stage.network.user}"
        accounts.add(stage.archive, {"name": "named", "platform": "bluesky", "url": url}, {})
        accounts.approve(stage.archive, "named", "Clerk")
        report = capture(stage.archive, "named", "backfill", Quiet())
        (why,) = report.incomplete.values()
        assert why.endswith(f"/profile/{stage.network.city}")
        assert history(stage.archive) == {}


def test_what_the_account_answers_is_captured(stage: Stage) -> None:
    """The question that the city answers, and what that one answers, up to the first post."""
    network = stage.network
    first = network.post(network.people[1], "The pool is closed again.")
    question = network.post(network.people[2], "City, why is it closed?", to=first)
    network.post(network.city, "Because of repairs.", to=question)
    stage.capture("backfill")
    assert {("comments", first), ("comments", question)} <= history(stage.archive).keys()
    assert wrong(network, stage.archive) == []
    assert stage.capture("reconcile").observations == {}
    before = history(stage.archive)
    network.delete(question)
    stage.capture("backfill")
    assert stage.news(before)["comments"] == {question: "deleted"}


def test_a_thread_that_is_shown_in_part_is_not_taken_for_whole(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers that are left out below an answer are asked for; those below the post are counted."""
    network = stage.network
    root = network.posts[3]
    top = [network.post(network.people[n], f"number {n}", to=root) for n in range(9)]
    below = [network.post(network.people[n % 11], f"answer {n}", to=top[8]) for n in range(9)]
    known, real = len(network.answers(root)), views.Views.thread

    def capped(self: Views, one: Record, depth: int) -> Value:
        node, most = real(self, one, depth), 99
        if one.uri == root:
            most = known - 2
        elif one.uri == top[8] and depth < 100:  # not what was asked about
            most = 4
        return node | {"replies": node["replies"][-most:]} if "replies" in node else node

    monkeypatch.setattr(views.Views, "thread", capped)
    report = stage.capture("backfill")
    have = {thing[1] for thing in history(stage.archive) if thing[0] == "comments"}
    assert set(below) <= have
    assert report.streams["comments"]["unexplained"] == 2


@pytest.mark.parametrize("mark", ["label", "muted"])
def test_what_is_not_for_strangers_lies_encrypted_wherever_it_stands(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mark: str
) -> None:
    """In what a shared post answers, in a quote within an answer: nowhere in a plain file."""
    network = stage.network
    shy = network.people[5]
    word = "UNIQUESHYWORD"
    parent = network.post(shy, f"{word} please do not show me to strangers")
    shared = network.post(network.people[6], "an answer to it", to=parent)
    network.act(network.city, "repost", shared)
    network.post(network.people[6], "see this", to=network.posts[2], quote=parent)
    real = views.Views.person

    def person(self: Views, did: str, *, more: bool = False) -> Value:
        view = real(self, did, more=more)
        if did != shy:
            return view
        if mark == "muted":
            return view | {"viewer": view["viewer"] | {"muted": True}}
        uri = f"at://{did}/app.bsky.actor.profile/self"
        return view | {"labels": [{"src": did, "uri": uri, "val": "!no-unauthenticated"}]}

    monkeypatch.setattr(views.Views, "person", person)
    stage.capture("backfill")
    assert any(word in row.get("volatile", "") for seen in history(stage.archive).values()
               for row in seen)  # fmt: skip
    plain = [gzip.decompress(one.read_bytes()) for one in tmp_path.rglob("*.warc.gz")]
    assert len(plain) > 3
    assert not [one for one in plain if word.encode() in one]
