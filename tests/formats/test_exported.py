"""Rows as they are handed over: two files that say the same, whatever a text says."""

from __future__ import annotations

import csv
from io import BytesIO
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest

from archiver.errors import FormatError
from archiver.formats import exported
from archiver.formats.exported import Exported

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ("", '"', 'a,"b"\r\nc', "=cmd|' /C calc'!A0", "\x00\x1b[2J", "\u2028\u202e\U000e0041", "'")


def test_what_is_written_is_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the standard library, DuckDB and pyarrow, across pieces; what is absent stays absent."""
    monkeypatch.setattr(exported, "_ROWS", 3)
    parquet, table = BytesIO(), BytesIO()
    moment = "2026-11-20T09:00:00.000001Z"
    rows = [
        {"record_id": f"p:a:comments:{at}", "captured_at": moment, "text": text}
        for at, text in enumerate(TEXTS)
    ]
    with Exported("comments", parquet, table) as out:
        for leaf, row in enumerate([*rows, {"record_id": "bare"}], 100):
            out.add(leaf, row)
    (tmp_path / "a.parquet").write_bytes(parquet.getvalue())
    (tmp_path / "a.csv").write_bytes(table.getvalue())
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file, strict=True))
    assert [one["text"] for one in read] == [*TEXTS, ""]
    assert [int(one["leaf"]) for one in read] == list(range(100, 108))
    found = duckdb.read_parquet(str(tmp_path / "a.parquet")).order("leaf")
    assert found.select("leaf", "text").fetchall() == list(enumerate([*TEXTS, None], 100))
    assert found.filter("captured_at is null").select("leaf").fetchall() == [(107,)]
    file_ = pq.ParquetFile(tmp_path / "a.parquet")
    assert file_.num_row_groups == 3
    assert file_.read()["captured_at"][0].as_py().microsecond == 1


def test_a_column_of_another_stream_is_refused() -> None:
    """No value is left out in silence."""
    out = Exported("comments", BytesIO(), BytesIO())
    with pytest.raises(FormatError, match="no column nothing"), out:
        out.add(1, {"nothing": "x"})
