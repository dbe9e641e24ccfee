"""Verifying newer generations: each reads a known observation anew, and changes nothing of it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import ArchiverError
from archiver.flows.segments import ENCRYPTED, plain
from archiver.formats import segment_index, warc_reading
from archiver.formats.conversion import differences
from archiver.layout import unit_object_key
from archiver.ledger import ranges
from archiver.ledger.finding import Finding
from archiver.ledger.generation import pairs
from archiver.ledger.state import SETTLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Newer", "check_generations"]

CODE = "generation-differs"


class Newer(NamedTuple):
    """A newer generation as found: where, its record, which observation it says it reads."""

    where: str
    record: warc_reading.RecordBytes
    first: str


def check_generations(
    archive: Archive, state: LedgerState, segments: Sequence[Segment], newer: Mapping[int, Newer]
) -> Iterator[Finding]:
    """Yield where newer generations and the ledger's ``generation`` entries differ.

    ``newer`` are the records of that kind that were read, by leaf; where none were read,
    the entries alone are held against the segments.
    """
    settled = [one for one in segments if one.stage == SETTLE]
    told: dict[int, int] = {}
    for index, body in state.controls:
        if body["t"] == "generation":
            yield from _placed(f"entry {index}", body, settled)
            told |= dict(pairs(body))
    for leaf, one in sorted(newer.items()):
        if leaf not in told:
            yield Finding(CODE, one.where, "a generation entry that names it", "none")
        else:
            yield from _same(archive, _holder(settled, told[leaf]), told[leaf], one)


def _placed(where: str, body: dict[str, Any], settled: list[Segment]) -> Iterator[Finding]:
    """Yield where the leaves of an entry are not its account's own observations."""
    own: ranges.Ranges = []
    for one in settled:
        if one.account == body["account"]:
            own = ranges.union(own, one.leaves)
    for name in ("leaves", "of"):
        for first, end in ranges.minus(body[name], own):
            yield Finding(CODE, where, f"{name} of its account", f"leaves {first} to {end - 1}")


def _holder(settled: list[Segment], leaf: int) -> Segment | None:
    wanted = [[leaf, leaf + 1]]
    return next((one for one in settled if ranges.overlap(one.leaves, wanted)), None)


def _same(archive: Archive, segment: Segment | None, leaf: int, newer: Newer) -> Iterator[Finding]:
    """Hold a newer generation against the first, where that can be read."""
    if segment is None:
        return  # named as no observation of its account
    try:
        first = _record(archive, segment, leaf)
        wrong = differences(first.lines, newer.record.lines)
        own = warc_reading.context_of(first.lines)["observation_id"]
    except (ArchiverError, LookupError):  # a finding of that segment, or a key that is elsewhere
        return
    if own != newer.first:
        wrong = f"the name of {newer.first}"
    elif warc_reading.excerpts_of(first) != warc_reading.excerpts_of(newer.record):
        wrong = "other excerpts than the first generation's"
    if wrong:
        yield Finding(CODE, newer.where, f"observation {own} (leaf {leaf}) read anew", wrong)


def _record(archive: Archive, segment: Segment, leaf: int) -> warc_reading.RecordBytes:
    place = list(ranges.numbers(segment.leaves)).index(leaf)
    index = segment_index.parse_index(_file(archive, segment, "idx"))
    offset, length = index[place + 1]
    member = _file(archive, segment, "warc.gz")[offset : offset + length]
    return warc_reading.parse_record(warc_reading.inflate_member(member))


def _file(archive: Archive, segment: Segment, kind: str) -> bytes:
    suffix = kind if kind in segment.objects else kind + ENCRYPTED
    stored = archive.store.get(unit_object_key(segment.unit, segment.name, suffix))
    if sha256(stored).hexdigest() != segment.objects[suffix]:
        raise LookupError(suffix)
    return plain(archive, segment, suffix, stored)
