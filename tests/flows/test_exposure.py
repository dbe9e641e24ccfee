"""What may have come and gone unseen: bounded by when runs began and how far they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.capture.cadence import Look
from archiver.demo.faults import expired_token, server_error
from archiver.errors import AuthorisationError
from archiver.flows.accounts import find
from archiver.flows.asking import TRIES
from archiver.flows.exposure import BROKEN, NOT_LISTED, Exposure, exposures
from archiver.flows.ledger import read_state
from archiver.flows.status import status
from archiver.formats.parquet import canonical_time
from archiver.record import Stream
from tests.chaos.helpers import BLOG, NEWS
from tests.chaos.town import Stage, staged
from tests.demo import mastodon, matrix

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600.0


def exposed(stage: Stage, name: str) -> dict[str, Exposure]:
    """Return the exposure of each stream of an account."""
    return exposures(read_state(stage.archive), find(stage.archive, name).handle)


def seen(new: str, whole: str = "") -> Exposure:
    """Return what is known of a stream that was read whole, or never so."""
    return Exposure(new, whole, (Look(whole),) if whole else (), unknown="")


def began(stage: Stage) -> str:
    """Return what the clock says, an hour after whatever was before."""
    stage.clock.sleep(HOUR)
    return canonical_time(stage.clock.now())


def test_a_whole_reading_bounds_everything_and_a_short_one_what_is_new(tmp_path: Path) -> None:
    """An incremental run looks for new things only; the run's report has the bounds before it."""
    with staged(tmp_path) as stage:
        assert exposed(stage, BLOG) == {}
        first = began(stage)
        assert stage.capture("incremental")[BLOG].exposed == {}
        second = began(stage)
        stage.city.comment(next(iter(stage.city.posts)), "A new remark.", name="Devon Marsh")
        report = stage.capture("incremental")[BLOG]
        assert report.exposed["comments"] == seen(first, first).document()
        assert exposed(stage, BLOG)[Stream.COMMENTS] == seen(second, first)
        third = began(stage)
        stage.capture("backfill")
        assert exposed(stage, BLOG)[Stream.COMMENTS] == seen(third, third)


def test_a_feed_is_never_read_whole(tmp_path: Path) -> None:
    """It shows the newest items: what happens to older ones is out of sight."""
    with staged(tmp_path) as stage:
        first = began(stage)
        stage.capture("reconcile")
        assert exposed(stage, NEWS)[Stream.POSTS] == seen(first)


def test_a_listing_that_breaks_off_bounds_nothing(tmp_path: Path) -> None:
    """Where a stream could not be read, the earlier bounds stay."""
    with staged(tmp_path) as stage:
        first = began(stage)
        stage.capture("incremental")
        began(stage)
        for _ in range(TRIES):
            stage.server.fail("/index.php?rest_route=/wp/v2/comments", server_error())
        stage.capture("reconcile")
        after = exposed(stage, BLOG)
        assert after[Stream.COMMENTS] == seen(first, first)
        assert after[Stream.POSTS] > seen(first, first)


def test_a_run_that_did_not_end_bounds_nothing(tmp_path: Path) -> None:
    """Not even for the streams that it had read whole until then."""
    with staged(tmp_path) as stage:
        first = began(stage)
        stage.capture("incremental")
        began(stage)
        stage.server.fail("/index.php?rest_route=/wp/v2/comments", expired_token())
        with pytest.raises(AuthorisationError):
            stage.capture("reconcile")
        assert set(exposed(stage, BLOG).values()) <= {seen(first, first), seen(first)}


def test_a_listing_that_was_not_asked_for_is_not_read_whole(tmp_path: Path) -> None:
    """Likes that are as many as before may be others: only a full run has asked for each."""
    with mastodon.staged(tmp_path) as stage:
        first = canonical_time(stage.clock.now())
        stage.capture("backfill")
        handle = find(stage.archive, mastodon.ACCOUNT).handle
        state = read_state(stage.archive)
        assert exposures(state, handle)[Stream.REACTIONS] == seen(first, first)
        stage.clock.sleep(HOUR)
        stage.capture("incremental")
        now = exposures(read_state(stage.archive), handle)[Stream.REACTIONS]
        assert now.whole_since == first < now.new_since
        stage.clock.sleep(HOUR)
        last = canonical_time(stage.clock.now())
        stage.capture("backfill")
        now = exposures(read_state(stage.archive), handle)[Stream.REACTIONS]
        assert now == seen(last, last)


def test_what_a_sweep_left_out_is_exposed_since_its_last_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By age: what is younger was looked at by the sweep, what is older by the run before."""
    with mastodon.staged(tmp_path) as stage:
        # The night in which everything is read was the last one.
        passed = int(stage.clock.now().timestamp() - HOUR)
        monkeypatch.setattr("archiver.flows.exposure.crc32", lambda _: -passed)
        first = canonical_time(stage.clock.now())
        stage.capture("backfill")
        stage.clock.sleep(24 * HOUR)
        second = canonical_time(stage.clock.now())
        report = stage.capture("reconcile")
        handle = find(stage.archive, mastodon.ACCOUNT).handle
        now = exposures(read_state(stage.archive), handle)
        since = report.since[Stream.COMMENTS]
        assert since < first
        looks = (Look(second, since), Look(first))
        assert now[Stream.COMMENTS] == Exposure(second, first, looks, "")
        # Followers come in an order of their own: they were read whole.
        assert now[Stream.SUBSCRIBERS] == seen(second, second)


def test_streams_that_others_show_are_known_or_said_not_to_be(tmp_path: Path) -> None:
    """A room's history shows reactions; files are read once, and so it says."""
    with matrix.staged(tmp_path) as stage:
        first = canonical_time(stage.clock.now())
        stage.capture("backfill")
        held = status(stage.archive)["accounts"][0]["streams"]
        bounds = {name: (one["whole_since"], one["unknown"]) for name, one in held.items()}
        for name in ("messages", "reactions", "moderation", "subscribers", "pages"):
            assert bounds[name] == (first, ""), name
        assert bounds["media"] == ("", NOT_LISTED)


def test_a_stream_whose_readings_all_broke_off_says_so(tmp_path: Path) -> None:
    """No bound is made up for what no run could read."""
    with staged(tmp_path) as stage:
        for _ in range(TRIES):
            stage.server.fail("/index.php?rest_route=/wp/v2/comments", server_error())
        stage.capture("backfill")
        assert exposed(stage, BLOG)[Stream.COMMENTS] == Exposure(unknown=BROKEN)
        stage.capture("backfill")
        assert exposed(stage, BLOG)[Stream.COMMENTS].unknown == ""
