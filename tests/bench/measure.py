"""CPU seconds, user and system, of this process, its threads and its children."""

from __future__ import annotations

import gc
import resource
from statistics import median
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Row", "children_seconds", "ratio", "timed"]

_T = TypeVar("_T")


class Row(NamedTuple):
    """One comparison: ours and the other's CPU seconds, repetition by repetition.

    ``goal`` is the largest ratio that is good enough, None where it is only told.
    ``items`` is how many records one repetition handles.
    """

    name: str
    against: str
    ours: list[float]
    other: list[float]
    goal: float | None
    items: int

    @property
    def ratio(self) -> float:
        """The ratio of the medians."""
        return ratio(self.ours, self.other)

    @property
    def verdict(self) -> str:
        """``pass`` or ``miss``; empty without a goal."""
        if self.goal is None:
            return ""
        return "pass" if self.ratio <= self.goal else "miss"


def ratio(ours: list[float], other: list[float]) -> float:
    """Return the ratio of the medians."""
    return median(ours) / max(median(other), 1e-9)


def timed(job: Callable[[], _T]) -> tuple[float, _T]:
    """Return the CPU seconds that a job took in this process and its threads."""
    gc.collect()
    before = _seconds(resource.RUSAGE_SELF)
    result = job()
    return _seconds(resource.RUSAGE_SELF) - before, result


def children_seconds() -> float:
    """Return the CPU seconds of all children waited for so far."""
    return _seconds(resource.RUSAGE_CHILDREN)


def _seconds(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime
