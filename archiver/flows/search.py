"""Search: a query over the rows of the archive, from verified bytes only.

Words are looked for in public segments, and on request in private ones. A record's state
is folded over all of its observations that this home can read, asked for or not: a state
that only the public ones tell would be false once a record has turned private.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import UsageError
from archiver.flows.access import look, may_read, readable_streams
from archiver.flows.custody import withheld_from_all
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog
from archiver.flows.search_candidates import Sought, candidates
from archiver.flows.search_columns import FOR_STATE, columns_of, empty_rows, joined
from archiver.flows.search_hits import hit_table, numbers
from archiver.flows.search_in_files import files_not_read, hits_in_files
from archiver.flows.search_index import may_be_read, mended
from archiver.flows.search_rows import rows_to_read
from archiver.flows.search_shelves import arranged
from archiver.ledger import ranges
from archiver.record import Sensitivity, Stream
from archiver.search.matching import PART
from archiver.search.query import UNKNOWN, Query, compile_query
from archiver.search.syntax import Phrase, spelled
from archiver.search.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    import pyarrow as pa

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.flows.search_in_files import InFile
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.search.query import Asked

    Tables = Mapping[str, Callable[[], pa.Table]]
    """Tables by name that fields of a query ask, each made where it is asked."""

__all__ = ["Answer", "Query", "SearchResult", "answered", "empty_rows", "search"]

WITHHELD = "withheld by an order"
"""How rows are counted, beside those of streams, that nobody is shown."""

TABLES = {"series": "filed", "hold": "held", "custodian": "kept"}
"""Tables beside the rows that fields of a query ask."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Every hit, and what was and was not searched (rows by stream).

    ``told``: how the words were understood. ``terms``: each with the words of the archive that it
    found. ``unknown``: how many records match of which this home can't tell the latest state.
    They are hits too, unless another state was asked for. ``unsearchable``: files that may have
    what is asked, and that nobody could read. ``complete``: there is nothing of which it is not
    known whether it matches; else that nothing was found proves nothing.
    """

    query: dict[str, str]
    told: str
    terms: list[dict[str, Any]]
    tree_size: int
    hits: list[dict[str, Any]]
    searched: dict[str, int]
    not_searched: dict[str, int]
    unknown: int
    unsearchable: list[dict[str, str]]
    complete: bool


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
    got = answered(archive, query, asked, private=private, tables=tables)
    hits = [_hit(row, got, asked) for row in got.rows]
    unknown = sum(hit["state"] == UNKNOWN for hit in hits)
    if query.state:
        hits = [hit for hit in hits if hit["state"] == query.state]
    terms = [
        {"term": spelled(Phrase((term,))), "words": sorted(words)}
        for term, words in zip(asked.matching.terms, got.finding.words, strict=True)
    ]
    told = asdict(query), asked.told, terms, got.state.size
    found = got.searched, got.not_searched, unknown
    return SearchResult(*told, hits, *found, got.unsearchable, got.complete and not unknown)


def _hit(row: dict[str, Any], got: Answer, asked: Asked) -> dict[str, Any]:
    """Return a row of an answer, with what of it stands in a file."""
    name, own = row.pop("file_name"), got.in_files.get(row["leaf"])
    return {**row, "in_file": own and own.told(name, asked.matching.terms)}


class Answer(NamedTuple):
    """What a statement gives; of which state of the ledger; which words were found.

    ``searched_segments``: those in which words were looked for; ``searched`` and ``not_searched``
    count rows, by stream. ``in_files``: by leaf. ``unsearchable``: as of `SearchResult`.
    """

    rows: list[dict[str, Any]]
    state: LedgerState
    finding: Finding
    searched_segments: list[Catalogued]
    searched: dict[str, int]
    not_searched: dict[str, int]
    in_files: Mapping[int, InFile]
    unsearchable: list[dict[str, str]]

    @property
    def complete(self) -> bool:
        """Whether all was read that may match, but for the archive's own documents."""
        return not (self.unsearchable or self.not_searched.keys() - {Stream.WORKFLOW})


