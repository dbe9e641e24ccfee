"""Search: a query over the rows of the archive, from verified bytes only.

Words are looked for in public segments, and on request in private ones. A record's state
is folded over all of its observations that this home can read, asked for or not: a state
that only the public ones tell would be false once a record has turned private.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.columns import COLUMNS
from archiver.errors import KeyStoreError
from archiver.flows.access import look, may_read, readable_streams
from archiver.flows.custody import withheld_from_all
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, table_of
from archiver.formats.parquet import schema_of
from archiver.ledger import ranges
from archiver.record import Sensitivity, Stream
from archiver.search.query import SEARCHED, UNKNOWN, Query, compile_query
from archiver.search.terms import searchable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState

__all__ = ["Query", "SearchResult", "empty_rows", "folded", "search"]

WITHHELD = "withheld by an order"
"""How rows are counted, beside those of streams, that nobody is shown."""

FOR_STATE = ("record_id", "kind", "captured_at", "observation_id", "generation_of")
"""Columns that a segment contributes that is not searched: never its content."""

FOR_HITS = (*FOR_STATE, "account", "stream", "created_at", "author_name", "name", "title", "text")
"""Columns that a query reads of what it searches, beside those that have the words."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Every hit, and what was and was not searched (rows by stream).

    ``unknown``: how many records match of which this home can't tell the latest state.
    They are hits too, unless another state was asked for.
    """

    query: dict[str, str]
    tree_size: int
    hits: list[dict[str, Any]]
    searched: dict[str, int]
    not_searched: dict[str, int]
    unknown: int


def search(archive: Archive, query: Query, *, private: bool = False) -> SearchResult:
    """Return every record that a query finds: exhaustive, oldest first.

    ``private``: look into encrypted streams too, as far as this home has their keys and
    whoever asks has the roles; the look is noted first (`archiver.flows.access`).

    Raises `UsageError` for a query that makes no sense, `IntegrityError` where a stored
    file is not the one that was sealed.
    """
    sql, parameters = compile_query(query)
    state = read_state(archive)
    parts: list[tuple[Catalogued, pa.Table]] = []
    unread: list[Catalogued] = []
    searched: dict[str, int] = {}
    skipped: dict[str, int] = {}
    chosen = [
        one
        for one in catalog(archive, state)
        if not query.stream or not one.stream or one.stream == query.stream
    ]
    looked = _looked_into(archive, state, chosen) if private else frozenset[str]()
    if looked:
        look(archive, "search", json.dumps(asdict(query), sort_keys=True), looked)
    hidden = withheld_from_all(archive, state)
    for one in chosen:
        asked = _asked(one, looked)
        table = _part(archive, one, query, asked=asked)
        if table is not None and ranges.overlap(one.segment.leaves, hidden):
            table = _without(table, hidden)
            skipped[WITHHELD] = skipped.get(WITHHELD, 0) + one.rows - table.num_rows
        if table is not None:
            parts.append((one, table))
        elif one.stream != Stream.WORKFLOW:
            unread.append(one)
        count = searched if asked and table is not None else skipped
        name = one.stream or "private, no key here"
        count[name] = count.get(name, 0) + one.rows
    with archive.engine() as engine:
        hits = engine.query({"rows": _joined(parts, unread)}, sql, parameters).to_pylist()
    unknown = sum(hit["state"] == UNKNOWN for hit in hits)
    if query.state:
        hits = [hit for hit in hits if hit["state"] == query.state]
    return SearchResult(asdict(query), state.size, hits, searched, skipped, unknown)


def _looked_into(
    archive: Archive, state: LedgerState, chosen: Iterable[Catalogued]
) -> frozenset[str]:
    """Return the private streams among these that whoever asks may read."""
    streams = readable_streams(archive, state)
    found = {one.stream for one in chosen if one.segment.sensitivity == Sensitivity.PRIVATE}
    found -= {Stream.WORKFLOW, ""}
    return frozenset(stream for stream in found if may_read(streams, stream))


def _asked(one: Catalogued, looked: Collection[str]) -> bool:
    public = one.segment.sensitivity == Sensitivity.PUBLIC
    return bool(one.stream) and one.stream != Stream.WORKFLOW and (public or one.stream in looked)


def _part(archive: Archive, one: Catalogued, query: Query, *, asked: bool) -> pa.Table | None:
    """Return what a segment contributes, or None where its key is not here."""
    if not one.stream or one.stream == Stream.WORKFLOW:
        return None
    try:
        table = table_of(archive, one.segment, _columns(query) if asked else FOR_STATE)
    except KeyStoreError:  # catalogued while the key was here
        return None
    if not asked:
        return table
    return table.append_column("folded", folded(table, words=bool(query.text)))


def _without(table: pa.Table, hidden: Ranges) -> pa.Table:
    """Return the rows that are not withheld from all."""
    leaves = pa.array(ranges.numbers(hidden), pa.int64())
    shown: Any = pc.invert(pc.is_in(table["leaf"], leaves))
    return table.filter(shown)


def _columns(query: Query) -> tuple[str, ...]:
    return (*FOR_HITS, "url", *(SEARCHED if query.text else ()))


def folded(table: pa.Table, *, words: bool = True) -> pa.Array[Any]:
    """Return the text of each row that words are looked for in; without words, none is."""
    if not words:
        return pa.array([""] * table.num_rows, pa.string())
    columns = [table[name].to_pylist() for name in SEARCHED if name in table.column_names]
    return pa.array([searchable(row) for row in zip(*columns, strict=True)], pa.string())


def _joined(parts: Iterable[tuple[Catalogued, pa.Table]], unread: Iterable[Catalogued]) -> pa.Table:
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
    beside = {"leaf": pa.int64(), "unread": pa.int64(), "folded": pa.string()}
    columns += [pa.field(name, type_) for name, type_ in beside.items()]
    return pa.schema(columns).empty_table()
