"""Retention of an archive's records: what is due on a day, why, and what will be.

People's decisions are those of the ledger. Where it has no adoption, everything is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.errors import UsageError
from archiver.flows.cells import gathered
from archiver.flows.decisions import decisions
from archiver.flows.judging import Judge
from archiver.flows.ledger import read_state
from archiver.flows.packs_at_hand import packs_at_hand
from archiver.flows.record_facts import as_values, known_facts
from archiver.flows.supposing import supposed
from archiver.retention.calendar import FiscalYear, day_of, known_zone
from archiver.retention.city import City, Default
from archiver.retention.due import Engine, State, Verdict
from archiver.retention.explaining import PROBLEMS, locked_until, trace
from archiver.retention.standing import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.ruled import Group, Ruled
    from archiver.ledger.state import LedgerState
    from archiver.retention_settings import RetentionSettings

__all__ = [
    "LISTED",
    "STATES",
    "Evaluation",
    "about",
    "city_of",
    "due",
    "evaluation",
    "explain",
    "reconsidered",
    "told_day",
]

STATES = tuple(str(one) for one in State)
LISTED = (State.ELIGIBLE, State.BLOCKED, State.WOULD_BE_DUE)
"""States of records that are listed one by one where nothing else is asked."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of an archive: its engine, and of each record facts and what the SQL says."""

    engine: Engine
    tree_size: int
    facts: pa.Table
    ruling: Ruled
    not_asked: dict[str, int]
    unfit: list[str]

    @property
    def ruled(self) -> pa.Table:
        """What the SQL says of each record, in the order of the facts."""
        return self.ruling.rows

    def about(self) -> dict[str, Any]:
        """Return what every document says of the evaluation that it is about."""
        return {
            **about(self.engine.city, self.engine.as_of, self.tree_size),
            "not_asked": self.not_asked,
            "unfit_packs": self.unfit,
        }


def about(city: City, as_of: date, tree_size: int) -> dict[str, Any]:
    """Return what a document says of the day, the city and the log that it is about."""
    return {
        "as_of": str(as_of),
        "zone": city.zone,
        "jurisdiction": city.jurisdiction,
        "fiscal_year_end": f"{city.fiscal_year.month:02}-{city.fiscal_year.day:02}",
        "tree_size": tree_size,
    }


def city_of(settled: RetentionSettings) -> City:
    """Return what a city settled. Raises `FormatError` for a zone or day that is none."""
    known_zone(settled.zone)
    return City(
        jurisdiction=settled.jurisdiction,
        zone=settled.zone,
        fiscal_year=FiscalYear.parse(settled.fiscal_year_end),
        classes=tuple(Default(one.klass, one.account, one.stream) for one in settled.classes),
        defaults=tuple(
            Default(one.series, one.account, one.stream, one.klass) for one in settled.default
        ),
    )


def told_day(archive: Archive, city: City, text: str) -> date:
    """Return the day that is asked about, today by the city's calendar where none is named.

    Raises `UsageError` for what is no day.
    """
    if not text:
        return day_of(archive.clock.now(), city.zone)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("not a day", where=text, mend="write it as 2026-11-20") from error


def evaluation(
    archive: Archive,
    as_of: str,
    *,
    private: bool = False,
    suppose: Collection[str] = (),
) -> Evaluation:
    """Evaluate every record that may be asked on a day.

    Args:
        archive: where.
        as_of: ``YYYY-MM-DD`` by the city's calendar, empty for today.
        private: look into encrypted streams too; the look is noted.
        suppose: schedules to evaluate as if they were adopted and confirmed on the day before.
            Nothing is recorded.
    """
    city = city_of(archive.retention)
    day = told_day(archive, city, as_of)
    state = read_state(archive)
    engine, unfit = _engine(archive, state, city, day, suppose)
    asked = known_facts(archive, state, city, day, private=private)
    with archive.engine() as database:
        ruling = Judge(gathered(asked.facts)).rule(database, engine)
    return Evaluation(engine, state.size, asked.facts, ruling, asked.not_asked, unfit)


