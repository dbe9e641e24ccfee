"""What a search has to know of each row of a segment beside its words. Pure.

Two numbers a row: a mark of its record, and when it was made. By the marks all observations of a
record are found, wherever they are, without reading every row (``docs/formats/postings.md``).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from archiver.search.checked import Checked, written
from archiver.search.tokens import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

__all__ = ["Marks", "marks_file"]

NEEDED = ("record_id", "account", "captured_at", "created_at")
"""Columns that a file of marks is made of."""


def marks_file(name: str, table: pa.Table, *, files: bool = False) -> bytes:
    """Return the marks of a segment's rows (columns `NEEDED`) as a file of that name.

    A mark is the first eight bytes of the SHA-256 of a record's id: two records that share one
    are told apart by their ids later. ``made``: when a thing was made where the platform said so,
    else when it was captured; microseconds since 1970 (UTC). ``files``: whether some are files.
    """
    ids = table["record_id"].to_pylist()
    digests = b"".join(sha256((one or "").encode()).digest()[:8] for one in ids)
    made: Any = table["captured_at"]
    if "created_at" in table.column_names:
        made = pc.coalesce(table["created_at"], made)
    rows = {"record": np.frombuffer(digests, "<i8"), "made": made.cast(pa.int64())}
    told = {"words": INDEX, "rows": str(len(ids)), "files": str(int(files))}
    if len(ids):
        least: Any = pc.min_max(made.cast(pa.int64()))
        told |= {"account": str(table["account"][0].as_py())}
        told |= {"first": str(least["min"].as_py() or 0), "last": str(least["max"].as_py() or 0)}
    return written(name, pa.table(rows), [0] if len(ids) else [], told)


class Marks:
    """Reads a file of marks.

    ``account``: of all rows. ``first`` and ``last``: between which moments they were made.
    ``files``: whether some are files.
    Raises `IntegrityError` where it is another, or damaged: on opening, and on reading.
    """

    def __init__(self, name: str, data: bytes | memoryview) -> None:
        self._file = Checked(name, data)
        told = self._file.told
        self.version = told.get("words", "")
        self.account, self.files = told.get("account", ""), told.get("files") == "1"
        self.first, self.last = int(told.get("first", 0)), int(told.get("last", 0))

    def records(self, rows: Numbers | None = None) -> Numbers:
        """Return the marks of some rows, or of all."""
        marks = np.asarray(self._column(0), np.int64)
        return marks if rows is None else marks[rows]

    def rows_of(self, marks: Numbers) -> Numbers:
        """Return the rows of records with these marks."""
        found: Any = pc.is_in(self._column(0), value_set=pa.array(marks))
        return np.flatnonzero(found.to_numpy(zero_copy_only=False))

    def made(self, first: int, last: int) -> Numbers:
        """Return the rows made from one moment to another."""
        column = self._column(1)
        told = pc.is_valid(column).to_numpy(zero_copy_only=False)
        when = column.fill_null(0).to_numpy()
        return np.flatnonzero(told & (when >= first) & (when <= last))

    def _column(self, number: int) -> Any:  # noqa: ANN401 - an Arrow array: its types say less
        parts: Iterable[Any] = self._file.read(0, [number])[0].chunks if len(self._file) else ()
        return pa.concat_arrays([pa.array([], pa.int64()), *parts])
