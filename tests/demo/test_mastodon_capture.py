"""Whole captures of the stand-in Mastodon: its content, its changes, its misbehaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.answer import Answer
from archiver.demo.mastodon.truth import truth
from archiver.errors import AuthorisationError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from archiver.record import Stream
from tests.chaos.truth import Quiet
from tests.demo.mastodon import ACCOUNT, Stage, held, history, news, staged, wrong
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.faults import Fault

API = "/api/v1"
PASSING: dict[str, Callable[[], Fault]] = {
    "429": lambda: faults.too_many_requests(3),
    "500": faults.server_error,
    "cut off": lambda: faults.truncated(60),
    "reset": faults.reset,
}
PRIVATE = (Stream.MESSAGES, Stream.SUBSCRIBERS, Stream.MODERATION)


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


def test_first_capture_holds_everything(stage: Stage) -> None:
    """Every stream equals the town's state; nothing is left over, the archive verifies."""
    report = stage.capture("incremental")
    assert report.mode == "backfill"
    assert wrong(stage.town, stage.archive) == []
    assert all(one["residue"] == one["unexplained"] == 0 for one in report.streams.values())
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


@pytest.mark.parametrize("mode", ["incremental", "backfill"])
def test_second_capture_stores_nothing(stage: Stage, mode: str) -> None:
    """Where nothing changed, not one observation is made; an incremental run asks little."""
    stage.capture("backfill")
    asked = stage.requests()
    assert stage.capture(mode).observations == {}
    assert mode == "backfill" or stage.requests() - asked < 60


