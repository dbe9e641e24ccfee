"""What a Mastodon server leaves out: nothing is taken for deleted that it only does not show."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.answer import Answer
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.entities import Entities
from archiver.flows.capture import capture
from archiver.record import Stream
from tests.chaos.truth import Quiet
from tests.demo.mastodon import ACCOUNT, Stage, history, news, staged, wrong
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.answer import Asked
    from archiver.demo.mastodon.instance import Person, Status

API = "/api/v1"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


@pytest.fixture
def stage(folder: Path) -> Iterator[Stage]:
    """The town, served, and an archive with its account."""
    with staged(folder) as made:
        yield made


def follower(stage: Stage) -> Person:
    """Return somebody who follows the city."""
    town = stage.town
    return next(
        town.people[who]
        for kind, who, whom in town.relations
        if (kind, whom) == ("follow", town.city.id)
    )


def said(stage: Stage, prefix: str, body: bytes, times: int = 9) -> None:
    """Let the next answers to what begins with a path be a body that came with success."""
    answer = Answer(200, (("Content-Type", "application/json"),), body)
    for _ in range(times):
        stage.server.fail(prefix, lambda _asked, _good: answer)


@pytest.mark.parametrize("knows_suspended", [True, False])
def test_a_suspended_follower_is_not_deleted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, knows_suspended: bool
) -> None:
    """Whom the moderators suspend is in no list: absent, and there again when they relent."""
    stage.capture("backfill")
    before = history(stage.archive)
    who = follower(stage)
    stage.town.suspended.add(who.id)
    monkeypatch.setattr(stage.service, "knows_suspended", knows_suspended)
    stage.capture("reconcile")
    assert news(stage, before)[Stream.SUBSCRIBERS] == {f"follower/{who.id}": "absent"}
    stage.town.suspended.clear()
    stage.capture("reconcile")
    assert news(stage, before)[Stream.SUBSCRIBERS] == {f"follower/{who.id}": "absent restored"}


def test_an_error_that_came_with_success_deletes_nobody(stage: Stage) -> None:
    """An empty list of followers, and an error in place of each relation: absent at most."""
    stage.capture("backfill")
    before = history(stage.archive)
    said(stage, f"{API}/accounts/{stage.town.city.id}/followers", b"[]", 2)
    said(stage, f"{API}/accounts/relationships", b'{"error":"Service unavailable"}', 30)
    report = capture(stage.archive, ACCOUNT, "reconcile", Quiet())
    kinds = set(news(stage, before)[Stream.SUBSCRIBERS].values())
    assert kinds == {"absent"}
    assert any(one.startswith("schema: ") for one in report.incomplete.values())


def test_an_object_in_place_of_a_list_proves_nothing(stage: Stage) -> None:
    """Nothing is absent by it, and the run says which lists it could not read."""
    stage.capture("backfill")
    before = history(stage.archive)
    for place in ("domain_blocks", "conversations", "blocks"):
        said(stage, f"{API}/{place}", b"{}", 2)
    report = capture(stage.archive, ACCOUNT, "reconcile", Quiet())
    assert news(stage, before) == {}
    assert set(report.incomplete) == {"domain_blocks", "conversations", "blocks"}


def resident(stage: Stage) -> Person:
    """Return somebody who is not the city."""
    return next(one for one in stage.town.people.values() if one.id != stage.town.city.id)


@pytest.mark.parametrize("kind", ["mute", "block"])
def test_whom_the_city_keeps_away_is_captured_all_the_same(stage: Stage, kind: str) -> None:
    """A thread hides him from the login only; his comment is asked for as by a stranger."""
    town, who = stage.town, resident(stage)
    own = next(
        one
        for one in town.statuses.values()
        if one.author == town.city.id and one.visibility == "public" and not one.boosts
    )
    town.relate(kind, town.city.id, who.id)
    said = town.post(who.id, "You closed the pool without asking anybody", answers=own.id)
    stage.capture("backfill")
    thing = (Stream.COMMENTS, str(said.id))
    assert history(stage.archive)[thing][-1]["text"] == said.text
    assert wrong(town, stage.archive) == []
    assert stage.capture("reconcile").observations == {}
    town.unrelate(kind, town.city.id, who.id)
    stage.capture("reconcile")
    assert len(history(stage.archive)[thing]) == 1
    town.relate(kind, town.city.id, who.id)
    town.delete(said.id)
    stage.capture("reconcile")
    assert [row["kind"] for row in history(stage.archive)[thing]] == ["present", "deleted"]


def test_asking_as_a_stranger_carries_no_token(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that shows strangers nothing is told of, and the login is not in question."""
    headers = (("Content-Type", "application/json"),)
    refusal = Answer(401, headers, b'{"error":"This API requires an authenticated user"}')
    asked: list[str] = []
    real = Mastodon.answer

    def closed(self: Mastodon, one: Asked) -> Answer | None:
        if one.path.endswith("/context") and not one.headers.get("authorization"):
            asked.append(one.path)
            return refusal
        return real(self, one)

    monkeypatch.setattr(Mastodon, "answer", closed)
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert len(asked) == len(report.incomplete) > 5
    assert all(one.startswith("forbidden: 401 This API") for one in report.incomplete.values())
    assert all(name.endswith("replies shown to all") for name in report.incomplete)
    assert wrong(stage.town, stage.archive) == []
    assert capture(stage.archive, ACCOUNT, "incremental", Quiet()).mode == "incremental"


