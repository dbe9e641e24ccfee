"""When the clocks of a rule started for a record, and when they end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.retention.calendar import Cutoff, cut_off
from archiver.retention.decisions import EVERYTHING
from archiver.retention.facts import Dated
from archiver.retention.schedule import EVENTS, Combine, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from archiver.retention.calendar import FiscalYear
    from archiver.retention.decisions import Event
    from archiver.retention.facts import RecordFacts
    from archiver.retention.schedule import Row, Term

__all__ = ["Clock", "Clocks", "Events", "clock", "events_by_subject", "reckon"]

Events = dict[tuple[str, str], "date"]
"""By name and subject: the day of an event."""


def events_by_subject(events: Iterable[Event]) -> Events:
    """Return the latest day of each event; one that was corrected is left out.

    What one person put off moves a day, and is none where no two people's day stands.
    """
    told = tuple(events)
    corrected = {one.corrects for one in told}
    standing = [one for one in told if one.entry not in corrected]
    found: Events = {}
    for one in sorted(standing, key=lambda one: one.lengthens):
        key = one.name, one.subject
        if key in found or not one.lengthens:
            found[key] = max(one.day, found.get(key, one.day))
    return found


@dataclass(frozen=True, slots=True)
class Clock:
    """One term for one record. ``started`` is None while its trigger has not happened.

    ``applies``: whether it can happen at all. ``ends``: the last day of the period, None while
    it runs without end or where no period is known. ``claimed``: a platform alone told the day.
    """

    term: Term
    started: date | None
    cut: date | None
    ends: date | None
    claimed: bool = False
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Clocks:
    """All terms of a row for one record, and what they make together.

    ``ends``: the last day of all of it, None where that is not known. ``awaits``: names of
    what has to happen before it is. ``claimed``: whether a day that it rests on is claimed.
    """

    each: tuple[Clock, ...]
    ends: date | None
    awaits: tuple[str, ...]
    claimed: bool


def reckon(row: Row, facts: RecordFacts, events: Events, fiscal: FiscalYear) -> Clocks:
    """Return the clocks of a row for a record."""
    each = tuple(clock(term, facts, events, fiscal) for term in row.terms)
    asked = each if row.combine == Combine.ALL else tuple(one for one in each if one.applies)
    dated = [one for one in asked if one.started is not None]
    open_ones = tuple(one.term.name for one in asked if one.started is None)
    ends = [one.ends for one in dated if one.ends is not None]
    if row.combine == Combine.EARLIEST:
        done, last = bool(dated) and len(ends) == len(dated), min(ends, default=None)
    else:
        done, last = bool(asked) and len(ends) == len(asked), max(ends, default=None)
    if row.combine == Combine.EARLIEST and dated:
        open_ones = ()
    awaits = open_ones if asked else tuple(term.name for term in row.terms)
    return Clocks(each, last if done else None, awaits, any(one.claimed for one in dated))


def clock(term: Term, facts: RecordFacts, events: Events, fiscal: FiscalYear) -> Clock:
    """Return one term's clock for a record."""
    started, applies = _started(term, facts, events)
    if started is None:
        return Clock(term, None, None, None, applies=applies)
    cut = cut_off(started.day, Cutoff(term.cutoff), fiscal)
    ends = term.period.after(cut) if term.period else None
    return Clock(term, started.day, cut, ends, started.claimed)


def _started(term: Term, facts: RecordFacts, events: Events) -> tuple[Dated | None, bool]:
    """Return when a trigger happened, and whether it can happen at all."""
    if term.trigger in EVENTS:
        return _event(term.name, facts, events), True
    if term.trigger == Trigger.REMOVED:
        removed = Dated(facts.removed) if facts.removed else None
        return removed, facts.public
    # Where nobody tells a day, the first sighting is the latest that it can be.
    seen = Dated(facts.first_seen)
    made = facts.created or facts.posted or seen
    if term.trigger == Trigger.CREATED:
        return made, True
    shown = facts.posted or made
    if term.trigger == Trigger.POSTED:
        return shown, True
    told = (shown, facts.modified or shown)
    return max(told, key=lambda one: (one.day, one.claimed)), True


def _event(name: str, facts: RecordFacts, events: Mapping[tuple[str, str], date]) -> Dated | None:
    subjects = facts.record, facts.account, EVERYTHING
    days = [events[name, one] for one in subjects if (name, one) in events]
    return Dated(max(days)) if days else None
