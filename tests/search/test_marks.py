"""Marks of records: which rows are whose, and made when."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from archiver.search.marks import Marks, marks_file

NAME = "cache/index/x.marks"
TIME = pa.timestamp("us", "UTC")


def marks() -> Marks:
    """Return the marks of four rows."""
    rows = pa.table(
        {
            "record_id": ["a", "b", "a", "c"],
            "account": ["city"] * 4,
            "captured_at": pa.array([10, 20, 30, None], TIME),
            "created_at": pa.array([5, None, 7, None], TIME),
        }
    )
    return Marks(NAME, marks_file(NAME, rows))


def test_rows_of_a_record_have_one_mark() -> None:
    """And are found by it, alone or with others."""
    found = marks()
    records = found.records()
    assert records[0] == records[2]
    assert len(set(records.tolist())) == 3
    assert found.rows_of(records[[0]]).tolist() == [0, 2]
    assert found.rows_of(found.records(np.array([1, 3]))).tolist() == [1, 3]
    assert found.rows_of(np.array([1])).tolist() == []


def test_rows_are_found_by_when_they_were_made() -> None:
    """When the platform said so, else when captured; what has no time is at no time."""
    found = marks()
    assert (found.account, found.first, found.last) == ("city", 5, 20)
    assert found.made(5, 7).tolist() == [0, 2]
    assert found.made(8, 20).tolist() == [1]
    assert found.made(-(1 << 63), (1 << 63) - 1).tolist() == [0, 1, 2]


def test_columns_may_be_absent() -> None:
    """A stream without a time of making has marks, and so have no rows."""
    rows = pa.table({"record_id": ["a"], "account": ["x"], "captured_at": pa.array([3], TIME)})
    assert Marks(NAME, marks_file(NAME, rows)).made(3, 3).tolist() == [0]
    none = Marks(NAME, marks_file(NAME, rows.slice(0, 0)))
    assert (none.records().tolist(), none.made(0, 9).tolist(), none.account) == ([], [], "")