def test_whom_the_moderators_limited_no_thread_shows(stage: Stage) -> None:
    """Neither to the city nor to strangers: known comments stay, new ones are never seen."""
    town = stage.town
    own = next(one for one in town.statuses.values()
               if one.author == town.city.id and one.visibility == "public")  # fmt: skip
    followed = {
        whom for kind, who, whom in town.relations if (kind, who) == ("follow", town.city.id)
    }
    who = next(iter(town.people.keys() - followed - {town.city.id}))
    before = town.post(who, "Is anybody there?", answers=own.id)
    stage.capture("backfill")
    assert (Stream.COMMENTS, str(before.id)) in history(stage.archive)
    held_before = history(stage.archive)
    town.limited.add(who)
    said = town.post(who, "And now nobody hears me", answers=own.id)
    stage.capture("reconcile")
    told = news(stage, held_before)
    assert str(said.id) not in told.get(Stream.COMMENTS, {})
    assert str(before.id) not in told.get(Stream.COMMENTS, {})


def test_the_question_that_the_city_answers_is_captured(stage: Stage) -> None:
    """Though it names nobody, and nobody went on: with what it answers in turn."""
    town, who = stage.town, resident(stage)
    first = town.post(who.id, "The bridge is closed again.")
    question = town.post(who.id, "Why is it closed since Monday?", answers=first.id)
    answer = town.post(town.city.id, "Because of the flood.", answers=question.id)
    stage.capture("backfill")
    have = history(stage.archive)
    for one in (first, question):
        assert have[Stream.COMMENTS, str(one.id)][-1]["text"] == one.text
    assert have[Stream.POSTS, str(answer.id)][-1]["parent_id"] == str(question.id)
    assert wrong(town, stage.archive) == []
    assert stage.capture("reconcile").observations == {}
    town.delete(question.id)
    stage.capture("reconcile")
    assert news(stage, have)[Stream.COMMENTS] == {str(question.id): "deleted"}


SWINGS: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
    "a file's address": lambda one, base: {
        "media_attachments": [
            medium | dict.fromkeys(("url", "preview_url"), f"{base}/media_proxy/{medium['id']}/x")
            for medium in one["media_attachments"]
        ]
    },
    "a shown name": lambda one, _: {"account": one["account"] | {"display_name": "Renamed"}},
    "pinned": lambda _, __: {"pinned": True},
    "who may quote": lambda _, __: {"quote_approval": {"manual": [], "current_user": "denied"}},
    "an emoji's address": lambda _, base: {"emojis": [{"shortcode": "x", "url": f"{base}/2"}]},
    "the application": lambda _, __: {"application": {"name": "Web"}},
}


