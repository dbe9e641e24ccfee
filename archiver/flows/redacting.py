"""Redacting: the versions of records as they may be shown, each with a proof that opens just that.

The record is redacted, then rendered: what a `Version` has is read back from its checked proof, or,
where nothing is withheld of a very large one, from the row that the proof's closed root was
recomputed of. All proofs lead to one signed checkpoint.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.digests import digest_fields
from archiver.errors import RefusedError, UsageError
from archiver.flows.access import look, may_read, readable_streams
from archiver.flows.custody import withheld_from_all
from archiver.flows.ledger import read_state
from archiver.flows.prove import digests_of
from archiver.flows.proving import fields_of, proven, shown_whole, tlog_proof, trees_of
from archiver.flows.rows import catalog, row_index
from archiver.flows.sealed import SealedRecord
from archiver.flows.segments import open_file, read_table
from archiver.formats import segment_index, warc_reading
from archiver.formats.parquet import rows_of
from archiver.ledger import ranges
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.log import LogReader
from archiver.ledger.tree import inclusion_path
from archiver.produce.document import Gap, Version
from archiver.record import Sensitivity
from archiver.redact.apply import pieces, redacted
from archiver.redact.withheld import withheld
from archiver.registry.roles import reader_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from archiver.flows.archive import Archive
    from archiver.flows.proving import Proven
    from archiver.ledger.state import Segment
    from archiver.produce.document import Text
    from archiver.redact.apply import Pieces
    from archiver.redact.mark import Mark
    from archiver.redact.withheld import Codes, Withheld

__all__ = ["Reading", "versions_of"]

_ALL = 1 << 62
OPEN_SEGMENTS = 4
"""How many segments are kept in memory at once."""
WINDOW = 256
"""Rows of a segment that are read at once."""
NO_MARKS: Withheld = withheld((), {})


def versions_of(
    archive: Archive,
    record_id: str,
    marks: Sequence[Mark],
    *,
    size: int,
    note: bytes,
) -> tuple[Version, ...]:
    """Return the versions of one record, oldest first. Of many: `Reading`.

    Args and errors as there.
    """
    reading = Reading(archive, [record_id], size=size, note=note, about=record_id)
    return reading.versions_of(record_id, marks)


class _Place(NamedTuple):
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


class Reading:
    """Reads records up to a size of the log, as far as their marks allow.

    Asked in the order of the log it reads each segment once; in memory are a few of them at most.
    ``unread``: by account, how many versions below that size are of segments whose keys are not in
    this home: some of them may be of these records.

    Args:
        archive: where.
        records: the ids of all that will be asked for.
        size: leaves from here on are left out.
        note: a signed checkpoint over at least ``size`` entries; each proof leads to it.
        about: what the records are read for, as the note of a look into a private stream says it.
        what: the command that reads.
    """

    def __init__(
        self,
        archive: Archive,
        records: Iterable[str],
        *,
        size: int,
        note: bytes,
        about: str,
        what: str = "produce",
    ) -> None:
        self._archive, self._note, self._about, self._what = archive, note, about, what
        self._size = size
        self._root_size = open_checkpoint(note, archive.identity.keys).size
        if self._root_size < size:
            raise UsageError(
                "the checkpoint covers less than is read",
                where=f"{self._root_size} of {size} entries",
                mend="take one that was signed later",
            )
        self._read_hash = LogReader(archive.store, self._root_size).hashes()
        self._hidden = withheld_from_all(archive, read_state(archive))
        self._looked = set[str]()
        self.unread: dict[str, int] = {}
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._places = self._index(set(records))

    def _index(self, wanted: set[str]) -> dict[str, list[_Place]]:
        found: dict[str, list[_Place]] = {}
        streams = {one.split(":")[2] for one in wanted if one.count(":") == 3}  # noqa: PLR2004 - four parts
        for one in catalog(self._archive, read_state(self._archive)):
            below = ranges.minus(one.segment.leaves, [[self._size, _ALL]])
            if not one.stream and below:
                account = one.segment.account
                self.unread[account] = self.unread.get(account, 0) + ranges.count(below)
            if one.stream not in streams:
                continue
            ids = read_table(self._archive, one.segment, ("record_id",))["record_id"].to_pylist()
            for row, (record, leaf) in enumerate(zip(ids, row_index(one.segment), strict=True)):
                if record in wanted:
                    found.setdefault(record, []).append(_Place(one.segment, row, leaf))
        return {record: sorted(own, key=lambda one: one.leaf) for record, own in found.items()}

    def in_order(self) -> list[str]:
        """Return the records that are there, in the order of the log: the quickest to ask in."""
        firsts = {record: own[0].leaf for record, own in self._places.items()}
        return sorted((one for one in firsts if firsts[one] < self._size), key=firsts.__getitem__)

    def versions_of(self, record_id: str, marks: Sequence[Mark] = ()) -> tuple[Version, ...]:
        """Return the versions of a record, oldest first, each in its newest generation.

        Args:
            record_id: one of those that the reading was made for.
            marks: what is withheld of it.

        Raises `UsageError` (``record-unknown``), `RefusedError` where it is withheld from all, is
        private and not to be read, a mark is astray, or its id says what is withheld
        (``withhold-impossible``), and `IntegrityError` where something does not hold.
        """
        found = self.sealed(record_id)
        applied = self.withheld(record_id, marks) if marks else NO_MARKS
        newest = {one.row.get("generation_of", one.row["observation_id"]): one for one in found}
        own = sorted(newest.values(), key=lambda one: (one.row["captured_at"], one.index))
        return tuple(self._version(one, applied) for one in own)

    def withheld(self, record_id: str, marks: Sequence[Mark]) -> Withheld:
        """Return what marks withhold of a record: ask `Withheld.said_by` of any name or id beside.

        A title, the name of a file, the id of what it answers. Later versions are read for it too:
        a mark may be on one of them. Errors as of `versions_of`.
        """
        if any(one.record != record_id for one in marks):
            raise AssertionError
        found = self._all(record_id) if marks else []
        return withheld(marks, {one.row["observation_id"]: fields_of(one.row) for one in found})

    def sealed(self, record_id: str) -> list[SealedRecord]:
        """Return its observations as they are sealed, in the order of the log.

        For natives: what a version may not show is in these. Errors as of `versions_of`.
        """
        return [one for one in self._all(record_id) if one.index < self._size]

    def _all(self, record_id: str) -> list[SealedRecord]:
        places = self._places.get(record_id, [])
        if not places or places[0].leaf >= self._size:
            raise UsageError(
                "no such record, or its stream can't be read here",
                where=record_id,
                code="record-unknown",
                mend="copy the record id from `archiver search`",
            )
        self._may_see(record_id, places)
        return [self._sealed(one) for one in places]

    def _may_see(self, record_id: str, places: Sequence[_Place]) -> None:
        if any(ranges.overlap(self._hidden, [[one.leaf, one.leaf + 1]]) for one in places):
            raise RefusedError(
                "the record is withheld from everybody: an extraordinary order stands on it",
                where=record_id,
                code="record-withheld",
                mend="see `archiver disposition list`",
            )
        stream = record_id.split(":")[2]
        private = any(one.segment.sensitivity == Sensitivity.PRIVATE for one in places)
        if not private or stream in self._looked:
            return
        if not may_read(readable_streams(self._archive, read_state(self._archive)), stream):
            raise RefusedError(
                "the record is private, and its stream is not yours to read",
                where=record_id,
                code="reader-role-needed",
                mend=f"give the key of somebody with the role {reader_of(stream)}: "
                "--key or ARCHIVER_PERSON",
            )
        look(self._archive, self._what, self._about, [stream])
        self._looked.add(stream)

    def _sealed(self, place: _Place) -> SealedRecord:
        opened = self._open(place.segment)
        offset, length = opened.members[place.row]
        member = opened.stored[offset : offset + length]
        record = warc_reading.parse_record(warc_reading.inflate_member(member))
        return SealedRecord(record, _row(opened, place.row), place.leaf, place.segment)

    def _open(self, segment: Segment) -> _Opened:
        kept = self._opened.pop(segment.name, None)
        if kept is None:
            if len(self._opened) >= OPEN_SEGMENTS:
                self._opened.popitem(last=False)
            index = segment_index.parse_index(open_file(self._archive, segment, "idx"))[1:]
            stored = open_file(self._archive, segment, "warc.gz")
            kept = _Opened(read_table(self._archive, segment), stored, index, {})
        self._opened[segment.name] = kept  # the last one used is the last
        return kept

    def _version(self, one: SealedRecord, marks: Withheld) -> Version:
        path = inclusion_path(one.index, self._root_size, self._read_hash)
        log = tlog_proof(one.index, path, self._note)
        return (
            _whole(self._archive, one, log)
            if not marks.codes
            else (_partial(self._archive, one, log, marks))
        )


def _row(opened: _Opened, row: int) -> dict[str, str]:
    number = row // WINDOW
    if number not in opened.windows:
        opened.windows.clear()
        opened.windows[number] = rows_of(opened.table.slice(number * WINDOW, WINDOW))
    return opened.windows[number][row % WINDOW]


def _whole(archive: Archive, one: SealedRecord, log: str) -> Version:
    """Return a version of which nothing is withheld."""
    made = proven(archive, one, shown_whole(one), log)
    row = fields_of(one.row)
    if made.checked.withheld_fields is None:  # too large to open: the root is that of the row
        return _made(one, made, {name: (text,) for name, text in row.items()}, {})
    shown = {name: _joined(parts) for name, parts in made.parts.items()}
    return _made(one, made, shown, {})


def _joined(parts: Sequence[str | int]) -> Pieces:
    text = "".join(part for part in parts if isinstance(part, str))
    return (text,) if text else ()


def _partial(archive: Archive, one: SealedRecord, log: str, marks: Withheld) -> Version:
    """Return a version of which something is withheld."""
    trees, row = trees_of(one), fields_of(one.row)
    digests = digest_fields(digests_of(one.row["platform"]), row)
    place = one.row["record_id"], one.row["observation_id"]
    made = redacted(trees, place, marks, digests)
    proof = proven(archive, one, made.shown, log, named=made.named)
    return _made(one, proof, *pieces(made, trees[2], proof.parts))


def _made(
    one: SealedRecord, proof: Proven, fields: Mapping[str, Pieces], closed: Mapping[str, Codes]
) -> Version:
    return Version(
        leaf=one.index,
        observation=one.row["observation_id"],
        kind=proof.checked.kind,
        captured_at=proof.checked.captured_at,
        fields={name: _text(found) for name, found in fields.items()},
        closed=closed,
        proof=proof.data,
    )


def _text(found: Pieces) -> Text:
    return tuple(one if isinstance(one, str) else Gap(*one) for one in found)
