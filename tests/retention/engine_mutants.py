"""Defects planted in the retention engine, each of which a scenario must find."""

from __future__ import annotations

from tests.sim.mutants import Edit, Mutant

__all__ = ["MUTANTS"]

DUE, STANDING = "archiver.retention.due", "archiver.retention.standing"
CALENDAR, TRIGGER = "archiver.retention.calendar", "archiver.retention.trigger"
ASSIGNING = "archiver.retention.assigning"

_NO_LEAP = """day = min(start.day, monthrange(year, month + 1)[1])
        if start.day > day:
            return date(year, month + 2, 1)
    """

MUTANTS = tuple(
    Mutant(name, 0, (Edit(*edit),))
    for name, edit in {
        "lets go what is on hold": (
            DUE, "blockers = {HELD} if holds else set()", "blockers = set()",
        ),
        "believes what a platform claims": (
            DUE, "if claims and not self._reviewed.of(facts):", "if False:",
        ),
        "takes the shortest of equals": (DUE, "one.ends or date.max\n", "one.ends and date.min\n"),
        "asks nobody who adopted": (
            STANDING, "return Problem.NOT_ADOPTED", "return None",
        ),
        "goes by a schedule that has expired": (
            STANDING, "if pack.expires and pack.expires <= as_of:", "if False:",
        ),
        "counts a decision on the day it was made": (
            STANDING, "return day_of(act.counts, city.zone) < as_of",
            "return day_of(act.counts, city.zone) <= as_of",
        ),
        "goes by days of UTC": (
            CALENDAR, "return moment.astimezone(known_zone(zone)).date()", "return moment.date()",
        ),
        "ends a fiscal year too soon": (
            CALENDAR, "return end if day <= end", "return end if day < end",
        ),
        "makes 1 March of a leap day": (
            CALENDAR, "day = min(start.day, monthrange(year, month + 1)[1])\n    ",
            _NO_LEAP,
        ),
        "starts the clock of a live post": (
            TRIGGER, "return removed, facts.public", "return removed, False",
        ),
        "lets a record go a day early": (DUE, "return last + ONE_DAY if", "return last if"),
        "keeps to an old version": (
            STANDING, "key > found[pack.schedule][0]", "key < found[pack.schedule][0]",
        ),
        "forgets floors": (DUE, "last = max(last, floor)", "last = max(last, last)"),
        "frees a record with the first release": (
            ASSIGNING, "day_of(one.released, city.zone) < as_of", "one.released is not None",
        ),
        "lets a statute go before a local item": (
            DUE, "return one.standing.keeps, one.standing.place,",
            "return one.standing.keeps, -one.standing.place,",
        ),
    }.items()
)  # fmt: skip
