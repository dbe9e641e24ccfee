"""The files that have all documents of a volume: load files, sheets, lines, index, WARC.

They are written while documents pass, one after another, and hold no more than one family.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from archiver.flows.volume_plan import SOFTWARE
from archiver.formats.parquet import canonical_time
from archiver.produce import table
from archiver.produce.columnar import Columnar
from archiver.produce.conversation import Conversations
from archiver.produce.csv_sheet import write_csv
from archiver.produce.dat import write_dat
from archiver.produce.eml import mbox_entry
from archiver.produce.index_html import IN_PAGE, Part, front, part_page
from archiver.produce.lines import line_of
from archiver.produce.load_file import fields_of, lines_of
from archiver.produce.opt import pages_of, write_opt
from archiver.produce.shown import local, made_at
from archiver.produce.wacz import Wacz
from archiver.produce.xlsx import Workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import ExitStack
    from typing import BinaryIO

    from archiver.flows.volume_files import Files
    from archiver.produce.document import Document
    from archiver.produce.placed import Placed
    from archiver.produce.profile import Channel

    Members = Callable[[Document], Iterable[bytes]]
    """Gives the WARC records (gzip members, as stored) of a record that is whole."""

__all__ = ["Streams"]

_FILES: dict[Channel, tuple[str, str]] = {
    "dat": ("DATA/{}.dat", "load file"),
    "images": ("DATA/{}.opt", "load file of images"),
    "csv": ("DATA/{}.csv", "all versions as CSV"),
    "xlsx": ("DATA/{}.xlsx", "all versions as a workbook"),
    "jsonl": ("DATA/{}.jsonl", "all documents as lines of JSON"),
    "parquet": ("DATA/{}.parquet", "all versions as Parquet"),
    "eml": ("EML/{}.mbox", "messages as a mailbox"),
    "wacz": ("WACZ/{}.wacz", "whole records as a web archive"),
}
"""By channel: its file below the volume, and what that is."""


class Streams:
    """Files that all documents are written to; whole once `close` was called.

    Args:
        stack: that ends what is open.
        files: of single documents: where they are, of what, and how.
        members: gives WARC records; None: there is no WACZ.
    """

    def __init__(self, stack: ExitStack, files: Files, members: Members | None) -> None:
        plan, profile, bag = files.plan, files.profile, files.bag
        self._bag, self._plan, self._profile = bag, plan, profile
        self._stack, self._scratch = stack, files.folder.scratch
        self._members = members
        self._out: dict[Channel, BinaryIO] = {
            channel: stack.enter_context(bag.payload(f"{plan.volume}/{path.format(plan.volume)}"))
            for channel, (path, _) in _FILES.items()
            if profile.has(channel) and (channel != "wacz" or members is not None)
        }
        self._sheets: list[Workbook | Columnar] = []
        if "xlsx" in self._out:
            self._sheets.append(stack.enter_context(Workbook(self._out["xlsx"], table.COLUMNS)))
        if "parquet" in self._out:
            self._sheets.append(stack.enter_context(Columnar(self._out["parquet"], table.COLUMNS)))
        self._wacz = self._new_wacz() if "wacz" in self._out else None
        if self._wacz is not None:
            stack.callback(self._wacz.give_up)
        self._chats = Conversations(profile, self._scratch, files.read)
        stack.callback(self._chats.close)
        self._head = {"dat": True, "csv": True}
        self._page: list[Placed] = []
        self._parts: list[Part] = []
        self.whole = self.conversations = 0
        takers: dict[Channel, Callable[[Placed], None]] = {
            "images": self._opt,
            "csv": self._csv,
            "xlsx": self._rows,
            "parquet": self._rows,
            "jsonl": self._line,
            "rsmf": self._chats.add,
            "wacz": self._whole,
            "html": self._listed,
        }
        wanted = [take for channel, take in takers.items() if profile.has(channel)]
        self._takers = list(dict.fromkeys(wanted))

    def _new_wacz(self) -> Wacz:
        name = f"urn:civic-archive:{self._plan.identifier}/{self._plan.volume}"
        opening = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
        date = canonical_time(self._plan.moment)
        return Wacz(self._out["wacz"], self._scratch, (opening, date, SOFTWARE))

    def add(self, family: Sequence[Placed]) -> None:
        """Take in a family, whole."""
        if "dat" in self._out:
            lines = write_dat(fields_of(self._profile), lines_of(family, self._profile))
            self._write("dat", lines)
        for one in family:
            for take in self._takers:
                take(one)

    def _opt(self, one: Placed) -> None:
        pages = list(zip(one.numbers, one.images, strict=True))
        self._write("images", write_opt(pages_of(self._plan.volume, pages)))

    def _csv(self, one: Placed) -> None:
        self._write("csv", write_csv(table.COLUMNS, table.rows_of(one, self._profile)))

    def _line(self, one: Placed) -> None:
        self._out["jsonl"].write(line_of(one))

    def _rows(self, one: Placed) -> None:
        for row in table.rows_of(one, self._profile):
            for sheet in self._sheets:
                sheet.add(row)

    def _whole(self, one: Placed) -> None:
        document = one.document
        if self._wacz is not None and self._members is not None and document.whole:
            self._wacz.add(document, self._members(document))
            self.whole = self._wacz.records

    def _listed(self, one: Placed) -> None:
        self._page.append(one)
        if len(self._page) == IN_PAGE:
            self._part()

    def mail(self, one: Placed, data: bytes) -> None:
        """Take in the mail that was made of a document."""
        made, _ = made_at(one.document, self._profile)
        self._out["eml"].write(mbox_entry(data, local(made, "UTC")))

    def _write(self, channel: Channel, lines: Iterable[bytes]) -> None:
        """Write the lines that a writer gives for some documents: its first is the header."""
        given = iter(lines)
        if channel in self._head:
            header = next(given)
            if self._head[channel]:
                self._out[channel].write(header)
                self._head[channel] = False
        for line in given:
            self._out[channel].write(line)

    def _part(self) -> None:
        """Write a page of the index."""
        number = len(self._parts) + 1
        path = f"HTML/{number:04}.html"
        title = f"{self._plan.identifier}, {self._plan.volume}, page {number}"
        page = part_page(self._page, self._profile, title, "../")
        self._bag.add(f"{self._plan.volume}/{path}", page)
        last = self._page[-1].last
        self._parts.append(Part(path, self._page[0].first, last, len(self._page)))
        self._page = []

    def close(self) -> None:
        """Write what only the end knows: conversations, the index, the WACZ's own."""
        for channel in ("dat", "csv"):
            if channel in self._out and self._head[channel]:
                self._write(channel, self._empty(channel))
        if self._profile.has("rsmf"):
            for number, one in enumerate(self._chats.files()):
                folder = f"RSMF/{number // self._profile.folder + 1:04}"
                self._bag.add(f"{self._plan.volume}/{folder}/{one.name}", one.data)
                self.conversations += 1
        if self._page:
            self._part()
        if self._profile.has("html"):
            named = [
                (what, path.format(self._plan.volume))
                for channel, (path, what) in _FILES.items()
                if channel in self._out
            ]
            title = f"{self._plan.identifier}, {self._plan.volume}"
            self._bag.add(f"{self._plan.volume}/index.html", front(title, self._parts, named))
        if self._wacz is not None:
            self._wacz.close(self._plan.identifier, self._plan.moment, SOFTWARE)
        self._stack.close()

    def _empty(self, channel: str) -> Iterable[bytes]:
        """Return the lines of a file without documents."""
        if channel == "dat":
            return write_dat(fields_of(self._profile), [])
        return write_csv(table.COLUMNS, [])
