"""Records judged by the engine's SQL: retention over many records at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from archiver.retention.compiled import COLUMNS, Table, fact_tables, rule_tables
from archiver.retention.sql import SQL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.ports import Engine as Database
    from archiver.retention.due import Engine
    from archiver.retention.facts import RecordFacts

__all__ = ["arrow", "rulings"]

_TYPES = {"text": pa.string(), "day": pa.date32(), "yes": pa.bool_(), "whole": pa.int64()}


def arrow(table: Table) -> pa.Table:
    """Return a table of the engine as Arrow holds it."""
    names, types = zip(*(one.split() for one in COLUMNS[table.name].split(", ")), strict=True)
    columns = list(zip(*table.rows, strict=True)) or [()] * len(names)
    return pa.table(
        {
            name: pa.array(values, _TYPES[kind])
            for name, kind, values in zip(names, types, columns, strict=True)
        }
    )


def rulings(
    database: Database, engine: Engine, records: Iterable[RecordFacts]
) -> list[dict[str, Any]]:
    """Return of each record ``record series then not_before blockers state``, by id."""
    tables = (*fact_tables(records), *rule_tables(engine))
    return database.query({one.name: arrow(one) for one in tables}, SQL, ()).to_pylist()
