"""The archive's own documents: sealing them beside their entries, and reading them again."""

from __future__ import annotations

import json
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from archiver.capture.settled import Settled
from archiver.errors import FormatError
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, row_index
from archiver.flows.segments import read_table
from archiver.flows.settle import seal_settled
from archiver.flows.submit import recover, submit
from archiver.formats.parquet import canonical_time, rows_of
from archiver.ids import new_ulid, new_uuid
from archiver.ledger.batch import Batch
from archiver.record import Excerpt, Kind, Observation, Sensitivity, Stream
from archiver.registry.accounts import ACCOUNT_DOCUMENT
from archiver.registry.acts import canonical, subject
from archiver.registry.documents import encode, kind_of, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState

__all__ = [
    "DOCUMENT_PARSER",
    "Document",
    "archive_lane",
    "committed",
    "documents",
    "parsed",
    "seal_documents",
    "seal_in_lane",
]

DOCUMENT_PARSER = "document/1"
PLATFORM, NAME = "civic-archive", "archive"
"""Of the records that the archive keeps about itself."""

NO_SETS: Mapping[str, bytes] = MappingProxyType({})

Document = tuple[int, str, bytes]
"""A document of a workflow segment: its leaf, its native id, its bytes."""

_COLUMNS = ("native_id", "generation_of", "extra")


def documents(archive: Archive, state: LedgerState) -> Iterator[Document]:
    """Yield the documents about accounts, people and keys that this home can read, in order."""
    read, found = archive.memory.documents, list[Document]()
    for one in catalog(archive, state):
        if one.stream == Stream.WORKFLOW:
            if one.segment.name not in read:
                rows = rows_of(read_table(archive, one.segment, _COLUMNS))
                leaves = row_index(one.segment)
                read[one.segment.name] = [
                    (leaf, row["native_id"], row.get("extra", "").encode())
                    for leaf, row in zip(leaves, rows, strict=True)
                    if "generation_of" not in row
                    if row["native_id"] == ACCOUNT_DOCUMENT or kind_of(row["native_id"])
                ]
            found += read[one.segment.name]
    yield from sorted(found)  # a merged segment has older ones than those before it


@contextmanager
def archive_lane(archive: Archive) -> Iterator[None]:
    """Be the only process of this home that seals documents; finish what a crash left."""
    lane = archive.identity.id
    with archive.open_spool(lane):
        recover(archive, lane)
        yield


def seal_documents(
    archive: Archive,
    found: Mapping[str, Mapping[str, Any]],
    entries: Sequence[dict[str, Any]],
    sets: Mapping[str, bytes] = NO_SETS,
) -> None:
    """Seal documents (by native id) and the entries that stand for them, in one batch.

    ``sets``: files of leaves, by key, that the entries name. Raises `RefusedError` where another
    process of the archive sealed meanwhile.
    """
    with archive_lane(archive):
        seal_in_lane(archive, found, entries, sets)


def seal_in_lane(
    archive: Archive,
    found: Mapping[str, Mapping[str, Any]],
    entries: Sequence[dict[str, Any]],
    sets: Mapping[str, bytes] = NO_SETS,
) -> None:
    """Do as `seal_documents`, in an `archive_lane` that the caller holds."""
    lane = archive.identity.id
    timed = [{**body, "time": canonical_time(archive.clock.now())} for body in entries]
    if not found:
        batch = Batch(new_ulid(archive.clock, archive.chance), (), tuple(timed))
        submit(archive, lane, batch, sets)
        return
    made = [
        (new_uuid(archive.chance), _observation(archive, native_id, encode(document)))
        for native_id, document in found.items()
    ]
    seal_settled(archive, read_state(archive), lane, Settled(made, entries=timed, sets=dict(sets)))


def _observation(archive: Archive, native_id: str, data: bytes) -> Observation:
    return Observation(
        platform=PLATFORM,
        account=NAME,
        stream=Stream.WORKFLOW,
        native_id=native_id,
        kind=Kind.PRESENT,
        sensitivity=Sensitivity.PRIVATE,
        captured_at=canonical_time(archive.clock.now()),
        excerpts=(Excerpt("document", data),),
        row=row_of(native_id, data),
        parser=DOCUMENT_PARSER,
        context=(("Archive-Clock", "system clock"),),
        content_type="application/json",
    )


def parsed(data: bytes) -> dict[str, Any]:
    """Return a document as an object; an empty one where it is none."""
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def committed(data: bytes) -> tuple[dict[str, Any], str]:
    """Return a document without its salt, and the commitment to it that an entry may have.

    What has no salt, or no canonical spelling, is committed to by nothing: "".
    """
    document = parsed(data)
    try:
        salt = bytes.fromhex(str(document.pop("salt", "")))
        return document, subject(canonical(document), salt) if salt else ""
    except (ValueError, FormatError):
        return document, ""