@pytest.mark.parametrize("name", SWINGS)
def test_what_changes_without_a_status_edits_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Caches, names, pins: nobody edited anything, and no observation says so."""
    stage.capture("backfill")
    real = Entities.status

    def status(self: Entities, one: Status) -> dict[str, Any]:
        said = real(self, one)
        return said | SWINGS[name](said, self.base)

    monkeypatch.setattr(Entities, "status", status)
    assert stage.capture("reconcile").observations == {}


def test_the_result_of_a_poll_is_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Votes alone are no news; when the poll has closed, its result is."""
    poll = stage.town.post(stage.town.city.id, "Which park first?")
    now: dict[str, Any] = {"votes_count": 1, "expired": False}
    real = Entities.status

    def status(self: Entities, one: Status) -> dict[str, Any]:
        said = real(self, one)
        options = [{"title": "Mill", "votes_count": now["votes_count"]}, {"title": "Ferry"}]
        about = {"id": "7", "options": options, "voted": True, "own_votes": [], **now}
        return said | {"poll": about} if one.id == poll.id else said

    monkeypatch.setattr(Entities, "status", status)
    stage.capture("backfill")
    now["votes_count"] = 4000
    assert stage.capture("reconcile").observations == {}
    now |= {"votes_count": 4711, "expired": True}
    stage.capture("reconcile")
    assert stage.capture("reconcile").observations == {}
    rows = history(stage.archive)[Stream.POSTS, str(poll.id)]
    assert [row["kind"] for row in rows] == ["present", "extended"]
    assert json.loads(rows[-1]["extra"])["poll"]["votes"] == [4711, None]


def test_a_boost_is_not_the_citys_words(stage: Stage) -> None:
    """Who searches for what the city wrote does not find a resident's text under its name."""
    who = resident(stage)
    said = stage.town.post(who.id, "The mayor is a liar")
    boost = stage.town.boost(stage.town.city.id, said.id)
    stage.capture("backfill")
    row = history(stage.archive)[Stream.POSTS, str(boost.id)][-1]
    assert (row["state"], row["parent_id"]) == ("boost", str(said.id))
    assert (row["text"], row["author_name"]) == (said.text, who.name)
    told = [one for seen in history(stage.archive).values() for one in seen
            if one.get("text") == said.text]  # fmt: skip
    assert {one["author_name"] for one in told} == {who.name}


def test_what_the_account_marked_in_a_boost_lies_encrypted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """That it muted or bookmarked what it boosted stands in no plain file."""
    word = "UNIQUEWORDBOOKMARK"
    said = stage.town.post(resident(stage).id, f"{word} we march on Friday")
    stage.town.boost(stage.town.city.id, said.id)
    real = Entities.status

    def status(self: Entities, one: Status) -> dict[str, Any]:
        found = real(self, one)
        return found | {"bookmarked": True} if one.id == said.id else found

    monkeypatch.setattr(Entities, "status", status)
    stage.capture("backfill")
    assert any(word in row.get("text", "") for seen in history(stage.archive).values()
               for row in seen)  # fmt: skip
    plain = [gzip.decompress(one.read_bytes()) for one in folder.rglob("*.warc.gz")]
    assert len(plain) > 3
    assert not [one for one in plain if word.encode() in one]


def test_the_picture_that_an_edit_took_away_is_captured(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server keeps it with the version that had it, and so does the archive."""
    town = stage.town
    old, new = town.upload("old picture"), town.upload("new picture")
    post = town.post(town.city.id, "Plan of the park", media=(old.id,))
    town.edit(post.id, "Plan of the park, corrected")
    post.media = (new.id,)
    real = Entities.version

    def version(self: Entities, one: Status, place: int) -> dict[str, Any]:
        said = real(self, one, place)
        first = (one.id, place) == (post.id, 0)
        return said | {"media_attachments": [self.medium(old.id)]} if first else said

    monkeypatch.setattr(Entities, "version", version)
    stage.capture("backfill")
    have = history(stage.archive)
    for medium in (old, new):
        assert have[Stream.MEDIA, str(medium.id)][-1]["alt_text"] == medium.description
        assert (Stream.MEDIA, f"{medium.id}/file") in have


def test_likes_that_are_counted_and_not_shown_are_told_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that is shorter than the status says leaves something unexplained."""
    stage.capture("backfill")
    real = Entities.status

    def status(self: Entities, one: Status) -> dict[str, Any]:
        said = real(self, one)
        return said | {"favourites_count": said["favourites_count"] + 2}

    monkeypatch.setattr(Entities, "status", status)
    report = stage.capture("reconcile")
    own = [
        one
        for one in stage.town.statuses.values()
        if one.author == stage.town.city.id and not one.boosts and one.visibility != "direct"
    ]
    assert report.streams["reactions"]["unexplained"] == 2 * len(own)
