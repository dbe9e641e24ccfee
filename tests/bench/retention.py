"""Retention of many records by summary cells, against a bare scan of the columns it reads.

    python -m tests.bench.retention 20000000 3      records, repetitions

Prints one JSON document. Records are spread evenly over accounts, streams and days: that makes
the most cells. Holds are as in life: of custodians, all that an account has in runs of leaves, and
of queries, single records by id and leaf.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from archiver.edges.duck import DuckEngine
from archiver.flows.cells import gathered
from archiver.flows.judging import Judge
from archiver.flows.ruling import each_judged
from archiver.ledger import ranges
from archiver.retention.calendar import Cutoff, FiscalYear, Period
from archiver.retention.city import City, Default
from archiver.retention.decisions import Adoption, Decisions, Hold, HoldKind, Reading, Records
from archiver.retention.due import Engine
from archiver.retention.schedule import (
    Combine,
    Confidence,
    Pack,
    Rank,
    Row,
    Source,
    Term,
    Then,
    Trigger,
)
from tests.bench import measure

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main", "measured", "retention_rows"]

ACCOUNTS, STREAMS = 60, ("posts", "comments", "messages", "media", "reactions")
ROWS, CUSTODIANS, QUERIES, DAYS = 300, 5, 35, 5800
HITS, BATCH = 300, 5000
SAMPLE, MANY = 100_000, 20_000_000
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
FIRST_DAY = (date(2010, 1, 1) - date(1970, 1, 1)).days
TODAY = date(2026, 11, 30)
_EACH = ("scan", "groups", "another", "rows", "plain")
SCAN = "SELECT max(record), max(account), max(stream), max(created), max(removed) FROM facts"


class Measured(NamedTuple):
    """What there was, and CPU seconds: of what is done once, and of each repetition."""

    records: int
    cells: int
    held: int
    gathered: float
    judged: float
    gigabytes: float
    scan: list[float]
    groups: list[float]
    another: list[float]
    rows: list[float]
    plain: list[float]


def retention_rows(found: Measured) -> tuple[list[measure.Row], str]:
    """Return what was measured as rows of the table, and in words."""
    scan, many = found.scan, found.records
    ready = [found.gathered + found.judged]
    goal = 0.5 if many >= MANY else None  # the fewer, the more of them are a cell of their own
    rows = [
        measure.Row(name, "scan of five columns", ours, scan, best, items)
        for name, ours, best, items in (
            ("retention, groups, cells ready", found.groups, goal, many),
            ("retention, groups, one hold more", found.another, None, many),
            ("retention, every record, cells", found.rows, None, many),
            ("retention, cells made and judged", ready, None, many),
            ("retention, plain SQL, by sample", found.plain, None, many),
        )
    ]
    told = (
        f"retention: {many:,} records, {ROWS} rows, {CUSTODIANS + QUERIES} holds on "
        f"{found.held:,} records, {found.cells:,} cells, at most {found.gigabytes:.1f} GB; plain "
        f"SQL judged {min(SAMPLE, many):,} of them, each as long as the others"
    )
    return rows, told


def measured(records: int, repetitions: int) -> Measured:
    """Judge so many records, by rows and holds, and scan five of their columns, in turn."""
    facts = _facts(records)
    holds, extra = _holds(facts, repetitions)
    with DuckEngine() as database:
        gathering, cells = measure.timed(lambda: gathered(facts))
        judge = Judge(cells)
        engine = _engine(holds, TODAY)
        judging, first = measure.timed(lambda: judge.rule(database, engine))
        took: dict[str, list[float]] = {name: [] for name in _EACH}
        for number in range(repetitions):
            seconds, _ = measure.timed(lambda: database.query({"facts": facts}, SCAN, ()))
            took["scan"].append(seconds)
            engine = _engine(holds, TODAY + timedelta(1 + number))
            more = _engine([*holds, extra[number]], TODAY)
            seconds, found = measure.timed(partial(_counted, judge, database, engine))
            assert found == records
            took["groups"].append(seconds)
            seconds, found = measure.timed(partial(_counted, judge, database, more))
            assert found == records
            took["another"].append(seconds)
            seconds, every = measure.timed(partial(_every, judge, database, engine))
            took["rows"].append(seconds)
            places = pa.array(range(0, records, max(records // SAMPLE, 1)))
            some = facts.take(places)
            seconds, said = measure.timed(partial(each_judged, database, engine, some))
            took["plain"].append(seconds * records / some.num_rows)
            assert said.to_pylist() == every.take(places).to_pylist()
            del every
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    many = cells.facts.num_rows, len(first.number)
    return Measured(records, *many, gathering, judging, most, *(took[name] for name in _EACH))


def _counted(judge: Judge, database: DuckEngine, engine: Engine) -> int:
    """Count all groups; return of how many records."""
    return sum(one.records for one in judge.rule(database, engine).groups())


def _every(judge: Judge, database: DuckEngine, engine: Engine) -> pa.Table:
    """Return the verdict of every record."""
    return judge.rule(database, engine).rows


def _facts(count: int) -> pa.Table:
    chance = np.random.default_rng(1)
    day = (FIRST_DAY + chance.integers(0, DAYS, count)).astype("int32")
    account = np.sort(chance.integers(0, ACCOUNTS, count)).astype("int32")
    names = pa.array([f"a{number:02}" for number in range(ACCOUNTS)])
    accounts = names.take(_array(account))
    digits: Any = pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 9, "0")
    streams = chance.integers(0, len(STREAMS), count)
    stream = pa.array(STREAMS).take(_array(streams))
    still = chance.random(count) > 0.05  # of twenty one is removed, most within months
    later = np.minimum(chance.exponential(60, count), 1000).astype("int32") + 1
    made = pa.array(day).cast(pa.date32())
    joined: Any = pc.binary_join_element_wise
    nothing, no = pa.nulls(count, pa.date32()), pa.array(np.zeros(count, bool))
    return pa.table(
        {
            "record": joined("p:", accounts, ":s:", digits, ""),
            "account": accounts,
            "stream": stream,
            "content_class": pa.repeat("", count),
            "first_seen": made,
            "created": made,
            "created_claimed": no,
            "posted": nothing,
            "posted_claimed": no,
            "modified": nothing,
            "modified_claimed": no,
            "public": pa.array(np.ones(count, bool)),
            "removed": pa.array(day + later, mask=still).cast(pa.date32()),
            "leaves": pa.ListArray.from_arrays(
                _array(np.arange(count + 1, dtype="int32")), _array(_leaves(account, chance))
            ),
        }
    )


def _array(values: np.ndarray) -> Any:  # noqa: ANN401 - of any type
    """Return an array of numpy as Arrow has it."""
    return pa.array(values)


def _leaves(account: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Return a leaf of each record: accounts are captured in turn, some thousand records each."""
    captured = np.lexsort((chance.random(len(account)), account))  # what comes when has no order
    batches = np.array_split(captured, max(len(captured) // BATCH, 1))
    order = chance.permutation(len(batches))
    leaves = np.empty(len(account), "int64")
    leaves[np.concatenate([batches[place] for place in order])] = np.arange(len(account))
    return leaves


def _holds(facts: pa.Table, more: int) -> tuple[list[Hold], list[Hold]]:
    """Return holds of custodians and of queries, and so many more of other custodians."""
    chance = np.random.default_rng(2)
    account: Any = facts["account"].combine_chunks()
    leaves: Any = facts["leaves"].combine_chunks()
    leaf = leaves.flatten().to_numpy()
    sets = []
    for number in range(CUSTODIANS + more):
        mine: Any = pc.equal(account, pa.scalar(f"a{number:02}"))
        own = mine.to_numpy(zero_copy_only=False)
        sorted_leaves = np.sort(leaf[own])
        breaks = np.flatnonzero(np.diff(sorted_leaves) > 1)
        firsts = sorted_leaves[np.concatenate([[0], breaks + 1])]
        ends = sorted_leaves[np.concatenate([breaks, [len(sorted_leaves) - 1]])] + 1
        pairs = zip(firsts.tolist(), ends.tolist(), strict=True)
        sets.append(Records(leaves=tuple(pairs)))
    for _ in range(QUERIES):
        hits = chance.choice(len(leaf), min(HITS, len(leaf) // 20), replace=False)
        own_leaves = ranges.from_numbers(sorted(leaf[hits].tolist()))
        ids: Any = facts["record"].take(_array(np.sort(hits))).to_pylist()
        sets.append(Records(frozenset(ids), tuple((first, end) for first, end in own_leaves)))
    holds = [
        Hold(
            entry=number, by=(), counts=LONG_AGO, id=f"h{number}", kind=HoldKind.AUDIT, matter="",
            records=one,
        )
        for number, one in enumerate(sets)
    ]  # fmt: skip
    return [*holds[:CUSTODIANS], *holds[CUSTODIANS + more :]], holds[CUSTODIANS:][:more]


def _engine(holds: Sequence[Hold], day: date) -> Engine:
    pack = Pack(
        schedule="city", version="1", title="A city", jurisdiction="US-XX", rank=Rank.LOCAL,
        opt_in=False, effective=None, expires=None, sources=(Source("law", "Law", ""),),
        rows=tuple(map(_row, range(ROWS))), floors=(), digest="d", adoption="an ordinance",
    )  # fmt: skip
    adoption = Adoption(
        entry=1, by=(), counts=LONG_AGO, schedule="city", version="1", digest="d", authority="",
        instrument="", effective=LONG_AGO.date(),
        readings=(Reading("law", "aa", "clerk", LONG_AGO.date()),),
    )  # fmt: skip
    defaults = tuple(
        Default(f"city/{place * len(STREAMS) + number}", f"a{place:02}", stream)
        for place in range(ACCOUNTS)
        for number, stream in enumerate(STREAMS)
    )
    city = City("US-XX", "America/Chicago", FiscalYear(12, 31), (), defaults)
    return Engine([pack], Decisions(adoptions=(adoption,), holds=tuple(holds)), city, day)


def _row(number: int) -> Row:
    terms = [Term(Trigger.CREATED, "", Cutoff.NONE, Period(12 + number % 84, 0))]
    if number % 3 == 0:
        terms.append(Term(Trigger.REMOVED, "", Cutoff.FISCAL_YEAR, Period(24, 0)))
    return Row(
        str(number), "A row", "all", False, Combine.LATEST, tuple(terms), Then.DESTROY,  # noqa: FBT003
        (), "Law", "law", Confidence.PRIMARY, "",
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """Measure as many records as often as is said; print what was found."""
    records, repetitions = map(int, arguments)
    print(json.dumps(measured(records, repetitions)._asdict()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
