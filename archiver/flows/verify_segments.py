"""Verifying sealed segments: stored files, and in depth every record in them."""

from __future__ import annotations

import re
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from archiver.columns import CONTEXT, fields_of
from archiver.errors import ArchiverError, IntegrityError, KeyStoreError, MissingObjectError
from archiver.flows.derive import derive, was_decoded
from archiver.flows.intake import has_nonce
from archiver.flows.rows import row_index
from archiver.flows.segments import plain
from archiver.flows.verify_generations import Newer
from archiver.flows.verify_origins import OriginCheck, exchanges_of, parse_map
from archiver.formats import segment_index, warc_reading
from archiver.formats.parquet import read_rows, rows_of
from archiver.layout import unit_object_key
from archiver.ledger.entry import OBSERVATION
from archiver.ledger.finding import Finding
from archiver.ledger.state import INTAKE
from archiver.ledger.verify import check_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment
    from archiver.record import Excerpt

__all__ = ["SegmentCheck"]

MAX_OPENING = 1 << 16
_UNFIT = (ArchiverError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What bytes of another form end in, wherever they are read."""
_NONCE = re.compile(rb"[0-9a-f]{64}")
_CONTEXT_NAMES = tuple(column.name for column in CONTEXT)


class SegmentCheck:
    """Checks segments in ledger order. ``unreadable`` counts files whose key is not here.

    ``newer`` are the newer generations found, by leaf.
    """

    def __init__(
        self, archive: Archive, entries: Sequence[bytes], segments: Sequence[Segment]
    ) -> None:
        self._archive = archive
        self._entries = entries
        self._origins = OriginCheck(archive, segments)
        self._seal = -1
        self._excerpts: dict[str, tuple[Excerpt, ...]] = {}
        self._whole = True
        self.newer: dict[int, Newer] = {}
        self.objects = 0
        self.records = 0
        self.unreadable = 0
        self.rederived = 0

    def run(self, segment: Segment, *, deep: bool) -> Iterator[Finding]:
        """Yield what is wrong with a segment's stored files and, if ``deep``, its records."""
        if segment.seal != self._seal:
            self._seal, self._excerpts, self._whole = segment.seal, {}, True
        whole: dict[str, bytes] = {}
        for suffix, expected in segment.objects.items():
            key = unit_object_key(segment.unit, segment.name, suffix)
            self.objects += 1
            try:
                stored = self._archive.store.get(key)
            except MissingObjectError:
                yield Finding("object-missing", key, expected, "nothing")
                continue
            except IntegrityError as error:
                yield Finding("object-changed", key, expected, error.message)
                continue
            found = sha256(stored).hexdigest()
            if found != expected:
                yield Finding("object-changed", key, expected, found)
            else:
                whole[suffix] = stored
        if deep and len(whole) == len(segment.objects):
            yield from self._deep(segment, whole)
        else:
            self._whole = False

    def _deep(self, segment: Segment, stored: Mapping[str, bytes]) -> Iterator[Finding]:
        where = unit_object_key(segment.unit, segment.name, "")
        try:
            files = {
                suffix.removesuffix(".c256"): plain(self._archive, segment, suffix, data)
                for suffix, data in stored.items()
            }
        except KeyStoreError:
            self.unreadable += len(stored)
            self._whole = False
            return
        except ArchiverError as error:
            self._whole = False
            yield Finding("object-sealed", where, "a file its key opens", str(error))
            return
        try:
            yield from self._files(segment, files, where)
        except _UNFIT as error:  # whatever a file holds, the next segment is looked at
            self._whole = False
            yield Finding("segment-files", where, "files of a segment", f"{error!r}"[:300])

    def _files(self, segment: Segment, files: Mapping[str, bytes], where: str) -> Iterator[Finding]:
        """Yield what is wrong with the content of a segment, by what kind it is."""
        if segment.stage == INTAKE:
            exchanges_of(segment.lane, segment.exchanges, files["warc.gz"])
        elif "map" in files:
            origins = parse_map(files["map"])
            if self._whole:
                yield from self._origins.run(where, origins, self._excerpts)
        else:
            yield from self._records(segment, files, where)

    def _records(
        self, segment: Segment, files: Mapping[str, bytes], where: str
    ) -> Iterator[Finding]:
        index = segment_index.parse_index(files["idx"])
        table = read_rows(BytesIO(files["parquet"]))
        rows = rows_of(table)
        leaves = row_index(segment)
        if not len(index) - 1 == len(rows) == len(leaves):
            found = f"{len(index) - 1} members, {len(rows)} rows"
            yield Finding("segment-counts", where, f"{len(leaves)} leaves", found)
            self._whole = False
            return
        if index[-1][0] + index[-1][1] != len(files["warc.gz"]):
            yield Finding("segment-counts", where, "an index over the whole WARC", "another length")
        opening = files["warc.gz"][: index[0][1]]
        first = warc_reading.inflate_member(opening, MAX_OPENING)
        nonce = (table.schema.metadata or {}).get(b"archive-nonce", b"")
        if not (has_nonce(first) and _is_nonce(nonce) and _is_nonce(files["idx"][:64])):
            yield Finding("segment-files", where, "a nonce of 32 bytes in each file", "none")
        for (offset, length), row, leaf in zip(index[1:], rows, leaves, strict=True):
            member = files["warc.gz"][offset : offset + length]
            yield from self._record(f"leaf {leaf} in {where}", member, row, leaf)

    def _record(
        self, where: str, member: bytes, row: Mapping[str, str], leaf: int
    ) -> Iterator[Finding]:
        self.records += 1
        try:
            record = warc_reading.parse_record(warc_reading.inflate_member(member))
            excerpts = warc_reading.excerpts_of(record)
            context = warc_reading.context_of(record.lines)
            warc_reading.contained_of(record.lines)
        except ArchiverError as error:
            yield Finding("record-unreadable", where, "a WARC record", str(error))
            return
        fields = {name: value for name, value in row.items() if name not in _CONTEXT_NAMES}
        columns = fields_of(context["stream"])
        first = context.get("generation_of", "")
        if first:
            self.newer[leaf] = Newer(where, record, first)
        else:  # of a newer generation no exchange is told but the first one's
            self._excerpts[context["observation_id"]] = excerpts
        entry = self._entries[leaf] if leaf < len(self._entries) else b""
        value = entry.removeprefix(OBSERVATION)
        yield from check_record(where, record.lines, excerpts, (columns, fields), value)
        stated = {name: row[name] for name in _CONTEXT_NAMES if name in row}
        if context != stated:
            yield Finding("row-context", where, str(context), str(stated))
        try:
            derived = derive(context, excerpts, decoded=was_decoded(record.lines))
        except _UNFIT as error:
            yield Finding("row-derived", where, "a row from the excerpts", f"{error!r}"[:300])
            return
        if derived is not None:
            self.rederived += 1
            if derived != fields:
                names = sorted(
                    n for n in derived.keys() | fields if derived.get(n) != fields.get(n)
                )
                yield Finding("row-derived", where, "the row its parser makes", ", ".join(names))


def _is_nonce(text: bytes) -> bool:
    return bool(_NONCE.fullmatch(text))
