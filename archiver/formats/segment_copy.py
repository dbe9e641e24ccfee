"""Copying records of sealed segments into one new segment, verbatim. Pure.

Merging copies all of them, partial destruction those that survive. A gzip member goes along
as it is stored: it holds one record and nothing of its neighbours, and what is not deflated
again can't come out otherwise. Rows are written anew, value by value and with the field ids
of their own files, in one row group: pages and statistics are those of a file that never had
other rows. Nonces, padding and the first WARC record are the new file's own; the rest of the
old files (names, lengths, digests, what lay between) goes nowhere.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from archiver.errors import FormatError
from archiver.formats import parquet, segment_index, warc, warc_reading
from archiver.limits import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Any

__all__ = ["Copied", "Opening", "Source", "copy_records"]

_FIELD_ID = b"PARQUET:field_id"


class Source(NamedTuple):
    """The plain files of a segment, their hashes verified, and the leaf of each record."""

    warc: bytes
    parquet: bytes
    idx: bytes
    leaves: Sequence[int]


class Opening(NamedTuple):
    """What the new files begin with: a ``warcinfo`` record, and (nonce, padding) of the others."""

    warcinfo: bytes
    parquet: tuple[bytes, bytes]
    idx: tuple[bytes, bytes]


class Copied(NamedTuple):
    """The plain files of the new segment by suffix, and its leaves in order."""

    files: dict[str, bytes]
    leaves: list[int]


class _Record(NamedTuple):
    """A record on its way: its leaf, its row in the joined table, its gzip member."""

    leaf: int
    row: int
    member: bytes


def copy_records(
    sources: Sequence[Source], opening: Opening, kept: Collection[int] | None = None
) -> Copied:
    """Return one segment of the records of several, in the order of their leaves.

    Args:
        sources: segments of one unit, account and stream.
        opening: of the new files, made for them alone.
        kept: leaves of the records to copy; None: all.

    Raises:
        FormatError: files of a segment do not fit each other, two segments are of other
            streams or schemas or hold the same leaf, or there is nothing to copy.
    """
    tables = [parquet.read_rows(BytesIO(one.parquet)) for one in sources]
    first, records = 0, list[_Record]()
    for source, table in zip(sources, tables, strict=True):
        records += _records(source, table, first, kept)
        first += table.num_rows
    records.sort()
    leaves = [one.leaf for one in records]
    if not leaves or len(leaves) > MOST_ROWS or len(set(leaves)) < len(leaves):
        raise FormatError("no segment can be made of these records", where=f"{len(leaves)} leaves")
    members = [warc.opening_member(opening.warcinfo), *(one.member for one in records)]
    rows = _joined(tables).take(pa.array([one.row for one in records], pa.int64()))
    return Copied(
        {
            "warc.gz": b"".join(members),
            "parquet": parquet.write_table(_stream(tables), rows, *opening.parquet),
            "idx": segment_index.index([len(one) for one in members], *opening.idx),
        },
        leaves,
    )


def _records(
    source: Source, table: pa.Table, first: int, kept: Collection[int] | None
) -> Iterable[_Record]:
    """Yield the records of a segment that are kept; ``first``: its first row in the joined table.

    That each member is the record of its row is seen by the observation's id: to copy the
    neighbour of a record instead would destroy it.
    """
    index = segment_index.parse_index(source.idx)
    ids = table["observation_id"].to_pylist() if "observation_id" in table.column_names else []
    fitting = len(index) - 1 == len(ids) == len(source.leaves)
    if not fitting or sum(index[-1]) != len(source.warc):
        found = f"{len(index) - 1} members, {len(ids)} rows, {len(source.leaves)} leaves"
        raise FormatError("the files of a segment do not fit each other", where=found)
    for row, (leaf, (offset, length)) in enumerate(zip(source.leaves, index[1:], strict=True)):
        if kept is None or leaf in kept:
            member = source.warc[offset : offset + length]
            record = warc_reading.parse_record(warc_reading.inflate_member(member))
            if warc_reading.context_of(record.lines)["observation_id"] != ids[row]:
                raise FormatError("a member is not the record of its row", where=f"leaf {leaf}")
            yield _Record(leaf, first + row, member)


def _stream(tables: Sequence[pa.Table]) -> str:
    """Return the one stream of the rows. Raises `FormatError` where there are several."""
    found = {parquet.stream_of(table) for table in tables}
    if len(found) != 1:
        raise FormatError("rows of different streams", where=", ".join(sorted(found)))
    return found.pop()


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Return all rows under one schema, which has each column as its own files have it.

    Schemas are additive: an older file lacks columns, and its rows have nothing in them.
    """
    fields: dict[str, pa.Field[Any]] = {}
    for field in (field for table in tables for field in table.schema):
        if not fields.setdefault(field.name, field).equals(field, check_metadata=True):
            raise FormatError("a column has another type or id in another file", where=field.name)
    by_id = {int((one.metadata or {}).get(_FIELD_ID, b"-1")): one for one in fields.values()}
    if len(by_id) < len(fields) or -1 in by_id:
        raise FormatError("columns without ids, or two with one id")
    bare = [table.replace_schema_metadata(None) for table in tables]  # the old nonces
    joined = pa.concat_tables(bare, promote_options="default")
    return joined.select([by_id[number].name for number in sorted(by_id)])
