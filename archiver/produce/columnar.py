"""Rows of a production as one Parquet file, in pieces. Pure; same rows, same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

__all__ = ["Columnar"]

_ROWS, _CHARACTERS = 4096, 1 << 24
"""A piece is written once it has as many rows, or their texts as many characters."""


class Columnar:
    """A Parquet file while it is written: whole once its context ends. All columns are text.

    Args:
        out: where to.
        names: of columns.
    """

    def __init__(self, out: BinaryIO, names: Sequence[str]) -> None:
        self._schema = pa.schema([pa.field(name, pa.string()) for name in names])
        self._rows: list[Mapping[str, str]] = []
        self._size = 0
        self._writer = pq.ParquetWriter(
            out, self._schema, compression="zstd", use_dictionary=False, store_schema=False
        )

    def add(self, row: Mapping[str, str]) -> None:
        """Write a row."""
        self._rows.append(row)
        self._size += sum(map(len, row.values()))
        if len(self._rows) == _ROWS or self._size > _CHARACTERS:
            self._flush()

    def __enter__(self) -> Columnar:  # noqa: PYI034 - final in practice
        """Begin."""
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Write what is left, unless it failed, and the end of the file."""
        try:
            if failed is None and self._rows:
                self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        columns = [
            pa.array([row.get(name) for row in self._rows], pa.string())
            for name in self._schema.names
        ]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self._rows, self._size = [], 0
