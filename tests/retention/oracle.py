"""What the law asks of each scenario, worked out a second time and by other means.

This file imports nothing of the archiver. It steps through days one by one instead of
computing them, and knows of each scenario no more than its Given.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

__all__ = [
    "Request",
    "Told",
    "account_closed",
    "amended",
    "anniversary",
    "certificate_waits",
    "chicago",
    "day_in_chicago",
    "day_in_summer_chicago",
    "expiring",
    "first_free",
    "fiscal",
    "found_by",
    "keeps",
    "live_post",
    "notice_waits",
    "several",
    "still_held",
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


def chicago(moment: datetime) -> date:
    """Return the day in Chicago at any moment."""
    return moment.astimezone(ZoneInfo("America/Chicago")).date()


class Request(NamedTuple):
    """Scenario 10: what happened to a request under Wisconsin law, each on its day."""

    denied: date | None = None
    granted: date | None = None
    confined: bool = False
    suit: date | None = None
    order: date | None = None
    appeals_over: date | None = None


def keeps(one: Request, day: date) -> bool:
    """Scenario 10: none may go before the grant, 60 (90) days of the denial, order and appeals."""
    if one.denied is None and one.granted is None:
        return True
    if one.granted is not None and day < one.granted:
        return True
    passed = (day - one.denied).days if one.denied is not None else 10_000
    if passed < (90 if one.confined else 60):
        return True
    if one.suit is None:
        return False
    ends = [one.order, one.appeals_over]
    return any(end is None or day < end for end in ends)


def first_free(one: Request) -> date:
    """Scenario 10: the first day since the answer on which nothing keeps any more."""
    day = min(known for known in (one.denied, one.granted) if known is not None)
    while keeps(one, day):
        day += timedelta(1)
    return day


def found_by(word: str, said: str, made: datetime, placed: datetime, *, future: bool) -> bool:
    """Scenario 11: a request is for what was there; for what comes only where somebody said so."""
    return word == said and (future or made.timestamp() <= placed.timestamp())


def still_held(released: list[datetime | None], as_of: date) -> bool:
    """Scenario 12: each release counts after three days, from the day that follows."""
    return any(
        when is None or chicago(when + timedelta(hours=72)).toordinal() >= as_of.toordinal()
        for when in released
    )


def certificate_waits(
    sent: datetime | None, answer: tuple[datetime, str] | None, now: datetime
) -> str:
    """Scenario 19: what is missing yet of thirty days and the copy that approves; or nothing.

    ``answer``: the latest, and when it was recorded. One that approves counts after three days.
    """
    if answer is not None and answer[1] == "deferred":
        return "leave"
    if sent is None:
        return "sending"
    if (now - sent).total_seconds() < 30 * 24 * 3600:
        return "days"
    there = answer is not None and (now - answer[0]).total_seconds() >= 3 * 24 * 3600
    return "" if there else "copy"


def notice_waits(sent: datetime | None, answer: tuple[datetime, str] | None, now: datetime) -> str:
    """Scenario 20: what is missing yet: sixty days since the notice, or a waiver after three.

    What the Society acquires is not destroyed at all.
    """
    if answer is not None and answer[1] == "acquire":
        return "leave"
    if answer is not None and (now - answer[0]).total_seconds() >= 3 * 24 * 3600:
        return ""
    if sent is None:
        return "sending"
    return "days" if (now - sent).total_seconds() < 60 * 24 * 3600 else ""


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