def answered(
    archive: Archive, query: Query, asked: Asked, *, private: bool, tables: Tables | None
) -> Answer:
    """Return what is found; arguments and errors are those of `search`.

    ``asked``: made of ``query``, whose account, stream and days tell which rows are looked at.
    """
    beside = _beside(asked, tables or {})
    state = read_state(archive)
    finding = Finding(asked.matching.terms)
    read = _read(archive, state, query, asked, finding, private=private)
    everything = {
        "rows": joined(read.parts, read.sorted_out.unread),
        "hit": read.hits,
        "part": numbers(PART, asked.matching.parts),
        **beside,
    }
    with archive.engine() as engine:
        rows = engine.query(everything, asked.sql, asked.parameters).to_pylist()
    own = read.sorted_out
    counted = own.open, own.searched, own.skipped
    return Answer(rows, state, finding, *counted, read.in_files, read.unsearchable)


class _Read(NamedTuple):
    """Rows and hits of segments that could be read, what is in files, and which could be read."""

    parts: list[tuple[Catalogued, pa.Table]]
    hits: pa.Table
    in_files: Mapping[int, InFile]
    unsearchable: list[dict[str, str]]
    sorted_out: _SortedOut


def _read(
    archive: Archive,
    state: LedgerState,
    query: Query,
    asked: Asked,
    finding: Finding,
    *,
    private: bool,
) -> _Read:
    """Return what a query has to look at; a look into private streams is noted."""
    every = catalog(archive, state)
    chosen = [
        one for one in every if not query.stream or not one.stream or one.stream == query.stream
    ]
    looked = _looked_into(archive, state, chosen) if private else frozenset[str]()
    if looked:
        look(archive, "search", json.dumps(asdict(query), sort_keys=True), looked)
    hidden = withheld_from_all(archive, state)
    sorted_out = _sorted_out(archive, chosen, looked, hidden)
    readable = [*sorted_out.open, *sorted_out.closed]

    def gathered() -> _Gathered:
        shelves = arranged(archive, every, readable)
        sought = Sought(query, asked, finding, hidden, [])
        own = candidates(archive, shelves, sorted_out.open, sought)
        found, columns = list(own), (columns_of(asked), FOR_STATE)
        parts = rows_to_read(archive, shelves, found, readable, hidden, columns)
        unread = files_not_read(archive, sought.unread)
        return list(parts), hit_table(found), hits_in_files(archive, found), unread

    return _Read(*mended(archive, gathered), sorted_out)


_Gathered = tuple[
    list[tuple["Catalogued", "pa.Table"]], "pa.Table", "Mapping[int, InFile]", list[dict[str, str]]
]


@dataclass(frozen=True, slots=True)
class _SortedOut:
    """Segments that are searched, that tell states alone, that can't be read; rows counted."""

    open: list[Catalogued] = field(default_factory=list)
    closed: list[Catalogued] = field(default_factory=list)
    unread: list[Catalogued] = field(default_factory=list)
    searched: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)


def _sorted_out(
    archive: Archive, chosen: Iterable[Catalogued], looked: Collection[str], hidden: Ranges
) -> _SortedOut:
    made = _SortedOut()
    for one in chosen:
        is_open, own = _open(one, looked), one.stream not in {"", Stream.WORKFLOW}
        readable = own and may_be_read(archive, one.segment)
        if readable:
            (made.open if is_open else made.closed).append(one)
            shown = ranges.minus(one.segment.leaves, hidden) if hidden else one.segment.leaves
            _count(made.skipped, WITHHELD, one.rows - ranges.count(shown))
        elif one.stream != Stream.WORKFLOW:
            made.unread.append(one)
        count = made.searched if is_open and readable else made.skipped
        _count(count, one.stream or "private, no key here", one.rows)
    return made


def _count(counts: dict[str, int], name: str, more: int) -> None:
    if more:
        counts[name] = counts.get(name, 0) + more


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
