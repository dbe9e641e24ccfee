"""Which small segments are made one: a plan, the same for the same archive. Pure.

What is no longer tiny is copied again only with at least as much beside it, so that a record
is written a few times in its life, however often somebody compacts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from archiver.ledger.state import Segment

__all__ = ["MOST_SOURCES", "Candidate", "Merge", "closed", "plan"]

LARGEST = 64 << 20
LARGEST_ROWS_FILE = 16 << 20
MOST_ROWS = 1 << 16
"""Stored bytes of a merged segment, of its Parquet file, and rows: a reader holds all of these."""
TINY = 1 << 20
"""Stored bytes that are copied again without a thought."""
MOST_SOURCES = 1_000
MOST_RANGES = 1_000
"""Names and ranges of leaves in one seal, which has to fit into an entry."""

_MOST = (MOST_SOURCES, LARGEST, LARGEST_ROWS_FILE, MOST_ROWS, MOST_RANGES)
_NOTHING: tuple[int, ...] = (0,) * len(_MOST)


class Candidate(NamedTuple):
    """A segment of records, its stream, and bytes of its files: all, and Parquet."""

    segment: Segment
    stream: str
    size: int
    rows_file: int


class Merge(NamedTuple):
    """Segments of one account, unit and stream that become one."""

    stream: str
    segments: tuple[Segment, ...]
    size: int


def closed(controls: Iterable[tuple[int, Mapping[str, Any]]]) -> dict[str, int]:
    """Return, by account, up to which entry its runs are over: what came later may go on."""
    return {body["account"]: index for index, body in controls if body["t"] == "repeat"}


def plan(candidates: Iterable[Candidate]) -> list[Merge]:
    """Return what to merge: the tiny first, then by size, as much as one segment takes."""
    alike: dict[tuple[str, ...], list[Candidate]] = {}
    for one in candidates:
        its = one.segment
        place = (its.account, its.unit, its.series, its.period, its.sensitivity, one.stream)
        alike.setdefault(place, []).append(one)
    return [merge for _, found in sorted(alike.items()) for merge in _merges(found)]


def _merges(alike: Sequence[Candidate]) -> Iterator[Merge]:
    group: list[Candidate] = []
    total = _NOTHING
    # Tiny ones in the order of the log: ranges of leaves that touch are one, and only so many fit.
    for one in sorted(alike, key=lambda one: (max(one.size, TINY), one.segment.leaves)):
        its = one.segment.leaves
        weight = (1, one.size, one.rows_file, ranges.count(its), len(its))
        more = tuple(map(sum, zip(total, weight, strict=True)))
        if any(have > most for have, most in zip(more, _MOST, strict=True)):
            yield from _worthwhile(group)
            group, more = [], weight
        group.append(one)
        total = more
    yield from _worthwhile(group)


def _worthwhile(group: Sequence[Candidate]) -> Iterator[Merge]:
    """Yield the merge of a group without those that are larger than all the rest of it."""
    size = sum(one.size for one in group)
    while group and group[-1].size > max(TINY, size - group[-1].size):
        size -= group[-1].size
        group = group[:-1]
    if len(group) > 1:
        chosen = sorted((one.segment for one in group), key=lambda one: one.leaves)
        yield Merge(group[0].stream, tuple(chosen), size)
