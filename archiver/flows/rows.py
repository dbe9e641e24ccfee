"""Rows of the archive, from verified bytes only, and the views folded from them.

The catalog (which stream a segment holds) and the known state of an account are caches
in the home: delete them, and the next command makes the same ones again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from archiver.capture.known import Known, KnownRecord, Thing
from archiver.columns import CONTEXT
from archiver.errors import KeyStoreError
from archiver.flows.segments import open_file, read_table
from archiver.formats.parquet import rows_of
from archiver.ledger.state import SETTLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Catalogued", "catalog", "keep_known", "known_of", "row_index", "table_of"]

CATALOG = "cache/catalog.json"
_CONTEXT = frozenset(column.name for column in CONTEXT)


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A segment of records, the stream it holds and how many rows.

    ``stream`` is empty where the segment's key is not in this home.
    """

    segment: Segment
    stream: str
    rows: int


def _live(state: LedgerState) -> Iterator[Segment]:
    return (one for one in state.segments() if one.stage == SETTLE and one.leaves)


def catalog(archive: Archive, state: LedgerState) -> list[Catalogued]:
    """Return every segment of records with its stream, in ledger order."""
    data = archive.home.read(CATALOG)
    streams: dict[str, str] = json.loads(data) if data else {}
    size = len(streams)
    found = []
    for segment in _live(state):
        if segment.name not in streams:
            stream = _stream_of(archive, segment)
            if stream:
                streams[segment.name] = stream
        rows = sum(end - first for first, end in segment.leaves)
        found.append(Catalogued(segment, streams.get(segment.name, ""), rows))
    if len(streams) != size:
        archive.home.write(CATALOG, json.dumps(streams).encode())
    return found


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


def table_of(archive: Archive, segment: Segment) -> pa.Table:
    """Return a segment's rows with ``leaf``, ``sensitivity`` and ``segment`` beside them."""
    table = read_table(archive, segment)
    count = table.num_rows
    return (
        table.append_column("leaf", pa.array(row_index(segment), pa.int64()))
        .append_column("sensitivity", pa.array([segment.sensitivity] * count, pa.string()))
        .append_column("segment", pa.array([segment.name] * count, pa.string()))
    )


def known_of(archive: Archive, state: LedgerState, account: str) -> Known:
    """Return what the archive knows of an account (its handle), as of ``state``."""
    key = _known_key(archive)
    data = archive.home.read(f"cache/known/{account}")
    if data is not None:
        batch, records = _decoded(data)
        if batch == state.settled.get(account, 0):
            return Known(dict(records), key)
    return Known.fold(_account_rows(archive, state, account), key)


def keep_known(archive: Archive, account: str, batch: int, known: Known) -> None:
    """Keep the known state after an account's settling batch number ``batch``."""
    data = msgspec.msgpack.encode((batch, list(known.items())))
    archive.home.write(f"cache/known/{account}", data)


def _decoded(data: bytes) -> tuple[int, list[tuple[Thing, KnownRecord]]]:
    try:
        return msgspec.msgpack.decode(data, type=tuple[int, list[tuple[Thing, KnownRecord]]])
    except msgspec.DecodeError:  # a cache that can't be read is made anew
        return -1, []


def _known_key(archive: Archive) -> bytes:
    key = archive.home.read("keys/known")
    if key is None:
        key = archive.chance.bytes(32)
        archive.home.write("keys/known", key)
    return key


def _account_rows(
    archive: Archive, state: LedgerState, account: str
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    for segment in _live(state):
        if segment.account != account:
            continue
        for row in rows_of(read_table(archive, segment)):
            context = {name: value for name, value in row.items() if name in _CONTEXT}
            context["sensitivity"] = segment.sensitivity
            yield context, {name: row[name] for name in row if name not in _CONTEXT}
