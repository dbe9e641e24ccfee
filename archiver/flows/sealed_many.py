"""The observations of many records, as sealed: each segment is read once if asked in its order."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, row_index
from archiver.flows.sealed import SealedRecord
from archiver.flows.segments import open_file, read_table
from archiver.formats import segment_index, warc_reading
from archiver.formats.parquet import rows_of
from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Collection

    import pyarrow as pa

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

__all__ = ["Place", "SealedMany"]

OPEN_SEGMENTS = 4
"""How many segments are kept in memory at once."""
WINDOW = 256
"""Rows of a segment that are read at once."""
_ALL = 1 << 62


class Place(NamedTuple):
    """Where an observation is: segment, row, leaf."""

    segment: Segment
    row: int
    leaf: int


class _Opened(NamedTuple):
    """A segment in memory: its rows, stored records, and where each of those is."""

    table: pa.Table
    stored: bytes
    members: list[tuple[int, int]]
    windows: dict[int, list[dict[str, str]]]


class SealedMany:
    """Where the observations of some records are, and those as they are sealed.

    ``places``: by record id, in the order of the log. In memory are a few segments at most.
    """

    def __init__(self, archive: Archive, records: Collection[str]) -> None:
        self._archive = archive
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._catalog = catalog(archive, read_state(archive))
        self.places = self._index(records)

    def _index(self, wanted: Collection[str]) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        streams = {one.split(":")[2] for one in wanted if one.count(":") == 3}  # noqa: PLR2004 - four parts
        for one in self._catalog:
            if one.stream in streams:
                table = read_table(self._archive, one.segment, ("record_id",))
                ids = map(str, table["record_id"].to_pylist())
                for row, (own, leaf) in enumerate(zip(ids, row_index(one.segment), strict=True)):
                    if own in wanted:
                        found.setdefault(own, []).append(Place(one.segment, row, leaf))
        return {record: sorted(own, key=lambda one: one.leaf) for record, own in found.items()}

    def unread(self, size: int) -> dict[str, int]:
        """Return by account how many leaves below a size have their keys not in this home."""
        found: dict[str, int] = {}
        for one in self._catalog:
            below = ranges.minus(one.segment.leaves, [[size, _ALL]])
            if not one.stream and below:
                account = one.segment.account
                found[account] = found.get(account, 0) + ranges.count(below)
        return found

    def read(self, place: Place) -> SealedRecord:
        """Return an observation, from verified bytes. Raises `IntegrityError`."""
        opened, member = self._open(place.segment), self.member(place)
        record = warc_reading.parse_record(warc_reading.inflate_member(member))
        return SealedRecord(record, _row(opened, place.row), place.leaf, place.segment)

    def member(self, place: Place) -> bytes:
        """Return an observation's WARC record as it is stored."""
        opened = self._open(place.segment)
        offset, length = opened.members[place.row]
        return opened.stored[offset : offset + length]

    def _open(self, segment: Segment) -> _Opened:
        kept = self._opened.pop(segment.name, None)
        if kept is None:
            if len(self._opened) >= OPEN_SEGMENTS:
                self._opened.popitem(last=False)
            members = segment_index.parse_index(open_file(self._archive, segment, "idx"))[1:]
            stored = open_file(self._archive, segment, "warc.gz")
            kept = _Opened(read_table(self._archive, segment), stored, members, {})
        self._opened[segment.name] = kept  # the last one used is the last
        return kept


def _row(opened: _Opened, row: int) -> dict[str, str]:
    number = row // WINDOW
    if number not in opened.windows:
        opened.windows.clear()
        opened.windows[number] = rows_of(opened.table.slice(number * WINDOW, WINDOW))
    return opened.windows[number][row % WINDOW]
