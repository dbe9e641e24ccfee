"""Rows as Parquet: exact text in, exact text out, standard tools can read it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.columns import COLUMNS, columns_of, fields_of
from archiver.errors import FormatError
from archiver.formats.parquet import (
    canonical_time,
    is_canonical_time,
    read_rows,
    rows_of,
    write_rows,
)
from archiver.record import Stream

if TYPE_CHECKING:
    from pathlib import Path

TIMES = st.datetimes(timezones=st.just(UTC)).map(canonical_time)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, list[dict[str, str]]]:
    """Draw a stream and rows of it."""
    stream = draw(st.sampled_from(list(Stream)))
    columns = columns_of(stream)
    found = []
    for _ in range(draw(st.integers(0, 4))):
        chosen = draw(st.sets(st.sampled_from(columns)))
        found.append({c.name: draw(TIMES if c.type == "timestamp" else TEXT) for c in chosen})
    return stream, found


@given(rows())
def test_rows_come_back_as_exact_text(drawn: tuple[str, list[dict[str, str]]]) -> None:
    """What was written is read back to the letter, absent columns absent."""
    stream, written = drawn
    data = write_rows(stream, written, b"n" * 32, b"pad")
    assert rows_of(read_rows(io.BytesIO(data))) == written


def test_the_footer_has_nonce_padding_and_field_ids() -> None:
    """The nonce makes the file's digest hide its rows; ids make it an Iceberg file."""
    data = write_rows("posts", [{"record_id": "r"}], b"n" * 32, b"abc")
    metadata = pq.read_metadata(io.BytesIO(data)).metadata or {}
    assert metadata[b"archive-nonce"] == (b"n" * 32).hex().encode()
    assert metadata[b"archive-padding"] == b"abc"
    schema = pq.read_schema(io.BytesIO(data))
    ids = {f.name: int((f.metadata or {})[b"PARQUET:field_id"]) for f in schema}
    assert ids == {name: COLUMNS[name].id for name in schema.names}


def test_duckdb_reads_typed_times(tmp_path: Path) -> None:
    """A standard engine sees times as times."""
    row = {"record_id": "r", "captured_at": "2026-11-20T13:06:00.000001Z"}
    (tmp_path / "x.parquet").write_bytes(write_rows("posts", [row], b"n" * 32, b"p"))
    moment = datetime(2026, 11, 20, 13, 6, 0, 1, tzinfo=UTC)
    found = duckdb.read_parquet(str(tmp_path / "x.parquet")).project("epoch_us(captured_at)")
    assert found.fetchall()[0][0] == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


def test_a_foreign_column_is_refused() -> None:
    """A stream has the columns of its schema and no others."""
    with pytest.raises(FormatError):
        write_rows("subscribers", [{"title": "x"}], b"", b"")


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_garbage_is_a_format_error(data: bytes) -> None:
    """What is no Parquet file is said to be none."""
    with pytest.raises(FormatError):
        read_rows(io.BytesIO(data))


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_has_one_spelling(moment: datetime) -> None:
    """A canonical time is canonical, sorts by time and parses back."""
    text = canonical_time(moment)
    assert is_canonical_time(text)
    assert datetime.fromisoformat(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-20", "2026-11-20T13:06:00Z", "2026-11-20 13:06:00.000000Z",
     "2026-11-20T13:06:00.000000+", "2026-02-30T13:06:00.000000Z",
     "\uff12026-11-20T13:06:00.000000Z"],
)  # fmt: skip
def test_other_spellings_are_not_canonical(text: str) -> None:
    """Only the one spelling is accepted."""
    assert not is_canonical_time(text)


def test_columns_have_one_id_and_one_home() -> None:
    """No id and no name is used twice, and every stream can hold a listing and its rest."""
    ids = [column.id for column in COLUMNS.values()]
    assert len(ids) == len(set(ids))
    for stream in Stream:
        names = [column.name for column in fields_of(stream)]
        assert names == sorted(names, key=lambda name: COLUMNS[name].id)
        assert {"reported", "listed", "flags", "extra"} <= set(names)
