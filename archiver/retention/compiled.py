"""What the SQL of the retention engine reads, as tables. Pure.

What is the same for all records (which rows stand, which decisions count) is worked out by the
same code as in the reference and handed over as small tables; what is different for each record
(its series, clocks, order of rows, blockers) is said a second time in `archiver.retention.sql`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from archiver.retention.schedule import EVENTS, Combine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archiver.retention.assigning import Assigned
    from archiver.retention.due import Engine
    from archiver.retention.facts import Dated, RecordFacts
    from archiver.retention.schedule import Term

__all__ = ["CLASSIFIED", "COLUMNS", "HOLDING", "REVIEWED", "Table", "fact_tables", "rule_tables"]

COLUMNS = {
    "facts": (
        "record text, account text, stream text, content_class text, first_seen day, "
        "created day, created_claimed yes, posted day, posted_claimed yes, "
        "modified day, modified_claimed yes, public yes, removed day"
    ),
    "leaf": "record text, leaf whole",
    "rows": "name text, place whole, keeps whole, problem text, then text, everything yes",
    "term": (
        "name text, floor yes, combine text, trigger text, event text, cutoff text, "
        "known yes, months whole, days whole"
    ),
    "fallback": "account text, stream text, content_class text, series text",
    "classification": "place whole, lengthens yes, series text",
    "member": "kind text, place whole, record text",
    "stretches": "stretch whole, first whole, last whole",
    "covering": "stretch whole, kind text, place whole",
    "event": "name text, subject text, day day",
    "settled": "as_of day, fiscal_month whole, fiscal_day whole",
}
"""Every table of the statement: columns with their types ``text day yes whole``."""

CLASSIFIED, HOLDING, REVIEWED = "classified", "hold", "reviewed"
"""Kinds of ``member`` and ``covering``: sets of decisions that a record may be in."""


class Table(NamedTuple):
    """Rows of one table, in the order of its columns."""

    name: str
    rows: list[tuple[object, ...]]


def fact_tables(records: Iterable[RecordFacts]) -> tuple[Table, Table]:
    """Return the tables of records and of their leaves."""
    facts: list[tuple[object, ...]] = []
    leaves: list[tuple[object, ...]] = []
    for one in records:
        facts.append(
            (
                *(one.record, one.account, one.stream, one.content_class, one.first_seen),
                *_dated(one.created),
                *_dated(one.posted),
                *_dated(one.modified),
                *(one.public, one.removed),
            )
        )
        leaves += [(one.record, leaf) for first, end in one.leaves for leaf in range(first, end)]
    return Table("facts", facts), Table("leaf", leaves)


def _dated(one: Dated | None) -> tuple[object, ...]:
    return (None, False) if one is None else (one.day, one.claimed)


def rule_tables(engine: Engine) -> tuple[Table, ...]:
    """Return everything that is the same for all records of an evaluation, as tables."""
    standing = engine.docket.rows.values()
    everything = set(engine.docket.everything)
    then = {one.name: str(one.row.then) if one.row else "" for one in standing}
    sets: list[tuple[str, Sequence[Assigned]]] = [
        (CLASSIFIED, engine.classifications),
        (HOLDING, engine.holds),
        (REVIEWED, engine.reviews),
    ]
    fiscal = engine.city.fiscal_year
    return (
        Table(
            "rows",
            [
                (
                    one.name,
                    one.place,
                    one.keeps,
                    one.problem,
                    then[one.name],
                    one.name in everything,
                )
                for one in standing
            ],
        ),
        Table("term", list(_terms(engine))),
        Table(
            "fallback",
            [
                (one.account, one.stream, one.content_class, one.into)
                for one in engine.city.defaults
            ],
        ),
        Table(
            "classification",
            [
                (place, one.lengthens, name)
                for place, one in enumerate(engine.classifications)
                for name in one.series
            ],
        ),
        Table("member", [row for kind, several in sets for row in _members(kind, several)]),
        *_stretches([row for kind, several in sets for row in _ranges(kind, several)]),
        Table("event", [(*key, day) for key, day in engine.events.items()]),
        Table("settled", [(engine.as_of, fiscal.month, fiscal.day)]),
    )


def _terms(engine: Engine) -> Iterator[tuple[object, ...]]:
    for one in engine.docket.rows.values():
        for term in one.row.terms if one.row else ():
            yield one.name, False, one.row.combine if one.row else "", *_term(term)
    for place, floor in enumerate(engine.docket.floors):
        yield f"floor {place}", True, Combine.ALL, *_term(floor.term)


def _term(term: Term) -> tuple[object, ...]:
    kind = "event" if term.trigger in EVENTS else term.trigger
    months, days = term.period or (0, 0)
    return kind, term.name, term.cutoff, term.period is not None, months, days


def _members(kind: str, several: Sequence[Assigned]) -> Iterator[tuple[object, ...]]:
    for place, one in enumerate(several):
        for record in one.records.ids | getattr(one, "matched", frozenset()):
            yield kind, place, record


def _ranges(kind: str, several: Sequence[Assigned]) -> Iterator[_Range]:
    for place, one in enumerate(several):
        for first, end in one.records.leaves:
            yield _Range(first, end, kind, place)


class _Range(NamedTuple):
    first: int
    end: int
    kind: str
    place: int


def _stretches(ranges: Iterable[_Range]) -> tuple[Table, Table]:
    """Return disjoint stretches of leaves, and which sets cover each.

    Sets overlap; stretches do not, so each leaf is looked up once, however many sets there are.
    """
    changes: defaultdict[int, list[tuple[bool, _Range]]] = defaultdict(list)
    for one in ranges:
        changes[one.first].append((True, one))
        changes[one.end].append((False, one))
    stretches: list[tuple[object, ...]] = []
    covering: list[tuple[object, ...]] = []
    open_ones: Counter[tuple[str, int]] = Counter()
    edges = sorted(changes)
    for number, (first, end) in enumerate(pairwise(edges)):
        for begins, one in changes[first]:
            key = one.kind, one.place
            open_ones[key] += 1 if begins else -1
            if not open_ones[key]:
                del open_ones[key]  # else each edge asks all sets
        if open_ones:
            stretches.append((number, first, end - 1))
            covering += [(number, *key) for key in open_ones]
    return Table("stretches", stretches), Table("covering", covering)
