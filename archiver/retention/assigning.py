"""Into which series a record was put, and in which sets of decisions it is. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from archiver.retention.calendar import day_of
from archiver.retention.decisions import CLAIMED_DATES
from archiver.retention.standing import counted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from archiver.retention.city import City
    from archiver.retention.decisions import Classification, Decisions, Hold, Records, Review
    from archiver.retention.facts import RecordFacts

__all__ = [
    "Assignment",
    "Members",
    "assigned",
    "counting",
    "named_series",
    "reviewed",
    "standing_holds",
]


class Assigned(Protocol):
    """A decision about a set of records."""

    @property
    def records(self) -> Records:
        """The set."""
        ...


class Members:
    """Sets of records, by position, that a record is looked up in by id and by leaves."""

    def __init__(self, sets: Iterable[tuple[Records, frozenset[str]]]) -> None:
        self._by_id: defaultdict[str, set[int]] = defaultdict(set)
        self._ranges: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        for place, (records, more) in enumerate(sets):
            for one in records.ids | more:
                self._by_id[one].add(place)
            leaves = sorted(records.leaves)
            self._ranges.append(
                (tuple(first for first, _ in leaves), tuple(end for _, end in leaves))
            )

    def of(self, facts: RecordFacts) -> set[int]:
        """Return the positions of the sets that a record is in."""
        found = set(self._by_id.get(facts.record, ()))
        for place, (firsts, ends) in enumerate(self._ranges):
            if any(_overlaps(firsts, ends, first, end) for first, end in facts.leaves):
                found.add(place)
        return found


def _overlaps(firsts: tuple[int, ...], ends: tuple[int, ...], first: int, end: int) -> bool:
    """Tell whether a range overlaps one of the sorted, disjoint ranges."""
    place = bisect_right(firsts, end - 1) - 1
    return place >= 0 and ends[place] > first


def counting(decisions: Decisions, city: City, as_of: date) -> tuple[Classification, ...]:
    """Return the classifications that count on a day, in the order of the ledger.

    One that only lengthens counts on the day on which it was made, others from the next.
    """
    return tuple(
        one
        for one in decisions.classifications
        if counted(one, as_of, city) or (one.lengthens and day_of(one.counts, city.zone) <= as_of)
    )


@dataclass(frozen=True, slots=True)
class Assignment:
    """The series of a record, and the classifications that put it there (none: defaults).

    ``longer``: those of ``series`` that one person alone said, so that they only lengthen.
    """

    series: frozenset[str]
    by: tuple[Classification, ...]
    longer: frozenset[str] = frozenset()


def assigned(
    facts: RecordFacts, city: City, classifications: tuple[Classification, ...], members: Members
) -> Assignment:
    """Return the series of a record: of its latest classification, and of what lengthened it.

    ``members``: the sets of the classifications, in their order.
    """
    series, longer = city.series(facts), frozenset[str]()
    by: tuple[Classification, ...] = ()
    for place in sorted(members.of(facts)):
        one = classifications[place]
        if one.lengthens:
            longer, by = longer | set(one.series), (*by, one)
        else:
            series, longer, by = frozenset(one.series), frozenset(), (one,)
    return Assignment(series | longer, by, longer - series)


def named_series(city: City, decisions: Decisions) -> frozenset[str]:
    """Return every series that a default or a classification names."""
    named = {one.into for one in city.defaults}
    return frozenset(named.union(*(one.series for one in decisions.classifications)))


def standing_holds(decisions: Decisions, city: City, as_of: date) -> tuple[Hold, ...]:
    """Return the holds that stand on a day: placed by its end, and not over before it began.

    A release counts from the day after. A rule of law may make it wait longer (``lapses``),
    and may end a hold by itself (``lapses_alone``).
    """
    return tuple(
        one
        for one in decisions.holds
        if day_of(one.counts, city.zone) <= as_of and not _over(one, city, as_of)
    )


def _over(one: Hold, city: City, as_of: date) -> bool:
    if one.lapses is not None and as_of < one.lapses:
        return False
    released = one.released is not None and day_of(one.released, city.zone) < as_of
    return released or (one.lapses_alone and one.lapses is not None)


def reviewed(decisions: Decisions, city: City, as_of: date) -> tuple[Review, ...]:
    """Return the reviews of claimed dates that count on a day."""
    return tuple(
        one for one in decisions.reviews if one.what == CLAIMED_DATES and counted(one, as_of, city)
    )