def reconsidered(archive: Archive, found: Evaluation, suppose: Collection[str]) -> Evaluation:
    """Return an evaluation of the same facts as if schedules were adopted and confirmed."""
    state, old = read_state(archive), found.engine
    engine, _ = _engine(archive, state, old.city, old.as_of, suppose)
    with archive.engine() as database:
        ruling = Judge(found.ruling.cells).rule(database, engine)
    return replace(found, engine=engine, ruling=ruling)


def _engine(
    archive: Archive, state: LedgerState, city: City, day: date, suppose: Collection[str]
) -> tuple[Engine, list[str]]:
    """Return the engine of a day, and kept schedules that do not fit."""
    begins = datetime.combine(day, time(), known_zone(city.zone))
    decided = decisions(archive, state, begins.astimezone(UTC))
    packs, unfit = packs_at_hand(archive, state)
    if suppose:
        decided = supposed(decided, packs, suppose, day)
    return Engine(packs, decided, city, day), unfit


def due(found: Evaluation, states: Collection[str] = LISTED) -> dict[str, Any]:
    """Return what is due: groups of all records, those in some states one by one, and tasks."""
    _check(states)
    wanted = pc.is_in(found.ruled["state"], pa.array(sorted(states), pa.string()))
    groups = _groups(found.ruling)
    return {
        **found.about(),
        "groups": groups,
        "records": [
            _listed(found.engine.judge(one)) for one in as_values(found.facts.filter(wanted))
        ],
        "tasks": _tasks(found.engine, groups),
    }


def _check(states: Collection[str]) -> None:
    unknown = sorted(set(states) - set(STATES))
    if unknown:
        mend = f"states: {', '.join(STATES)}"
        raise UsageError("no such state", where=", ".join(unknown), mend=mend)


def _groups(ruling: Ruled) -> list[dict[str, Any]]:
    """Return records counted by state, series and what stands in the way."""
    merged: dict[tuple[str, str, str, str], list[Group]] = {}
    for one in ruling.groups():
        key = one.state, one.kind.series, one.kind.then, " ".join(one.kind.blockers)
        merged.setdefault(key, []).append(one)
    return [
        {
            **dict(zip(("state", "series", "then"), key, strict=False)),
            "blockers": key[-1].split(),
            "records": sum(one.records for one in several),
            "first": _spelled(min((one.first for one in several if one.first), default=None)),
            "last": _spelled(max((one.last for one in several if one.last), default=None)),
        }
        for key, several in sorted(
            merged.items(), key=lambda one: (STATES.index(one[0][0]), one[0][1:])
        )
    ]


def _spelled(day: date | None) -> str | None:
    return None if day is None else str(day)


def _listed(verdict: Verdict) -> dict[str, Any]:
    return {
        "record": verdict.record,
        "state": str(verdict.state),
        "series": verdict.series,
        "then": verdict.then,
        "not_before": _spelled(verdict.not_before),
        "locked_until": locked_until(verdict),
        "blockers": list(verdict.blockers),
        "awaits": list(verdict.awaits),
        "holds": [one.id for one in verdict.holds],
    }


def _tasks(engine: Engine, groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is to be done about series that are not in force, and how many wait for it."""
    waiting: Counter[tuple[str, str]] = Counter()
    for one in groups:
        for code in PROBLEMS.keys() & one["blockers"]:
            waiting[one["series"], str(code)] += one["records"]
    lapsed = {
        (name, str(standing.problem))
        for name, standing in engine.docket.rows.items()
        if standing.problem == Problem.LAPSED
    }
    return [
        {
            "code": code,
            "series": series,
            "what": PROBLEMS[Problem(code)],
            "records": waiting[series, code],
        }
        for series, code in sorted({*waiting, *lapsed})
    ]


def explain(found: Evaluation, record: str) -> dict[str, Any]:
    """Return why a record stands where it stands, step by step with citations.

    Raises `UsageError` for a record that was not asked.
    """
    facts = as_values(found.facts.filter(pc.equal(found.facts["record"], pa.scalar(record))))
    if not facts:
        raise UsageError(
            "no such record among those that may be asked",
            where=record,
            mend="see `archiver search`; a private one needs --private and --key",
        )
    verdict = found.engine.judge(facts[0])
    steps = [{"text": one.text, "citation": one.citation} for one in trace(verdict)]
    return {**found.about(), **_listed(verdict), "trace": steps}
