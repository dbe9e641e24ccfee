"""Newer generations: what a newer parser reads in the records of an account.

Nothing is replaced: each is a record of its own, in the unit of the first one, and the
ledger says which leaf reads which anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.columns import CONTEXT
from archiver.flows.derive import reread
from archiver.flows.rows import note_streams, row_index
from archiver.flows.segments import Placement, Prepared, build_prepared, open_file, read_table
from archiver.flows.submit import submit
from archiver.formats import segment_index, warc_reading
from archiver.formats.conversion import conversion_lines
from archiver.formats.parquet import canonical_time, rows_of
from archiver.ids import new_ulid, new_uuid
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.state import SETTLE
from archiver.record import Kind

if TYPE_CHECKING:
    from archiver.capture.connector import Connector
    from archiver.flows.archive import Archive
    from archiver.formats.warc_reading import RecordBytes
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["generate", "newer_generation"]

_CONTEXT = frozenset(column.name for column in CONTEXT)


def newer_generation(record: RecordBytes, connector: Connector, uuid: str) -> Prepared:
    """Return what a connector's parser reads in a first generation's record now. Pure.

    Raises `FormatError` where the record is none of the platform's things.
    """
    row, parser = reread(connector, record)
    lines = conversion_lines(record.lines, uuid, parser)
    return Prepared(lines, warc_reading.excerpts_of(record), warc_reading.context_of(lines), row)


def generate(archive: Archive, state: LedgerState, account: str, connector: Connector) -> int:
    """Seal a newer generation of what the connector's older parsers read otherwise.

    ``account`` is its handle. Segment by segment, each in a batch of its own, so that what
    was interrupted goes on where it stopped. Returns how many records were made.
    """
    made = 0
    number = state.settled.get(account, 0)
    segments = [one for one in state.segments() if one.account == account and one.has_records]
    done = _done(archive, segments, connector.parser)
    for segment in segments:
        stream, leaves, prepared = _of_segment(archive, segment, done, connector)
        if prepared:
            number += 1
            _seal(archive, segment, stream, leaves, prepared, number)
            made += len(prepared)
    return made


def _of_segment(
    archive: Archive, segment: Segment, done: frozenset[str], connector: Connector
) -> tuple[str, list[int], list[Prepared]]:
    """Return the stream of a segment, and the newer generations of its records, by leaf."""
    rows, leaves = rows_of(read_table(archive, segment)), row_index(segment)
    wanted = [
        place
        for place, row in enumerate(rows)
        if row["observation_id"] not in done and _is_older(row, connector)
    ]
    if not wanted:
        return "", [], []
    index = segment_index.parse_index(open_file(archive, segment, "idx"))
    file = open_file(archive, segment, "warc.gz")
    found: list[int] = []
    prepared: list[Prepared] = []
    for place in wanted:
        offset, length = index[place + 1]
        member = warc_reading.inflate_member(file[offset : offset + length])
        newer = newer_generation(
            warc_reading.parse_record(member), connector, new_uuid(archive.chance)
        )
        old = {name: value for name, value in rows[place].items() if name not in _CONTEXT}
        if newer.row != old:
            found.append(leaves[place])
            prepared.append(newer)
    return rows[0]["stream"], found, prepared


def _is_older(row: dict[str, str], connector: Connector) -> bool:
    name = connector.parser.partition("/")[0]
    things = row["kind"] not in {Kind.RESIDUE, Kind.ABSENT, Kind.DELETED, Kind.LISTING}
    first = "generation_of" not in row
    return (
        first
        and things
        and row["parser"] != connector.parser
        and row["parser"].startswith(f"{name}/")
    )


def _done(archive: Archive, segments: list[Segment], parser: str) -> frozenset[str]:
    """Return the observations of which there is a generation by a parser."""
    rows = (row for one in segments for row in rows_of(read_table(archive, one)))
    return frozenset(
        row["generation_of"] for row in rows if "generation_of" in row and row["parser"] == parser
    )


def _seal(
    archive: Archive,
    segment: Segment,
    stream: str,
    leaves: list[int],
    prepared: list[Prepared],
    number: int,
) -> None:
    placement = Placement(segment.unit, segment.series, segment.period, segment.sensitivity)
    sealable = build_prepared(archive, placement, stream, prepared, 0)
    common = {"account": segment.account, "time": canonical_time(archive.clock.now())}
    segments = {"stage": SETTLE, "batch": number, "segments": [sealable.segment]}
    told = {"leaves": [[0, len(leaves)]], "of": ranges.from_numbers(leaves)}
    controls = ({"t": "seal", **common, **segments}, {"t": "generation", **common, **told})
    name = new_ulid(archive.clock, archive.chance)
    batch = Batch(name, tuple(sealable.commitments), controls)
    submit(archive, segment.account, batch, sealable.objects)
    note_streams(archive, {sealable.segment["segment"]: stream})
