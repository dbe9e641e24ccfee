"""Transfer: a bag that an archive authority can read and verify, whatever becomes of us.

It has the WARC records verbatim in a plain WARC for each stream, their rows as Parquet and CSV,
a proof of each observation, the signed checkpoint that the proofs lead to, two programs that
verify all of it offline, and what it is of. The same records of the same archive give the same
bytes for one moment.
"""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver import __version__
from archiver.flows.certified_bags import note_bag
from archiver.flows.prove import whole_proof
from archiver.flows.rows import by_leaf, row_index
from archiver.flows.sealed import SealedRecord
from archiver.flows.segments import open_file, read_table
from archiver.flows.vouch import note_over
from archiver.formats import segment_index, warc, warc_reading
from archiver.formats.bag import Bag
from archiver.formats.exported import Exported
from archiver.formats.parquet import canonical_time, rows_of
from archiver.layout import ARCHIVE_FILE
from archiver.ledger import ranges
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.deciding import set_digest
from archiver.ledger.log import LogReader
from archiver.ledger.tree import inclusion_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.flows.transfer_choice import Chosen
    from archiver.formats.bag import Folder
    from archiver.ledger.state import Segment
    from archiver.ledger.tree import ReadHash
    from archiver.ports import Progress

__all__ = ["DOCUMENT", "SCHEMA", "Transferred", "transfer"]

SCHEMA = "civic-archive/transfer/1"
DOCUMENT = "transfer.json"
_ROWS = ("parquet", "csv")
_SOFTWARE = f"civic-archiver/{__version__}"


class Transferred(NamedTuple):
    """What a bag was made of: its document, files and bytes, and the digest of its manifest."""

    document: dict[str, Any]
    files: int
    bytes: int
    manifest_sha256: str


class _Sealed(NamedTuple):
    """An observation as it stands in its segment: the stored WARC member, and the row."""

    member: bytes
    row: dict[str, str]
    segment: Segment


class _Proving(NamedTuple):
    """What proofs lead to: a signed checkpoint, and the log under it."""

    note: bytes
    size: int
    read: ReadHash


def transfer(
    archive: Archive,
    chosen: Chosen,
    folder: Folder,
    enclosed: Mapping[str, bytes],
    progress: Progress,
    at: datetime,
) -> Transferred:
    """Write the bag of what was chosen into a new folder.

    Args:
        archive: where.
        chosen: what, and to whom.
        folder: empty.
        enclosed: files that every transfer has, by name.
        progress: told of each observation.
        at: the moment that the bag says it was made.

    Raises `IntegrityError`, `MissingObjectError` where a stored file is not the one that was
    sealed, or a proof does not hold.
    """
    note = note_over(archive, chosen.frozen.leaves[-1][1] - 1)
    size = open_checkpoint(note, archive.identity.keys).size
    proving = _Proving(note, size, LogReader(archive.store, size).hashes())
    document = _document(archive, chosen, canonical_time(at))
    done, total = 0, document["versions"]
    with Bag(folder) as bag:
        for name, data in sorted(enclosed.items()):
            bag.add(name, data)
        bag.add("archive.json", archive.store.get(ARCHIVE_FILE))
        bag.add("checkpoint", note)
        for stream in sorted({one.stream for one in chosen.segments}):
            own = [one for one in chosen.segments if one.stream == stream]
            for number in _written(archive, bag, (stream, own), document, proving):
                done += 1
                progress.step(done, total, f"{stream}, entry {number}")
        bag.add(DOCUMENT, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
        digest = bag.close(_about(archive, document))
    note_bag(archive, document, digest)
    return Transferred(document, bag.files, bag.bytes, digest)


def _document(archive: Archive, chosen: Chosen, made: str) -> dict[str, Any]:
    """Return what a bag says of itself."""
    frozen = chosen.frozen
    return {
        "schema": SCHEMA,
        "identifier": f"{archive.identity.id}/{set_digest(frozen.leaves)[:32]}",
        "archive": archive.identity.id,
        "origin": archive.identity.origin,
        "keys": list(archive.identity.keys),
        "made": made,
        "to": chosen.to,
        "records": len(frozen.records),
        "versions": ranges.count(frozen.leaves),
        "leaves": frozen.leaves,
        "private": sorted(chosen.private),
        "left_out": chosen.left_out,
        "about": dict(chosen.about),
    }


def _about(archive: Archive, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what ``bag-info.txt`` says."""
    rule = document["about"]
    what = f"{rule['series']} {rule['title']}" if "series" in rule else "records by name"
    return [
        ("Source-Organization", archive.identity.origin),
        ("External-Identifier", document["identifier"]),
        ("External-Description", f"{document['records']} records, {what}, for {document['to']}"),
        ("Bagging-Date", document["made"][:10]),
        ("Bag-Software-Agent", _SOFTWARE),
    ]


def _written(
    archive: Archive,
    bag: Bag,
    source: tuple[str, Sequence[Catalogued]],
    document: Mapping[str, Any],
    proving: _Proving,
) -> Iterator[int]:
    """Write all of one stream; yield each leaf once it is written."""
    stream, own = source
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:civic-archive:{document['identifier']}/{stream}")
    opening = warc.handed_over(str(name), document["made"], _SOFTWARE)
    with ExitStack() as stack:
        records = stack.enter_context(bag.payload(f"warc/{stream}.warc.gz"))
        files = [stack.enter_context(bag.payload(f"rows/{stream}.{one}")) for one in _ROWS]
        rows = stack.enter_context(Exported(stream, *files))
        records.write(warc.opening_member(opening))
        for leaf, one in _observations(archive, own, document["leaves"]):
            records.write(one.member)
            rows.add(leaf, one.row)
            record = warc_reading.parse_record(warc_reading.inflate_member(one.member))
            path = inclusion_path(leaf, proving.size, proving.read)
            sealed = SealedRecord(record, one.row, leaf, one.segment)
            bag.add(f"proofs/{leaf}.json", whole_proof(archive, sealed, proving.note, path))
            yield leaf


def _observations(
    archive: Archive, own: Sequence[Catalogued], leaves: ranges.Ranges
) -> Iterator[tuple[int, _Sealed]]:
    """Yield the observations of some leaves out of segments of one stream, by rising leaf."""
    wanted = frozenset(chain.from_iterable(range(*pair) for pair in leaves))

    def read(segment: Segment) -> list[_Sealed | None]:
        numbers = row_index(segment)
        rows = rows_of(read_table(archive, segment))
        stored = open_file(archive, segment, "warc.gz")
        index = segment_index.parse_index(open_file(archive, segment, "idx"))[1:]
        return [
            _Sealed(stored[at : at + length], row, segment) if leaf in wanted else None
            for leaf, row, (at, length) in zip(numbers, rows, index, strict=True)
        ]

    for leaf, one in by_leaf([one.segment for one in own], read):
        if one is not None:
            yield leaf, one