def test_capture_after_the_week_shows_exactly_its_changes(stage: Stage) -> None:
    """Each change makes one observation of the right kind, and nothing else does."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = stage.town.change()
    stage.capture("backfill")
    assert news(stage, before) == told
    assert wrong(stage.town, stage.archive) == []
    assert stage.capture("backfill").observations == {}


def test_incremental_capture_sees_what_is_new(stage: Stage) -> None:
    """New posts, answers and letters are there after it; of likes those of recent posts."""
    stage.capture("backfill")
    before, before_ids = history(stage.archive), set(stage.town.statuses)
    told = stage.town.change()
    stage.capture("incremental")
    found = news(stage, before)
    fresh = {
        (stream, name)
        for stream, things in told.items()
        for name, kind in things.items()
        if kind in {"present", "held"} and "/edit/" not in name
    }
    unseen = fresh - {(stream, name) for stream, things in found.items() for name in things}
    older = {str(one.id) for one in stage.town.statuses.values() if one.id in before_ids}
    assert all(name.partition("/")[0] in older for _, name in unseen)
    assert {stream for stream, _ in unseen} <= {Stream.REACTIONS}
    for stream, things in found.items():
        assert things.items() <= told[stream].items()


def test_private_things_are_nowhere_in_plain(stage: Stage, folder: Path) -> None:
    """Letters, followers and what is blocked lie encrypted: no plain file has their words."""
    stage.capture("backfill")
    letters = [one for one in stage.town.statuses.values() if one.visibility == "direct"]
    words = [f"555-01{60 + number}".encode() for number in range(9)] + [b"casino.example"]
    assert len(letters) > len(words)
    files = [path for path in (folder / "archive").rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        stored = path.read_bytes()
        assert not any(word in stored for word in words), path
        assert stage.service.token.encode() not in stored
    for stream in PRIVATE:
        assert any(thing[0] == stream for thing in held(stage.archive))


@pytest.mark.parametrize("name", PASSING)
def test_failures_that_pass_change_nothing_in_the_end(stage: Stage, name: str) -> None:
    """Listings, threads, histories and files fail twice each: the same run has everything."""
    place = next(one.id for one in stage.town.statuses.values() if len(one.versions) > 1)
    for prefix in (
        f"{API}/accounts/verify_credentials",
        f"{API}/notifications",
        f"{API}/accounts/{stage.town.city.id}/statuses",
        f"{API}/statuses/{place}/history",
        "/system/media_attachments/",
    ):
        stage.server.fail(prefix, PASSING[name]())
        stage.server.fail(prefix, PASSING[name]())
    stage.capture("incremental")
    assert stage.server.faults == []
    assert stage.clock.waited(*((3.0, 3.0) if name == "429" else (2.0, 4.0)) * 5)
    assert wrong(stage.town, stage.archive) == []


def test_rate_limit_is_waited_for_as_its_headers_say(stage: Stage) -> None:
    """Where 40 requests are allowed in a window, the run waits for the next, and has all."""
    stage.service.allow(40)
    stage.capture("backfill")
    refused = sum(one.status == 429 for one in stage.server.log)
    assert refused == len(stage.clock.slept) >= 3
    assert all(1.0 <= seconds <= 3.3 for seconds in stage.clock.slept)
    assert wrong(stage.town, stage.archive) == []


def test_revoked_token_ends_the_run_and_deletes_nothing(stage: Stage) -> None:
    """What was captured stays; once the token is renewed, the next capture goes on."""
    stage.capture("backfill")
    before = history(stage.archive)
    token = stage.service.revoke()
    with pytest.raises(AuthorisationError, match="revoked"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert history(stage.archive) == before
    accounts.renew_credential(stage.archive, ACCOUNT, {"token": token})
    told = stage.town.change()
    stage.capture("backfill")
    assert news(stage, before) == told


def test_token_that_runs_out_on_the_way_leaves_what_came(stage: Stage) -> None:
    """A run that is refused half-way keeps what it has; nothing is lost or taken for gone."""
    headers = (("Content-Type", "application/json"),)
    refusal = Answer(401, headers, b'{"error":"The access token expired"}')
    stage.server.fail(f"{API}/conversations", lambda _asked, _good: refusal)
    with pytest.raises(AuthorisationError, match="expired"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert held(stage.archive)
    stage.capture("incremental")
    assert wrong(stage.town, stage.archive) == []


def test_token_of_another_account_is_refused(stage: Stage) -> None:
    """Nothing is asked for with a login that is not the account's own."""
    stage.town.city.name = "other"
    with pytest.raises(AuthorisationError, match="the token is that of other"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert stage.requests() == 1
    assert held(stage.archive) == {}


def test_capture_without_a_login_has_what_is_public(folder: Path) -> None:
    """Posts, answers and likes that everybody may see, and nothing else."""
    with staged(folder, token="") as stage:
        stage.capture("backfill")
        found = held(stage.archive)
        wanted = truth(stage.town)
        assert {thing[0] for thing in found} == {
            "posts", "comments", "reactions", "media", "profile",
        }  # fmt: skip
        posts = {name for stream, name in found if stream == Stream.POSTS}
        assert posts == {name for name in wanted[Stream.POSTS] if "scheduled/" not in name}
        assert all(row["state"] in {"public", "unlisted"} for row in found.values()
                   if row["stream"] == "comments" and "/edit/" not in row["native_id"])  # fmt: skip
        assert stage.capture("backfill").observations == {}


def test_threads_and_letters_are_found_without_notifications(stage: Stage) -> None:
    """Where they were dismissed, what names the account outside its own threads is not seen."""
    town = stage.town
    town.notices.clear()
    stage.capture("backfill")
    lamp = [one.id for one in town.statuses.values() if "lamp on Larch Lane" in one.text]
    (missing,) = wrong(town, stage.archive)
    assert missing.startswith("missing")
    assert str(lamp[0]) in missing
    letters = [
        one
        for one in town.statuses.values()
        if one.visibility == "direct" and one.author != town.city.id and one.answers
    ]
    gone = letters[0]
    town.delete(gone.id)
    before = history(stage.archive)
    stage.capture("backfill")
    assert news(stage, before)["messages"][str(gone.id)] == "deleted"


def test_dismissed_notifications_take_no_comment_along(stage: Stage) -> None:
    """They are absent themselves; what they told of is still there, and seen where it is."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = {f"notification/{number}": "absent" for number in stage.town.notices}
    stage.town.notices.clear()
    stage.capture("backfill")
    assert news(stage, before) == {"messages": told}
    assert set(stage.capture("backfill").observations) <= {"listing"}


def test_dismissed_notifications_cost_few_requests(stage: Stage) -> None:
    """No notification is asked for itself, and of what they told only what stands alone."""
    town = stage.town
    stage.capture("backfill")
    mentions = [town.status(one.status) for one in town.notices.values() if one.kind == "mention"]
    told = {str(one.id): one for one in mentions if one.visibility != "direct"}
    alone = {name for name, one in told.items() if not one.answers}
    assert 0 < len(alone) < len(told) / 4
    town.notices.clear()
    for mode, wanted in (("backfill", alone), ("backfill", alone), ("incremental", set())):
        before = stage.requests()
        stage.capture(mode)
        asked = stage.asked()[before:]
        assert not [path for path in asked if path.startswith(f"{API}/notifications/")]
        assert {name for name in told if f"{API}/statuses/{name}" in asked} == wanted


def test_a_comment_deleted_after_its_notification_was_dismissed_is_deleted(stage: Stage) -> None:
    """Its thread no longer shows it, and the server says that there is none."""
    town = stage.town
    stage.capture("backfill")
    town.notices.clear()
    stage.capture("backfill")
    gone = next(
        one
        for one in town.statuses.values()
        if one.answers and town.city.id in one.mentions and one.visibility == "public"
    )
    town.delete(gone.id)
    before = history(stage.archive)
    stage.capture("backfill")
    assert news(stage, before)["comments"][str(gone.id)] == "deleted"
