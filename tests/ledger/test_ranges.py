"""Sets of numbers as ranges behave as sets of numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.ledger import ranges

sets = st.sets(st.integers(0, 40))


def numbers(of: ranges.Ranges) -> set[int]:
    """Return the set that ranges stand for."""
    return {number for first, end in of for number in range(first, end)}


@given(sets)
def test_from_numbers(some: set[int]) -> None:
    """Ranges made of numbers are well formed and are those numbers."""
    made = ranges.from_numbers(some)
    assert ranges.are_ranges(made)
    assert numbers(made) == some
    assert ranges.count(made) == len(some)


@given(sets, sets)
def test_set_algebra(left: set[int], right: set[int]) -> None:
    """Union, difference and overlap are those of sets, in the one canonical form."""
    one, two = ranges.from_numbers(left), ranges.from_numbers(right)
    assert ranges.union(one, two) == ranges.from_numbers(left | right)
    assert ranges.minus(one, two) == ranges.from_numbers(left - right)
    assert ranges.overlap(one, two) == bool(left & right)


@given(sets, sets)
def test_difference_of_ranges_that_touch(left: set[int], right: set[int]) -> None:
    """Each range on the left may stand alone, though it touches the next."""
    alone = [[number, number + 1] for number in sorted(left)]
    gone = [[number, number + 1] for number in sorted(right, reverse=True)]
    assert numbers(ranges.minus(alone, gone)) == left - right


@given(sets, st.integers(0, 45))
def test_gaps(some: set[int], first: int) -> None:
    """Gaps are the numbers from the first on that are missing below the set's end."""
    found = ranges.gaps(ranges.from_numbers(some), first)
    assert numbers(found) == set(range(first, max(some, default=-1) + 1)) - some


@given(sets, st.integers(0, 100))
def test_shift(some: set[int], by: int) -> None:
    """Shifting adds to each number."""
    assert numbers(ranges.shift(ranges.from_numbers(some), by)) == {one + by for one in some}


@pytest.mark.parametrize(
    "value",
    [
        None, 7, "", {}, [[1]], [[1, 2, 3]], [[2, 1]], [[1, 1]], [[-1, 1]], [[1, 2], [2, 3]],
        [[3, 4], [1, 2]], [[1, 3], [2, 4]], [["1", "2"]], [[True, 2]], [[1.0, 2]], [(1, 2)], [1, 2],
    ],
)  # fmt: skip
def test_other_values_are_no_ranges(value: object) -> None:
    """Unsorted, touching, overlapping, empty or negative ranges, or other types, are none."""
    assert not ranges.are_ranges(value)


def test_the_empty_set() -> None:
    """No ranges are the empty set."""
    assert ranges.are_ranges([])
    assert ranges.count([]) == 0
    assert ranges.union([], []) == ranges.minus([], [[1, 2]]) == ranges.gaps([], 1) == []


@given(sets, st.integers(0, 45), st.integers(0, 45))
def test_within(some: set[int], first: int, end: int) -> None:
    """What reaches into a stretch is taken whole, and nothing else."""
    whole = ranges.from_numbers(some)
    found = ranges.within(whole, first, end)
    assert found == [one for one in whole if one[0] < end and one[1] > first]
