"""Redacting: the versions of records as they may be shown, each with a proof that opens just that.

The record is redacted, then rendered: what a `Version` has is read back from its checked proof, or,
where nothing is withheld of a very large one, from the row that the proof's closed root was
recomputed of. All proofs lead to one signed checkpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.digests import digest_fields
from archiver.errors import RefusedError, UsageError
from archiver.flows.access import look, may_read, readable_streams
from archiver.flows.custody import withheld_from_all
from archiver.flows.ledger import read_state
from archiver.flows.prove import digests_of
from archiver.flows.proving import fields_of, proven, shown_whole, tlog_proof, trees_of
from archiver.flows.sealed_many import SealedMany
from archiver.ledger import ranges
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.log import LogReader
from archiver.ledger.tree import inclusion_path
from archiver.produce.document import Gap, Version
from archiver.record import Sensitivity, wholes
from archiver.redact.apply import pieces, redacted
from archiver.redact.withheld import withheld
from archiver.registry.roles import reader_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.proving import Proven
    from archiver.flows.sealed import SealedRecord
    from archiver.flows.sealed_many import Place
    from archiver.produce.document import Text
    from archiver.redact.apply import Pieces
    from archiver.redact.mark import Mark
    from archiver.redact.withheld import Codes, Withheld

__all__ = ["Reading", "versions_of"]

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
        self._asked = set(records)
        every = self._asked | {whole for one in self._asked for whole in wholes(one)}
        self._sealed = SealedMany(archive, every)
        self.unread = self._sealed.unread(size)

    def in_order(self) -> list[str]:
        """Return the records that are there, in the order of the log: the quickest to ask in."""
        places = self._sealed.places
        firsts = {one: places[one][0].leaf for one in self._asked if one in places}
        return sorted((one for one in firsts if firsts[one] < self._size), key=firsts.__getitem__)

    def versions_of(self, record_id: str, marks: Sequence[Mark] = ()) -> tuple[Version, ...]:
        """Return the versions of a record, oldest first, each in its newest generation.

        Args:
            record_id: one of those that the reading was made for.
            marks: what is withheld of it, and of what it is a part of (`archiver.redact.mark.on`).

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

        A title, the name of a file, the id of what it answers. Later versions, and those of what it
        is a part of, are read for it too. Errors as of `versions_of`.
        """
        own = {one.record for one in marks}
        if not own <= {record_id, *wholes(record_id)}:
            raise AssertionError
        found = [one for record in sorted(own) for one in self._all(record)]
        rows = {one.row["observation_id"]: fields_of(one.row) for one in found}
        return withheld(marks, rows)

    def sealed(self, record_id: str) -> list[SealedRecord]:
        """Return its observations as they are sealed, in the order of the log.

        For natives: what a version may not show is in these. Errors as of `versions_of`.
        """
        found = [one for one in self._all(record_id) if one.index < self._size]
        if not found:
            raise _unknown(record_id)
        return found

    def _all(self, record_id: str) -> list[SealedRecord]:
        places = self._sealed.places.get(record_id, [])
        if not places:
            raise _unknown(record_id)
        self._may_see(record_id, places)
        return [self._sealed.read(one) for one in places]

    def members(self, record_id: str) -> list[bytes]:
        """Return the WARC records of a record as they are stored, in the order of the log.

        They have the salts: only for what is released whole.
        """
        places = self._sealed.places.get(record_id, [])
        return [self._sealed.member(one) for one in places if one.leaf < self._size]

    def _may_see(self, record_id: str, places: Sequence[Place]) -> None:
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

    def _version(self, one: SealedRecord, marks: Withheld) -> Version:
        path = inclusion_path(one.index, self._root_size, self._read_hash)
        log = tlog_proof(one.index, path, self._note)
        return (
            _whole(self._archive, one, log)
            if not marks.codes
            else (_partial(self._archive, one, log, marks))
        )


def _unknown(record_id: str) -> UsageError:
    return UsageError(
        "no such record, or its stream can't be read here",
        where=record_id,
        code="record-unknown",
        mend="copy the record id from `archiver search`",
    )


def _whole(archive: Archive, one: SealedRecord, log: str) -> Version:
    """Return a version of which nothing is withheld."""
    made = proven(archive, one, shown_whole(one), log)
    row = fields_of(one.row)
    if made.checked.withheld_fields is None:  # too large to open: the root is that of the row
        return _made(one, made, {name: _joined([text]) for name, text in row.items()}, {})
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
