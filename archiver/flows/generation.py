"""Newer generations: what a newer parser reads in the records of an account.

Nothing is replaced: each is a record of its own, in the unit of the first one, and the
ledger says which leaf reads which anew.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from archiver.flows.rows import note_streams
from archiver.flows.segments import Placement, Prepared, build_prepared
from archiver.flows.submit import submit
from archiver.formats import warc_reading
from archiver.formats.conversion import conversion_lines
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid, new_uuid
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.state import SETTLE
from archiver.limits import ROLL_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.rereading import Reading
    from archiver.ledger.state import LedgerState

__all__ = ["generate", "newer_generation"]

MOST_IN_BATCH = 1000
"""Records: their leaves, however scattered, fit the one entry that names them."""


def newer_generation(reading: Reading, uuid: str) -> Prepared:
    """Return a reading as a record that is ready to be written. Pure."""
    record = reading.record
    lines = conversion_lines(record.lines, uuid, reading.parser)
    context = warc_reading.context_of(lines)
    return Prepared(lines, warc_reading.excerpts_of(record), context, reading.row)


def generate(
    archive: Archive, state: LedgerState, account: str, readings: Iterable[Reading]
) -> int:
    """Seal newer generations of an account's records. Returns how many.

    They are sealed as they come, in batches of their own, so that what was interrupted goes
    on where it stopped: who reads anew passes over what is sealed.

    Args:
        archive: where.
        state: of the ledger, as it was read since the account is this process's alone.
        account: its handle. The caller holds its spool.
        readings: all of a segment one after the other, by leaf.

    Raises `RefusedError` where the ledger does not admit a batch.
    """
    made, number = 0, state.settled.get(account, 0)
    for part in _parts(readings):
        number += 1
        _seal(archive, part, number)
        made += len(part)
    return made


def _parts(readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    """Cut readings into batches: of one segment each, and bounded in number and bytes."""
    for _, its in groupby(readings, key=lambda one: one.segment.name):
        part: list[Reading] = []
        size = 0
        for one in its:
            part.append(one)
            size += len(one.record.block)
            if len(part) == MOST_IN_BATCH or size > ROLL_SIZE:
                yield part
                part, size = [], 0
        if part:
            yield part


def _seal(archive: Archive, part: Sequence[Reading], number: int) -> None:
    segment, stream = part[0].segment, part[0].stream
    placement = Placement(segment.unit, segment.series, segment.period, segment.sensitivity)
    prepared = [newer_generation(one, new_uuid(archive.chance)) for one in part]
    sealable = build_prepared(archive, placement, stream, prepared, 0)
    common = {"account": segment.account, "time": canonical_time(archive.clock.now())}
    segments = {"stage": SETTLE, "batch": number, "segments": [sealable.segment]}
    first = ranges.from_numbers(one.leaf for one in part)
    told = {"leaves": [[0, len(part)]], "of": first}
    controls = ({"t": "seal", **common, **segments}, {"t": "generation", **common, **told})
    name = new_ulid(archive.clock, archive.chance)
    batch = Batch(name, tuple(sealable.commitments), controls)
    submit(archive, segment.account, batch, sealable.objects)
    note_streams(archive, {sealable.segment["segment"]: stream})
