"""What a query reads of rows, and all of them as one table with what counts for their states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from archiver.columns import COLUMNS
from archiver.formats.parquet import schema_of
from archiver.record import Stream
from archiver.search.query import SEARCHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.flows.rows import Catalogued
    from archiver.search.query import Asked

__all__ = ["FOR_STATE", "columns_of", "empty_rows", "joined"]

FOR_STATE = ("record_id", "kind", "captured_at", "observation_id", "generation_of")
"""Columns that a segment contributes that is not searched: never its content."""

FOR_HITS = (
    *FOR_STATE,
    "account",
    "stream",
    "created_at",
    "author_name",
    "name",
    "title",
    "text",
    "file_name",
)
"""Columns that a query reads of what it searches, beside those that have the words."""

FOR_FIELDS = {
    "platform": ("platform",),
    "has": ("attachments", "media_type"),
    "in": ("native_id", "thread_id", "parent_id"),
}
"""Columns that fields of a query ask besides."""


def columns_of(asked: Asked) -> tuple[str, ...]:
    """Return the columns that a query reads of rows that may be found."""
    more = (column for name in asked.matching.fields for column in FOR_FIELDS.get(name, ()))
    words = SEARCHED if asked.matching.terms else ()
    return tuple(dict.fromkeys((*FOR_HITS, "url", *words, *more)))


def joined(parts: Iterable[tuple[Catalogued, pa.Table]], unread: Iterable[Catalogued]) -> pa.Table:
    """Return all rows, each with the last leaf that may say more of its stream unread."""
    tables = [empty_rows()]
    lasts: dict[tuple[str, str], int] = {}  # by account and stream; of unknown stream: ""
    for other in unread:
        key = other.segment.account, other.stream
        lasts[key] = max(lasts.get(key, -1), other.segment.leaves[-1][1] - 1)
    for one, table in parts:
        account = one.segment.account
        last = max(lasts.get((account, name), -1) for name in (one.stream, ""))
        column = pa.array([last] * table.num_rows, pa.int64())
        tables.append(table.append_column("unread", column))
    return pa.concat_tables(tables, promote_options="default")


def empty_rows() -> pa.Table:
    """Return no rows with all columns, so that every query finds its columns."""
    fields = {field.name: field for stream in Stream for field in schema_of(stream)}
    columns = [fields[name].remove_metadata() for name in COLUMNS if name in fields]
    beside = {"leaf": pa.int64(), "unread": pa.int64(), "searched": pa.bool_()}
    columns += [pa.field(name, type_) for name, type_ in beside.items()]
    return pa.schema(columns).empty_table()
