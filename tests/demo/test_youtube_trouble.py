"""Captures of the stand-in YouTube in which something goes wrong: refusals, logins, quota."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.youtube.seed import Town
from archiver.errors import AuthorisationError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.formats.parquet import canonical_time
from archiver.record import Stream
from tests.chaos.truth import Quiet
from tests.demo.youtube import ACCOUNT, Stage, held, history, news, refusal, staged, wrong
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.demo.answer import Answer, Asked
    from archiver.demo.faults import Fault

API = "/youtube/v3"
PASSING: dict[str, Callable[[], Fault]] = {
    "429": lambda: faults.too_many_requests(3),
    "cut off": lambda: faults.truncated(60),
    "rate": lambda: refusal(403, "rateLimitExceeded"),
}


@pytest.fixture
def town() -> Town:
    """The channel as it is at first."""
    return Town()


@pytest.fixture
def stage(town: Town) -> Iterator[Stage]:
    """The channel, served, and an archive in memory with its account."""
    with memory_folder() as folder, staged(folder, town) as made:
        yield made


@pytest.mark.parametrize("name", PASSING)
def test_failures_that_pass_change_nothing_in_the_end(stage: Stage, town: Town, name: str) -> None:
    """Lists, threads, replies fail twice each: the same run has everything."""
    for prefix in (
        f"{API}/channels",
        f"{API}/playlistItems",
        f"{API}/videos",
        f"{API}/commentThreads",
        f"{API}/comments",
    ):
        stage.server.fail(prefix, PASSING[name]())
        stage.server.fail(prefix, PASSING[name]())
    stage.capture("incremental")
    assert stage.server.faults == []
    seconds = {"429": [3.0, 3.0], "rate": [5.0, 5.0]}.get(name, [2.0, 4.0])
    assert [wait // 1 for wait in stage.clock.slept] == seconds * 5  # and some chance
    assert wrong(town, stage.archive) == []


def test_spent_quota_is_said_and_nothing_is_taken_for_gone(stage: Stage, town: Town) -> None:
    """With when it comes back; what had come is kept, and a later run has the rest."""
    stage.service.left = 20
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert set(report.incomplete.values()) >= {"quota: 403 quotaExceeded"}
    assert report.resume_after > canonical_time(stage.clock.now())
    seen, asked = held(stage.archive), len(stage.asked())
    assert seen
    capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert held(stage.archive) == seen
    assert set(stage.asked()[asked:]) <= {"/token"}  # nothing is asked until it comes back
    stage.service.left = None
    stage.clock.sleep(86_400)
    stage.capture("backfill")
    assert wrong(town, stage.archive) == []


def test_a_login_without_scopes_costs_what_needs_them(stage: Stage) -> None:
    """Comments, captions and members are named; all else is there, and none is deleted."""
    stage.capture("backfill")
    before = history(stage.archive)
    stage.service.scopes = {"readonly"}
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    why = "scope: 403 insufficientPermissions; the login needs the scope youtube."
    assert set(report.incomplete.values()) == {
        f"{why}force-ssl", f"{why}channel-memberships.creator",
    }  # fmt: skip
    captions = {name for name in report.incomplete if name.startswith("captions ")}
    assert set(report.incomplete) - captions == {
        "comments published", "comments heldForReview", "comments likelySpam", "members", "levels",
    }  # fmt: skip
    assert captions
    assert history(stage.archive) == before


def test_a_channel_without_memberships_is_complete(stage: Stage, town: Town) -> None:
    """YouTube itself says that there are none."""
    town.members.clear()
    stage.service.paying = False
    stage.capture("backfill")
    (invented,) = [one for one in wrong(town, stage.archive) if "level" in one]
    assert invented.startswith("missing")


def test_disabled_comments_are_withheld(stage: Stage, town: Town) -> None:
    """Threads on that video are shown no more: absent, for nobody says that they are gone."""
    stage.capture("backfill")
    before = history(stage.archive)
    thread = next(one for one in town.comments.values() if town.replies(one.id))
    stage.service.closed.add(thread.video)
    stage.server.fail(f"{API}/comments?part=id,snippet&parentId", refusal(403, "commentsDisabled"))
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert set(report.incomplete.values()) <= {"withheld: 403 commentsDisabled"}
    told = news(stage.archive, before)
    assert told.get(Stream.COMMENTS, {}).get(thread.id, "") in {"", "absent"}


def test_an_access_token_that_runs_out_is_renewed(stage: Stage, town: Town) -> None:
    """In the middle of a run, without anybody's help."""
    expired = iter([stage.service.expire])

    def at_once(_asked: Asked, good: Answer) -> Answer:
        next(expired)()
        return good

    stage.server.fail(f"{API}/liveBroadcasts", at_once)
    stage.capture("backfill")
    assert wrong(town, stage.archive) == []


def test_a_login_that_was_taken_back_ends_the_run(stage: Stage, town: Town) -> None:
    """What was captured stays; once the credential is renewed, the next capture goes on."""
    stage.capture("backfill")
    before = history(stage.archive)
    stage.service.revoke()
    with pytest.raises(AuthorisationError, match="invalid_grant"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert history(stage.archive) == before
    stage.service.credential.refresh_token = "1//quill-refresh-token-0002"
    stage.service.restore()
    accounts.renew_credential(stage.archive, ACCOUNT, stage.service.credential.fields())
    told = town.change()
    stage.capture("backfill")
    assert news(stage.archive, before) == told


def test_the_login_of_another_channel_is_refused(stage: Stage, town: Town) -> None:
    """Nothing more is asked for with it, and nothing is stored as the account's."""
    town.city.handle = "somebodyelse"
    with pytest.raises(AuthorisationError, match="the login is that of channel"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert held(stage.archive) == {}


def test_a_chat_that_ends_on_the_way_is_told_of(stage: Stage, town: Town) -> None:
    """The run says what it did not get, and goes on; nothing is taken for gone."""
    video = town.go_live("Council meeting", "")
    town.say(town.viewers[0], video.id, "Hello")
    stage.server.fail(f"{API}/liveChat/messages", refusal(403, "liveChatEnded"))
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert report.incomplete == {f"chat {video.chat}": "withheld: 403 liveChatEnded"}
    assert wrong(town, stage.archive) == []
