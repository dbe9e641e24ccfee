"""Days, periods and years, by rules that are stated. Pure.

- Law counts days of the city's calendar: a moment is turned into a day in its time zone.
- A period is years, months, weeks and days (ISO 8601). Years and months are added first, to
  the same day of the month or, where that month is shorter, to its last day: 29 February and a
  year is 28 February. Weeks and days are added after.
- A period ends with the day that this gives. The first day on which anything may go is the
  one after, so that nobody goes short of a part of a day.
- A cutoff moves the start of a period to the last day of the month, of the calendar year or
  of the fiscal year in which the trigger lies. A fiscal year ends on a day of each year; one
  that ends on 29 February ends on the 28th where there is no 29th.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from archiver.errors import FormatError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Cutoff", "FiscalYear", "Period", "cut_off", "day_of", "known_zone"]

MONTHS = 12
_PERIOD = re.compile(
    r"P(?!$)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?", re.ASCII
)


class Cutoff(StrEnum):
    """At which end the period of a rule begins."""

    NONE = "none"
    MONTH = "month-end"
    CALENDAR_YEAR = "calendar-year-end"
    FISCAL_YEAR = "fiscal-year-end"


class FiscalYear(NamedTuple):
    """The day on which each fiscal year ends."""

    month: int
    day: int

    @classmethod
    def parse(cls, text: str) -> FiscalYear:
        """Return the fiscal year that ends on ``MM-DD``. Raises `FormatError`."""
        try:
            found = date.fromisoformat(f"2024-{text}")  # a year with a 29 February
        except ValueError as error:
            mend = "write it as 06-30"
            raise FormatError("not the last day of a fiscal year", where=text, mend=mend) from error
        return cls(found.month, found.day)

    def end_of(self, year: int) -> date:
        """Return the day on which the fiscal year ends in a calendar year."""
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))


class Period(NamedTuple):
    """A period: months (12 for each year) and days (7 for each week)."""

    months: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period that ISO 8601 writes so, such as ``P2Y6M``. Raises `FormatError`."""
        found = _PERIOD.fullmatch(text)
        if found is None:
            raise FormatError("not a period", where=text, mend="write it as P7Y, P18M, P2W or P60D")
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        return cls(years * MONTHS + months, weeks * 7 + days)

    def after(self, start: date) -> date:
        """Return the last day of the period that begins on a day; 31 December 9999 at most."""
        years, month = divmod(start.month - 1 + self.months, MONTHS)
        year = start.year + years
        if year > date.max.year:
            return date.max
        day = min(start.day, monthrange(year, month + 1)[1])
        moved = date(year, month + 1, day)
        return moved + min(timedelta(self.days), date.max - moved)

    @property
    def words(self) -> str:
        """The period in words."""
        years, months = divmod(self.months, MONTHS)
        parts = ((years, "year"), (months, "month"), (self.days, "day"))
        told = [f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in parts if count]
        return " and ".join(told) or "no time"


def cut_off(day: date, cutoff: Cutoff, fiscal: FiscalYear) -> date:
    """Return the day on which a period begins that a trigger on ``day`` starts."""
    if cutoff == Cutoff.MONTH:
        return day.replace(day=monthrange(day.year, day.month)[1])
    if cutoff == Cutoff.CALENDAR_YEAR:
        return date(day.year, MONTHS, 31)
    if cutoff == Cutoff.FISCAL_YEAR:
        end = fiscal.end_of(day.year)
        return end if day <= end or day.year == date.max.year else fiscal.end_of(day.year + 1)
    return day


@lru_cache(maxsize=8)
def known_zone(name: str) -> ZoneInfo:
    """Return a time zone of the IANA data base. Raises `FormatError`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        mend = "write it as America/Chicago"
        raise FormatError("no such time zone", where=name, mend=mend) from error


def day_of(moment: datetime, zone: str) -> date:
    """Return the day that it was in a time zone at a moment (a time with a zone)."""
    return moment.astimezone(known_zone(zone)).date()
