"""Which leaves of the ledger are a record's: all observations, generations and parts of it."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pyarrow as pa

from archiver.errors import KeyStoreError
from archiver.flows.rows import catalog, row_index, table_of
from archiver.flows.segments import open_file
from archiver.formats.segment_index import parse_index
from archiver.ledger import ranges
from archiver.record import Stream, wholes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState

__all__ = [
    "id_among",
    "leaves_of_accounts",
    "leaves_of_records",
    "records_at",
    "stored_size",
    "stored_sizes",
]

_MEGABYTE = 1_000_000


def leaves_of_records(
    archive: Archive, state: LedgerState, wanted: Collection[str], since: int = 0
) -> dict[str, list[int]]:
    """Return the leaves of records by id, as far as this home can read their streams.

    A part (``42/file``) is among those of its whole: it goes with it (ADR 0017). ``since``:
    leaves before it are left out.
    """
    ids = frozenset(wanted)
    found: dict[str, list[int]] = {}
    for record, _, leaf in _rows(archive, state, since) if ids else ():
        whole = id_among(record, ids)
        if whole:
            found.setdefault(whole, []).append(leaf)
    return {record: sorted(leaves) for record, leaves in found.items()}


def records_at(
    archive: Archive, state: LedgerState, leaves: Ranges, since: int = 0
) -> dict[str, list[tuple[int, str]]]:
    """Return the records that have one of some leaves: each observation's leaf and kind.

    All observations of them from the leaf ``since`` on, also those that are not among ``leaves``.
    """
    own = set(ranges.numbers(leaves))
    every: dict[str, list[tuple[int, str]]] = {}
    wanted = set[str]()
    for record, kind, leaf in _rows(archive, state, 0):
        if leaf in own:
            wanted.add(record)
        if leaf >= since:
            every.setdefault(record, []).append((leaf, kind))
    return {record: sorted(every.get(record, [])) for record in sorted(wanted)}


def leaves_of_accounts(state: LedgerState, handles: Collection[str]) -> Ranges:
    """Return all leaves of accounts, by handle; no key is needed to tell."""
    found = [one.leaves for one in state.segments() if one.account in handles]
    return ranges.union([pair for leaves in found for pair in leaves], [])


def stored_size(archive: Archive, state: LedgerState, leaves: Ranges) -> int:
    """Return about how many bytes the records of some leaves take in their segments, compressed.

    In whole megabytes, rounded up: the document that tells it outlives the records, and an exact
    length would confirm what one of them said.
    """
    total = sum(length for _, length in _stored(archive, state, leaves))
    return -(-total // _MEGABYTE) * _MEGABYTE


def stored_sizes(archive: Archive, state: LedgerState, leaves: Ranges) -> pa.Table:
    """Return how many each of them takes, exactly: ``leaf`` and ``bytes``. It outlives nothing."""
    numbers, lengths = array("q"), array("q")  # of integers alone: there are as many as leaves
    for leaf, length in _stored(archive, state, leaves):
        numbers.append(leaf)
        lengths.append(length)
    columns = {"leaf": pa.array(numbers, pa.int64()), "bytes": pa.array(lengths, pa.int64())}
    return pa.table(columns)


def _stored(archive: Archive, state: LedgerState, leaves: Ranges) -> Iterator[tuple[int, int]]:
    """Yield leaf and length of each of some leaves that has a record."""
    own = set(ranges.numbers(leaves))
    for one in catalog(archive, state):
        if one.stream and ranges.overlap(one.segment.leaves, leaves):
            index = parse_index(open_file(archive, one.segment, "idx"))
            numbers = row_index(one.segment)
            for (_, length), leaf in zip(index[1:], numbers, strict=True):
                if leaf in own:
                    yield leaf, length


def _rows(archive: Archive, state: LedgerState, since: int) -> Iterator[tuple[str, str, int]]:
    """Yield record id, kind and leaf of every row that can be read here."""
    for one in catalog(archive, state):
        if not one.stream or one.stream == Stream.WORKFLOW or one.segment.leaves[-1][1] <= since:
            continue
        try:
            table = table_of(archive, one.segment, ("record_id", "kind"))
        except KeyStoreError:  # catalogued while the key was here
            continue
        columns = (table[name].to_pylist() for name in ("record_id", "kind", "leaf"))
        yield from (row for row in zip(*columns, strict=True) if row[2] >= since)


def id_among(record: str, ids: Collection[str]) -> str:
    """Return the id among some that is a record's, or that of what it is a part of; or ""."""
    return next((one for one in (record, *wholes(record)) if one in ids), "")
