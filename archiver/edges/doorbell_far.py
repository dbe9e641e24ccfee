"""Ringing at a queue without waiting for it: deliveries are answered whatever it does."""

from __future__ import annotations

import logging
from threading import Condition, Thread
from typing import TYPE_CHECKING

from archiver.edges.defects import told
from archiver.errors import ArchiverError

if TYPE_CHECKING:
    from archiver.receiving import Doorbell, Queue

__all__ = ["FarDoorbell"]

_AGAIN = 5.0
"""Seconds until a queue that could not be reached is tried again."""

_log = logging.getLogger("archiver.receiver")


class FarDoorbell:
    """Rings here at once, and at a queue by a thread of its own (`archiver.receiving.Doorbell`).

    One ring for an account stands for all until it is given. While the queue is away, rings wait;
    those that still wait when this is closed are tried once more, and are lost then.
    """

    def __init__(self, near: Doorbell, queue: Queue) -> None:
        self._near = near
        self._queue = queue
        self._waiting: dict[str, None] = {}
        self._changed = Condition()
        self._closing = False
        self._away = False
        self._thread = Thread(target=self._run, name="doorbell")
        self._thread.start()

    def ring(self, account: str) -> None:
        """Say that deliveries to an account wait."""
        self._near.ring(account)
        with self._changed:
            self._waiting[account] = None
            self._changed.notify()

    def close(self) -> None:
        """Give what waits, once, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._queue.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._waiting or self._closing):
                    self._changed.wait()
                accounts, self._waiting, last = self._waiting, {}, self._closing
            left = [account for account in accounts if not self._rung(account)]
            with self._changed:
                self._waiting |= dict.fromkeys(left)
                if last or (self._closing and not self._waiting):
                    return
                if left:
                    self._changed.wait_for(lambda: self._closing, _AGAIN)

    def _rung(self, account: str) -> bool:
        """Ring at the queue; say so once where it goes away, and where it is back."""
        try:
            self._queue.ring(account)
        except ArchiverError as error:
            self._say(f"rings wait: {error.message}")
            return False
        except Exception as error:  # noqa: BLE001 - a defect here must not end the thread
            self._say(f"rings wait: {told(error)}")
            return False
        if self._away:
            self._away = False
            _log.info("the doorbell is back")
        return True

    def _say(self, what: str) -> None:
        if not self._away:
            self._away = True
            _log.warning("%s", what)
