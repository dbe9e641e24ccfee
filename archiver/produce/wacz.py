"""Whole records as WACZ 1.1.1: their WARC records verbatim, an index, and a list of pages. Pure.

Only records of which nothing is withheld are in it: a WARC record has its salt, its roots and its
digests, with which anybody confirms guesses at a part. Form: https://specs.webrecorder.net/wacz/ .
All is stored, not deflated, so that readers find their way by offsets and bytes are the same.
No file in it is so large that it would need ZIP64: ReplayWeb.page finds nothing behind such a head.
"""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from archiver.errors import FormatError
from archiver.formats import warc, warc_reading
from archiver.produce import cdxj
from archiver.produce.spill import Spill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import BinaryIO

    from archiver.produce.document import Document

__all__ = ["Wacz"]

_TIME = (1980, 1, 1, 0, 0, 0)
_LARGEST = 1 << 30
"""Bytes of one WARC in it; what comes after stands in another one."""


class _Counted(io.RawIOBase):
    """A file in a zip that is hashed and counted while it is written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.size = 0
        self.hash = sha256()

    def writable(self) -> bool:
        """Say that it is written to."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write bytes."""
        self._out.write(data)
        self.hash.update(data)
        self.size += len(data)
        return len(data)


class Wacz:
    """A WACZ while it is written.

    Args:
        out: where to.
        scratch: gives a new file to put down what memory can't hold.
        opening: UUID, date and software of the first record of its WARC.
    """

    def __init__(
        self, out: BinaryIO, scratch: Callable[[], BinaryIO], opening: tuple[str, str, str]
    ) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_STORED)
        self._index, self._pages = Spill(scratch), Spill(scratch)
        self._resources: list[dict[str, Any]] = []
        self._opening = warc.opening_member(warc.handed_over(*opening))
        self._part: AbstractContextManager[_Counted] | None = None
        self._parts = self.records = 0
        self._begin()

    def add(self, document: Document, members: Iterable[bytes]) -> None:
        """Write all WARC records (gzip members) of a document.

        Raises `FormatError` for a document of which anything is withheld.
        """
        if not document.whole or document.exemptions:
            raise FormatError(
                "a record with something withheld is in no WACZ", where=document.record
            )
        first = ""
        for member in members:
            record = warc_reading.parse_record(warc_reading.inflate_member(member))
            if self._warc.size + len(member) > _LARGEST:
                self._begin()
            place = self._warc.size, len(member)
            self._warc.write(member)
            if not warc_reading.header_value(record.lines, "WARC-Target-URI"):
                continue
            key, line = cdxj.line_of(record, place, self._name)
            self._index.add((key,), line.encode())
            first = first or warc_reading.header_value(record.lines, "WARC-Target-URI")
        if first:
            page = {
                "id": document.record,
                "url": first,
                "ts": document.versions[0].captured_at,
                "title": document.title or document.record,
            }
            self._pages.add(("",), json.dumps(page).encode() + b"\n")
            self.records += 1

    def _begin(self) -> None:
        """Begin a WARC, the first or a further one."""
        if self._part is not None:
            self._part.__exit__(None, None, None)
        self._parts += 1
        self._name = "data.warc.gz" if self._parts == 1 else f"data-{self._parts}.warc.gz"
        self._part = self._file(f"archive/{self._name}")
        self._warc = self._part.__enter__()
        self._warc.write(self._opening)

    def close(self, title: str, moment: datetime, software: str) -> None:
        """Write index, pages and what the package says of itself."""
        if self._part is not None:
            self._part.__exit__(None, None, None)
            self._part = None
        with self._file("indexes/index.cdx") as part:
            for _, line in self._index:
                part.write(line)
        with self._file("pages/pages.jsonl") as part:
            head = {"format": "json-pages-1.0", "id": "pages", "title": "All records"}
            part.write(json.dumps(head).encode() + b"\n")
            for _, line in self._pages:
                part.write(line)
        package = {
            "profile": "data-package",
            "title": title,
            "created": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "wacz_version": "1.1.1",
            "software": software,
            "resources": self._resources,
        }
        data = json.dumps(package, indent=2).encode()
        with self._file("datapackage.json") as part:
            part.write(data)
        digest = {"path": "datapackage.json", "hash": f"sha256:{sha256(data).hexdigest()}"}
        with self._file("datapackage-digest.json") as part:
            part.write(json.dumps(digest, indent=2).encode())
        self.give_up()

    def give_up(self) -> None:
        """Close what is open of one that was not finished; of a finished one nothing is."""
        if self._part is not None:
            self._part.__exit__(None, None, None)
        self._zip.close()
        self._index.close()
        self._pages.close()

    @contextmanager
    def _file(self, path: str) -> Iterator[_Counted]:
        entry = zipfile.ZipInfo(path, _TIME)
        entry.create_system, entry.external_attr = 3, 0o644 << 16
        with self._zip.open(entry, "w") as opened:
            part = _Counted(cast("BinaryIO", opened))
            yield part
        self._resources.append(
            {
                "name": path.rpartition("/")[2].lower(),
                "path": path,
                "hash": f"sha256:{part.hash.hexdigest()}",
                "bytes": part.size,
            }
        )
