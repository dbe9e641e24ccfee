"""Records judged by cells have the verdicts that the plain statement gives each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings

from archiver.edges.duck import DuckEngine
from archiver.flows.cells import gathered
from archiver.flows.judging import Judge
from archiver.flows.ruling import each_judged
from archiver.retention.compiled import COLUMNS, fact_tables
from archiver.retention.due import Engine
from tests.retention.worlds import World, world, worlds
from tests.sim.mutants import Edit, Mutant, planted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from archiver.retention.facts import RecordFacts

ALIKE = 4
"""Records of a world that have the same facts."""

FACTS = ("removed", "modified", "account", "created", "removed", "posted", "public")

JUDGING, TOUCHED = "archiver.flows.judging", "archiver.flows.touched"
CELLS, RULED = "archiver.flows.cells", "archiver.flows.ruled"

_KEY, _DROPPED = "numbered(read.columns)", "numbered(read.drop_columns([{!r}]).columns)"

SEEDS = {"has one cell whatever is removed": 4, "has one cell whatever is created": 5}
"""Worlds that find them; the others are found by the first."""

MUTANTS = tuple(
    Mutant(name, SEEDS.get(name, 0), (Edit(*edit),))
    for name, edit in {
        **{
            f"has one cell whatever is {one}": (CELLS, _KEY, _DROPPED.format(one))
            for one in ("removed", "account", "created")
        },
        "leaves the last leaf of a stretch out": (
            TOUCHED, 'stretches["last"], "right"', 'stretches["last"], "left"',
        ),
        "leaves out one who is named by id": (
            TOUCHED, ".filter(by_id)])", ".filter(by_id).slice(1)])",
        ),
        "takes a hold for a review": (
            JUDGING, '((HOLDING, "held"), (REVIEWED, "reviewed"))',
            '((REVIEWED, "held"), (HOLDING, "reviewed"))',
        ),
        "forgets the events of one record": (
            JUDGING, "pa.concat_tables([events, more])", "events",
        ),
        "goes by the rules of before": (
            JUDGING, "!= self._rules:", "!= self._rules and not self._rules:",
        ),
        "counts some records twice": (
            JUDGING, "return pc.subtract(every, _or_none(taken))", "return every",
        ),
        "takes a day that is to come for one that has": (RULED, "pc.greater(days", "pc.less(days"),
    }.items()
)  # fmt: skip
"""Defects planted in the cells, each of which a world must find."""

_KINDS = {"text": pa.string(), "day": pa.date32(), "yes": pa.bool_()}


def table(records: Iterable[RecordFacts]) -> pa.Table:
    """Return facts as a table, with leaves."""
    known = list(records)
    fields = [one.split() for one in COLUMNS["facts"].split(", ")]
    columns = zip(*fact_tables(known)[0].rows, strict=True)
    leaves = [[leaf for pair in one.leaves for leaf in range(*pair)] for one in known]
    return pa.table(
        {
            **{
                name: pa.array(values, _KINDS[kind])
                for (name, kind), values in zip(fields, columns, strict=True)
            },
            "leaves": pa.array(leaves, pa.list_(pa.int64())),
        }
    )


def crowded(world: World) -> World:
    """Return a world in which some records differ by id and leaves alone, some by one fact more."""
    known = list(world.records)
    records = []
    for number, one in enumerate(known):
        like = replace(known[number // ALIKE], record=one.record, leaves=one.leaves)
        if number % ALIKE == ALIKE - 1:
            name = FACTS[number // ALIKE % len(FACTS)]
            like = replace(like, **{name: getattr(one, name)})
        records.append(like)
    return world._replace(records=records)


def counted(rows: pa.Table) -> set[tuple[object, ...]]:
    """Return rows counted as groups, by a loop over them."""
    groups: dict[tuple[object, ...], list[date | None]] = {}
    for one in rows.to_pylist():
        key = one["state"], one["series"], one["then"], tuple(one["blockers"])
        groups.setdefault(key, []).append(one["not_before"])
    return {
        (
            *key,
            len(days),
            *(edge((one for one in days if one), default=None) for edge in (min, max)),
        )
        for key, days in groups.items()
    }


def compare(world: World) -> None:
    """Judge a world, and then again on other days and without its holds: by cells and plainly."""
    facts = table(world.records)
    judge = Judge(gathered(facts))
    fewer = replace(world.decisions, holds=world.decisions.holds[1:])
    with DuckEngine() as database:
        for decisions, days in ((world.decisions, 0), (fewer, 0), (fewer, 500), (fewer, -300)):
            as_of = world.as_of + timedelta(days)
            engine = Engine(world.packs, decisions, world.city, as_of)
            plain = each_judged(database, engine, facts)
            found = judge.rule(database, engine)
            assert found.rows.to_pylist() == plain.to_pylist()
            assert {(one.state, *one.kind[:3], *one[2:]) for one in found.groups()} == counted(
                plain
            )
            days_told = [one for one in plain["not_before"].to_pylist() if one]
            assert sum(count for *_, count in found.days()) == len(days_told)


@given(worlds)
@settings(max_examples=3, deadline=None)
def test_cells_and_plain_statement_agree(world: World) -> None:
    """Both judge a made-up world alike, in which records share their facts."""
    compare(crowded(world))


@pytest.mark.soak
@given(worlds)
@settings(max_examples=2000, deadline=None)
def test_cells_and_plain_statement_agree_for_long(world: World) -> None:
    """Both judge thousands of made-up worlds alike."""
    compare(crowded(world))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_mutant_of_them_is_killed(mutant: Mutant) -> None:
    """A planted defect makes the two disagree about a world."""
    with planted(mutant), pytest.raises(AssertionError):
        compare(crowded(world(mutant.seed)))
