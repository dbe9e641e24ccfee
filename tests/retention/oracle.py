"""What the law asks of each scenario, worked out a second time and by other means.

This file imports nothing of the archiver. It steps through days one by one instead of
computing them, and knows of each scenario no more than its Given.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

__all__ = [
    "Told",
    "account_closed",
    "amended",
    "anniversary",
    "day_in_chicago",
    "day_in_summer_chicago",
    "expiring",
    "fiscal",
    "live_post",
    "several",
]


class Told(NamedTuple):
    """What is to be said of a record: may it go, from when (None: nobody knows), and where to."""

    may_go: bool
    first: date | None
    then: str


def anniversary(start: date, years: int) -> date:
    """Return the same day so many years on; of 29 February the 28th where there is none."""
    wanted = (start.year + years, start.month, start.day)
    day = date(start.year + years, 1, 1)
    while (day.year, day.month, day.day) != wanted:
        day += timedelta(1)
        if day.year > start.year + years or (day.month > start.month):
            return day - timedelta(1)
    return day


def _free_after(last: date) -> date:
    return date.fromordinal(last.toordinal() + 1)


def day_in_chicago(moment: datetime) -> date:
    """Return the day in Chicago at a moment of winter (six hours behind UTC)."""
    return moment.astimezone(timezone(timedelta(hours=-6))).date()


def day_in_summer_chicago(moment: datetime) -> date:
    """Return the day in Chicago at a moment of summer (five hours behind UTC)."""
    return moment.astimezone(timezone(timedelta(hours=-5))).date()


def live_post(posted: date, removed: date | None, as_of: date) -> Told:
    """Scenario 14: two years after it was posted or withdrawn, the later; never destroyed."""
    if removed is None:
        return Told(may_go=False, first=None, then="transfer")
    later = posted if posted.toordinal() > removed.toordinal() else removed
    first = _free_after(anniversary(later, 2))
    return Told(as_of.toordinal() >= first.toordinal(), first, "transfer")


def fiscal(day: date, month: int, last: int, years: int, as_of: date) -> Told:
    """Scenario 15: FIS: the end of the fiscal year that is running, and so many years."""
    end = day
    while (end.month, end.day) != (month, last):
        end += timedelta(1)
    first = _free_after(anniversary(end, years))
    return Told(as_of.toordinal() >= first.toordinal(), first, "destroy")


def account_closed(closed: date | None, counts: date, as_of: date) -> Told:
    """Scenario 16: two years after the account was closed, once that counts."""
    if closed is None or as_of.toordinal() <= counts.toordinal():
        return Told(may_go=False, first=None, then="destroy")
    first = _free_after(anniversary(closed, 2))
    return Told(as_of.toordinal() >= first.toordinal(), first, "destroy")


def amended(made: date, changes: date, adopted: date | None, as_of: date) -> Told:
    """Scenario 17: seven years, from a day on three; the three only once they are adopted."""
    new = as_of.toordinal() >= changes.toordinal()
    first = _free_after(anniversary(made, 3 if new else 7))
    allowed = not new or (adopted is not None and as_of.toordinal() > adopted.toordinal())
    return Told(allowed and as_of.toordinal() >= first.toordinal(), first, "destroy")


def expiring(made: date, expires: date, as_of: date) -> Told:
    """Scenario 18: three years by a schedule that expires, then the seven of the statute."""
    years = 3 if as_of.toordinal() < expires.toordinal() else 7
    first = _free_after(anniversary(made, years))
    return Told(as_of.toordinal() >= first.toordinal(), first, "destroy")


def several(made: date, years: tuple[int, ...], as_of: date) -> Told:
    """Scenario 21: in no series never; in several of one rank the longest."""
    if not years:
        return Told(may_go=False, first=None, then="")
    longest = max(years)
    first = _free_after(anniversary(made, longest))
    return Told(as_of.toordinal() >= first.toordinal(), first, "destroy")
