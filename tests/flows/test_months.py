"""Months are closed by what the ledger has, hour by hour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.errors import IntegrityError, UsageError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.coverage import coverages
from archiver.flows.months import accounted_until, hours_accounted, month_closed
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
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive with the city's news as its account; its clock stands at nine on 20 November."""
    with CityServer(City()) as server:
        made = create_archive(Settings(str(tmp_path / "archive"), tmp_path / "home"))
        made = replace(made, clock=FixedClock())
        accounts.add(made, {"name": NEWS, "platform": "feed", "url": f"{server.url}/feed"}, {})
        accounts.approve(made, NEWS, "Clerk")
        yield made


def test_a_month_is_closed_once_somebody_looked_after_it(archive: Archive) -> None:
    """Each hour of it is then covered; until then the moment is said up to which it is."""
    capture(archive, NEWS, "backfill", Silent())
    archive.clock.sleep(15 * DAY)  # 5 December
    with pytest.raises(IntegrityError, match="2026-11-20T09:00") as raised:
        month_closed(archive, NEWS, "2026-11")
    assert raised.value.code == "month-open"
    capture(archive, NEWS, "backfill", Silent())
    assert month_closed(archive, NEWS, "2026-11") == "2026-12-01T00:00:00.000000Z"
    with pytest.raises(IntegrityError, match="2026-12-05T09:00"):
        month_closed(archive, NEWS, "2026-12")


def test_a_gap_on_record_closes_a_month_too(archive: Archive) -> None:
    """Nobody looked for longer than was promised: a run says so, and what it says counts."""
    capture(archive, NEWS, "backfill", Silent())
    archive.clock.sleep(70 * DAY)
    (open_,) = coverages(archive, [NEWS])
    assert accounted_until(open_) == "2026-11-20T09:00:00.000000Z"
    capture(archive, NEWS, "backfill", Silent())
    (told,) = coverages(archive, [NEWS])
    assert {gap.cause for one in told.streams for gap in one.gaps} == {"overdue"}
    for month in ("2026-11", "2026-12"):
        assert month_closed(archive, NEWS, month)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "2026-11-01", "november", ""])
def test_what_is_no_month_is_refused(archive: Archive, month: str) -> None:
    """A month is written as 2026-11."""
    with pytest.raises(UsageError, match="not a month"):
        month_closed(archive, NEWS, month)


def test_hours_are_told_from_the_first_of_the_month(archive: Archive) -> None:
    """Before the first capture nothing could be seen, and that is known; the last hour is whole."""
    capture(archive, NEWS, "backfill", Silent())
    hours = hours_accounted(archive, NEWS, "")
    assert (hours[0], hours[-1], len(hours)) == (
        "2026-11-01T00:00:00", "2026-11-20T08:00:00", 19 * 24 + 9,
    )  # fmt: skip
    archive.clock.sleep(3 * HOUR + 1)
    assert hours_accounted(archive, NEWS, "") == hours
    capture(archive, NEWS, "incremental", Silent())
    assert hours_accounted(archive, NEWS, "")[-1] == "2026-11-20T11:00:00"


def test_what_was_told_is_told_again_for_two_days_alone(archive: Archive) -> None:
    """So that nothing is lost with a run that was killed, and little is told twice."""
    capture(archive, NEWS, "backfill", Silent())
    hours = hours_accounted(archive, NEWS, "")
    archive.clock.sleep(DAY)
    capture(archive, NEWS, "incremental", Silent())
    again = hours_accounted(archive, NEWS, hours[-1])
    assert (again[0], again[-1]) == ("2026-11-18T08:00:00", "2026-11-21T08:00:00")
    assert again[-24:] == hours_accounted(archive, NEWS, "")[-24:]
