"""Pages of a Parquet file, held against its footer before anything is decompressed.

A reader makes room for what a page's header says of its size, and the footer may say
otherwise. So every header is read here first: only data pages, one after the other, that
come to exactly the bytes and values which the footer states.
Source: parquet-format, ``parquet.thrift`` (PageHeader) and the Thrift compact protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = ["check_pages"]

_LONGEST = 1 << 16  # bytes of a header: statistics of two long texts fit
_TRUE, _FALSE, _I32, _I64, _BINARY, _STRUCT = 1, 2, 5, 6, 8, 12  # compact protocol types
_TYPE, _UNCOMPRESSED, _COMPRESSED, _DATA_HEADER = 1, 2, 3, 5  # fields of PageHeader
_VALUES = 1  # field of DataPageHeader
_DEEPEST = 3  # structs: page header, data page header, statistics
_LONGEST_NUMBER = 10  # bytes of a number of 64 bits


class _Fields(NamedTuple):
    """What a struct says: its numbers and structs by field, and where it ends."""

    numbers: dict[int, int]
    structs: dict[int, _Fields]
    end: int


def check_pages(data: bytes, chunk: pq.ColumnChunkMetaData) -> None:
    """Raise `FormatError` unless the pages of a column are what the footer says of them."""
    at = chunk.data_page_offset
    end = at + chunk.total_compressed_size
    if not 0 <= at <= end <= len(data):
        raise _belied("lies outside of the file")
    room, values = chunk.total_uncompressed_size, chunk.num_values
    while at < end:
        header = _struct(data[at : min(end, at + _LONGEST)], 0, 1)
        size, stored = (header.numbers.get(name, -1) for name in (_UNCOMPRESSED, _COMPRESSED))
        told = header.structs.get(_DATA_HEADER)
        if header.numbers.get(_TYPE) or told is None or min(size, stored) < 0:
            raise _belied("has a page of another kind")
        at += header.end + stored
        room -= header.end + size
        values -= told.numbers.get(_VALUES, 0)
        if at > end or room < 0 or values < 0:
            raise _belied("has pages larger than its footer says")
    if room or values:
        raise _belied("has pages smaller than its footer says")


def _belied(how: str) -> FormatError:
    return FormatError(f"a column of a Parquet file {how}")


def _struct(data: bytes, at: int, depth: int) -> _Fields:
    """Read one struct, of the types that headers of data pages have."""
    numbers: dict[int, int] = {}
    structs: dict[int, _Fields] = {}
    field = 0
    while True:
        head, at = _byte(data, at)
        if not head:
            return _Fields(numbers, structs, at)
        kind = head & 15
        if not head >> 4 or depth > _DEEPEST:
            raise _belied("has a page header in another spelling")
        field += head >> 4
        if kind == _STRUCT:
            structs[field] = _struct(data, at, depth + 1)
            at = structs[field].end
        elif kind not in {_TRUE, _FALSE}:
            numbers[field], at = _number(data, at, kind)


def _number(data: bytes, at: int, kind: int) -> tuple[int, int]:
    """Return a number, or the length of a text that is passed over, and where it ends."""
    number = 0
    for place in range(_LONGEST_NUMBER):
        byte, at = _byte(data, at)
        number |= (byte & 127) << 7 * place
        if byte < 128:  # noqa: PLR2004 - seven bits a byte
            break
    if kind == _BINARY:
        return number, at + number
    if kind not in {_I32, _I64}:
        raise _belied("has a page header in another spelling")
    return number >> 1 ^ -(number & 1), at  # zigzag


def _byte(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise _belied("has a page header that is cut, or too long")
    return data[at], at + 1
