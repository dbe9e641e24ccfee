"""Where a matter looks: what is in its scope by ledger and rows, and what its query finds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import KeyStoreError, RefusedError, UsageError
from archiver.flows.access import may_read, readable_streams
from archiver.flows.accounts import registry
from archiver.flows.rows import catalog, table_of
from archiver.flows.search import Query, search
from archiver.flows.search_fields import search_tables
from archiver.ledger import ranges
from archiver.ledger.generation import pairs
from archiver.ledger.seal import SETTLE
from archiver.record import Kind, Sensitivity, Stream
from archiver.retention.calendar import day_of
from archiver.search.query import compile_query
from archiver.search.syntax import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.produce.scope import Scope

__all__ = ["Contained", "checked", "contained", "found_by", "handles_of", "looked_for"]

_SEARCHED = frozenset(Stream) - {Stream.WORKFLOW}
"""The archive's own documents are in no scope: those about an account are sealed as that one's."""

_COLUMNS = ("record_id", "kind", "created_at", "captured_at")


@dataclass(frozen=True, slots=True)
class Contained:
    """What a scope has, whether or not its query finds it; leaves that a newer parser made are out.

    ``ledger``: all leaves of its accounts. ``outside``: those of other streams or days, and the
    archive's own documents about an account.
    ``destroyed``: leaves of segments that were destroyed: of which stream and day, nobody can tell
    any more. ``unread``: what this home has no key for. ``private``: leaves of encrypted streams
    that the scope does not look into, or that are not theirs to read who ask. ``listings`` and
    ``residue``: observations that are no record of anybody. ``records``: all others, by record.
    ``newer``: of a leaf that reads another anew, which.
    """

    handles: frozenset[str]
    ledger: Ranges
    destroyed: Ranges
    outside: Ranges = field(default_factory=list)
    unread: Ranges = field(default_factory=list)
    private: Ranges = field(default_factory=list)
    listings: Ranges = field(default_factory=list)
    residue: Ranges = field(default_factory=list)
    records: dict[str, list[int]] = field(default_factory=dict)
    newer: dict[int, int] = field(default_factory=dict)

    def leaves_of(self, records: Collection[str]) -> Ranges:
        """Return the leaves of some records, as far as they are in the scope."""
        return ranges.from_numbers(n for one in records for n in self.records.get(one, ()))

    def firsts(self, leaves: Ranges) -> Ranges:
        """Return leaves, each that reads another anew as that other."""
        return ranges.from_numbers(map(self._first, ranges.numbers(leaves)))

    def _first(self, leaf: int) -> int:
        while leaf in self.newer:
            leaf = self.newer[leaf]
        return leaf


def checked(archive: Archive, scope: Scope, state: LedgerState) -> Scope:
    """Return a scope with the version of the language that its query is in.

    Raises `UsageError` for a stream, day, account or query that is none.
    """
    for name in scope.streams:
        if name not in _SEARCHED:
            mend = f"streams: {', '.join(sorted(_SEARCHED))}"
            raise UsageError("no such stream", where=name, mend=mend)
    zone = archive.retention.zone
    compile_query(Query(scope.query, since=scope.since, until=scope.until), zone)
    handles_of(archive, state, scope)
    return replace(scope, language=LANGUAGE)


def handles_of(archive: Archive, state: LedgerState, scope: Scope) -> frozenset[str]:
    """Return the handles of a scope's accounts; of all but the archive's own where it names none.

    Raises `UsageError` for an account that nobody registered.
    """
    sealed = {one.account for one in (*state.segments(), *(s for s, _ in state.ended()))}
    if not scope.accounts:
        return frozenset(sealed) - {archive.identity.id}
    known = {name: one.handle for name, one in registry(archive, state).items()}
    found = [known.get(name, name if name in sealed else "") for name in scope.accounts]
    if "" in found:
        raise UsageError(
            "no such account",
            where=scope.accounts[found.index("")],
            code="account-unknown",
            mend="see `archiver account list`",
        )
    return frozenset(found)


def contained(archive: Archive, state: LedgerState, scope: Scope, size: int) -> Contained:
    """Return what the first ``size`` entries of the ledger have of a scope.

    Raises `UsageError` for an account that nobody registered.
    """
    handles = handles_of(archive, state, scope)
    newer = dict(
        pair for _, body in state.controls if body["t"] == "generation" for pair in pairs(body)
    )
    anew = ranges.from_numbers(newer)

    late = [[size, state.size]] if size < state.size else []

    def own(leaves: Sequence[Sequence[int]]) -> Ranges:
        return ranges.minus(ranges.minus(ranges.union(leaves, []), late), anew)

    sealed = [
        pair
        for index, body in state.controls
        if body["t"] == "seal" and body["stage"] == SETTLE and body["account"] in handles
        if index not in state.void
        for one in body["segments"]
        for pair in one["leaves"]
    ]
    ended = [p for one, _ in state.ended() if one.account in handles for p in one.leaves]
    sets: dict[str, list[list[int]]] = {}
    records: dict[str, list[int]] = {}
    for name, record, leaves in _told(archive, state, scope, handles):
        if name:
            sets.setdefault(name, []).extend(leaves)
        else:
            leaf = leaves[0][0]
            records.setdefault(record, []).extend([leaf] if leaf < size else [])
    known = {one: sorted({*leaves} - newer.keys()) for one, leaves in sorted(records.items())}
    return Contained(
        handles=handles,
        ledger=own(sealed),
        destroyed=own(ended),
        records={name: leaves for name, leaves in known.items() if leaves},
        newer=newer,
        **{name: own(leaves) for name, leaves in sets.items()},
    )


class _Row(NamedTuple):
    """A row of a live segment. ``closed``: its stream is not looked into."""

    record: str
    kind: str
    day: str
    leaf: int
    closed: bool


def _told(
    archive: Archive, state: LedgerState, scope: Scope, handles: Collection[str]
) -> Iterator[tuple[str, str, Ranges]]:
    """Yield leaves of live segments: with the name of a set of `Contained`, or with a record."""
    readable = readable_streams(archive, state)
    streams = scope.streams or _SEARCHED
    rows = list[_Row]()
    for one in catalog(archive, state):
        if one.segment.account not in handles:
            continue
        read = None
        if one.stream and one.stream not in streams:
            yield "outside", "", one.segment.leaves
            continue
        if one.stream:
            is_open = scope.private and may_read(readable, one.stream)
            private = one.segment.sensitivity == Sensitivity.PRIVATE
            read = _rows(archive, one, closed=private and not is_open)
        if read is None:
            yield "unread", "", one.segment.leaves
        rows += read or ()
    yield from _sorted(rows, scope)


def _sorted(rows: Sequence[_Row], scope: Scope) -> Iterator[tuple[str, str, Ranges]]:
    """Yield the leaf of each row; a record is in the scope with all that it has, or not at all."""
    last = scope.until or "9999"
    inside = {one.record for one in rows if scope.since <= one.day <= last}
    for one in rows:
        here = [[one.leaf, one.leaf + 1]]
        if one.record not in inside:
            yield "outside", "", here
        elif one.kind in _NO_RECORDS:
            yield _NO_RECORDS[one.kind], "", here
        else:
            yield from [("private", "", here)] if one.closed else ()
            yield "", one.record, here


_NO_RECORDS = {str(Kind.LISTING): "listings", str(Kind.RESIDUE): "residue"}


def _rows(archive: Archive, one: Catalogued, *, closed: bool) -> list[_Row] | None:
    """Return the rows of a segment; None where its key is not here."""
    zone = archive.retention.zone
    try:
        table = table_of(archive, one.segment, _COLUMNS)
    except KeyStoreError:  # catalogued while the key was here
        return None
    told = zip(*(table[name].to_pylist() for name in (*_COLUMNS, "leaf")), strict=True)
    return [
        _Row(record, kind, day_of(created or captured, zone).isoformat(), leaf, closed)
        for record, kind, created, captured, leaf in told
    ]


class Found(NamedTuple):
    """Records in a scope that a query finds; by words in files; and whose files nobody could read.

    ``in_files``: of ``records`` those of which a term of the query stands in the file.
    """

    records: frozenset[str]
    in_files: frozenset[str]
    unread: frozenset[str]


def found_by(archive: Archive, scope: Scope, inside: Contained) -> frozenset[str]:
    """Return the records in a scope that its query finds. As `looked_for`."""
    return looked_for(archive, scope, inside).records


def looked_for(archive: Archive, scope: Scope, inside: Contained) -> Found:
    """Return what the query of a scope finds in it; a look into private records is noted.

    Of a smaller log than there is now it may find one by a version that came later: such a record
    is then to be accounted for, which is never the wrong side. Raises `RefusedError` for a query
    in another version of the language: read by this one it could find less.
    """
    if scope.query and scope.language not in ("", LANGUAGE):
        raise RefusedError(
            f"its query is in version {scope.language} of the language, not {LANGUAGE}",
            code="query-language",
            mend="open a matter with the query as it is written today",
        )
    query = Query(scope.query, since=scope.since, until=scope.until)
    tables = search_tables(archive, private=scope.private)
    got = search(archive, query, private=scope.private, tables=tables)
    return Found(
        frozenset(str(one["record_id"]) for one in got.hits) & inside.records.keys(),
        frozenset(str(o["record_id"]) for o in got.hits if o["in_file"]) & inside.records.keys(),
        frozenset(one["record_id"] for one in got.unsearchable) & inside.records.keys(),
    )
