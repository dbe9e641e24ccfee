"""Prove: a file that shows one record, or parts of it, to be in the archive's ledger.

And check: anybody can hold such a file against the archive's public key, offline.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.columns import COLUMNS, fields_of
from archiver.errors import FormatError, IntegrityError, UsageError
from archiver.flows.ledger import checkpoint, read_state
from archiver.flows.rows import catalog, row_index
from archiver.flows.segments import open_file, read_table
from archiver.formats import segment_index, warc_reading
from archiver.formats.parquet import rows_of
from archiver.layout import CHECKPOINT
from archiver.ledger import entry
from archiver.ledger.commitment import committed_lines, leaves, observation_commitment
from archiver.ledger.disclosure import close, disclose, opened_leaves, recommit, text_of
from archiver.ledger.log import LogReader
from archiver.ledger.proof import Proof
from archiver.ledger.proof import verify as verify_tlog_proof
from archiver.ledger.tree import inclusion_path
from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.commitment import Leaf
    from archiver.ledger.state import Segment

__all__ = ["Checked", "SealedRecord", "check_proof", "prove", "sealed_records"]

SCHEMA = "civic-archive/proof/v1"
GAP = "█████"

_PLAIN_FIELDS = ("title", "text", "author_name", "name", "state", "url", "created", "created_at")
"""What a proof with something withheld opens unless told otherwise."""

_TELLING_HEADERS = (b"Content-Length:", b"Archive-Excerpt:")
"""Header lines that give the length of what is withheld."""


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """One sealed observation: its WARC record, row, ledger index and segment."""

    record: warc_reading.RecordBytes
    row: dict[str, str]
    index: int
    segment: Segment


def sealed_records(archive: Archive, record_id: str) -> list[SealedRecord]:
    """Return all observations of a record, in ledger order, from verified bytes.

    Raises `UsageError` where there is none of that id.
    """
    state = read_state(archive)
    stream = record_id.split(":")[2] if record_id.count(":") == 3 else ""  # noqa: PLR2004 - four parts
    found: list[SealedRecord] = []
    for one in catalog(archive, state):
        if one.stream != stream:
            continue
        rows = rows_of(read_table(archive, one.segment))
        places = [place for place, row in enumerate(rows) if row["record_id"] == record_id]
        if places:
            index = segment_index.parse_index(open_file(archive, one.segment, "idx"))
            stored = open_file(archive, one.segment, "warc.gz")
            numbers = row_index(one.segment)
            for place in places:
                offset, length = index[place + 1]
                member = stored[offset : offset + length]
                record = warc_reading.parse_record(warc_reading.inflate_member(member, 1 << 32))
                found.append(SealedRecord(record, rows[place], numbers[place], one.segment))
    if not found:
        raise UsageError(
            "no such record, or its stream can't be read here",
            where=record_id,
            code="record-unknown",
            mend="copy the record id from `archiver search`",
        )
    return found


def prove(
    archive: Archive,
    record_id: str,
    *,
    fields: Sequence[str] = (),
    withhold: Sequence[str] = (),
    observation: str = "",
) -> dict[str, Any]:
    """Return a proof of the latest observation that has content (or of the named one).

    Args:
        archive: where.
        record_id: what to prove.
        fields: fields to open; empty: all, or the plain ones where something is withheld.
        withhold: texts whose words stay closed wherever they stand.
        observation: UUID of one observation of the record.
    """
    sealed = _chosen(sealed_records(archive, record_id), observation)
    row = {k: v for k, v in sealed.row.items() if k in COLUMNS and COLUMNS[k].home == "field"}
    unknown = set(fields) - set(row)
    if unknown:
        raise UsageError(
            f"the record has no field {', '.join(sorted(unknown))}",
            where=record_id,
            mend=f"its fields are {', '.join(sorted(row))}",
        )
    salt = bytes.fromhex(warc_reading.header_value(sealed.record.lines, "Archive-Salt"))
    lines = committed_lines(sealed.record.lines)
    columns = fields_of(sealed.row["stream"])
    source, context, values = leaves(
        salt, warc_reading.excerpts_of(sealed.record), lines, columns, row
    )
    partial = bool(fields or withhold)
    names = set(fields) or (set(_PLAIN_FIELDS) if withhold else set(row))
    hidden = _withheld(values, withhold)
    opened = [
        p for p, leaf in enumerate(values) if leaf.name in names and leaf.number not in hidden
    ]
    shown = [p for p, leaf in enumerate(context) if not (partial and _telling(leaf.value))]
    roots = {
        name: bytes.fromhex(warc_reading.header_value(sealed.record.lines, f"Archive-{name}-Root"))
        for name in ("Source",)
    }
    return {
        "schema": SCHEMA,
        "record": record_id,
        "tlog_proof": _tlog_proof(archive, sealed.index),
        "source": close(roots["Source"]) if partial else disclose(source, range(len(source))),
        "context": disclose(context, shown),
        "fields": disclose(values, opened, hidden),
    }


def _chosen(found: list[SealedRecord], observation: str) -> SealedRecord:
    empty = (Kind.ABSENT, Kind.DELETED)
    for sealed in reversed(found):
        wanted = observation or sealed.row["observation_id"]
        if sealed.row["observation_id"] == wanted and (
            observation or sealed.row["kind"] not in empty
        ):
            return sealed
    raise UsageError(
        "the record has no such observation",
        where=observation,
        mend="see `archiver show RECORD --history`",
    )


def _telling(line: bytes) -> bool:
    return line.startswith(_TELLING_HEADERS)


def _withheld(values: Sequence[Leaf], withhold: Sequence[str]) -> Collection[int]:
    """Return the numbers of all leaves that show something to be withheld."""
    hidden: set[int] = set()
    found = False
    for leaf in values:
        data = b"".join(t.value for t in leaf.tokens) if leaf.tokens else leaf.value
        for text in withhold:
            for match in re.finditer(re.escape(text.encode()), data, re.IGNORECASE):
                found = True
                hidden |= set(_touched(leaf, match.start(), match.end()))
    if withhold and not found:
        raise UsageError(
            "nothing in the record has that text",
            where=", ".join(withhold),
            code="withhold-nothing",
            mend="give it exactly as it stands in the record",
        )
    return hidden


def _touched(leaf: Leaf, start: int, end: int) -> list[int]:
    if not leaf.tokens:
        return [leaf.number]
    numbers, offset = [], 0
    for token in leaf.tokens:
        if offset < end and offset + len(token.value) > start:
            numbers.append(token.number)
        offset += len(token.value)
    return numbers


def _tlog_proof(archive: Archive, index: int) -> str:
    head = checkpoint(archive)
    if head is None:
        raise IntegrityError("the archive has no checkpoint", where=CHECKPOINT)
    read = LogReader(archive.store, head.size).hashes()
    path = inclusion_path(index, head.size, read)
    stored = archive.store.get(CHECKPOINT)
    return Proof(index, tuple(path), stored).build().decode()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a proof shows: opened fields and header lines, what is withheld, and the head."""

    record: str
    index: int
    tree_size: int
    origin: str
    trusted: bool
    fields: dict[str, str]
    context: list[str]
    withheld_words: int
    withheld_fields: int


