"""Numbers as few bytes, very many at once: LEB128, the varint of Protocol Buffers. Pure.

Seven bits a byte, the lowest first; the highest bit of a byte says that another one follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Numbers = NDArray[np.int64]

__all__ = ["decoded", "encoded"]

_LONGEST = 9
"""Bytes of the largest number: 63 bits."""


def encoded(numbers: Numbers) -> tuple[Bytes, Numbers]:
    """Return numbers, none below zero, as bytes; and where each one ends."""
    lengths = np.ones(len(numbers), np.int64)
    largest = int(numbers.max(initial=0))
    most = max(-(-largest.bit_length() // 7), 1)
    for part in range(1, most):
        lengths += numbers >> (7 * part) > 0
    ends = np.cumsum(lengths)
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    begins = ends - lengths
    out[begins] = numbers & 127
    for part in range(1, most):
        longer = np.flatnonzero(lengths > part)
        at = begins[longer] + part
        out[at - 1] |= 128
        out[at] = numbers[longer] >> (7 * part) & 127
    return out, ends


def decoded(data: bytes | memoryview) -> Numbers:
    """Return the numbers in bytes that `encoded` made."""
    found = np.frombuffer(data, np.uint8)
    last = found < 128  # noqa: PLR2004 - the highest bit
    if last.all():
        small: Numbers = found.astype(np.int64)
        return small
    ends = np.flatnonzero(last)
    begins = np.concatenate([[0], ends[:-1] + 1])
    numbers: Numbers = (found[begins] & 127).astype(np.int64)
    for part in range(1, _LONGEST):
        longer = np.flatnonzero(ends - begins >= part)
        if not len(longer):
            break
        numbers[longer] |= (found[begins[longer] + part] & 127).astype(np.int64) << (7 * part)
    return numbers
