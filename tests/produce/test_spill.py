"""Sorting with little memory: the same order as sorting with all of it."""

from __future__ import annotations

import tempfile

from hypothesis import given
from hypothesis import strategies as st

from archiver.produce.spill import Spill

KEYS = st.tuples(st.text(max_size=3), st.integers(0, 3))


@given(st.lists(st.tuples(KEYS, st.binary(max_size=4)), max_size=40), st.integers(1, 500))
def test_any_things_come_back_in_order(things: list[tuple[tuple[str, int], bytes]], n: int) -> None:
    """By their keys, equal ones as they came, in however many pieces they were put down."""
    spill = Spill(tempfile.TemporaryFile, piece=n)
    for key, data in things:
        spill.add(key, data)
    try:
        assert list(spill) == sorted(things, key=lambda one: one[0])
    finally:
        spill.close()
