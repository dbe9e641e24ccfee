"""Days, periods and fiscal years by stated rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.retention.calendar import (
    Cutoff,
    FiscalYear,
    Period,
    cut_off,
    day_of,
    known_zone,
)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2024-01-31", "P1M", "2024-02-29"),
        ("2023-01-31", "P1M", "2023-02-28"),
        ("2024-01-31", "P1M1D", "2024-03-01"),
        ("2024-12-31", "P2W", "2025-01-14"),
        ("2024-05-01", "P60D", "2024-06-30"),
        ("2024-05-01", "P0D", "2024-05-01"),
        ("9999-05-01", "P1Y", "9999-12-31"),
        ("9999-12-01", "P99D", "9999-12-31"),
    ],
)
def test_periods_end_where_it_is_stated(start: str, period: str, end: str) -> None:
    """Months first, clipped to the month's last day; then days."""
    assert Period.parse(period).after(date.fromisoformat(start)) == date.fromisoformat(end)


@pytest.mark.parametrize("text", ["", "P", "1Y", "P1H", "PT1H", "P-1Y", "P1.5Y", "P1Y "])
def test_other_periods_are_refused(text: str) -> None:
    """What is no period of days, weeks, months and years is none."""
    with pytest.raises(FormatError):
        Period.parse(text)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(list(Cutoff)))
def test_a_cutoff_is_the_first_end_on_or_after(day: date, cutoff: Cutoff) -> None:
    """Stepping day by day from the trigger, the cutoff is the first end that comes."""
    fiscal = FiscalYear.parse("02-29")
    found = cut_off(day, cutoff, fiscal)
    step = day
    while not _is_end(step, cutoff):
        step += timedelta(1)
    assert found == step


def _is_end(day: date, cutoff: Cutoff) -> bool:
    morrow = day + timedelta(1)
    return {
        Cutoff.NONE: True,
        Cutoff.MONTH: morrow.day == 1,
        Cutoff.CALENDAR_YEAR: (morrow.month, morrow.day) == (1, 1),
        Cutoff.FISCAL_YEAR: (morrow.month, morrow.day) == (3, 1),
    }[cutoff]


def test_the_day_is_that_of_the_city() -> None:
    """At three in the morning UTC it is still yesterday in Chicago; daylight time counts."""
    night = datetime(2026, 5, 1, 4, 59, tzinfo=UTC)
    assert day_of(night, "America/Chicago") == date(2026, 4, 30)
    assert day_of(night, "UTC") == date(2026, 5, 1)
    winter = datetime(2026, 1, 1, 5, 59, tzinfo=UTC)
    assert day_of(winter, "America/Chicago") == date(2025, 12, 31)


@pytest.mark.parametrize("text", ["13-01", "02-30", "6-30", "", "06-31"])
def test_no_fiscal_year_ends_on_a_day_that_is_none(text: str) -> None:
    """A day that is in no calendar is refused."""
    with pytest.raises(FormatError):
        FiscalYear.parse(text)


@pytest.mark.parametrize("name", ["Chicago", "", "../etc/passwd"])
def test_no_other_zone_is_known(name: str) -> None:
    """What the IANA data base does not have is refused."""
    with pytest.raises(FormatError):
        known_zone(name)
