"""What is due: the reference of the retention engine. Pure, and the same for the same input.

`archiver.retention.compiled` says the same in SQL; both are held against each other and
against an oracle that knows neither. Rules (``docs/retention.md`` has them in words):

- What is permanent or to be appraised goes before all else; then a local item, a municipal
  schedule, a statute; of two of one rank the longest.
- Only a row in force (`archiver.retention.standing`) lets a record go. One that is not, but would
  go before the one that governs, still lengthens; one without an end keeps.
- Without a row in force, what the best of the others says is told as what *would* be due.
- Floors only lengthen. Holds and claimed dates stand in the way, and move no date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from archiver.retention.assigning import (
    Assignment,
    Members,
    assigned,
    counting,
    named_series,
    reviewed,
    standing_holds,
)
from archiver.retention.standing import Problem, Standing, counted, docket
from archiver.retention.trigger import Clock, Clocks, clock, events_by_subject, reckon

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from archiver.retention.city import City
    from archiver.retention.decisions import Decisions, Hold
    from archiver.retention.facts import RecordFacts
    from archiver.retention.schedule import Pack

__all__ = ["CLAIMED", "HELD", "Candidate", "Engine", "State", "Verdict", "due"]

HELD = "hold"
CLAIMED = "claimed-date"
ONE_DAY = timedelta(days=1)


class State(StrEnum):
    """Where a record stands on a day."""

    ELIGIBLE = "eligible"
    BLOCKED = "blocked"
    NOT_DUE = "not-due"
    WOULD_BE_DUE = "would-be-due"
    AWAITING = "awaiting-event"
    REFUSED = "refused"
    PERMANENT = "permanent"
    UNSCHEDULED = "unscheduled"


class Candidate(NamedTuple):
    """A row that may govern a record, and its clocks; None of a series that nobody knows."""

    standing: Standing
    clocks: Clocks | None

    @property
    def ends(self) -> date | None:
        """The last day of its period, None where it has none or it is not known."""
        return self.clocks.ends if self.clocks and self.standing.keeps < 2 else None  # noqa: PLR2004 - permanent


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one record on a day.

    ``eligible``: what ``then`` says may be done with it. ``not_before``: the first day on which
    it may, as far as is known; None where nothing says one. ``blockers``: codes of all that
    stands in the way, sorted. ``awaits``: what has to happen first. ``governing`` is the row
    that decides, ``candidates`` are all that were asked, ``floors`` the clocks that lengthen.
    """

    record: str
    as_of: date
    state: State
    not_before: date | None
    blockers: tuple[str, ...]
    awaits: tuple[str, ...]
    governing: Candidate | None
    candidates: tuple[Candidate, ...]
    floors: tuple[tuple[Clock, str], ...]
    holds: tuple[Hold, ...]
    assignment: Assignment

    @property
    def eligible(self) -> bool:
        """Whether what ``then`` says may be done now."""
        return self.state == State.ELIGIBLE

    @property
    def series(self) -> str:
        """The series that governs, empty where none does."""
        return self.governing.standing.name if self.governing else ""

    @property
    def then(self) -> str:
        """What is to be done with it, empty where no row says so."""
        row = self.governing.standing.row if self.governing else None
        return str(row.then) if row else ""


