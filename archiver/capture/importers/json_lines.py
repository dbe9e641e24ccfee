"""Lines of JSON (JSON Lines, ndjson) with a mapping file, as tools of many origins write them.

A line becomes a record whose excerpts are the values of its members, by the column of ours that
each fills, as the cells of a table (`sheets`); what no column takes has the role ``extra.`` with
its name. So it is read the same years later, without the mapping.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from archiver.capture.importers.cutting import LINES
from archiver.capture.importers.importer import REST, Cell, Cut, Kept
from archiver.capture.importers.sheets import LONGEST_ROLE, identity_of, mapped, read_moment
from archiver.capture.importers.tables import text_of
from archiver.capture.items import Claim, Item, Span
from archiver.capture.jsonitem import Row
from archiver.columns import fields_of
from archiver.formats.excerpts_json import json_members
from archiver.header_text import is_plain
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.importers.importer import Given
    from archiver.capture.importers.sheets import Sheet
    from archiver.record import Excerpt

__all__ = ["JSON_LINES"]

_ENDINGS = (".jsonl", ".ndjson", ".json")
_LINE = re.compile(rb"[^\r\n]+")


class JsonLines:
    """The importer; see `archiver.capture.importers.importer.Importer`."""

    name = "json-lines"
    parser = "json-lines/1"
    title = "JSON Lines with a mapping file"
    platforms: tuple[str, ...] = ()
    module = __name__
    cells = (Cell(Stream.POSTS, "what the mapping says; any stream", "https://jsonlines.org/"),)

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Say no: without a mapping nobody knows what it says."""
        del names, beginning
        return False

    def member(self, name: str) -> Kept:
        """Take a file line by line."""
        lines = name.lower().endswith(_ENDINGS)
        return Kept("items", Stream.POSTS, cutting=LINES) if lines else REST

    def made(self, name: str, body: bytes) -> str:
        """Say nothing."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing: a line stands by itself."""
        return self.made(name, body)

    def split(self, given: Given) -> Cut:
        """Cut a file into its lines."""
        sheet = mapped(given.mapping)
        if sheet is None:
            return Cut()
        items, claims, seen = list[Item](), list[Claim](), dict[str, int]()
        for line in _LINE.finditer(given.body):
            item = _item(given.body, line.span(), sheet, seen)
            if item is not None:
                items.append(item)
                claims.append(Claim("line", *line.span(), ""))
        return Cut(tuple(items), tuple(claims))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the values of a line by their roles."""
        stream, row = context.get("stream", ""), Row()
        columns = {column.name for column in fields_of(stream)} if stream else set[str]()
        for one in excerpts:
            if one.role in {"created", "modified"}:
                text = text_of(one.data)
                row.time(one.role, one.role, text, read_moment(text))
            elif one.role in columns:
                row.put(one.role, text_of(one.data))
            else:
                name = unquote(one.role.removeprefix("extra."))
                row.keep(name, row.raw(name, one.data))
        return row.finished()


def _item(body: bytes, cut: tuple[int, int], sheet: Sheet, seen: dict[str, int]) -> Item | None:
    members = {one.key: one for one in json_members(body, *cut)}
    values = {
        name.lower(): text_of(body[one.value_start : one.value_end])
        for name, one in members.items()
    }
    native_id = identity_of(values, sheet)
    if not native_id or not is_plain(native_id):
        return None
    again = seen[native_id] = seen.get(native_id, 0) + 1
    spans, taken = list[Span](), set[str]()
    for name, one in members.items():
        column = sheet.columns.get(name.lower(), "")
        role = column if column and column not in taken else f"extra.{quote(name, safe='')}"
        taken.add(column)
        spans.append(Span(role[:LONGEST_ROLE], one.value_start, one.value_end))
    return Item(
        stream=sheet.stream,
        native_id=native_id if again == 1 else f"{native_id}~{again}",
        kind=Kind.PRESENT,
        sensitivity=sheet.sensitivity,
        spans=tuple(spans),
        content_type="application/json",
    )


JSON_LINES = JsonLines()
