"""Rows as Parquet: one row per observation, in WARC member order.

One schema per stream with Iceberg field ids (`archiver.columns`); the footer metadata
starts with the file's nonce and padding. Rows go in and come out as exact text, the
form in which their fields are committed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from archiver.columns import columns_of
from archiver.errors import FormatError
from archiver.formats.parquet_pages import check_pages
from archiver.limits import LARGEST_FOOTER, LARGEST_ROWS, MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import BinaryIO

__all__ = [
    "canonical_time",
    "is_canonical_time",
    "read_rows",
    "rows_of",
    "schema_of",
    "stream_of",
    "table_of",
    "write_rows",
    "write_table",
]

_ENCODINGS = frozenset({"PLAIN", "RLE", "BIT_PACKED"})
_MOST_PARTS = 1 << 14  # columns, row groups or entries of metadata: ours have dozens
_SOUGHT = frozenset(("record_id", "native_id", "kind", "captured_at", "created_at", "modified_at"))
"""Columns with least and greatest values: those of texts would tell a text's length five times."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d\.\d{6}Z", re.ASCII)


def canonical_time(moment: datetime) -> str:
    """Return the one spelling of a time in rows and headers: UTC, microseconds, ``Z``."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def is_canonical_time(text: str) -> bool:
    """Tell whether ``text`` is `canonical_time` of some moment."""
    if _CANONICAL.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:  # a day that no month has, a second that no minute has
        return False
    return True


@lru_cache(maxsize=64)
def schema_of(stream: str) -> pa.Schema:
    """Return the Arrow schema of a stream's rows, with Iceberg field ids."""
    return pa.schema(
        [
            pa.field(
                column.name,
                pa.timestamp("us", tz="UTC") if column.type == "timestamp" else pa.string(),
                metadata={b"PARQUET:field_id": str(column.id).encode()},
            )
            for column in columns_of(stream)
        ]
    )


def table_of(stream: str, rows: Sequence[Mapping[str, str]]) -> pa.Table:
    """Return rows, given as exact text, as a table of their stream.

    Raises `FormatError` for a column that the stream does not have.
    """
    schema = schema_of(stream)
    filled: set[str] = set().union(*rows)
    if not filled.issubset(schema.names):
        unknown = sorted(filled.difference(schema.names))
        raise FormatError(f"stream {stream} has no column {', '.join(unknown)}")
    blank = dict.fromkeys(filled)
    values = zip(*({**blank, **row}.values() for row in rows), strict=True)
    columns = dict(zip(blank, values, strict=True))
    arrays: list[pa.Array[Any]] = []
    for column in schema:
        if column.name in filled:
            texts = pa.array(columns[column.name], pa.string())
            arrays.append(texts.cast(column.type))
        else:
            arrays.append(pa.nulls(len(rows), column.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def write_rows(
    stream: str, rows: Sequence[Mapping[str, str]], nonce: bytes, padding: bytes
) -> bytes:
    """Return a Parquet file of the rows.

    Raises `FormatError` for a column that the stream does not have.
    """
    return write_table(stream, table_of(stream, rows), nonce, padding)


def write_table(stream: str, table: pa.Table, nonce: bytes, padding: bytes) -> bytes:
    """Return a Parquet file of a table whose schema has field ids and no metadata.

    ``padding``: ASCII digits, written as they are. The same rows give the same bytes,
    whatever pieces the table was put together from.
    """
    out = BytesIO()
    with pq.ParquetWriter(
        out,
        table.schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,  # texts hardly repeat: smaller and quicker without
        write_statistics=[name for name in table.column_names if name in _SOUGHT],
        write_page_checksum=True,
        write_page_index=True,
        store_schema=False,
    ) as writer:
        writer.write_table(table.combine_chunks())
        writer.add_key_value_metadata(
            {
                "archive-nonce": nonce.hex(),
                "archive-padding": padding.decode(),
                "archive-stream": stream,
            }
        )
    return out.getvalue()


def stream_of(table: pa.Table) -> str:
    """Return the stream that a file's rows are of, or "" where it does not say."""
    return str((table.schema.metadata or {}).get(b"archive-stream", b"").decode("utf-8", "replace"))


def read_rows(file: BinaryIO, columns: Collection[str] | None = None) -> pa.Table:
    """Return the rows of a Parquet file; of these columns, as far as it has them, alone.

    Raises `FormatError`.
    """
    try:
        # No threads, and so no file object, whose reads Arrow hands to one: where a short
        # command ends while a thread starts, the C++ runtime aborts it ("terminate called").
        data = file.read()
        parquet = pq.ParquetFile(
            pa.BufferReader(data),
            page_checksum_verification=True,
            thrift_container_size_limit=_MOST_PARTS,
            thrift_string_size_limit=LARGEST_FOOTER,
        )
        names = parquet.schema_arrow.names
        wanted = [name for name in names if columns is None or name in columns]
        for chunk in _checked(parquet.metadata, names, wanted):
            check_pages(data, chunk)
        return parquet.read(wanted, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())  # of several lines, some of them
        raise FormatError(f"not a Parquet file of ours: {reason}") from error


def _checked(
    metadata: pq.FileMetaData, names: Sequence[str], wanted: Collection[str]
) -> list[pq.ColumnChunkMetaData]:
    """Return the chunks of the wanted columns of a file that will not grow when they are read.

    Refused are more rows than any of ours, more bytes, dictionaries, and columns in columns.

    With a dictionary a page of one text and a count stands for a million copies of it.
    """
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    places = [place for place, name in enumerate(names) if name in wanted]
    plain = metadata.num_columns == len(names)
    chunks = [one.column(place) for one in groups for place in places if plain]
    size = sum(chunk.total_uncompressed_size for chunk in chunks)
    plain = plain and all(
        _ENCODINGS.issuperset(chunk.encodings) and chunk.path_in_schema in wanted
        for chunk in chunks
    )
    if metadata.num_rows > MOST_ROWS or size > LARGEST_ROWS or not plain:
        raise FormatError("a Parquet file larger, or otherwise encoded, than any of ours")
    return chunks


def rows_of(table: pa.Table) -> list[dict[str, str]]:
    """Return rows as exact text, without their absent columns."""
    columns: dict[str, list[str | None]] = {}
    for column in table.schema:
        values = table[column.name]
        if pa.types.is_timestamp(column.type):
            numbers = values.cast(pa.int64()).to_pylist()
            columns[column.name] = [
                None if n is None else canonical_time(_EPOCH + timedelta(microseconds=n))
                for n in numbers
            ]
        else:
            columns[column.name] = values.to_pylist()
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]
