"""Whole captures of the stand-in YouTube: its content, its changes, its misbehaviour."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.demo.answer import Answer
from archiver.demo.youtube.seed import Town
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from archiver.record import Stream
from tests.chaos.truth import Quiet
from tests.demo.youtube import ACCOUNT, Stage, held, history, news, staged, wrong
from tests.doubles import FixedClock
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from archiver.demo.answer import Asked

INCREMENTAL_UNITS = 30
"""Units that an incremental run over the town costs while nothing happens, at most."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


@pytest.fixture
def town() -> Town:
    """The channel as it is at first."""
    return Town()


@pytest.fixture
def stage(folder: Path, town: Town) -> Iterator[Stage]:
    """The channel, served, and an archive with its account."""
    with staged(folder, town) as made:
        yield made


def words_in_plain(folder: Path) -> bytes:
    """Return everything that lies unencrypted below an archive."""
    plain = [gzip.decompress(one.read_bytes()) for one in folder.rglob("*.warc.gz")]
    assert len(plain) > 2
    return b"".join(plain)


# ── what is there, and what changes ──────────────────────────────────────────────────────


def test_first_capture_holds_everything(stage: Stage) -> None:
    """Every stream equals the channel's state; nothing is left over, the archive verifies."""
    report = stage.capture("incremental")
    assert report.mode == "backfill"
    assert wrong(stage.studio, stage.archive) == []
    assert all(one["residue"] == one["unexplained"] == 0 for one in report.streams.values())
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


@pytest.mark.parametrize("mode", ["incremental", "backfill"])
def test_second_capture_stores_nothing(stage: Stage, mode: str) -> None:
    """Where nothing changed but views, not one observation is made; it costs few units."""
    stage.capture("backfill")
    for video in stage.studio.videos:
        stage.studio.view(video)
    spent = stage.service.asked
    assert stage.capture(mode).observations == {}
    assert mode == "backfill" or stage.service.asked - spent <= INCREMENTAL_UNITS


def test_capture_after_the_week_shows_exactly_its_changes(stage: Stage, town: Town) -> None:
    """Each change makes one observation of the right kind, and nothing else does."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = town.change()
    stage.capture("backfill")
    assert news(stage.archive, before) == told
    assert wrong(town, stage.archive) == []
    assert stage.capture("backfill").observations == {}


def test_incremental_capture_sees_what_is_new(stage: Stage, town: Town) -> None:
    """New videos and comments are there after it, and nothing is told that did not happen."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = town.change()
    stage.capture("incremental")
    found = news(stage.archive, before)
    unseen = {
        (stream, name): kind
        for stream, things in told.items()
        for name, kind in things.items()
        if name not in found.get(stream, {})
    }
    for stream, things in found.items():
        for name, kind in things.items():  # that something is deleted takes two whole passes
            assert kind in {told[stream][name], "absent"}
    fresh = {thing for thing, kind in unseen.items() if kind in {"present", "hidden"}}
    captions = {thing for thing in fresh if "/caption/" in thing[1]}
    approved = {name for name, seen in before.items() if seen[-1]["kind"] in {"held", "hidden"}}
    assert fresh - captions <= approved
    stage.capture("backfill")
    assert wrong(town, stage.archive) == []


def test_the_address_may_have_the_channels_id(folder: Path, town: Town) -> None:
    """It is the same channel by its id as by its handle."""
    with staged(folder, town, address=f"/channel/{town.city.id}") as stage:
        stage.capture("incremental")
        assert wrong(town, stage.archive) == []


