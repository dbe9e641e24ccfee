"""Retention of many records against a bare scan of the columns that it reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pyarrow as pa

from archiver.edges.duck import DuckEngine
from archiver.flows.ruling import judged
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

__all__ = ["retention_row"]

ACCOUNTS, STREAMS = 60, ("posts", "comments", "messages", "media", "reactions")
ROWS, HOLDS, DAYS = 300, 40, 5800
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
SCAN = "SELECT max(record), max(account), max(stream), max(created), max(removed) FROM facts"


def retention_row(records: int, repetitions: int) -> measure.Row:
    """Compare judging so many records, by 300 rows and 40 holds, with scanning five columns."""
    facts, engine = _facts(records), _engine(records)
    ours, scans = [], []
    for _ in range(repetitions):
        with DuckEngine() as database:
            seconds, found = measure.timed(lambda: judged(database, engine, facts))
            assert found.num_rows == records
            ours.append(seconds)
            tables = {"facts": facts}
            scans.append(measure.timed(lambda: database.query(tables, SCAN, ()))[0])  # noqa: B023
    name = f"retention, {ROWS} rows, {HOLDS} holds"
    return measure.Row(name, "scan of five columns", ours, scans, None, records)


def _facts(count: int) -> pa.Table:
    chance = Random(1)
    first = date(2010, 1, 1)
    made = [first + timedelta(chance.randrange(DAYS)) for _ in range(count)]
    accounts = [f"a{chance.randrange(ACCOUNTS)}" for _ in range(count)]
    removed = [day + timedelta(100) if chance.random() < 0.2 else None for day in made]
    nothing, no = pa.nulls(count, pa.date32()), pa.array([False] * count)
    return pa.table(
        {
            "record": [f"p:{one}:s:{number:09}" for number, one in enumerate(accounts)],
            "account": accounts,
            "stream": [chance.choice(STREAMS) for _ in range(count)],
            "content_class": [""] * count,
            "first_seen": pa.array(made),
            "created": pa.array(made),
            "created_claimed": no,
            "posted": nothing,
            "posted_claimed": no,
            "modified": nothing,
            "modified_claimed": no,
            "public": pa.array([True] * count),
            "removed": pa.array(removed, pa.date32()),
            "leaves": [[number] for number in range(count)],
        }
    )


def _engine(count: int) -> Engine:
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
    chance = Random(2)
    holds = tuple(
        Hold(
            entry=number, by=(), counts=LONG_AGO, id=f"h{number}", kind=HoldKind.AUDIT, matter="",
            records=Records(leaves=_ranges(chance, count)),
        )
        for number in range(HOLDS)
    )  # fmt: skip
    defaults = tuple(
        Default(f"city/{place * len(STREAMS) + number}", f"a{place}", stream)
        for place in range(ACCOUNTS)
        for number, stream in enumerate(STREAMS)
    )
    city = City("US-XX", "America/Chicago", FiscalYear(12, 31), (), defaults)
    return Engine([pack], Decisions(adoptions=(adoption,), holds=holds), city, date(2026, 11, 30))


def _row(number: int) -> Row:
    terms = [Term(Trigger.CREATED, "", Cutoff.NONE, Period(12 + number % 84, 0))]
    if number % 3 == 0:
        terms.append(Term(Trigger.REMOVED, "", Cutoff.FISCAL_YEAR, Period(24, 0)))
    return Row(
        str(number), "A row", "all", False, Combine.LATEST, tuple(terms), Then.DESTROY,  # noqa: FBT003
        (), "Law", "law", Confidence.PRIMARY, "",
    )  # fmt: skip


def _ranges(chance: Random, count: int) -> tuple[tuple[int, int], ...]:
    firsts = sorted(chance.sample(range(0, count, count // 100), 20))
    return tuple((first, first + count // 4000 + 1) for first in firsts)
