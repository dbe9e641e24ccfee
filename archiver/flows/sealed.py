"""The observations of one record, as sealed: from verified bytes, by its id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, row_index
from archiver.flows.segments import open_file, read_table
from archiver.formats import segment_index, warc_reading
from archiver.formats.parquet import rows_of

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

__all__ = ["SealedRecord", "sealed_records"]


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
        ids = read_table(archive, one.segment, ("record_id",))["record_id"].to_pylist()
        places = [place for place, own in enumerate(ids) if own == record_id]
        if places:
            rows = rows_of(read_table(archive, one.segment).take(places))
            index = segment_index.parse_index(open_file(archive, one.segment, "idx"))
            stored = open_file(archive, one.segment, "warc.gz")
            numbers = row_index(one.segment)
            for place, row in zip(places, rows, strict=True):
                offset, length = index[place + 1]
                member = stored[offset : offset + length]
                record = warc_reading.parse_record(warc_reading.inflate_member(member))
                found.append(SealedRecord(record, row, numbers[place], one.segment))
    if not found:
        raise UsageError(
            "no such record, or its stream can't be read here",
            where=record_id,
            code="record-unknown",
            mend="copy the record id from `archiver search`",
        )
    return sorted(found, key=lambda one: one.index)
