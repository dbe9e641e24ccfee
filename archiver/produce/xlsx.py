"""Rows as a workbook (ECMA-376, Office Open XML), streamed: all cells are text. Pure.

The writer is our own because a workbook has to be streamed without files of its own in some
temporary folder, and the same rows have to give the same bytes: it is stored, not deflated.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import IO, BinaryIO

__all__ = ["LONGEST_CELL", "MOST_ROWS", "Workbook"]

LONGEST_CELL = 32_767
"""Characters (UTF-16) of a cell: Excel opens no workbook with a longer one."""
MOST_ROWS = 1_048_576
_CUT = " […]"
_TIME = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML can't have, a CR, and what would be read as the escape of such a character."""


class Workbook:
    """A workbook while it is written: whole once its context ends.

    Args:
        out: where to.
        names: of columns.
    """

    def __init__(self, out: BinaryIO, names: Sequence[str]) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_STORED)
        self._names = names
        self._sheet: IO[bytes] | None = None
        self._sheets = self._rows = 0

    def __enter__(self) -> Workbook:  # noqa: PYI034 - final in practice
        """Begin it."""
        self._begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write its end, unless it failed."""
        self._end()
        if kind is None:
            for name, text in _parts(self._sheets):
                with self._zip.open(_entry(name), "w") as part:
                    part.write((_XML + text).encode())
        self._zip.close()

    def add(self, row: Mapping[str, str]) -> None:
        """Write a row; after the most that a sheet has, another one begins."""
        if self._rows == MOST_ROWS:
            self._end()
            self._begin()
        self._write([row.get(name, "") for name in self._names])

    def _begin(self) -> None:
        self._sheets += 1
        self._rows = 0
        self._sheet = self._zip.open(
            _entry(f"xl/worksheets/sheet{self._sheets}.xml"), "w", force_zip64=True
        )
        self._sheet.write((_XML + f'<worksheet xmlns="{_MAIN}"><sheetData>').encode())
        self._write(self._names)

    def _write(self, cells: Iterable[str]) -> None:
        self._rows += 1
        row = "".join(_cell(one) for one in cells)
        if self._sheet is not None:
            self._sheet.write(f"<row>{row}</row>".encode())

    def _end(self) -> None:
        if self._sheet is not None:
            self._sheet.write(b"</sheetData></worksheet>")
            self._sheet.close()
            self._sheet = None


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def _cell(value: str) -> str:
    """Return a cell of text. One that is too long is cut, and says so."""
    if not value:
        return "<c/>"
    if (
        len(value) * 2 > LONGEST_CELL
        and len(value.encode("utf-16-le", "replace")) > LONGEST_CELL * 2
    ):
        value = _cut(value)
    text = escape(_ODD.sub(lambda found: f"_x{ord(found[0]):04X}_", value))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _cut(value: str) -> str:
    room = (LONGEST_CELL - len(_CUT)) * 2
    return value.encode("utf-16-le", "replace")[:room].decode("utf-16-le", "ignore") + _CUT


def _parts(sheets: int) -> Iterator[tuple[str, str]]:
    """Yield the parts of a workbook beside its sheets."""
    numbers = range(1, sheets + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n in numbers
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    book = f"{_TYPE}.sheet.main+xml"
    known = (
        f'<Default Extension="rels" ContentType="{rels}"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{book}"/>{types}'
    )
    yield "[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types">{known}</Types>'
    yield "_rels/.rels", _related(_relation(1, "officeDocument", "xl/workbook.xml"))
    named = "".join(f'<sheet name="Records {n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    spaces = f'xmlns="{_MAIN}" xmlns:r="{_OFFICE}"'
    yield "xl/workbook.xml", f"<workbook {spaces}><sheets>{named}</sheets></workbook>"
    sheets_of = (_relation(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers)
    yield "xl/_rels/workbook.xml.rels", _related("".join(sheets_of))


def _related(relations: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
