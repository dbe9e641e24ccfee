"""Search: a query over the rows of the archive, from verified bytes only.

Words are looked for in public segments, and on request in private ones. A record's state
is folded over all of its observations that this home can read, asked for or not: a state
that only the public ones tell would be false once a record has turned private.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.columns import COLUMNS
from archiver.errors import KeyStoreError, UsageError
from archiver.flows.access import look, may_read, readable_streams
from archiver.flows.custody import withheld_from_all
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, table_of
from archiver.flows.search_hits import hits_in, numbers
from archiver.formats.parquet import schema_of
from archiver.ledger import ranges
from archiver.record import Sensitivity, Stream
from archiver.search.matching import PART
from archiver.search.query import SEARCHED, UNKNOWN, Query, compile_query
from archiver.search.syntax import Phrase, spelled
from archiver.search.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.search.query import Asked

    Tables = Mapping[str, Callable[[], pa.Table]]
    """Tables by name that fields of a query ask, each made where it is asked."""

__all__ = ["Query", "SearchResult", "empty_rows", "search"]

WITHHELD = "withheld by an order"
"""How rows are counted, beside those of streams, that nobody is shown."""

FOR_STATE = ("record_id", "kind", "captured_at", "observation_id", "generation_of")
"""Columns that a segment contributes that is not searched: never its content."""

FOR_HITS = (*FOR_STATE, "account", "stream", "created_at", "author_name", "name", "title", "text")
"""Columns that a query reads of what it searches, beside those that have the words."""

FOR_FIELDS = {
    "platform": ("platform",),
    "has": ("attachments", "media_type"),
    "in": ("native_id", "thread_id", "parent_id"),
}
"""Columns that fields of a query ask besides."""

TABLES = {"series": "filed", "hold": "held", "custodian": "kept"}
"""Tables beside the rows that fields of a query ask."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Every hit, and what was and was not searched (rows by stream).

    ``told``: how the words were understood. ``terms``: each with the words of the archive that it
    found. ``unknown``: how many records match of which this home can't tell the latest state.
    They are hits too, unless another state was asked for.
    """

    query: dict[str, str]
    told: str
    terms: list[dict[str, Any]]
    tree_size: int
    hits: list[dict[str, Any]]
    searched: dict[str, int]
    not_searched: dict[str, int]
    unknown: int


def search(
    archive: Archive, query: Query, *, private: bool = False, tables: Tables | None = None
) -> SearchResult:
    """Return every record that a query finds: exhaustive, oldest first.

    Args:
        archive: where.
        query: what; its days are by the city's calendar.
        private: look into encrypted streams too, as far as this home has their keys and
            whoever asks has the roles; the look is noted first (`archiver.flows.access`).
        tables: what fields of a query ask beside rows (`TABLES`); none of the others may be asked.

    Raises `UsageError` for a query that makes no sense, `IntegrityError` where a stored
    file is not the one that was sealed.
    """
    asked = compile_query(query, archive.retention.zone)
    beside = _beside(asked, tables or {})
    state = read_state(archive)
    read = _read(archive, state, query, asked, private=private)
    finding = Finding(asked.matching.terms)
    everything = {
        "rows": _joined(read.parts, read.unread),
        "hit": hits_in(finding, (table for _, table in read.parts)),
        "part": numbers(PART, asked.matching.parts),
        **beside,
    }
    with archive.engine() as engine:
        hits = engine.query(everything, asked.sql, asked.parameters).to_pylist()
    unknown = sum(hit["state"] == UNKNOWN for hit in hits)
    if query.state:
        hits = [hit for hit in hits if hit["state"] == query.state]
    terms = [
        {"term": spelled(Phrase((term,))), "words": sorted(words)}
        for term, words in zip(asked.matching.terms, finding.words, strict=True)
    ]
    told = asdict(query), asked.told, terms, state.size
    return SearchResult(*told, hits, read.searched, read.skipped, unknown)


@dataclass(frozen=True, slots=True)
class _Read:
    """Rows of each segment that could be read, segments that could not, and both counted."""

    parts: list[tuple[Catalogued, pa.Table]] = field(default_factory=list)
    unread: list[Catalogued] = field(default_factory=list)
    searched: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)


def _read(
    archive: Archive, state: LedgerState, query: Query, asked: Asked, *, private: bool
) -> _Read:
    """Return what a query has to look at; a look into private streams is noted."""
    found = _Read()
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
        is_open = _open(one, looked)
        table = _part(archive, one, asked, searched=is_open)
        if table is not None and ranges.overlap(one.segment.leaves, hidden):
            table = _without(table, hidden)
            found.skipped[WITHHELD] = found.skipped.get(WITHHELD, 0) + one.rows - table.num_rows
        if table is not None:
            found.parts.append((one, table))
        elif one.stream != Stream.WORKFLOW:
            found.unread.append(one)
        count = found.searched if is_open and table is not None else found.skipped
        name = one.stream or "private, no key here"
        count[name] = count.get(name, 0) + one.rows
    return found


def _looked_into(
    archive: Archive, state: LedgerState, chosen: Iterable[Catalogued]
) -> frozenset[str]:
    """Return the private streams among these that whoever asks may read."""
    streams = readable_streams(archive, state)
    found = {one.stream for one in chosen if one.segment.sensitivity == Sensitivity.PRIVATE}
    found -= {Stream.WORKFLOW, ""}
    return frozenset(stream for stream in found if may_read(streams, stream))


def _beside(asked: Asked, tables: Tables) -> dict[str, pa.Table]:
    """Return the tables that fields of a query ask. Raises `UsageError` where one isn't there."""
    found = {}
    for name in sorted(asked.matching.fields & TABLES.keys()):
        table = TABLES[name]
        if table not in tables:
            raise UsageError(
                f"{name}: can't be asked here",
                where=asked.told,
                code="query-field",
                mend="a decision about records can't depend on what was decided of them",
            )
        found[table] = tables[table]()
    return found


def _open(one: Catalogued, looked: Collection[str]) -> bool:
    public = one.segment.sensitivity == Sensitivity.PUBLIC
    return bool(one.stream) and one.stream != Stream.WORKFLOW and (public or one.stream in looked)


def _part(archive: Archive, one: Catalogued, asked: Asked, *, searched: bool) -> pa.Table | None:
    """Return what a segment contributes, or None where its key is not here."""
    if not one.stream or one.stream == Stream.WORKFLOW:
        return None
    try:
        table = table_of(archive, one.segment, _columns(asked) if searched else FOR_STATE)
    except KeyStoreError:  # catalogued while the key was here
        return None
    return table.append_column("searched", pa.array([searched] * table.num_rows, pa.bool_()))


def _without(table: pa.Table, hidden: Ranges) -> pa.Table:
    """Return the rows that are not withheld from all."""
    leaves = pa.array(ranges.numbers(hidden), pa.int64())
    shown: Any = pc.invert(pc.is_in(table["leaf"], leaves))
    return table.filter(shown)


def _columns(asked: Asked) -> tuple[str, ...]:
    more = (column for name in asked.matching.fields for column in FOR_FIELDS.get(name, ()))
    words = SEARCHED if asked.matching.terms else ()
    return tuple(dict.fromkeys((*FOR_HITS, "url", *words, *more)))


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
    beside = {"leaf": pa.int64(), "unread": pa.int64(), "searched": pa.bool_()}
    columns += [pa.field(name, type_) for name, type_ in beside.items()]
    return pa.schema(columns).empty_table()
