"""Rows of the archive, from verified bytes only, and which segment holds which stream.

The catalog of that is a cache in the home: delete it, and the next command makes the
same one again.
"""

from __future__ import annotations

import heapq
import json
from array import array
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from archiver.errors import KeyStoreError
from archiver.flows.kept import keep, kept
from archiver.flows.segments import open_file, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Catalogued", "by_leaf", "catalog", "note_streams", "row_index", "table_of"]

_T = TypeVar("_T")

CATALOG = "cache/catalog.json"


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A segment of records, the stream it holds and how many rows.

    ``stream`` is empty where the segment's key is not in this home.
    """

    segment: Segment
    stream: str
    rows: int


def catalog(archive: Archive, state: LedgerState) -> list[Catalogued]:
    """Return every segment of records with its stream, in ledger order."""
    kept_before = _streams(archive)
    streams: dict[str, str] = {}
    found = []
    for segment in state.segments():
        if segment.has_records:
            stream = kept_before.get(segment.name) or _stream_of(archive, segment)
            streams |= {segment.name: stream} if stream else {}
            rows = sum(end - first for first, end in segment.leaves)
            found.append(Catalogued(segment, stream, rows))
    if streams.keys() != kept_before.keys():  # also where segments were superseded
        keep(archive.home, CATALOG, json.dumps(streams).encode())
    return found


def note_streams(archive: Archive, streams: Mapping[str, str]) -> None:
    """Keep which stream each new segment holds, so that nobody reads one to learn it."""
    if streams:
        keep(archive.home, CATALOG, json.dumps({**_streams(archive), **streams}).encode())


def _streams(archive: Archive) -> dict[str, str]:
    data = kept(archive.home, CATALOG)
    return dict(json.loads(data)) if data else {}


def _stream_of(archive: Archive, segment: Segment) -> str:
    try:
        data = open_file(archive, segment, "parquet")
    except KeyStoreError:
        return ""
    metadata = pq.read_metadata(BytesIO(data)).metadata or {}
    return str(metadata.get(b"archive-stream", b"").decode())


def row_index(segment: Segment) -> list[int]:
    """Return the ledger index of every row of a segment, in row order."""
    return [index for first, end in segment.leaves for index in range(first, end)]


def by_leaf(
    segments: Iterable[Segment], read: Callable[[Segment], Sequence[_T]]
) -> Iterator[tuple[int, _T]]:
    """Yield each row of segments with its leaf, in the order of the ledger.

    A merged segment has rows from before and after those of others. Each is read, by
    ``read``, when its first leaf comes up, and forgotten after its last.
    """

    def rows(segment: Segment) -> Iterator[tuple[int, int, _T | None]]:
        yield segment.leaves[0][0], 0, None  # read nothing yet
        for leaf, row in zip(row_index(segment), read(segment), strict=True):
            yield leaf, 1, row

    for leaf, _, row in heapq.merge(*map(rows, segments), key=lambda one: one[:2]):
        if row is not None:
            yield leaf, row


def table_of(archive: Archive, segment: Segment, columns: Collection[str]) -> pa.Table:
    """Return these columns of a segment's rows, and ``leaf`` beside them."""
    table = read_table(archive, segment, columns)
    leaves = array("q", row_index(segment))  # handed over as it lies: ten times as fast as a list
    column = pa.Array.from_buffers(pa.int64(), len(leaves), [None, pa.py_buffer(leaves)])
    return table.append_column("leaf", column)
