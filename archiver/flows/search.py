"""Search: a query over the rows of the archive, from verified bytes only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from archiver.columns import COLUMNS
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, table_of
from archiver.formats.parquet import schema_of
from archiver.record import Sensitivity, Stream
from archiver.search.query import Query, compile_query

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued

__all__ = ["Query", "SearchResult", "empty_rows", "search"]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Every hit, and what was and was not searched (rows by stream)."""

    query: dict[str, str]
    tree_size: int
    hits: list[dict[str, Any]]
    searched: dict[str, int]
    not_searched: dict[str, int]


def search(archive: Archive, query: Query, *, private: bool = False) -> SearchResult:
    """Return every record that a query finds: exhaustive, oldest first.

    ``private``: look into encrypted streams too, as far as this home has their keys.
    Raises `IntegrityError` where a stored file is not the one that was sealed.
    """
    sql, parameters = compile_query(query)
    state = read_state(archive)
    tables: list[pa.Table] = [empty_rows()]
    searched: dict[str, int] = {}
    skipped: dict[str, int] = {}
    for one in catalog(archive, state):
        if query.stream and one.stream and one.stream != query.stream:
            continue
        if _readable(one, private=private):
            tables.append(table_of(archive, one.segment))
            searched[one.stream] = searched.get(one.stream, 0) + one.rows
        else:
            name = one.stream or "private, no key here"
            skipped[name] = skipped.get(name, 0) + one.rows
    rows = pa.concat_tables(tables, promote_options="default")
    with archive.engine() as engine:
        hits = engine.query({"rows": rows}, sql, parameters).to_pylist()
    return SearchResult(asdict(query), state.size, hits, searched, skipped)


def _readable(one: Catalogued, *, private: bool) -> bool:
    public = one.segment.sensitivity == Sensitivity.PUBLIC
    return bool(one.stream) and one.stream != Stream.WORKFLOW and (public or private)


def empty_rows() -> pa.Table:
    """Return no rows with all columns, so that every query finds its columns."""
    fields = {field.name: field for stream in Stream for field in schema_of(stream)}
    columns = [fields[name].remove_metadata() for name in COLUMNS if name in fields]
    columns += [pa.field("leaf", pa.int64()), pa.field("sensitivity", pa.string())]
    return pa.schema([*columns, pa.field("segment", pa.string())]).empty_table()
