"""Threads that take turns at a store, one operation each, in an order that a seed decides."""

from __future__ import annotations

import random
from threading import Condition, Thread, current_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Turns:
    """The `Faults` of a store whose users interleave; nothing goes wrong otherwise.

    Only the thread whose turn it is runs; at each operation of the store the next one is
    drawn. So the same seed gives the same interleaving.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._changed = Condition()
        self._running: list[str] = []
        self._turn = ""
        self._failures: list[BaseException] = []

    def __call__(self, op: str, key: str) -> None:
        """Give up the turn, and wait for the next one."""
        me = current_thread().name
        with self._changed:
            self._draw()
            self._changed.wait_for(lambda: self._turn == me)

    def _draw(self) -> None:
        self._turn = self._chance.choice(self._running) if self._running else ""
        self._changed.notify_all()

    def run(self, acts: Sequence[Callable[[], object]]) -> None:
        """Run all acts at once; raise the first failure of any."""
        threads = [
            Thread(target=self._run, args=(act,), name=str(number), daemon=True)
            for number, act in enumerate(acts)
        ]
        self._running = [thread.name for thread in threads]
        for thread in threads:
            thread.start()
        with self._changed:
            self._draw()
        for thread in threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def _run(self, act: Callable[[], object]) -> None:
        me = current_thread().name
        with self._changed:
            self._changed.wait_for(lambda: self._turn == me)
        try:
            act()
        except BaseException as failure:  # noqa: BLE001 - raised again by `run`, in its thread
            self._failures.append(failure)
        finally:
            with self._changed:
                self._running.remove(me)
                self._draw()
