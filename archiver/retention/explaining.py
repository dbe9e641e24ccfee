"""The trace of a verdict in plain words, each step with the citation that it rests on. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.retention.calendar import Cutoff
from archiver.retention.due import CLAIMED, State
from archiver.retention.schedule import Combine, Rank
from archiver.retention.standing import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.retention.assigning import Assignment
    from archiver.retention.due import Candidate, Verdict
    from archiver.retention.standing import Standing
    from archiver.retention.trigger import Clock

__all__ = ["PROBLEMS", "RANKS", "Step", "locked_until", "trace"]


class Step(NamedTuple):
    """One step of a trace: what is so, and where that is written (empty: a project's rule)."""

    text: str
    citation: str = ""


PROBLEMS = {
    Problem.UNKNOWN: "no rule pack at hand has this series",
    Problem.REQUIRED: "its period is not known: the row refuses until somebody writes it in",
    Problem.LAPSED: "the schedule, or the opt-in to it, has expired: renew it",
    Problem.NOT_ADOPTED: "no local authority has adopted this version of the schedule",
    Problem.NOT_OPTED_IN: "the city has not opted in to this series",
    Problem.NOT_CONFIRMED: "nobody who adopted it says to have read the text of the law",
}
"""Why a row is not in force, in words."""

RANKS = {
    Rank.LOCAL: "a local item",
    Rank.MUNICIPAL: "a municipal schedule",
    Rank.STATUTORY: "a statute",
}
_COMBINED = {
    Combine.ALL: "all of these must be over",
    Combine.LATEST: "the latest of these counts",
    Combine.EARLIEST: "the earliest of these counts",
}
_CUTOFFS = {
    Cutoff.MONTH: "end of the month",
    Cutoff.CALENDAR_YEAR: "end of the year",
    Cutoff.FISCAL_YEAR: "end of the fiscal year",
}
_TRIGGERS = {
    "created": "made",
    "posted": "posted",
    "last-modified": "last changed",
    "removed-from-public": "removed from public view",
}


def trace(verdict: Verdict) -> tuple[Step, ...]:
    """Return how a verdict came about, step by step."""
    return (
        *_assigned(verdict.assignment),
        *(step for one in verdict.candidates for step in _candidate(one)),
        *_governing(verdict),
        *_floors(verdict),
        *_blockers(verdict),
        Step(_conclusion(verdict)),
    )


def locked_until(verdict: Verdict) -> str:
    """Return until when nothing may be done with a record: a day, or what has to happen."""
    if verdict.eligible:
        return "not locked"
    if verdict.state == State.PERMANENT:
        return "for ever"
    day = verdict.not_before
    waits = [str(day)] if day and verdict.as_of < day else []
    waits += [f"{name} is recorded" for name in verdict.awaits]
    waits += [f"hold {one.id} is over" for one in verdict.holds]
    waits += [_WAITS[code] for code in verdict.blockers if code in _WAITS]
    if verdict.state == State.UNSCHEDULED:
        waits.append("it is put into a series")
    return ", and ".join(dict.fromkeys(waits))


_WAITS: dict[str, str] = {
    CLAIMED: "its claimed dates are reviewed",
    Problem.UNKNOWN: "it is put into a series that is known",
    Problem.REQUIRED: "the period is written into the pack",
    Problem.LAPSED: "the schedule is renewed",
    Problem.NOT_ADOPTED: "the schedule is adopted",
    Problem.NOT_OPTED_IN: "the city opts in",
    Problem.NOT_CONFIRMED: "the row is confirmed",
}


def _assigned(assignment: Assignment) -> Iterator[Step]:
    names = ", ".join(sorted(assignment.series))
    if not assignment.by:
        yield Step(
            f"By the city's defaults it is in {names}." if names else "Nobody put it into a series."
        )
        return
    for one in assignment.by:
        how = "kept longer as" if one.lengthens else "classified as"
        reason = f": {one.reason}" if one.reason else ""
        who = " and ".join(one.by)
        yield Step(
            f"It was {how} {', '.join(one.series)} by {who} (ledger entry {one.entry}){reason}."
        )


def _candidate(one: Candidate) -> Iterator[Step]:
    standing = one.standing
    if standing.row is None or standing.pack is None:
        yield Step(f"{standing.name}: {PROBLEMS[Problem.UNKNOWN]}.")
        return
    row, pack = standing.row, standing.pack
    state = PROBLEMS[standing.problem] if standing.problem else "in force"
    about = f"{standing.name} ({row.title}; {RANKS[pack.rank]}, version {pack.version})"
    yield Step(f"{about}: {state}.", row.citation)
    if one.clocks and len(one.clocks.each) > 1:
        yield Step(f"Of it, {_COMBINED[row.combine]}:")
    for clock in one.clocks.each if one.clocks else ():
        yield Step(_clock(clock), row.citation)
    if not row.terms:
        yield Step("It is kept for ever.", row.citation)


def _clock(clock: Clock) -> str:
    what = _TRIGGERS.get(clock.term.name)
    period = clock.term.period.words if clock.term.period else "a period that is not known"
    if not clock.applies:
        return f"It was never in public, so it cannot be {what}."
    if clock.started is None:
        missing = f"not {what} yet" if what else f"{clock.term.name} is not recorded"
        return f"The clock has not started: {missing}."
    begun = f"It was {what}" if what else f"{clock.term.name} is recorded"
    claimed = " (as the platform alone claims)" if clock.claimed else ""
    cut = f"; {_CUTOFFS[clock.term.cutoff]} {clock.cut}" if clock.cut != clock.started else ""
    end = f" to the end of {clock.ends}" if clock.ends else ""
    return f"{begun} on {clock.started}{claimed}{cut}; {period}{end}."


def _governing(verdict: Verdict) -> Iterator[Step]:
    if verdict.governing is None:
        return
    standing = verdict.governing.standing
    others = [one for one in verdict.candidates if one is not verdict.governing]
    if standing.in_force:
        yield Step(
            f"{standing.name} governs."
            if not others
            else f"{standing.name} governs: {_why(standing, others)}."
        )
        for one in others:
            if not one.standing.in_force and (
                one.standing.keeps or one.standing.place >= standing.place
            ):
                yield Step(
                    f"{one.standing.name} is not in force, so it can lengthen and never shorten."
                )
    else:
        yield Step(f"No row in force governs; by {standing.name} alone is said what would be due.")


def _why(standing: Standing, others: Iterable[Candidate]) -> str:
    in_force = [other.standing for other in others if other.standing.in_force]
    if not in_force:
        return "no other row is in force"
    if standing.keeps > max(other.keeps for other in in_force):
        return "what is permanent or to be appraised goes before all else"
    if standing.place > max(other.place for other in in_force):
        return "it goes before those of lower rank"
    if standing.place < max(other.place for other in in_force):
        return "what one person added takes part only where it keeps longer"
    return "of those of equal rank it keeps longest"


def _floors(verdict: Verdict) -> Iterator[Step]:
    for clock, citation in verdict.floors:
        if clock.ends is not None:
            yield Step(f"A policy keeps it longer if need be: {_clock(clock)}", citation)


def _blockers(verdict: Verdict) -> Iterator[Step]:
    for hold in verdict.holds:
        why = f": {hold.why}" if hold.why else ""
        yield Step(f"Hold {hold.id} ({hold.kind}) stands{why}.", hold.matter)
    if CLAIMED in verdict.blockers:
        yield Step("The platform alone tells its date; people have to review that first.")


def _conclusion(verdict: Verdict) -> str:
    done = f"{verdict.then} it" if verdict.then else "do anything with it"
    told = {
        State.ELIGIBLE: f"Due: since {verdict.not_before} one may {done}.",
        State.BLOCKED: f"Its period is over, but it is locked until {locked_until(verdict)}.",
        State.NOT_DUE: f"Not due: {done} not before {verdict.not_before}.",
        State.WOULD_BE_DUE: f"It would be due since {verdict.not_before}; nothing lets it go.",
        State.AWAITING: f"Kept until {', '.join(verdict.awaits)} has happened.",
        State.REFUSED: "Kept: the row that would govern has no period.",
        State.PERMANENT: "Kept for ever.",
        State.UNSCHEDULED: "Kept: it is in no series.",
    }
    return told[verdict.state]
