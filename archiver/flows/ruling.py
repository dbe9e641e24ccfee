"""Records judged by the engine's SQL, each by itself and some at a time.

What is asked of an archive is judged by cells (`archiver.flows.judging`), with this statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.retention.compiled import COLUMNS, Table, fact_tables, rule_tables
from archiver.retention.sql import SQL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archiver.ports import Engine as Database
    from archiver.retention.due import Engine
    from archiver.retention.facts import RecordFacts

__all__ = ["FACTS", "each_judged", "leaves_of", "parts", "rulings", "said", "tables_of"]

AT_ONCE = 250_000
"""Records that one statement judges: what it holds in memory is some kilobytes for each."""

FACTS = tuple(one.split()[0] for one in COLUMNS["facts"].split(", "))
"""What the statement reads of a record, its id first."""

_TYPES = {"text": pa.string(), "day": pa.date32(), "yes": pa.bool_(), "whole": pa.int64()}


def each_judged(database: Database, engine: Engine, facts: pa.Table) -> pa.Table:
    """Return of each record ``record series then not_before blockers state``, in the same order.

    ``facts``: columns of ``facts`` and ``leaves`` (`archiver.retention.facts_sql`), by id.
    """
    rules = tables_of(engine)
    return said(
        database,
        ({**rules, "facts": one.select(FACTS), "leaf": leaves_of(one)} for one in parts(facts)),
    )


def said(database: Database, several: Iterable[Mapping[str, pa.Table]]) -> pa.Table:
    """Return what the statement says of some records after others: all its tables of each."""
    return pa.concat_tables([database.query(tables, SQL, ()) for tables in several])


def parts(table: pa.Table) -> Iterator[pa.Table]:
    """Yield a table in parts of as many records as are judged at once: one at least."""
    for first in range(0, max(table.num_rows, 1), AT_ONCE):
        yield table.slice(first, AT_ONCE)


def tables_of(engine: Engine) -> dict[str, pa.Table]:
    """Return the tables of everything that is the same for all records, by name."""
    return {one.name: _arrow(one) for one in rule_tables(engine)}


def leaves_of(facts: pa.Table) -> pa.Table:
    """Return every leaf of records beside its record."""
    leaves = facts["leaves"].combine_chunks()
    records = facts["record"].combine_chunks().take(pc.list_parent_indices(leaves))
    return pa.table({"record": records, "leaf": pc.list_flatten(leaves)})


def rulings(
    database: Database, engine: Engine, records: Iterable[RecordFacts]
) -> list[dict[str, Any]]:
    """Return the same of records that are values, by id."""
    tables = (*fact_tables(records), *rule_tables(engine))
    return database.query({one.name: _arrow(one) for one in tables}, SQL, ()).to_pylist()


def _arrow(table: Table) -> pa.Table:
    names, types = zip(*(one.split() for one in COLUMNS[table.name].split(", ")), strict=True)
    columns = list(zip(*table.rows, strict=True)) or [()] * len(names)
    return pa.table(
        {
            name: pa.array(values, _TYPES[kind])
            for name, kind, values in zip(names, types, columns, strict=True)
        }
    )
