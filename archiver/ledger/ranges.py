"""Sets of numbers as sorted, disjoint, half-open ranges ``[first, end]``. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "Ranges",
    "are_ranges",
    "count",
    "from_numbers",
    "gaps",
    "minus",
    "numbers",
    "overlap",
    "shift",
    "union",
    "within",
]

Ranges = list[list[int]]


def are_ranges(value: object) -> bool:
    """Tell whether a value read from JSON is a well-formed set of ranges."""
    last = -1
    if not isinstance(value, list):
        return False
    for pair in value:
        well_formed = isinstance(pair, list) and [type(n) for n in pair] == [int, int]
        if not well_formed or not last < pair[0] < pair[1]:
            return False
        last = pair[1]
    return True


def from_numbers(numbers: Iterable[int]) -> Ranges:
    """Return the set of the given numbers."""
    found: Ranges = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number:
            found[-1][1] = number + 1
        else:
            found.append([number, number + 1])
    return found


def union(left: Sequence[Sequence[int]], right: Sequence[Sequence[int]]) -> Ranges:
    """Return what is in either set."""
    found: Ranges = []
    for first, end in sorted((pair[0], pair[1]) for pair in (*left, *right)):
        if found and first <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([first, end])
    return found


def overlap(left: Sequence[Sequence[int]], right: Sequence[Sequence[int]]) -> bool:
    """Tell whether some number is in both sets."""
    return count(union(left, right)) < count(left) + count(right)


def count(ranges: Sequence[Sequence[int]]) -> int:
    """Return how many numbers are in a set."""
    return sum(end - first for first, end in ranges)


def gaps(ranges: Sequence[Sequence[int]], first: int) -> Ranges:
    """Return the numbers from ``first`` to the set's end that are not in it."""
    found: Ranges = []
    for start, end in ranges:
        if start > first:
            found.append([first, start])
        first = max(first, end)
    return found


def minus(left: Sequence[Sequence[int]], right: Sequence[Sequence[int]]) -> Ranges:
    """Return what is in the first set and not in the second."""
    found: Ranges = []
    cuts, cut = union([], right), 0
    for first, end in left:
        at = first
        while cut < len(cuts) and cuts[cut][0] < end:
            start, stop = cuts[cut]
            if at < start:
                found.append([at, start])
            at = max(at, stop)
            if stop > end:  # it may reach into the next range as well
                break
            cut += 1
        if at < end:
            found.append([at, end])
    return found


def within(ranges: Ranges, first: int, end: int) -> Ranges:
    """Return the ranges of a set that reach into ``first`` to ``end``, whole."""
    start = bisect_right(ranges, first, key=itemgetter(1))
    return ranges[start : bisect_left(ranges, end, key=itemgetter(0))]


def numbers(ranges: Iterable[Sequence[int]]) -> Iterator[int]:
    """Yield the numbers in a set, in order."""
    return (number for first, end in ranges for number in range(first, end))


def shift(ranges: Sequence[Sequence[int]], by: int) -> Ranges:
    """Return the set with ``by`` added to each number."""
    return [[first + by, end + by] for first, end in ranges]
