"""A cached Parquet file: what was written comes back, and nothing else does."""

from __future__ import annotations

from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from archiver.errors import IntegrityError
from archiver.search.checked import DAMAGED, Checked, written

TABLE = pa.table({"word": ["a", "b", "c", "d"], "count": [1, 2, 3, 4]})
MADE = written("cache/index/x", TABLE, [0, 1, 3], {"words": "2"})


def everything(data: bytes, name: str = "cache/index/x") -> list[object]:
    """Return all that a file says."""
    file = Checked(name, data)
    rows = [file.read(group, [0, 1]).to_pylist() for group in range(len(file))]
    return [rows, file.told["words"]]


def said(data: bytes) -> object:
    """Return all that a file says, or the code and place of the error."""
    try:
        return everything(data)
    except IntegrityError as error:
        return error.code, error.where


def test_what_was_written_comes_back() -> None:
    """Row group by row group, and of each the columns that are asked for."""
    rows, told = everything(MADE)
    assert [len(one) for one in rows] == [1, 2, 1]  # type: ignore[attr-defined]
    assert told == "2"
    assert Checked("cache/index/x", MADE).read(1, [1]).to_pydict() == {"count": [2, 3]}


def test_behind_the_digests_is_a_plain_parquet_file() -> None:
    """Any reader opens it from there on."""
    assert pq.read_table(BytesIO(MADE[MADE.index(b"PAR1") :])).equals(TABLE)


def test_no_rows_are_no_row_groups() -> None:
    """An empty table has a file as well."""
    assert everything(written("cache/index/x", TABLE.slice(0, 0), [], {"words": "2"})) == [[], "2"]


def test_every_changed_bit_is_seen() -> None:
    """Each makes the file as good as none, but in the marks that no row group contains."""
    true, seen = everything(MADE), 0
    for bit in range(8 * len(MADE)):
        damaged = bytearray(MADE)
        damaged[bit // 8] ^= 1 << bit % 8
        found = said(bytes(damaged))
        assert found in (true, (DAMAGED, "cache/index/x"))
        seen += found != true
    assert seen >= 8 * (len(MADE) - 4)  # the first mark of a Parquet file tells nothing


@pytest.mark.parametrize("length", [0, 1, 31, 36, 40, 100, len(MADE) - 1])
def test_a_cut_file_is_none(length: int) -> None:
    """Wherever it ends."""
    with pytest.raises(IntegrityError):
        everything(MADE[:length])


def test_another_name_is_another_file() -> None:
    """A whole file in the place of another is not believed."""
    with pytest.raises(IntegrityError):
        everything(MADE, "cache/index/y")
