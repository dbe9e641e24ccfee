"""Tables of comma-separated values (RFC 4180), with byte ranges for each cell. Pure.

A row becomes a record whose excerpts are its cells: the role of each says what column of ours it
is, so that it is read the same years later, without the header and without the mapping. Cells
that no column takes have the role ``extra.`` with their own name after it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote

from archiver.capture.importers.fields import minute_time
from archiver.capture.importers.importer import REST, Cut, Kept, file_of
from archiver.capture.items import Claim, Item, Span
from archiver.capture.jsonitem import Row
from archiver.capture.text import storable
from archiver.capture.times import UNKNOWN, Reading, read_time, unix_time
from archiver.columns import fields_of
from archiver.formats.excerpts_json import BYTE_ORDER_MARK
from archiver.header_text import is_plain
from archiver.record import Kind, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.importers.cutting import Safe
    from archiver.capture.importers.importer import Cell, Given
    from archiver.record import Excerpt

__all__ = [
    "CSV_ROWS",
    "LONGEST_ROLE",
    "Sheet",
    "SheetExport",
    "cells",
    "identity_of",
    "mapped",
    "parse_cells",
    "read_moment",
]

_CELL = re.compile(
    rb'(?P<quoted>"(?:[^"]|"")*+")?(?P<bare>[^,;\t\r\n]*+)(?P<end>,|;|\t|\r\n|\n|\r|\Z)'
)
LONGEST_ROLE = 120
Range = tuple[int, int]


class Sheet(NamedTuple):
    """A kind of table: which of its columns are what.

    ``where``: pattern of the member's path. ``columns``: header, in lower case -> our column;
    several may be the same one, the first that says anything counts. ``identity``: headers that
    make the id, with ``prefix`` before it; where they are empty, the time and the order do.
    """

    where: str
    stream: str
    columns: Mapping[str, str]
    identity: tuple[str, ...] = ()
    prefix: str = ""
    sensitivity: str = Sensitivity.PRIVATE


def _rows_end(buffer: bytes) -> int:
    """Return the end of the last whole row: a line feed with no quotation mark open."""
    at = buffer.rfind(b"\n")
    while at >= 0 and buffer.count(b'"', 0, at) % 2:
        at = buffer.rfind(b"\n", 0, at)
    return at + 1


def CSV_ROWS() -> Safe:  # noqa: N802 - a value like others of `cutting`
    """Part a table after a row."""
    return _rows_end


def cells(body: bytes, start: int = 0) -> Iterator[list[Range]]:
    """Yield the rows of a table, each as the ranges of its cells, quotation marks included."""
    row: list[Range] = []
    separator = b""
    while start < len(body):
        found = _CELL.match(body, start)
        if found is None:
            return
        end, stop = found["end"], found.start("end")
        if not separator and end in {b",", b";", b"\t"}:
            separator = end
        while end in {b",", b";", b"\t"} and end != separator:  # of another kind: text
            more = _CELL.match(body, found.end())
            if more is None:
                return
            found = more
            end, stop = found["end"], found.start("end")
        row.append((start, stop))
        start = found.end()
        if end != separator or not end:
            yield row
            row = []
    if row:
        yield row


def text_of(cell: bytes) -> str:
    """Return the characters of a cell; bytes that are no UTF-8 are read as Latin-1 is."""
    data = cell.strip(b" ")
    if data[:1] == b'"' == data[-1:] and len(data) > 1:
        data = data[1:-1].replace(b'""', b'"')
    try:
        return storable(data.decode())
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


@dataclass(frozen=True)
class SheetExport:
    """An importer of tables; see `archiver.capture.importers.importer.Importer`."""

    name: str
    parser: str
    title: str
    platforms: tuple[str, ...]
    module: str
    cells: tuple[Cell, ...]
    sheets: tuple[Sheet, ...]
    telling: str
    files: str = r".*\.(?:jpe?g|png|gif|webp|mp4|mov|mp3|pdf)"

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether a path tells of it."""
        del beginning
        return any(re.fullmatch(self.telling, one, re.IGNORECASE) for one in names)

    def sheet(self, name: str, mapping: str = "") -> Sheet | None:
        """Return what a member is, by its path, or as somebody said."""
        if mapping:
            return mapped(mapping) if name.lower().endswith((".csv", ".tsv", ".txt")) else None
        fit = (one for one in self.sheets if re.fullmatch(one.where, name, re.IGNORECASE))
        return next(fit, None)

    def member(self, name: str) -> Kept:
        """Return rows where a table is known, else a file or the rest."""
        found = self.sheet(name)
        if found is not None:
            return Kept("items", found.stream, found.sensitivity, CSV_ROWS)
        return file_of(name) if re.fullmatch(self.files, name, re.IGNORECASE) else REST

    def made(self, name: str, body: bytes) -> str:
        """Say nothing."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Return the header, as a JSON list."""
        sheet = self.sheet(name)
        found = _headed(body, sheet) if sheet is not None else None
        return json.dumps(found[0]) if found is not None else ""

    def split(self, given: Given) -> Cut:
        """Cut a table into its rows."""
        sheet = self.sheet(given.name, given.mapping)
        return split_sheet(given, sheet) if sheet is not None else Cut()

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the cells of a row."""
        return parse_cells(excerpts, context.get("stream", ""))


def mapped(mapping: str) -> Sheet | None:
    """Return a table as a mapping file describes it; None where it is none.

    ``{"stream": "posts", "id": ["ID"], "columns": {"Message": "text"}, "public": false}``
    """
    try:
        told: Any = json.loads(mapping)
        columns = {str(name).lower(): str(one) for name, one in told["columns"].items()}
        identity = tuple(str(one).lower() for one in told.get("id", ()))
        stream = str(told["stream"])
        fields_of(stream)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    who = Sensitivity.PUBLIC if told.get("public") is True else Sensitivity.PRIVATE
    return Sheet(".*", stream, columns, identity, "", who)


def _headed(body: bytes, sheet: Sheet) -> tuple[list[str], int] | None:
    """Return the names of the columns, and where the rows begin.

    Some exports have notes above: the header is the first row that names a column of ours.
    """
    start = len(BYTE_ORDER_MARK) if body.startswith(BYTE_ORDER_MARK) else 0
    for place, row in enumerate(cells(body, start)):
        names = [text_of(body[slice(*cut)]).strip() for cut in row]
        if not sheet.columns or any(name.lower() in sheet.columns for name in names):
            end = row[-1][1]
            return names, end + (2 if body[end : end + 2] == b"\r\n" else 1)
        if place > 20:  # noqa: PLR2004 - lines of notes
            return None
    return None


def split_sheet(given: Given, sheet: Sheet) -> Cut:
    """Cut rows into items; the header is claimed, notes above it are not."""
    body, claims = given.body, list[Claim]()
    if not sheet.columns:
        return Cut()
    if given.part:
        headed = (json.loads(given.head), 0) if given.head else None
    else:
        headed = _headed(body, sheet)
    if headed is None:
        return Cut()
    names, start = headed
    if start:
        claims.append(Claim("header", body.rfind(b"\n", 0, max(start - 2, 0)) + 1, start, ""))
    items, seen = list[Item](), dict[str, int]()
    for row in cells(body, start):
        item = _row(body, row, names, sheet, seen)
        if item is not None:
            items.append(item)
            claims.append(Claim("row", row[0][0], min(row[-1][1] + 2, len(body)), ""))
    return Cut(tuple(items), tuple(claims))


def _row(
    body: bytes, row: list[Range], names: list[str], sheet: Sheet, seen: dict[str, int]
) -> Item | None:
    if len(row) > len(names) or not names or row == [(row[0][0], row[0][0])]:
        return None
    values = {
        name.lower(): text_of(body[slice(*cut)]) for name, cut in zip(names, row, strict=False)
    }
    native_id = identity_of(values, sheet)
    if not native_id or not is_plain(native_id):
        return None
    again = seen[native_id] = seen.get(native_id, 0) + 1
    spans, taken = [], set[str]()
    for name, cut in zip(names, row, strict=False):
        column = sheet.columns.get(name.lower(), "")
        said = cut[0] < cut[1]
        if column and column not in taken and said:
            taken.add(column)
            spans.append(Span(column, *cut))
        elif said:
            spans.append(Span(f"extra.{quote(name, safe='')[:LONGEST_ROLE]}", *cut))
    return Item(
        stream=sheet.stream,
        native_id=native_id if again == 1 else f"{native_id}~{again}",
        kind=Kind.PRESENT,
        sensitivity=sheet.sensitivity,
        spans=tuple(spans),
        content_type="text/csv",
    )


def identity_of(values: Mapping[str, str], sheet: Sheet) -> str:
    """Return the id of a row; by its time where its own columns have none."""
    own = [values[name] for name in sheet.identity if values.get(name)]
    if own:
        return f"{sheet.prefix}{':'.join(own)}"
    times = [name for name, column in sheet.columns.items() if column == "created"]
    at = next((values[name] for name in times if values.get(name)), "")
    return f"{sheet.prefix}export:{at}" if at else ""


def parse_cells(excerpts: tuple[Excerpt, ...], stream: str) -> dict[str, str]:
    """Return the row of cells by their roles."""
    row, columns = Row(), {column.name for column in fields_of(stream)} if stream else set[str]()
    for one in excerpts:
        text = text_of(one.data)
        if one.role.startswith("extra."):
            row.keep(unquote(one.role.removeprefix("extra.")), json.dumps(text))
        elif one.role in {"created", "modified"}:
            row.time(one.role, one.role, text, read_moment(text))
        elif one.role in columns:
            row.put(one.role, text)
        else:
            row.keep(one.role, json.dumps(text))
    return row.finished()


def read_moment(text: str) -> Reading:
    """Read a time as tables write it: of a standard, with a space in it, or a number."""
    tried = (read_time(text), minute_time(text), unix_time(text))
    return next((one for one in tried if one.precision), UNKNOWN)
