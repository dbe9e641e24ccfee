"""Windows: a promise to capture as of a moment is kept once, and only by a whole run."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.faults import server_error
from archiver.demo.server import CityServer
from archiver.errors import RefusedError, TransientError, UsageError
from archiver.flows import accounts
from archiver.flows.accounts import find
from archiver.flows.asking import FILE_TRIES
from archiver.flows.capture import capture
from archiver.flows.exposure import runs
from archiver.flows.ledger import read_state
from archiver.flows.window import capture_window
from archiver.formats.parquet import canonical_time
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.chaos.helpers import BLOG
from tests.chaos.town import staged
from tests.doubles import FixedClock
from tests.flows.conftest import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive

NEWS = "city-news"
NINE, TEN = "2026-11-20T09:00:00", "2026-11-20T10:00:00"
"""The clock of `archive` stands at nine."""


@pytest.fixture
def server() -> Iterator[CityServer]:
    """A city that is being served."""
    with CityServer(City()) as running:
        yield running


@pytest.fixture
def archive(server: CityServer, tmp_path: Path) -> Archive:
    """An archive with the city's news as its account, at nine o'clock."""
    made = create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
    accounts.add(made, {"name": NEWS, "platform": "feed", "url": f"{server.url}/feed"}, {})
    accounts.approve(made, NEWS, "Clerk")
    return replace(made, clock=FixedClock())


def test_a_kept_window_asks_nothing(archive: Archive, server: CityServer) -> None:
    """The second run of a moment makes no request and no ledger entry."""
    first = capture_window(archive, NEWS, "incremental", NINE, Silent())
    assert first.report is not None
    asked, size = len(server.log), read_state(archive).size
    second = capture_window(archive, NEWS, "incremental", NINE, Silent())
    assert second == (NEWS, "incremental", NINE, None)
    assert (len(server.log), read_state(archive).size) == (asked, size)


def test_a_run_keeps_no_later_moment(archive: Archive, server: CityServer) -> None:
    """A run at nine does not keep the window of ten; one at ten does."""
    capture_window(archive, NEWS, "incremental", TEN, Silent())
    asked = len(server.log)
    assert capture_window(archive, NEWS, "incremental", TEN, Silent()).report is not None
    assert len(server.log) > asked
    archive.clock.sleep(3600)
    capture_window(archive, NEWS, "incremental", TEN, Silent())
    assert capture_window(archive, NEWS, "incremental", TEN, Silent()).report is None


def test_a_moment_may_name_its_zone(archive: Archive) -> None:
    """Without a zone a moment is in UTC; with one it is what it says."""
    capture_window(archive, NEWS, "incremental", NINE, Silent())
    same = "2026-11-20T03:00:00-06:00"
    later = "2026-11-20T04:00:00-06:00"
    assert capture_window(archive, NEWS, "incremental", same, Silent()).report is None
    assert capture_window(archive, NEWS, "incremental", later, Silent()).report is not None


def test_what_reads_more_keeps_what_reads_less(archive: Archive) -> None:
    """A reconcile keeps incremental windows; an incremental run keeps no reconcile."""
    capture_window(archive, NEWS, "backfill", NINE, Silent())
    for mode in ("reconcile", "incremental"):
        assert capture_window(archive, NEWS, mode, NINE, Silent()).report is None
    archive.clock.sleep(7200)
    capture_window(archive, NEWS, "incremental", TEN, Silent())
    assert capture_window(archive, NEWS, "incremental", TEN, Silent()).report is None
    assert capture_window(archive, NEWS, "reconcile", TEN, Silent()).report is not None


def test_without_a_moment_a_run_captures_in_any_case(archive: Archive, server: CityServer) -> None:
    """An empty moment means now."""
    capture_window(archive, NEWS, "incremental", NINE, Silent())
    asked = len(server.log)
    assert capture_window(archive, NEWS, "incremental", "", Silent()).report is not None
    assert len(server.log) > asked


def test_a_run_that_was_not_whole_keeps_nothing(archive: Archive, server: CityServer) -> None:
    """Where a listing did not end, the window stays open and the error says that it may pass."""
    for _ in range(5):
        server.fail("/feed", server_error())
    with pytest.raises(TransientError, match="not whole"):
        capture_window(archive, NEWS, "incremental", NINE, Silent())
    assert capture_window(archive, NEWS, "incremental", NINE, Silent()).report is not None


def test_another_home_knows_what_was_kept(
    archive: Archive, server: CityServer, tmp_path: Path
) -> None:
    """The ledger says it, to a home that was never there and to one that lost its caches."""
    capture_window(archive, NEWS, "reconcile", NINE, Silent())
    asked = len(server.log)
    shutil.copytree(tmp_path / "home", tmp_path / "other")
    other = open_archive(Settings(str(tmp_path / "archive"), tmp_path / "other"))
    shutil.rmtree(tmp_path / "other" / other.identity.id / "cache")
    for one in (archive, replace(other, clock=FixedClock())):
        for mode in ("incremental", "reconcile"):
            assert capture_window(one, NEWS, mode, NINE, Silent()).report is None
    assert len(server.log) == asked
    assert capture_window(archive, NEWS, "backfill", NINE, Silent()).report is not None


def test_a_run_with_nothing_new_keeps_its_window(archive: Archive, server: CityServer) -> None:
    """It leaves nothing but what it says of itself."""
    capture_window(archive, NEWS, "incremental", NINE, Silent())
    archive.clock.sleep(3600)
    kept = capture_window(archive, NEWS, "incremental", TEN, Silent())
    assert kept.report is not None
    assert kept.report.observations == {}
    asked = len(server.log)
    assert capture_window(archive, NEWS, "incremental", TEN, Silent()).report is None
    assert len(server.log) == asked


def test_a_file_that_did_not_come_keeps_no_window_open(tmp_path: Path) -> None:
    """A server may never give it again: it is told, and asked for when it is named again."""
    with staged(tmp_path) as stage:
        for _ in range(FILE_TRIES):
            stage.server.fail("/wp-content/uploads/", server_error())
        now = canonical_time(stage.clock.now())
        kept = capture_window(stage.archive, BLOG, "backfill", now, Silent())
        assert kept.report is not None
        (why,) = kept.report.lacking.values()
        assert why.startswith("transient: HTTP/1.1 500")
        (body,) = runs(read_state(stage.archive), find(stage.archive, BLOG).handle)
        assert (body["again"], body["counts"]["media"]["broken"], body["ended"]) == (0, 0, True)
        assert capture_window(stage.archive, BLOG, "backfill", now, Silent()).report is None
        before = len(stage.server.log)
        assert capture(stage.archive, BLOG, "reconcile", Silent()).incomplete == {}
        asked = [one.path for one in stage.server.log[before:]]
        assert len([path for path in asked if "/wp-content/uploads/" in path]) == 1


def test_what_is_no_moment_is_refused(archive: Archive, server: CityServer) -> None:
    """A window that cannot be understood is never captured."""
    with pytest.raises(UsageError, match="not a moment"):
        capture_window(archive, NEWS, "incremental", "this morning", Silent())
    assert server.log == []


def test_a_retired_account_is_refused(archive: Archive) -> None:
    """A window of an account that is no longer approved is not captured."""
    accounts.retire(archive, NEWS, "Clerk")
    with pytest.raises(RefusedError):
        capture_window(archive, NEWS, "incremental", NINE, Silent())
