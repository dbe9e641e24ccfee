"""Rows as they are handed over: one Parquet file and one CSV of the same rows, in pieces.

Beside its columns each row has ``leaf``, the number of its entry in the ledger. Text is exact in
both; in the CSV (RFC 4180, UTF-8) what is there stands in quotes, and what is absent is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from archiver.formats.parquet import schema_of, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

__all__ = ["Exported"]

_ROWS, _CHARACTERS = 4096, 1 << 24
"""A piece is written once it has as many rows, or their texts as many characters."""


class Exported:
    """Two files of the rows of one stream while they are written: whole once its context ends.

    Args:
        stream: whose rows.
        parquet: where the Parquet file goes.
        csv: where the CSV goes.
    """

    def __init__(self, stream: str, parquet: BinaryIO, csv: BinaryIO) -> None:
        self._stream = stream
        self._csv = csv
        self._names = schema_of(stream).names
        self._rows: list[Mapping[str, str]] = []
        self._leaves: list[int] = []
        self._size = 0
        schema = schema_of(stream).append(pa.field("leaf", pa.int64()))
        self._writer = pq.ParquetWriter(
            parquet, schema, compression="zstd", use_dictionary=False, store_schema=False
        )
        csv.write((",".join(("leaf", *self._names)) + "\r\n").encode())

    def add(self, leaf: int, row: Mapping[str, str]) -> None:
        """Write a row. Raises `FormatError` for a column that its stream does not have."""
        self._rows.append(row)
        self._leaves.append(leaf)
        self._size += sum(map(len, row.values()))
        values = (_quoted(row.get(name)) for name in self._names)
        self._csv.write((",".join((str(leaf), *values)) + "\r\n").encode())
        if len(self._rows) == _ROWS or self._size > _CHARACTERS:
            self._flush()

    def __enter__(self) -> Exported:  # noqa: PYI034 - final in practice
        """Begin."""
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Write what is left, unless it failed, and the end of the Parquet file."""
        try:
            if failed is None and self._rows:
                self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        table = table_of(self._stream, self._rows)
        self._writer.write_table(table.append_column("leaf", pa.array(self._leaves, pa.int64())))
        self._rows, self._leaves, self._size = [], [], 0


def _quoted(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'
