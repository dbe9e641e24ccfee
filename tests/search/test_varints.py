"""Numbers as varints: they come back, in the bytes that Protocol Buffers would have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.search.varints import decoded, encoded


@pytest.mark.parametrize(
    ("number", "data"),
    [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02"), ((1 << 63) - 1, "ff" * 8 + "7f")],
)
def test_a_number_has_its_known_bytes(number: int, data: str) -> None:
    """Seven bits a byte, the lowest first, as in the documentation of Protocol Buffers."""
    found, ends = encoded(np.array([number], np.int64))
    assert (found.tobytes().hex(), ends.tolist()) == (data, [len(data) // 2])


@given(st.lists(st.integers(0, (1 << 63) - 1) | st.integers(0, 300), max_size=40))
def test_numbers_come_back(numbers: list[int]) -> None:
    """All of them, and each alone from where it stands."""
    data, ends = encoded(np.array(numbers, np.int64))
    whole = data.tobytes()
    assert decoded(whole).tolist() == numbers
    begins = [0, *ends.tolist()[:-1]]
    each = [decoded(whole[first:end]).tolist() for first, end in zip(begins, ends, strict=False)]
    assert each == [[one] for one in numbers]
