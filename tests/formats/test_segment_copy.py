"""Copied segments: what is in them is what a segment has that never had anything else."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.columns import columns_of
from archiver.errors import FormatError
from archiver.formats import segment_index, warc
from archiver.formats.parquet import read_rows, rows_of, write_rows, write_table
from archiver.formats.segment_copy import Opening, Source, copy_records
from archiver.formats.warc_reading import context_of, inflate_members
from archiver.record import Excerpt, Observation

TIME = "2026-11-20T10:00:00.000001Z"
NEW = Opening(
    warc.warcinfo(str(UUID(int=9)), TIME, b"N" * 32, b"new", "test"),
    (b"P" * 32, b"new rows"),
    (b"I" * 32, b"new index"),
)


def record(leaf: int) -> tuple[bytes, dict[str, str]]:
    """Return the gzip member and the row of a leaf."""
    uuid = str(UUID(int=leaf + 100))
    seen = Observation(
        platform="wordpress",
        account="city-blog",
        stream="comments",
        native_id=str(leaf),
        kind="present",
        sensitivity="public",
        captured_at=TIME,
        excerpts=(Excerpt("item", f"says {leaf} ".encode() * (leaf % 5 + 1)),),
        row={},
        parser="wordpress/1",
    )
    lines = warc.header_lines(seen, uuid)
    made = warc.record_bytes(lines, seen.excerpts, bytes([leaf]) * 32, (b"\1" * 32,) * 3)
    row = context_of(lines) | {"text": f"says {leaf}"}
    return warc.member(made), row | ({"title": "odd"} if leaf % 2 else {})


def files(leaves: list[int], opening: Opening) -> dict[str, bytes]:
    """Return the files of a segment of these leaves, written from their records at once."""
    members = [warc.opening_member(opening.warcinfo), *(record(leaf)[0] for leaf in leaves)]
    return {
        "warc.gz": b"".join(members),
        "parquet": write_rows("comments", [record(n)[1] for n in leaves], *opening.parquet),
        "idx": segment_index.index([len(one) for one in members], *opening.idx),
    }


def source(leaves: list[int], number: int = 0) -> Source:
    """Return a segment to copy from."""
    old = Opening(
        warc.warcinfo(str(UUID(int=number)), TIME, b"o" * 32, b"old", "test"),
        (b"p" * 32, b"old rows"),
        (b"i" * 32, b"old index"),
    )
    made = files(leaves, old)
    return Source(made["warc.gz"], made["parquet"], made["idx"], leaves)


@st.composite
def segments(draw: st.DrawFn) -> tuple[list[list[int]], set[int]]:
    """Draw which leaves segments hold, one among another, and which of all are kept."""
    homes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=20))
    parts = [[leaf for leaf, home in enumerate(homes) if home == n] for n in range(4)]
    kept = draw(st.sets(st.integers(0, len(homes) - 1), min_size=1))
    return [part for part in parts if part], kept


@settings(max_examples=30)
@given(segments())
def test_a_copy_is_what_a_segment_of_its_records_alone_would_be(
    drawn: tuple[list[list[int]], set[int]],
) -> None:
    """Byte for byte: so nothing of what is not copied, nor of the old files, can be in it."""
    parts, kept = drawn
    sources = [source(part, number) for number, part in enumerate(parts)]
    merged = copy_records(sources, NEW)
    whole = sorted(leaf for part in parts for leaf in part)
    assert (merged.leaves, merged.files) == (whole, files(whole, NEW))
    carved = copy_records(sources, NEW, kept)
    assert (carved.leaves, carved.files) == (sorted(kept), files(sorted(kept), NEW))
    one = merged.files
    again = copy_records([Source(one["warc.gz"], one["parquet"], one["idx"], whole)], NEW, kept)
    assert again == carved


def test_members_and_rows_are_those_of_the_sources() -> None:
    """The records inflate to the same bytes, the rows have the same values and field ids."""
    old = source([3, 8])
    copied = copy_records([old], NEW)
    assert inflate_members(copied.files["warc.gz"])[1:] == inflate_members(old.warc)[1:]
    one, other = (read_rows(BytesIO(data)) for data in (old.parquet, copied.files["parquet"]))
    assert rows_of(one) == rows_of(other)
    assert one.schema.equals(other.schema.remove_metadata(), check_metadata=False)
    ids = [(field.name, field.metadata) for field in one.schema]
    assert ids == [(field.name, field.metadata) for field in other.schema]


def test_nothing_of_what_goes_is_left_in_statistics() -> None:
    """Least, greatest and count of each column are those of the survivors alone."""
    copied = copy_records([source([1, 2, 3, 9])], NEW, {2, 3})
    group = pq.ParquetFile(BytesIO(copied.files["parquet"])).metadata.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    native = columns["native_id"].statistics
    assert native is not None
    assert (native.min, native.max, native.num_values) == ("2", "3", 2)


def older(one: Source, without: list[str]) -> Source:
    """Return a segment as a version wrote it that had fewer columns."""
    table = read_rows(BytesIO(one.parquet)).replace_schema_metadata(None).drop_columns(without)
    return one._replace(parquet=write_table("comments", table, b"p" * 32, b"x"))


def test_rows_of_older_files_have_nothing_in_newer_columns() -> None:
    """A column is there if one of the files has it, under its own number."""
    both = [older(source([2, 4]), ["title", "language"]), older(source([3]), ["language"])]
    rows = read_rows(BytesIO(copy_records(both, NEW).files["parquet"]))
    assert rows["title"].to_pylist() == [None, "odd", None]
    assert "language" not in rows.column_names
    assert [int((f.metadata or {})[b"PARQUET:field_id"]) for f in rows.schema] == sorted(
        column.id for column in columns_of("comments") if column.name != "language"
    )


def altered(one: Source, field: pa.Field) -> Source:  # type: ignore[type-arg]
    """Return a segment with a column of other schema in the place of that name."""
    table = read_rows(BytesIO(one.parquet)).replace_schema_metadata(None)
    at = table.column_names.index(field.name)
    table = table.set_column(at, field, pa.nulls(table.num_rows, field.type))
    return one._replace(parquet=write_table("comments", table, b"p" * 32, b"x"))


def numbered(name: str, number: int) -> pa.Field:  # type: ignore[type-arg]
    """Return a column of texts with a field id."""
    return pa.field(name, pa.string(), metadata={b"PARQUET:field_id": str(number).encode()})


def other_stream(one: Source) -> Source:
    """Return a segment whose file says that its rows are posts."""
    table = read_rows(BytesIO(one.parquet)).replace_schema_metadata(None)
    return one._replace(parquet=write_table("posts", table, b"p" * 32, b"x"))


BAD = {
    "nothing": ([], None),
    "nothing is left": ([source([1])], {2}),
    "a leaf in two segments": ([source([1, 2]), source([2])], None),
    "a leaf too many": ([source([1, 2])._replace(leaves=[1, 2, 3])], None),
    "a row too few": ([source([1, 2])._replace(parquet=source([1]).parquet)], None),
    "a member too few": ([source([1, 2])._replace(idx=source([1]).idx)], None),
    "bytes after the last member": ([source([1])._replace(warc=source([1]).warc + b"x")], None),
    "rows of other records": ([source([1, 2])._replace(parquet=source([2, 1]).parquet)], None),
    "two streams": ([source([1]), other_stream(source([2]))], None),
    "another number": ([source([1]), altered(source([2]), numbered("title", 99))], None),
    "a number twice": ([altered(source([1]), numbered("title", 23))], None),
    "no number": ([altered(source([1]), pa.field("title", pa.string()))], None),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_is_not_copied(name: str) -> None:
    """Rather no segment than one that holds something else than its leaves."""
    sources, kept = BAD[name]
    with pytest.raises(FormatError):
        copy_records(sources, NEW, kept)
