"""Work shared by processes: as many as asked for, each with its own connections.

They are started anew (``spawn``), as neither threads nor connections survive a fork.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from archiver.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Pool", "pool", "processors"]

_T = TypeVar("_T")
_R = TypeVar("_R")

_opened: list[Any] = []
"""What this process works on, once it was started as a worker."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


class Pool:
    """Processes that share work (`archiver.ports.Workers`). Made by `pool`."""

    def __init__(self, executor: ProcessPoolExecutor) -> None:
        self._executor = executor

    def run(self, job: Callable[[Any, _T], _R], items: Iterable[_T]) -> Iterator[_R]:
        """Yield ``job(opened, item)`` for each item, in order. Raises what a job raised.

        Raises `StoreError` where a worker was killed.
        """
        try:
            yield from self._executor.map(_call, ((job, item) for item in items))
        except BrokenProcessPool:
            raise StoreError(
                "a process that shared the work was stopped from outside",
                code="worker-stopped",
                mend="see whether memory ran out; run the same command again, with --resume "
                "and --jobs 1",
            ) from None


@contextmanager
def pool(count: int, open_it: Callable[[], object]) -> Iterator[Pool]:
    """Yield ``count`` processes; ``open_it`` makes in each what its jobs work on."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, spawn, _start, (open_it,)) as executor:
        try:
            yield Pool(executor)
        finally:
            executor.shutdown(cancel_futures=True)


def _start(open_it: Callable[[], object]) -> None:
    _opened[:] = [open_it()]


def _call(task: tuple[Callable[[Any, _T], _R], _T]) -> _R:
    job, item = task
    return job(_opened[0], item)
