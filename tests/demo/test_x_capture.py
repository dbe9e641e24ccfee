"""Whole captures of the stand-in X: its content, its changes, its misbehaviour."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.answer import Answer
from archiver.demo.x.tokens import CONSUMER_SECRET
from archiver.demo.x.truth import truth
from archiver.errors import AuthorisationError
from archiver.flows.capture import capture
from archiver.flows.coverage import coverages
from archiver.flows.verify import verify
from archiver.record import Stream
from tests.chaos.truth import Quiet
from tests.demo.mastodon import held, history
from tests.demo.x import ACCOUNT, Stage, news, staged, wrong
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.answer import Asked
    from archiver.demo.faults import Fault

API = "/2"
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
    """The network, served, and an archive with its account."""
    with staged(folder) as made:
        yield made


def test_first_capture_holds_everything(stage: Stage) -> None:
    """Every stream equals the network's state; nothing is left over, the archive verifies."""
    report = stage.capture("incremental")
    assert report.mode == "backfill"
    assert wrong(stage.network, stage.archive) == []
    assert all(one["residue"] == one["unexplained"] == 0 for one in report.streams.values())
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


def test_second_capture_stores_nothing(stage: Stage) -> None:
    """Where nothing changed, not one observation is made; an incremental run asks little."""
    stage.capture("backfill")
    before = len(stage.asked())
    assert stage.capture("incremental").observations == {}
    assert len(stage.asked()) - before < 30
    assert stage.capture("backfill").observations == {}


def test_capture_after_the_week_shows_exactly_its_changes(stage: Stage) -> None:
    """Each change makes one observation of the right kind, and nothing else does."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = stage.network.change()
    stage.capture("backfill")
    assert news(stage, before) == told
    assert wrong(stage.network, stage.archive) == []
    assert stage.capture("backfill").observations == {}


def test_incremental_capture_sees_what_is_new(stage: Stage) -> None:
    """New posts, answers and letters are there after it, and nothing that did not happen."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = stage.network.change()
    stage.capture("incremental")
    found = news(stage, before)
    streams = ("posts", "comments", "messages", "subscribers")
    for stream in streams:
        fresh = {name for name, kind in told[stream].items() if kind == "present"}
        # A metrics part and an earlier version come with the post that has them.
        fresh = {name for name in fresh if "/edit/" not in name and "/metrics/" not in name}
        assert fresh <= found.get(stream, {}).keys()
    for stream, things in found.items():
        for name, kind in things.items():  # less of a proof than two whole listings
            assert told[stream][name] in {kind, "deleted" if kind == "absent" else kind}