class Engine:
    """Everything that is the same for all records of an evaluation.

    Args:
        packs: rule packs at hand, of all versions.
        decisions: what people decided.
        city: where the archive's city is, and its calendar.
        as_of: the day that is asked about, by the city's calendar.
    """

    def __init__(
        self, packs: Sequence[Pack], decisions: Decisions, city: City, as_of: date
    ) -> None:
        self.city, self.as_of, self.decisions = city, as_of, decisions
        named = named_series(city, decisions)
        self.docket = docket(packs, decisions, city, as_of, named)
        self.classifications = counting(decisions, city, as_of)
        self._classified = Members((one.records, frozenset()) for one in self.classifications)
        self.holds = standing_holds(decisions, city, as_of)
        self._held = Members((one.records, one.matched) for one in self.holds)
        self.reviews = reviewed(decisions, city, as_of)
        self._reviewed = Members((one.records, frozenset()) for one in self.reviews)
        self.events = events_by_subject(
            one for one in decisions.events if counted(one, as_of, city)
        )

    def judge(self, facts: RecordFacts) -> Verdict:
        """Return what is to be said of a record."""
        assignment = assigned(facts, self.city, self.classifications, self._classified)
        names = sorted(assignment.series | set(self.docket.everything))
        candidates = tuple(self._candidate(name, facts) for name in names)
        holds = tuple(self.holds[place] for place in sorted(self._held.of(facts)))
        floors = self._floors(facts)
        longer = assignment.longer - set(self.docket.everything)
        basis = tuple(one for one in candidates if one.standing.name not in longer)
        first = _governing(basis)
        governing = _longest(first, candidates, longer) if first else None
        blockers = {HELD} if holds else set()
        if first is None or governing is None:
            return Verdict(
                facts.record, self.as_of, State.UNSCHEDULED, None,
                tuple(sorted(blockers)), (), None, (), floors, holds, assignment,
            )  # fmt: skip
        reserve = _reserve(first, governing, candidates, longer)
        if governing.standing.problem:
            blockers.add(str(governing.standing.problem))
        endless = (one.standing.problem for one in reserve if one.ends is None)
        blockers |= {str(problem) for problem in endless if problem}
        claims = any(one.clocks and one.clocks.claimed for one in (governing, *reserve))
        if claims and not self._reviewed.of(facts):
            blockers.add(CLAIMED)
        not_before = _not_before(governing, reserve, floors)
        state = self._state(governing, not_before, blockers)
        awaits = governing.clocks.awaits if governing.clocks and not governing.ends else ()
        return Verdict(
            facts.record, self.as_of, state, not_before, tuple(sorted(blockers)),
            awaits, governing, candidates, floors, holds, assignment,
        )  # fmt: skip

    def _candidate(self, name: str, facts: RecordFacts) -> Candidate:
        standing = self.docket.rows[name]
        if standing.row is None:
            return Candidate(standing, None)
        return Candidate(standing, reckon(standing.row, facts, self.events, self.city.fiscal_year))

    def _floors(self, facts: RecordFacts) -> tuple[tuple[Clock, str], ...]:
        return tuple(
            (clock(one.term, facts, self.events, self.city.fiscal_year), one.citation)
            for one in self.docket.floors
        )

    def _state(self, governing: Candidate, not_before: date | None, blockers: set[str]) -> State:
        if governing.standing.keeps == 2:  # noqa: PLR2004 - permanent
            return State.PERMANENT
        if governing.ends is None:
            refused = governing.standing.problem in (Problem.REQUIRED, Problem.UNKNOWN)
            return State.REFUSED if refused else State.AWAITING
        if not_before is None:
            return State.BLOCKED
        if self.as_of < not_before:
            return State.NOT_DUE
        if governing.standing.problem:
            return State.WOULD_BE_DUE
        return State.BLOCKED if blockers else State.ELIGIBLE


def _governing(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """Return the candidate that decides: the first in force, else the first of all."""
    in_force = [one for one in candidates if one.standing.in_force]
    return max(in_force or candidates, key=_before, default=None)


def _before(one: Candidate) -> tuple[int, int, date]:
    """Return what goes before what: the greater; of equals the first by name."""
    return one.standing.keeps, one.standing.place, one.ends or date.max


def _longest(
    first: Candidate, candidates: Iterable[Candidate], longer: Collection[str]
) -> Candidate:
    """Return what decides beside what one person alone added: that only where it keeps longer."""
    if not first.standing.in_force:
        return first
    added = (one for one in candidates if one.standing.name in longer and one.standing.in_force)
    return max((first, *added), key=lambda one: (one.standing.keeps, one.ends or date.max))


def _reserve(
    first: Candidate,
    governing: Candidate,
    candidates: Iterable[Candidate],
    longer: Collection[str],
) -> tuple[Candidate, ...]:
    """Return what lengthens beside the one that governs, where that is in force.

    What would go before the ``first`` but is not in force; what one person added; and the first
    itself, where something longer took its place.
    """
    if not first.standing.in_force:
        return ()
    return tuple(
        one
        for one in candidates
        if one is not governing
        if one is first
        or (one.standing.in_force and one.standing.name in longer)
        or (
            not one.standing.in_force
            and (one.standing.keeps or one.standing.place >= first.standing.place)
        )
    )


def _not_before(
    governing: Candidate,
    reserve: tuple[Candidate, ...],
    floors: tuple[tuple[Clock, str], ...],
) -> date | None:
    """Return the day after the last of all ends; None where one of the rows has none."""
    ends = [one.ends for one in (governing, *reserve)]
    last = max((one for one in ends if one is not None), default=None)
    if last is None or None in ends or last == date.max:
        return None
    floor = max((one.ends for one, _ in floors if one.ends is not None), default=last)
    last = max(last, floor)
    return last + ONE_DAY if last < date.max else None


def due(
    records: Iterable[RecordFacts],
    packs: Sequence[Pack],
    decisions: Decisions,
    city: City,
    as_of: date,
) -> Iterator[Verdict]:
    """Yield what is to be said of each record on a day, in the order of the records."""
    engine = Engine(packs, decisions, city, as_of)
    return map(engine.judge, records)
