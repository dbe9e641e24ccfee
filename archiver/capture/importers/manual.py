"""What a person saw: a picture of a screen, and his statement about it.

For when no connector saw it, and where a policy lets who removes something keep it by hand. The
statement is a record of its own, the file a part of it that goes with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.handlers import drop, put, time
from archiver.capture.importers.importer import Cell, Cut, Kept
from archiver.capture.items import Item, Span
from archiver.capture.jsonitem import Row
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.importers.importer import Given
    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["MANUAL"]

_STATEMENT = "statement.json"
_COLUMNS: dict[str, Handler] = {
    "url": put("url"),
    "seen": time("created"),
    "why": put("text"),
    "removed_by": put("author_name"),
    "file": put("file_name"),
    "name": drop,
}


class Manual:
    """The importer; see `archiver.capture.importers.importer.Importer`."""

    name = "manual"
    parser = "manual/1"
    title = "What a person saw"
    platforms: tuple[str, ...] = ()
    module = __name__
    cells = (
        Cell(
            Stream.MEDIA,
            "a picture of a screen, with what whoever made it says of it",
            "docs/imports.md",
        ),
    )

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Say no: it is asked for."""
        del names, beginning
        return False

    def member(self, name: str) -> Kept:
        """Return the statement as an item, the file as its part."""
        handle, _, rest = name.partition("/")
        if rest == _STATEMENT:
            return Kept("items", Stream.MEDIA)
        return Kept("file", Stream.MEDIA, Sensitivity.PRIVATE, native_id=f"manual:{handle}/file")

    def made(self, name: str, body: bytes) -> str:
        """Say nothing."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing."""
        return self.made(name, body)

    def split(self, given: Given) -> Cut:
        """Take the statement as it is."""
        name = f"manual:{given.name.partition('/')[0]}"
        spans = (Span("statement", 0, len(given.body)),)
        who = Sensitivity.PRIVATE
        item = Item(Stream.MEDIA, name, Kind.PRESENT, who, spans, "application/json")
        return Cut((item,))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the statement."""
        del context
        row = Row()
        row.put("title", "What a person saw")
        row.fill(row.members(excerpts[0].data), _COLUMNS)
        return row.finished()


MANUAL = Manual()