def test_private_things_are_nowhere_in_plain(stage: Stage, folder: Path) -> None:
    """Letters, followers, likes, own numbers lie encrypted; no token is stored at all."""
    stage.capture("backfill")
    words = [f"555-01{60 + number}".encode() for number in range(9)]
    words += [b"user_profile_clicks", b"yolanda", stage.api.tokens.secret.encode()]
    words += [CONSUMER_SECRET.encode(), b"stand-in-refresh-", b"stand-in-access-token"]
    files = [path for path in (folder / "archive").rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        stored = path.read_bytes()
        assert not any(word in stored for word in words), path
    for stream in PRIVATE:
        assert any(thing[0] == stream for thing in held(stage.archive))


def test_protected_people_are_private(stage: Stage, folder: Path) -> None:
    """What somebody whom the city follows shows to followers alone is kept encrypted."""
    network = stage.network
    hector = next(one for one in network.people.values() if one.name == "hector88")
    network.relate("follow", network.city.id, hector.id)
    hector.protected = True
    said = network.post(hector.id, "@Quillwater between the two of us")
    stage.capture("backfill")
    assert ("comments", str(said.id)) in held(stage.archive)
    files = [path for path in (folder / "archive").rglob("*") if path.is_file()]
    assert not any(b"between the two of us" in path.read_bytes() for path in files)


@pytest.mark.parametrize("name", PASSING)
def test_failures_that_pass_change_nothing_in_the_end(stage: Stage, name: str) -> None:
    """The account, listings, a conversation, files fail twice each: the run has everything."""
    city = stage.network.city.id
    for prefix in (
        f"{API}/users/me",
        f"{API}/users/{city}/mentions",
        f"{API}/users/{city}/tweets",
        f"{API}/tweets/search/all",
        "/media/",
    ):
        stage.server.fail(prefix, PASSING[name]())
        stage.server.fail(prefix, PASSING[name]())
    stage.capture("incremental")
    assert stage.server.faults == []
    assert stage.clock.waited(*((3.0, 3.0) if name == "429" else (2.0, 4.0)) * 5)
    assert wrong(stage.network, stage.archive) == []


def test_rate_limit_is_waited_for_as_its_headers_say(stage: Stage) -> None:
    """Where 40 requests are allowed in a window, the run waits for the next, and has all."""
    stage.api.limits.requests = 20
    stage.capture("backfill")
    refused = sum(one.status == 429 for one in stage.server.log)
    assert refused == len(stage.clock.slept) >= 2
    assert all(1.0 <= seconds <= 3.3 for seconds in stage.clock.slept)
    assert wrong(stage.network, stage.archive) == []


def test_token_that_runs_out_is_made_anew(stage: Stage) -> None:
    """An access token holds for a while: the same run makes another one and goes on."""
    stage.api.tokens.rotates = False
    stage.api.tokens.holds = 30
    stage.capture("backfill")
    assert stage.api.tokens.refreshed > 2
    assert wrong(stage.network, stage.archive) == []


def test_spent_refresh_token_is_refused_in_its_words(stage: Stage) -> None:
    """A refresh token is good for one use; what X says to the second one is told."""
    spent = stage.api.tokens.refresh
    stage.capture("backfill")
    before = history(stage.archive)
    assert stage.api.tokens.refresh != spent
    stage.api.tokens.revoke()
    with pytest.raises(AuthorisationError, match="Value passed for the token was invalid"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert history(stage.archive) == before
    told = stage.network.change()
    stage.capture("backfill")
    assert news(stage, before) == told


def test_permission_that_ends_on_the_way_leaves_what_came(stage: Stage) -> None:
    """A run that is refused half-way keeps what it has; nothing is lost or taken for gone."""
    stage.server.fail(f"{API}/dm_events", lambda _asked, _good: _revoked(stage))
    with pytest.raises(AuthorisationError):
        stage.run("backfill")
    assert held(stage.archive)
    stage.capture("incremental")
    assert wrong(stage.network, stage.archive) == []


def _revoked(stage: Stage) -> Answer:
    stage.api.tokens.revoke()
    return Answer(401, (("Content-Type", "application/json"),), b'{"title":"Unauthorized"}')


def test_scope_that_is_missing_costs_its_listings_alone(stage: Stage) -> None:
    """Without like.read there is everything but likes, and the run says which it lacks."""
    stage.api.tokens.scopes -= {"like.read", "block.read"}
    report = stage.run("backfill")
    assert {name.partition(" ")[0] for name in report.incomplete} == {
        "likes", "liking_users", "blocking",
    }  # fmt: skip
    assert all(why.startswith("scope: 403") for why in report.incomplete.values())
    lacking = {line.partition("(")[2] for line in wrong(stage.network, stage.archive)}
    kinds = ("like/", "/liking_users/", "block/")
    assert lacking
    assert all(any(kind in one for kind in kinds) for one in lacking)


def test_credits_that_run_out_are_said(stage: Stage) -> None:
    """402 is a budget that is used up: nothing is taken for gone, the next run has the rest."""
    stage.api.limits.things = 60
    report = stage.run("backfill")
    assert any(why.startswith("budget: 402 CreditsDepleted") for why in report.incomplete.values())
    assert {row["kind"] for rows in history(stage.archive).values() for row in rows} == {"present"}
    stage.api.limits.things = None
    stage.capture("backfill")
    assert wrong(stage.network, stage.archive) == []


def test_a_long_window_closes_its_own_requests_alone(stage: Stage) -> None:
    """Of followers nothing is given for an hour: all else is read, and they are asked once."""
    original, shut = stage.api.answer, True
    headers = (("Content-Type", "application/json"), ("x-rate-limit-remaining", "0"),
               ("x-rate-limit-reset", str(int(time.time()) + 3600)))  # fmt: skip

    def closed(asked: Asked) -> Answer | None:
        if shut and asked.path.endswith("/followers"):
            return Answer(429, headers, b'{"title":"Too Many Requests","status":429}')
        return original(asked)

    stage.api.answer = closed  # type: ignore[method-assign]
    report = stage.run("backfill")
    assert {name: why[:5] for name, why in report.incomplete.items()} == {"followers": "rate:"}
    lacking = wrong(stage.network, stage.archive)
    assert lacking
    assert all("follower/" in line for line in lacking)
    assert stage.clock.slept == []
    stage.run("backfill")
    asked = [one for one in stage.asked() if "/followers" in one]
    assert len(asked) == 1  # by neither run again
    shut = False
    stage.clock.sleep(3700)
    stage.capture("backfill")
    assert wrong(stage.network, stage.archive) == []


def test_the_profile_s_number_of_posts_is_held_against_the_archive(stage: Stage) -> None:
    """As many is proof from elsewhere; what keeps differing alarms, and at first it does not."""
    stage.capture("backfill")
    (before,) = coverages(stage.archive)
    said = before.document()["streams"]["posts"]["profile"]
    assert (said["stated"], said["unexplained"], said["why"]) == (said["held"], 0, "")
    original = stage.api.answer

    def more(asked: Asked) -> Answer | None:
        found = original(asked)
        if found is None or "users/by/username" not in asked.target:
            return found
        wrong_count = re.sub(rb'"(post|tweet)_count":\d+', rb'"\1_count":99', found.body)
        return replace(found, body=wrong_count)

    stage.api.answer = more  # type: ignore[method-assign]
    codes = []
    for _ in range(2):
        stage.run("backfill")
        (found,) = coverages(stage.archive)
        codes.append([alarm.code for one in found.streams for alarm in one.alarms])
    assert codes == [[], ["profile-unexplained"]]
    assert found.document()["streams"]["posts"]["profile"]["unexplained"] == 99 - said["held"]


def test_what_is_used_up_for_the_day_is_a_quota(stage: Stage) -> None:
    """A 429 whose headers say that the day's requests are gone is no pause of minutes."""
    stage.api.limits.today = 5
    report = stage.run("backfill")
    assert stage.clock.slept == []
    assert any(why.startswith("quota: 429") for why in report.incomplete.values())


def test_token_of_another_account_is_refused(stage: Stage) -> None:
    """Nothing is asked for with a login that is not the account's own."""
    stage.network.city.name = "other"
    with pytest.raises(AuthorisationError, match="the token is that of other, not of quillwater"):
        stage.run("backfill")
    assert held(stage.archive) == {}


def test_no_more_than_the_limits_is_named(folder: Path) -> None:
    """Posts, mentions and messages beyond X's limits: what is known stays, and is asked for."""
    with staged(folder) as stage:
        stage.capture("backfill")
        before = history(stage.archive)
        stage.api.limits.posts, stage.api.limits.mentions = 20, 10
        stage.api.limits.days = 0
        assert stage.capture("backfill").observations.keys() <= {"listing"}
        assert news(stage, before) == {}
        assert wrong(stage.network, stage.archive) == []
        gone = next(
            iter(one for one in stage.network.posts.values() if one.author == stage.network.city.id)
        )
        stage.network.delete(gone.id)
        stage.capture("backfill")
        assert news(stage, before)["posts"][str(gone.id)] == "deleted"


def test_more_posts_than_x_names_are_told_in_every_run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where X counts more posts than it names, the run says so; nothing else is incomplete."""
    monkeypatch.setattr("archiver.capture.platforms.x.listings.TIMELINE", 30)
    report = stage.run("backfill")
    assert list(report.incomplete) == ["posts beyond the limit"]
    assert report.incomplete["posts beyond the limit"].startswith("withheld: X names the newest")


def test_without_archive_search_conversations_are_said_to_be_missing(stage: Stage) -> None:
    """A plan without full-archive search: mentions and quotes are there, threads are not."""
    stage.api.archive_search = False
    report = stage.run("backfill")
    assert {name.partition(" ")[0] for name in report.incomplete} == {"conversation"}
    assert all(why.startswith("forbidden: 403") for why in report.incomplete.values())
    lacking = wrong(stage.network, stage.archive)
    unnamed = [one for one in stage.network.posts.values() if one.last.text == "Good."]
    assert len(lacking) == len(unnamed)
    assert all(line.startswith("missing") and "'comments'" in line for line in lacking)


def test_whoever_is_suspended_or_protected_is_absent_not_deleted(stage: Stage) -> None:
    """X shows nothing of him any more, but does not say that it is gone; then it is back."""
    stage.capture("backfill")
    before, wanted = history(stage.archive), truth(stage.network)
    person = stage.network.people[stage.network.residents[2]]
    person.suspended = True
    stage.run("backfill")
    found = news(stage, before)
    kinds = {kind for things in found.values() for kind in things.values()}
    assert kinds == {"absent", "hidden"}  # what the city reposted of his, his letters
    assert found.keys() >= {"comments", "reactions", "subscribers"}
    person.suspended = False
    stage.capture("backfill")
    assert truth(stage.network) == wanted
    assert wrong(stage.network, stage.archive) == []
