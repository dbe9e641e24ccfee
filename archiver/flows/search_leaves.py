"""Leaves of a segment's rows as arrays of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from archiver.flows.rows import Catalogued
    from archiver.ledger.ranges import Ranges

    Numbers = NDArray[np.int64]

__all__ = ["leaves_of", "within"]


def leaves_of(one: Catalogued) -> Numbers:
    """Return the ledger index of every row of a segment, in row order."""
    parts = [np.arange(first, end) for first, end in one.segment.leaves]
    return np.concatenate([np.empty(0, np.int64), *parts])


def within(leaves: Numbers, some: Ranges) -> NDArray[np.bool_]:
    """Tell of leaves whether they are in ranges."""
    firsts, ends = (np.array(one, np.int64) for one in zip(*some, strict=True))
    at = np.searchsorted(firsts, leaves, side="right") - 1
    return (at >= 0) & (leaves < ends[at])
