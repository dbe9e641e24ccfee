"""A cached Parquet file of which each part is believed only as it was written. Pure.

A search reads a few parts of very many files. So each row group has a digest of its own, and is
checked when it is read: a damaged file is as good as none, and no answer is made of it.
``docs/formats/postings.md`` has every byte.
"""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from struct import Struct
from struct import error as StructError  # noqa: N812 - a class
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from archiver.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["DAMAGED", "Checked", "written"]

DAMAGED = "cache-damaged"
"""The code of the error of a file that is not as it was written: it is to be made anew."""

_TAG = b"civic-archive/checked/v1\n"
_DIGEST = 32
_COUNT = Struct("<I")
_GROUP = Struct(f"<Q{_DIGEST}s")
_END = Struct("<I4s")
"""The end of a Parquet file: the length of its footer, and its mark."""


def written(name: str, table: pa.Table, groups: Sequence[int], told: Mapping[str, str]) -> bytes:
    """Return a table as a checked file.

    Args:
        name: of the file, to which it is bound.
        table: its rows.
        groups: where row groups begin: row numbers, the first one is 0; none of no rows.
        told: text by name, for the footer.
    """
    out, ends = BytesIO(), list[int]()
    lasts = [*groups[1:], table.num_rows] if groups else []
    with pq.ParquetWriter(
        out,
        table.schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        write_statistics=False,
        store_schema=False,
    ) as writer:
        for first, end in zip(groups, lasts, strict=True):
            writer.write_table(table.slice(first, end - first))
        writer.add_key_value_metadata(dict(told))
    data = out.getvalue()
    metadata = pq.read_metadata(pa.BufferReader(data))
    for number in range(metadata.num_row_groups):
        last = metadata.row_group(number).column(metadata.num_columns - 1)
        ends.append(last.data_page_offset + last.total_compressed_size)
    starts = [4, *ends][: len(ends)]  # behind the mark of a Parquet file
    head = _COUNT.pack(len(ends)) + b"".join(
        _GROUP.pack(end, sha256(data[first:end]).digest())
        for first, end in zip(starts, ends, strict=True)
    )
    return _digest(name, head, data[_footer(data) :]) + head + data


class Checked:
    """Reads a file that `written` made.

    ``told``: what its footer says by name. Raises `IntegrityError` where it is another, or
    damaged: on opening, and on reading a row group.
    """

    def __init__(self, name: str, data: bytes | memoryview) -> None:
        view = memoryview(data)
        try:
            (count,) = _COUNT.unpack_from(view, _DIGEST)
            begins = _DIGEST + _COUNT.size + count * _GROUP.size
            self._data = view[begins:]
            head = view[_DIGEST:begins]
            footer = self._data[_footer(self._data) :]
            if len(head) < _COUNT.size or view[:_DIGEST] != _digest(name, head, footer):
                raise _damaged(name)
            self._file = pq.ParquetFile(pa.BufferReader(pa.py_buffer(self._data)))
        except (ValueError, LookupError, pa.ArrowException, OSError, StructError) as error:
            raise _damaged(name) from error
        self._name = name
        self._groups = list(_GROUP.iter_unpack(head[_COUNT.size :]))
        found = self._file.metadata.metadata or {}
        self.told = {key.decode(): value.decode() for key, value in found.items()}

    def __len__(self) -> int:
        """Return how many row groups there are."""
        return len(self._groups)

    def read(self, group: int, columns: Sequence[int]) -> Any:  # noqa: ANN401 - an Arrow table: its types say less
        """Return columns, by their number, of a row group."""
        first = self._groups[group - 1][0] if group else 4
        end, digest = self._groups[group]
        if sha256(self._data[first:end]).digest() != digest:
            raise _damaged(self._name)
        reader: Any = self._file.reader
        return reader.read_row_group(group, column_indices=list(columns), use_threads=False)


def _footer(data: bytes | memoryview) -> int:
    """Return where the footer of a Parquet file begins."""
    length, mark = _END.unpack_from(data, len(data) - _END.size)
    if mark != b"PAR1" or length > len(data):
        raise ValueError
    return len(data) - _END.size - int(length)


def _digest(name: str, head: bytes | memoryview, footer: bytes | memoryview) -> bytes:
    return sha256(b"".join((_TAG, name.encode(), b"\n", head, footer))).digest()


def _damaged(name: str) -> IntegrityError:
    return IntegrityError(
        "a cached file is not the one that was written",
        where=name,
        code=DAMAGED,
        mend="run `archiver rebuild`; if that says it again, look at the disk",
    )
