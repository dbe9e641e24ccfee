"""Many requests, one sync: a thread that puts on disk whatever has come meanwhile.

While it writes and syncs one batch, the next one gathers; nobody waits for a timer. Each
letter's future is done once the letter is durable.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from threading import Condition, Thread
from typing import TYPE_CHECKING

from archiver.edges.defects import told
from archiver.errors import ArchiverError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.edges.inbox import Inbox
    from archiver.receiving import Letter

__all__ = ["MOST_IN_BATCH", "GroupCommit"]

MOST_IN_BATCH = 2_000
"""Letters that share a sync at most, so that none waits for long."""

_log = logging.getLogger("archiver.receiver")

Kept = ArchiverError | bool
_Waiting = tuple["Sequence[Letter]", "asyncio.Future[list[Kept]]"]


class GroupCommit:
    """Keeps letters for an event loop. Begin it in the loop, and end it with `close`."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()
        self._changed = Condition()
        self._closing = False
        self._thread = Thread(target=self._run, name="group commit")
        self._thread.start()

    async def keep(self, letters: Sequence[Letter]) -> list[Kept]:
        """Return once letters are durable: for each whether it is new, or why it is not kept."""
        future: asyncio.Future[list[Kept]] = self._loop.create_future()
        with self._changed:
            self._waiting.append((letters, future))
            self._changed.notify()
        return await future

    async def close(self) -> None:
        """Keep what waits, close the inbox, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        wait = 0.0
        while True:
            with self._changed:
                if not self._waiting and not self._closing:
                    self._changed.wait(wait)
                batch = self._taken()
                if not batch and self._closing:
                    break
            if batch:
                self._commit(batch)
            wait = self._inbox.tend()
        try:
            self._inbox.close()
        except ArchiverError as error:  # what is open is closed by whoever settles
            _log.warning("the inbox was not closed in order: %s", error.message)

    def _taken(self) -> list[_Waiting]:
        """Return what is to be synced together: as many as wait, within bounds."""
        batch: list[_Waiting] = []
        count = 0
        while self._waiting and count < MOST_IN_BATCH:
            batch.append(self._waiting.popleft())
            count += len(batch[-1][0])
        return batch

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        letters = [letter for some, _ in batch for letter in some]
        try:
            done = self._inbox.keep(letters)
        except Exception as error:  # noqa: BLE001 - who waits must hear of a defect, too
            defect = StoreError(told(error), code="defect")
            done = [defect for _ in letters]
        results, at = [], 0
        for some, future in batch:
            results.append((future, done[at : at + len(some)]))
            at += len(some)
        self._loop.call_soon_threadsafe(_tell, results)


def _tell(results: Sequence[tuple[asyncio.Future[list[Kept]], list[Kept]]]) -> None:
    for future, done in results:
        if not future.done():  # whoever waited may have gone
            future.set_result(done)
