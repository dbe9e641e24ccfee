"""How an account does: what is late, open or unexplained is found, and nothing is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.faults import server_error
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.health import health
from archiver.flows.ledger import read_state
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.doubles import FixedClock
from tests.flows.conftest import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive

NEWS = "city-news"
HOUR, DAY = 3_600, 86_400


@pytest.fixture
def server() -> Iterator[CityServer]:
    """A city that is being served."""
    with CityServer(City()) as running:
        yield running


@pytest.fixture
def archive(server: CityServer, tmp_path: Path) -> Archive:
    """An archive with the city's news as its account; its clock stands at nine on 20 November."""
    made = create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
    made = replace(made, clock=FixedClock())
    accounts.add(made, {"name": NEWS, "platform": "feed", "url": f"{server.url}/feed"}, {})
    accounts.approve(made, NEWS, "Clerk")
    return made


def codes(archive: Archive) -> list[str]:
    """Return the codes of what is found of the account."""
    return [one["code"] for one in health(archive, NEWS)]


def test_a_captured_account_is_well_and_asked_nothing(archive: Archive, server: CityServer) -> None:
    """Nothing is found, no request is made, and no entry is written."""
    capture(archive, NEWS, "backfill", Silent())
    asked, size = len(server.log), read_state(archive).size
    assert health(archive, NEWS) == []
    assert (len(server.log), read_state(archive).size) == (asked, size)


def test_an_account_without_a_whole_capture_for_a_day_is_late(
    archive: Archive, server: CityServer
) -> None:
    """Counted from its approval, or the latest capture that came to its end."""
    assert "account-late" not in codes(archive)
    archive.clock.sleep(25 * HOUR)
    assert codes(archive) == ["account-late"]
    capture(archive, NEWS, "backfill", Silent())
    assert codes(archive) == []
    archive.clock.sleep(23 * HOUR)
    for _ in range(20):
        server.fail("/feed", server_error())
    assert capture(archive, NEWS, "incremental", Silent()).again
    assert "account-late" not in codes(archive)
    archive.clock.sleep(2 * HOUR)
    (late,) = [one for one in health(archive, NEWS) if one["code"] == "account-late"]
    assert late["where"] == NEWS
    assert "2026-11-21T10:00" in late["message"]


def test_nobody_waits_for_a_retired_account(archive: Archive) -> None:
    """What is over is not late."""
    capture(archive, NEWS, "backfill", Silent())
    accounts.retire(archive, NEWS, "Clerk")
    archive.clock.sleep(10 * DAY)
    assert "account-late" not in codes(archive)


def test_the_clock_of_these_tests_is_where_they_say(archive: Archive) -> None:
    """Moments above rest on it."""
    assert archive.clock.now() == datetime(2026, 11, 20, 9, tzinfo=UTC)
