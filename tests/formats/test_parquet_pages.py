"""Pages that belie the footer of their file are refused before anything is decompressed."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.formats.parquet import read_rows, write_rows
from archiver.formats.parquet_pages import check_pages

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = [{"record_id": f"a:b:posts:{n}", "text": "word " * n} for n in range(400)]
FILE = write_rows("posts", ROWS, b"n" * 32, b"padding")
FOOTER = pq.ParquetFile(io.BytesIO(FILE)).metadata
CHUNKS = [FOOTER.row_group(0).column(place) for place in range(FOOTER.num_columns)]


def told(chunk: pq.ColumnChunkMetaData, **other: int) -> pq.ColumnChunkMetaData:
    """Return what a footer says of a column, but for this."""
    names = ("data_page_offset", "total_compressed_size", "total_uncompressed_size", "num_values")
    stated = {name: getattr(chunk, name) for name in names}
    return cast("pq.ColumnChunkMetaData", SimpleNamespace(**{**stated, **other}))


def test_pages_of_ours_are_what_the_footer_says() -> None:
    """Every column of a file that we write, whatever its pages."""
    for chunk in CHUNKS:
        check_pages(FILE, chunk)


def test_pages_with_statistics_are_read() -> None:
    """Texts and flags in a page's header are passed over."""
    out = io.BytesIO()
    table = pa.table({"text": [f"{n}" * 50 for n in range(99)] + [None]})
    pq.write_table(table, out, use_dictionary=False, write_statistics=True, data_page_version="1.0")
    chunk = pq.ParquetFile(out).metadata.row_group(0).column(0)
    check_pages(out.getvalue(), chunk)


BELIED: list[tuple[str, Callable[[pq.ColumnChunkMetaData], dict[str, int]]]] = [
    (
        "total_uncompressed_size",
        lambda c: {"total_uncompressed_size": c.total_uncompressed_size - 1},
    ),
    ("more bytes", lambda c: {"total_uncompressed_size": c.total_uncompressed_size + 1}),
    ("fewer values", lambda c: {"num_values": c.num_values - 1}),
    ("more values", lambda c: {"num_values": c.num_values + 1}),
    ("negative size", lambda _: {"total_compressed_size": -1}),
    ("cut", lambda c: {"total_compressed_size": c.total_compressed_size - 1}),
    ("outside", lambda _: {"data_page_offset": len(FILE) - 1}),
    ("elsewhere", lambda c: {"data_page_offset": c.data_page_offset + 1}),
    ("negative place", lambda _: {"data_page_offset": -5}),
    ("nothing", lambda _: {"total_compressed_size": 0}),
]


@pytest.mark.parametrize("other", [case[1] for case in BELIED], ids=[case[0] for case in BELIED])
def test_a_footer_that_is_belied_is_refused(
    other: Callable[[pq.ColumnChunkMetaData], dict[str, int]],
) -> None:
    """One byte or value more or less, or another place."""
    for chunk in CHUNKS[:3]:
        with pytest.raises(FormatError, match="a column of a Parquet file"):
            check_pages(FILE, told(chunk, **other(chunk)))


def test_pages_of_another_version_or_kind_are_refused() -> None:
    """A page of version 2 has another header; ours have none of them."""
    out = io.BytesIO()
    pq.write_table(pa.table({"text": ["a", "b"]}), out, use_dictionary=False,
                   data_page_version="2.0")  # fmt: skip
    chunk = pq.ParquetFile(out).metadata.row_group(0).column(0)
    with pytest.raises(FormatError, match="another kind"):
        check_pages(out.getvalue(), chunk)


@given(st.integers(0, 60), st.binary(min_size=1, max_size=12))
def test_no_header_raises_anything_else(place: int, spoilt: bytes) -> None:
    """Whatever stands in a page's header."""
    at = CHUNKS[0].data_page_offset + place
    data = FILE[:at] + spoilt + FILE[at + len(spoilt) :]
    try:
        read_rows(io.BytesIO(data), ["record_id"])
    except FormatError:
        return
    assert data[at : at + 1] == FILE[at : at + 1] or place > 8


@given(st.integers(0, len(FILE) - 1), st.binary(min_size=1, max_size=4))
def test_a_spoilt_file_is_read_or_refused(place: int, spoilt: bytes) -> None:
    """Footer and pages: nothing but `FormatError` comes of it."""
    data = FILE[:place] + spoilt + FILE[place + len(spoilt) :]
    try:
        read_rows(io.BytesIO(data))
    except FormatError:
        return
    assert len(data) >= len(FILE)
