"""Verifying newer generations: each reads a known observation anew, and changes nothing of it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import ArchiverError
from archiver.flows.segments import sealed
from archiver.formats import segment_index, warc_reading
from archiver.formats.conversion import differences
from archiver.ledger import ranges
from archiver.ledger.finding import Finding
from archiver.ledger.generation import pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Newer", "check_entries", "check_newer", "told_generations"]

CODE = "generation-differs"
_LAST = 1 << 63
"""Beyond any leaf."""


class Newer(NamedTuple):
    """A record that is a newer generation, or that an entry calls one: where, and its bytes.

    ``first``: the observation that it says it reads; empty where it is none.
    """

    where: str
    record: warc_reading.RecordBytes
    first: str


def told_generations(
    state: LedgerState, segments: Sequence[Segment]
) -> dict[int, tuple[int, Segment | None]]:
    """Return, for each leaf that an entry calls a newer generation, the first and its segment."""
    told: dict[int, int] = {}
    for _, body in state.controls:
        if body["t"] == "generation":
            told |= dict(pairs(body))
    settled = [one for one in segments if one.has_records] if told else []
    spans = sorted((*pair, place) for place, one in enumerate(settled) for pair in one.leaves)
    found: dict[int, tuple[int, Segment | None]] = {}
    for leaf, first in told.items():
        at = bisect_right(spans, (first, _LAST, 0)) - 1
        begin, end, place = spans[at] if at >= 0 else (0, 0, 0)
        found[leaf] = (first, settled[place] if begin <= first < end else None)
    return found


def check_entries(state: LedgerState, segments: Sequence[Segment]) -> Iterator[Finding]:
    """Yield where the leaves of ``generation`` entries are not their accounts' observations."""
    found = [(index, body) for index, body in state.controls if body["t"] == "generation"]
    pairs_of: dict[str, list[list[int]]] = {body["account"]: [] for _, body in found}
    gone = (one for one, _ in state.ended())  # were its observations
    for one in (*segments, *gone):
        if one.has_records and one.account in pairs_of:
            pairs_of[one.account] += one.leaves
    own = {account: ranges.union(leaves, ()) for account, leaves in pairs_of.items()}
    for index, body in found:
        yield from _placed(f"entry {index}", body, own[body["account"]])


def check_newer(
    archive: Archive,
    told: Mapping[int, tuple[int, Segment | None]],
    newer: Mapping[int, Newer],
) -> Iterator[Finding]:
    """Yield where newer generations that were read are not what the ledger says of them.

    ``newer`` are by leaf, ``told`` as `told_generations` has it.
    """
    reader = _Reader(archive)
    for leaf, one in sorted(newer.items()):
        if leaf not in told:
            yield Finding(CODE, one.where, "a generation entry that names it", "none")
        elif not one.first:
            wanted = "a newer generation, as an entry calls it"
            yield Finding(CODE, one.where, wanted, "an observation of its own")
        else:
            first, segment = told[leaf]
            yield from _same(reader, segment, first, one)


def _placed(where: str, body: dict[str, Any], own: ranges.Ranges) -> Iterator[Finding]:
    """Yield where the leaves of an entry are not its account's own observations."""
    for name in ("leaves", "of"):
        near = ranges.within(own, body[name][0][0], body[name][-1][1])
        for first, end in ranges.minus(body[name], near):
            yield Finding(CODE, where, f"{name} of its account", f"leaves {first} to {end - 1}")


def _same(reader: _Reader, segment: Segment | None, leaf: int, newer: Newer) -> Iterator[Finding]:
    """Hold a newer generation against the first, where that can be read."""
    if segment is None:
        return  # named as no observation of its account
    try:
        first = reader.record(segment, leaf)
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


class _Reader:
    """Reads single records of segments; keeps the files of the last one."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._name = ""
        self._index: list[tuple[int, int]] = []
        self._file = b""

    def record(self, segment: Segment, leaf: int) -> warc_reading.RecordBytes:
        """Return the record of a leaf. Raises `ArchiverError`, `LookupError`."""
        if segment.name != self._name:
            self._index = segment_index.parse_index(sealed(self._archive, segment, "idx"))
            self._file = sealed(self._archive, segment, "warc.gz")
            self._name = segment.name
        before = ranges.minus(segment.leaves, [[leaf, _LAST]])
        offset, length = self._index[ranges.count(before) + 1]
        member = self._file[offset : offset + length]
        return warc_reading.parse_record(warc_reading.inflate_member(member))
