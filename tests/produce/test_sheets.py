"""Sheets: no cell is run, no text is lost, no row more or less."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from archiver.produce import xlsx
from archiver.produce.csv_sheet import QUOTED, write_csv
from archiver.produce.native_name import ending
from archiver.produce.table import COLUMNS
from archiver.produce.xlsx import LONGEST_CELL, Workbook
from tests.produce.town import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Sequence


def book(*texts: str) -> bytes:
    """Return a workbook with a row for each text."""
    out = io.BytesIO()
    with Workbook(out, ("a", "b")) as made:
        for text in texts:
            made.add({"a": text, "b": "end"})
    return out.getvalue()


def read(data: bytes, sheet: int = 0) -> Sequence[Sequence[object]]:
    """Return the rows of a workbook as another program reads them."""
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1", "|x", "%x", "\n=1"]
)
def test_formulas_are_text(text: str) -> None:
    """What a spreadsheet would run has an apostrophe before it, and the line says so."""
    lines = b"".join(write_csv(("a", "b"), [{"a": text, "b": "1"}])).decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(lines, newline="")))
    assert row == {"a": f"'{text}", "b": "1", QUOTED: "a"}
    assert b"<f" not in book(text)
    assert b't="inlineStr"' in book(text)


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_text_keeps_its_cell(texts: list[str]) -> None:
    """A CSV gives each text back, once what was put before it is taken away."""
    data = b"".join(write_csv(("a", "b"), [{"a": text, "b": "x"} for text in texts]))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    plain = [one.replace("\x00", "\ufffd") for one in texts]
    assert [one[0].removeprefix("'") if one[2] else one[0] for one in rows] == plain
    assert all(one[1] == "x" for one in rows)


@pytest.mark.parametrize("text", [HOSTILE, "_x0041_", "a\rb\n", " a ", "<&>\"'", "\x01\x0b", "1"])
def test_workbooks_have_exact_text(text: str) -> None:
    """Another program reads what was written, numbers as text too."""
    assert read(book(text))[1] == [text, "end"]


def test_what_no_cell_holds_is_cut_and_says_so() -> None:
    """Excel opens no workbook with a longer cell; half a character is not left."""
    (cell, _) = read(book("👍" * LONGEST_CELL))[1]
    assert str(cell).endswith("👍 […]")
    assert len(str(cell).encode("utf-16-le")) // 2 <= LONGEST_CELL
    assert read(book("x" * LONGEST_CELL))[1][0] == "x" * LONGEST_CELL


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its header and no more rows than a sheet may have."""
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    data = book("1", "2", "3")
    assert [row[0] for row in read(data)] == ["a", "1", "2"]
    assert [row[0] for row in read(data, 1)] == ["a", "3"]
    assert book("1") == book("1")


def test_columns_have_one_name_each() -> None:
    """No reader takes one for another."""
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_files_that_browsers_run_are_called_text() -> None:
    """An ending comes from a list; nobody's text is part of it."""
    assert [ending(one) for one in ("text/html", "image/svg+xml", "TEXT/HTML; charset=x")] == [
        "txt"
    ] * 3
    assert ending("image/JPEG") == "jpg"
    assert ending("../../exe") == ending("application/x-msdownload") == "bin"
