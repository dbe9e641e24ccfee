"""What may have come and gone unseen: bounded by when runs began and how far they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo.faults import expired_token, server_error
from archiver.errors import AuthorisationError
from archiver.flows.accounts import find
from archiver.flows.asking import TRIES
from archiver.flows.exposure import Exposure, exposures
from archiver.flows.ledger import read_state
from archiver.formats.parquet import canonical_time
from archiver.record import Stream
from tests.chaos.helpers import BLOG, NEWS
from tests.chaos.town import Stage, staged
from tests.demo import mastodon

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600.0


def exposed(stage: Stage, name: str) -> dict[str, Exposure]:
    """Return the exposure of each stream of an account."""
    return exposures(read_state(stage.archive), find(stage.archive, name).handle)


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
        assert report.exposed["comments"] == {"new_since": first, "whole_since": first}
        assert exposed(stage, BLOG)[Stream.COMMENTS] == Exposure(second, first)
        third = began(stage)
        stage.capture("reconcile")
        assert exposed(stage, BLOG)[Stream.COMMENTS] == Exposure(third, third)


def test_a_feed_is_never_read_whole(tmp_path: Path) -> None:
    """It shows the newest items: what happens to older ones is out of sight."""
    with staged(tmp_path) as stage:
        first = began(stage)
        stage.capture("reconcile")
        assert exposed(stage, NEWS)[Stream.POSTS] == Exposure(first, "")


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
        assert after[Stream.COMMENTS] == Exposure(first, first)
        assert after[Stream.POSTS] > Exposure(first, first)


def test_a_run_that_did_not_end_bounds_nothing(tmp_path: Path) -> None:
    """Not even for the streams that it had read whole until then."""
    with staged(tmp_path) as stage:
        first = began(stage)
        stage.capture("incremental")
        began(stage)
        stage.server.fail("/index.php?rest_route=/wp/v2/comments", expired_token())
        with pytest.raises(AuthorisationError):
            stage.capture("reconcile")
        assert set(exposed(stage, BLOG).values()) <= {Exposure(first, first), Exposure(first, "")}


def test_a_listing_that_was_not_asked_for_is_not_read_whole(tmp_path: Path) -> None:
    """Likes that are as many as before may be others: only the next news shows."""
    with mastodon.staged(tmp_path) as stage:
        first = canonical_time(stage.clock.now())
        stage.capture("backfill")
        handle = find(stage.archive, mastodon.ACCOUNT).handle
        state = read_state(stage.archive)
        assert exposures(state, handle)[Stream.REACTIONS] == Exposure(first, first)
        for mode in ("incremental", "reconcile"):
            stage.clock.sleep(HOUR)
            stage.capture(mode)
            seen = exposures(read_state(stage.archive), handle)[Stream.REACTIONS]
            assert seen.whole_since == first < seen.new_since