def check_proof(data: bytes, keys: Sequence[str]) -> Checked:
    """Check a proof against public keys, offline. Raises `FormatError`, `IntegrityError`."""
    document = _document(data)
    try:
        roots = [recommit(document[name]) for name in ("source", "context", "fields")]
        text = str(document["tlog_proof"])
        value = observation_commitment(*roots)
        verified = verify_tlog_proof(text.encode(), entry.observation(value), keys)
        fields, context = opened_leaves(document["fields"]), opened_leaves(document["context"])
        lines = [text_of(one, GAP) for one in context]
        record = next((line for line in lines if line.startswith("Archive-Record: ")), "")
        if record and record != f"Archive-Record: {document['record']}":
            raise IntegrityError("the proof names another record than it proves", where=record)
        return Checked(
            record=str(document["record"]) if record else "",
            index=verified.index,
            tree_size=verified.checkpoint.size,
            origin=verified.checkpoint.origin,
            trusted=bool(keys),
            fields={str(one["name"]): text_of(one, GAP) for one in fields},
            context=lines,
            withheld_words=sum(
                one["tokens"]["count"] - len(one["tokens"]["opened"])
                for one in fields
                if "tokens" in one
            ),
            withheld_fields=document["fields"].get("count", 0) - len(fields),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise FormatError(f"the proof is not whole: {error!r}") from error


def _document(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not a proof: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise FormatError("not a proof of a Civic Archiver archive", mend="give a file of `prove`")
    return document