def test_a_deleted_video_takes_along_what_hung_on_it(stage: Stage, town: Town) -> None:
    """Its parts are deleted with it; of comments YouTube says only that there are none."""
    stage.capture("backfill")
    video = next(one.video for one in town.captions.values())
    talked = [one.id for one in town.comments.values() if one.video == video]
    before = history(stage.archive)
    town.delete(video)
    stage.capture("backfill")
    told = news(stage.archive, before)
    posts = {name: kind for name, kind in told[Stream.POSTS].items() if name.startswith(video)}
    assert set(posts.values()) == {"deleted"}
    assert {name.partition("/")[2].partition("/")[0] for name in posts} == {
        "", "details", "thumbnail", "caption",
    }  # fmt: skip
    gone = {name.rpartition("/")[2] for name in told.get(Stream.COMMENTS, {})}
    assert gone == {one for one in talked if ("comments", one) in before or "." in one} & gone
    assert wrong(town, stage.archive) == []


def test_a_rejected_comment_is_absent_and_may_return(stage: Stage, town: Town) -> None:
    """Rejected and deleted look alike to whoever asks; approved, it is restored."""
    stage.capture("backfill")
    comment = next(one for one in town.comments.values() if one.status == "published")
    before = history(stage.archive)
    town.moderate(comment.id, "rejected")
    stage.capture("backfill")
    name = f"{comment.parent}/{comment.id}" if comment.parent else comment.id
    assert news(stage.archive, before)[Stream.COMMENTS][name] == "absent"
    town.moderate(comment.id, "published")
    stage.capture("backfill")
    assert news(stage.archive, before)[Stream.COMMENTS][name] == "absent restored"


def test_a_backfill_sees_what_became_of_captions(stage: Stage, town: Town) -> None:
    """Replaced, added beside others, deleted, also where it was the last one."""
    stage.capture("backfill")
    before = history(stage.archive)
    first, second = list(town.captions.values())[:2]
    town.recaption(first.id, "WEBVTT\n\nCorrected\n")
    added = town.caption(first.video, "es", "WEBVTT\n")
    town.uncaption(second.id)
    stage.capture("backfill")
    told = {
        name.rpartition("/caption/")[2]: kind
        for name, kind in news(stage.archive, before)[Stream.POSTS].items()
        if "/caption/" in name
    }
    assert told == {
        first.id: "edited", f"{first.id}/file": "edited",
        added.id: "present", f"{added.id}/file": "present",
        second.id: "deleted", f"{second.id}/file": "deleted",
    }  # fmt: skip
    assert wrong(town, stage.archive) == []


# ── live chat ────────────────────────────────────────────────────────────────────────────


def test_a_chat_is_captured_while_it_is_open(stage: Stage, town: Town) -> None:
    """What was said, taken away and who was put out; after its end nothing is taken for gone."""
    viewers = town.viewers
    video = town.go_live("Council meeting", "")
    town.moderators[viewers[3]] = video.chat
    said = [town.say(viewers[n % 3], video.id, f"Point {n}") for n in range(9)]
    stage.capture("backfill")
    town.silence(said[2].id)
    ban = town.ban(viewers[2], video.id)
    later = town.say(viewers[4], video.id, "And now?")
    stage.capture("incremental")
    assert stage.capture("backfill").observations == {}
    town.end_live(video.id)
    before = history(stage.archive)
    stage.capture("backfill")
    told = news(stage.archive, before)
    assert set(told) == {Stream.POSTS}
    found = {name: [row["kind"] for row in seen] for (_, name), seen in before.items()}
    for one in (*said, later):
        gone = one is said[2]
        assert found[f"chat/{one.id}"] == (["present", "absent"] if gone else ["present"])
    texts = {row.get("text") for seen in before.values() for row in seen}
    assert {f"Point {n}" for n in range(9)} <= texts
    assert (Stream.MODERATION, f"chat/{ban.id}") in before
    assert (Stream.MODERATION, f"moderator/mod{viewers[3]}") in before
    assert wrong(town, stage.archive) == []


class Busy(FixedClock):
    """A clock during each of whose pauses the next thing happens."""

    def __init__(self, start: datetime, acts: Iterator[Callable[[], object]]) -> None:
        super().__init__(start)
        self._acts = acts

    def sleep(self, seconds: float) -> None:
        """Let it happen."""
        super().sleep(seconds)
        next(self._acts, lambda: None)()


