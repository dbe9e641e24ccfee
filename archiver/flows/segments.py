"""Segments: from observations to sealed files, and back from verified bytes.

A segment holds one account, one stream, one unit; WARC member order = Parquet row
order = leaf order. Private segments are encrypted file by file, one random key each.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from archiver import __version__
from archiver.columns import fields_of
from archiver.errors import IntegrityError, MissingObjectError
from archiver.flows.superseded import merged_meanwhile
from archiver.formats import cobblestone, parquet, segment_index, warc
from archiver.ids import new_handle, new_ulid, new_uuid
from archiver.layout import unit_object_key
from archiver.ledger.commitment import commit
from archiver.ledger.seal import INTAKE
from archiver.record import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    import pyarrow as pa

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment
    from archiver.record import Excerpt, Observation

__all__ = [
    "Placement",
    "Prepared",
    "Sealable",
    "build",
    "build_prepared",
    "decrypted",
    "new_nonce",
    "open_file",
    "place",
    "plain",
    "read_table",
    "sealed",
    "stored_bytes",
]

ENCRYPTED = ".c256"
UNSCHEDULED = "unscheduled"
LONGEST_PADDING = 4096
"""Digits: many times what the text of a short comment adds to a file (ADR 0065)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The unit a segment goes to, and why: series, cutoff or capture period, sensitivity."""

    unit: str
    series: str
    period: str
    sensitivity: str


@dataclass(frozen=True, slots=True)
class Sealable:
    """A segment ready to be sealed: objects by key, commitments in order, seal member."""

    objects: Mapping[str, bytes]
    commitments: Sequence[bytes]
    segment: dict[str, Any]


class Prepared(NamedTuple):
    """A record ready to be written: committed header lines, excerpts, both parts of its row."""

    lines: list[bytes]
    excerpts: tuple[Excerpt, ...]
    context: Mapping[str, str]
    row: Mapping[str, str]


def place(
    archive: Archive,
    state: LedgerState,
    new: dict[tuple[str, str, str], str],
    series: str,
    sensitivity: str,
) -> Placement:
    """Return where a segment of a series goes: the unit in use, or a new random one.

    ``new`` remembers units made for this batch, so that its segments share them.
    """
    period = parquet.canonical_time(archive.clock.now())[:7]
    wanted = (series, period, sensitivity)
    unit = state.units.get(wanted) or new.setdefault(wanted, new_handle(archive.chance))
    return Placement(unit, *wanted)


def build(
    archive: Archive,
    placement: Placement,
    stream: str,
    observations: Sequence[tuple[str, Observation]],
    first: int,
) -> Sealable:
    """Return the sealed form of a segment: WARC, Parquet, index.

    Args:
        archive: for randomness, clock and keys.
        placement: where it goes.
        stream: of all the observations.
        observations: (record UUID, observation), in leaf order.
        first: relative index of its first leaf in the batch.
    """
    prepared = (
        Prepared(warc.header_lines(one, uuid), one.excerpts, _context_columns(one, uuid), one.row)
        for uuid, one in observations
    )
    return build_prepared(archive, placement, stream, prepared, first)


def build_prepared(
    archive: Archive, placement: Placement, stream: str, prepared: Iterable[Prepared], first: int
) -> Sealable:
    """Return the sealed form of a segment of records that are ready to be written."""
    opening = warc.warcinfo(
        new_uuid(archive.chance),
        parquet.canonical_time(archive.clock.now()),
        *new_nonce(archive),
        software=f"civic-archiver/{__version__}",
    )
    members = [warc.opening_member(opening)]
    rows: list[dict[str, str]] = []
    commitments: list[bytes] = []
    fields = fields_of(stream)
    for lines, excerpts, context, row in prepared:
        salt = archive.chance.bytes(32)
        made = commit(salt, excerpts, lines, fields, row)
        members.append(warc.member(warc.record_bytes(lines, excerpts, salt, made[:3])))
        commitments.append(made.value)
        rows.append({**context, **row})
    files = {
        "warc.gz": b"".join(members),
        "parquet": parquet.write_rows(stream, rows, *new_nonce(archive)),
        "idx": segment_index.index([len(member) for member in members], *new_nonce(archive)),
    }
    return finish(archive, placement, files, commitments, first, stream)


def finish(
    archive: Archive,
    placement: Placement,
    files: Mapping[str, bytes],
    commitments: Sequence[bytes],
    first: int,
    stream: str = INTAKE,
) -> Sealable:
    """Name, encrypt where needed, and hash the files of a segment.

    What is encrypted has a key of its series, month and ``stream``: what is due together,
    and who may read it.
    """
    name = new_ulid(archive.clock, archive.chance)
    objects: dict[str, bytes] = {}
    hashes: dict[str, str] = {}
    for suffix, data in files.items():
        stored, stored_suffix = data, suffix
        if placement.sensitivity == Sensitivity.PRIVATE:
            stored_suffix = suffix + ENCRYPTED
            key = unit_object_key(placement.unit, name, stored_suffix)
            file_key = archive.keys.new_key(key, f"{placement.series}/{placement.period}/{stream}")
            stored = _encrypted(archive, placement.unit, name, stored_suffix, data, file_key)
        objects[unit_object_key(placement.unit, name, stored_suffix)] = stored
        hashes[stored_suffix] = sha256(stored).hexdigest()
    segment = {
        "unit": placement.unit,
        "segment": name,
        "series": placement.series,
        "period": placement.period,
        "sensitivity": placement.sensitivity,
        "objects": hashes,
        "leaves": [[first, first + len(commitments)]] if commitments else [],
    }
    return Sealable(objects, commitments, segment)


def new_nonce(archive: Archive) -> tuple[bytes, bytes]:
    """Return a file's nonce and its padding of 1 to 4,096 digits: both die with it.

    An odd number of digits is as likely as an even one, else a length would tell its last bit.
    """
    length = int.from_bytes(archive.chance.bytes(2)) % LONGEST_PADDING + 1
    nonce, digits = archive.chance.bytes(32), archive.chance.bytes(LONGEST_PADDING // 2).hex()
    return nonce, digits[:length].encode()


def _encrypted(
    archive: Archive, unit: str, name: str, suffix: str, data: bytes, key: bytes
) -> bytes:
    out = BytesIO()
    context = cobblestone.context(archive.identity.id, unit, f"{name}.{suffix}")
    cobblestone.encrypt(data, key, context, out)
    return out.getvalue()


def _context_columns(observation: Observation, uuid: str) -> dict[str, str]:
    columns = {
        "record_id": observation.record_id,
        "observation_id": uuid,
        "platform": observation.platform,
        "account": observation.account,
        "stream": observation.stream,
        "native_id": observation.native_id,
        "kind": observation.kind,
        "captured_at": observation.captured_at,
        "parser": observation.parser,
        "exchange": observation.exchange,
        "page_url": observation.page_url,
        "group": observation.group,
    }
    return {name: value for name, value in columns.items() if value}


def stored_bytes(archive: Archive, segment: Segment, suffix: str) -> bytes:
    """Return a sealed file's stored bytes, which hash to what the ledger says.

    They are kept in this home's cache once checked. Raises `IntegrityError`,
    `MissingObjectError`.
    """
    expected = segment.objects[suffix]
    cached = archive.home.read(f"cache/objects/{expected}")
    if cached is not None and sha256(cached).hexdigest() == expected:
        return cached
    data = _from_store(archive, segment, suffix)
    archive.home.write(f"cache/objects/{expected}", data)
    return data


def _from_store(archive: Archive, segment: Segment, suffix: str) -> bytes:
    key = unit_object_key(segment.unit, segment.name, suffix)
    try:
        data = archive.store.get(key)
    except MissingObjectError as error:
        raise merged_meanwhile(archive, segment, error) from error
    if sha256(data).hexdigest() != segment.objects[suffix]:
        raise IntegrityError(
            "a stored file is not the one that was sealed",
            where=key,
            code="object-changed",
            mend="restore it from a replica; run `archiver verify` for the whole picture",
        )
    return data


def sealed(archive: Archive, segment: Segment, kind: str) -> bytes:
    """Return a file as `open_file` does, read from the store itself, whatever is cached."""
    suffix = kind if kind in segment.objects else kind + ENCRYPTED
    return plain(archive, segment, suffix, _from_store(archive, segment, suffix))


def open_file(archive: Archive, segment: Segment, kind: str) -> bytes:
    """Return a file of a segment as plain bytes, from verified stored ones.

    ``kind`` is the suffix without encryption: ``warc.gz``, ``parquet``, ``idx``, ``map``.
    Raises `KeyStoreError` where the key of an encrypted file is not here.
    """
    suffix = kind if kind in segment.objects else kind + ENCRYPTED
    return plain(archive, segment, suffix, stored_bytes(archive, segment, suffix))


def plain(archive: Archive, segment: Segment, suffix: str, stored: bytes) -> bytes:
    """Return the plain bytes of a stored file. Raises `KeyStoreError`, `IntegrityError`."""
    if not suffix.endswith(ENCRYPTED):
        return stored
    key = archive.keys.key(unit_object_key(segment.unit, segment.name, suffix))
    return decrypted(archive, (segment.unit, segment.name, suffix), stored, key)


def decrypted(archive: Archive, place: tuple[str, str, str], stored: bytes, key: bytes) -> bytes:
    """Return what an encrypted file holds; ``place`` is its unit, segment and suffix.

    Raises `IntegrityError`, `KeyStoreError` where key, place or bytes are not those sealed.
    """
    unit, name, suffix = place
    context = cobblestone.context(archive.identity.id, unit, f"{name}.{suffix}")
    return cobblestone.decrypt_all(stored, key, context)


def read_table(
    archive: Archive, segment: Segment, columns: Collection[str] | None = None
) -> pa.Table:
    """Return the rows of a segment, from verified bytes; of these columns alone, if given.

    The bytes are those of the whole file; what is not asked for is not decompressed.
    """
    return parquet.read_rows(BytesIO(open_file(archive, segment, "parquet")), columns)
