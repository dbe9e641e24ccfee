"""What is known of the files of a segment: what was read of each, by what, and what was not. Pure.

A row of the one table for each row of the segment that is a file: ``row`` (its number), ``by`` and
``left`` (`archiver.formats.derived.gathered.Derived`). The texts are a table of their own, of
``row`` and ``text``, which a search does not open (``docs/formats/postings.md``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from archiver.search.checked import Checked, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FileTold", "Files", "Texts", "column_of", "files_file", "texts_file"]


class FileTold(NamedTuple):
    """Of a file: the row that it is of, what read it, and why not all of it was read."""

    row: int
    by: str
    left: str


def files_file(name: str, told: Sequence[FileTold], stamp: str) -> bytes:
    """Return what is told of files as a file of that name; ``stamp``: of all that read them."""
    table = pa.table(
        {
            "row": pa.array([one.row for one in told], pa.int32()),
            "by": pa.array([one.by for one in told], pa.string()),
            "left": pa.array([one.left for one in told], pa.string()),
        }
    )
    return written(name, table, [0] if told else [], {"reads": stamp})


def texts_file(name: str, texts: Mapping[int, str], stamp: str) -> bytes:
    """Return the texts of files, by row, as a file of that name: each in a row group of its own."""
    table = pa.table(
        {
            "row": pa.array(list(texts), pa.int32()),
            "text": pa.array(list(texts.values()), pa.string()),
        }
    )
    told = {"reads": stamp, "rows": json.dumps(list(texts))}
    return written(name, table, list(range(len(texts))), told)


def column_of(rows: int, texts: Mapping[int, str]) -> Any:  # noqa: ANN401 - an Arrow array: its types say less
    """Return the texts as a column of so many rows."""
    return pa.array([texts.get(row) for row in range(rows)], pa.string())


class Files:
    """Reads what is told of files.

    ``stamp``: of what read them. Raises `IntegrityError` where it is damaged.
    """

    def __init__(self, name: str, data: bytes | memoryview) -> None:
        self._file = Checked(name, data)
        self.stamp = self._file.told.get("reads", "")

    def told(self) -> list[FileTold]:
        """Return what is told, by row."""
        if not len(self._file):
            return []
        table = self._file.read(0, range(3))
        columns = (column.to_pylist() for column in table.columns)
        return [FileTold(*one) for one in zip(*columns, strict=True)]


class Texts:
    """Reads texts of files; as `Files`."""

    def __init__(self, name: str, data: bytes | memoryview) -> None:
        self._file = Checked(name, data)
        self.stamp = self._file.told.get("reads", "")
        rows: list[int] = json.loads(self._file.told.get("rows", "[]"))
        self._groups = {row: group for group, row in enumerate(rows)}

    def of(self, row: int) -> str:
        """Return the text of a row's file; empty: it has none."""
        group = self._groups.get(row)
        return "" if group is None else str(self._file.read(group, [1])["text"][0].as_py())