def test_a_chat_is_asked_again_and_again_while_it_is_live(stage: Stage, town: Town) -> None:
    """What was taken back half a minute later is there in both states; silence is asked rarely."""
    video = town.go_live("Council meeting", "")
    said: list[str] = []
    clock = Busy(
        stage.clock.now(),
        iter([
            lambda: said.append(town.say(town.viewers[0], video.id, "You will regret this").id),
            lambda: None,
            lambda: town.silence(said[0]),
        ]),
    )  # fmt: skip
    stage.archive = replace(stage.archive, clock=clock)
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet(), 600.0)
    assert report.incomplete == {}
    seen = history(stage.archive)[Stream.COMMENTS, f"chat/{said[0]}"]
    assert [row["kind"] for row in seen] == ["present", "absent"]
    assert seen[0]["text"] == "You will regret this"
    pauses = [one for one in clock.slept if one > 6]  # shorter ones are asked for by the chat
    assert pauses[:2] == [20, 20]  # something has happened
    assert max(pauses) == 60
    polls = [one for one in stage.asked() if "broadcastStatus=active" in one]
    assert len(polls) == len(pauses) < 20


# ── what must not lie about ──────────────────────────────────────────────────────────────


def keys_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses, from now on, of which the answer has the stream's key."""
    found: list[str] = []
    real, key = stage.service.answer, stage.studio.stream_key.encode()

    def noted(asked: Asked) -> Answer | None:
        given = real(asked)
        if given is not None and key in given.body:
            found.append(asked.target)
        return given

    monkeypatch.setattr(stage.service, "answer", noted)
    return found


def test_private_things_are_nowhere_in_plain(
    stage: Stage, town: Town, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Private videos, held comments, subscribers, file names, dislikes, the key of a stream."""
    told = keys_told(stage, monkeypatch)
    stage.capture("backfill")
    assert told == []  # that is not even asked for
    plain = words_in_plain(folder)
    hidden = [one.title for one in town.videos.values() if one.privacy == "private"]
    hidden += [one.text for one in town.comments.values() if one.status != "published"]
    hidden += [town.people[who].name for who in town.subscribers]
    shown = {one.title for one in town.videos.values() if one.privacy == "public"}
    said = {one.text for one in town.comments.values() if one.status == "published"}
    for words in set(hidden) - shown - said:
        assert words.encode() not in plain, words
    for words in ("final.mp4", "dislikeCount"):
        assert words.encode() not in plain
    assert all(words.encode() in plain or "&" in words or "\n" in words for words in shown)


def test_unknown_members_and_values_are_kept(
    stage: Stage, town: Town, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """What YouTube adds tomorrow stands in the rows; a new state is no public one."""
    real = stage.service.answer

    def later(asked: Asked) -> Answer | None:
        given = real(asked)
        if given is None or "/videos?" not in asked.target or "snippet" not in asked.target:
            return given
        body = json.loads(given.body)
        for one in body["items"]:
            one["snippet"]["mood"] = "calm"
            one["status"]["privacyStatus"] = "subscribersOnly"
            one["futures"] = {"deep": {"er": [1, 2]}}
        return Answer(200, given.headers, json.dumps(body).encode())

    monkeypatch.setattr(stage.service, "answer", later)
    stage.capture("backfill")
    listed = {place.video for one in town.playlists.values() for place in one.places}
    video = next(one for one in town.videos.values() if one.id not in listed)
    row = held(stage.archive)[Stream.POSTS, video.id]
    extra = json.loads(row["extra"])
    assert (extra["snippet.mood"], extra["futures.deep.er"]) == ("calm", [1, 2])
    assert row["state"] == "subscribersOnly"
    assert video.title.encode() not in words_in_plain(folder)
