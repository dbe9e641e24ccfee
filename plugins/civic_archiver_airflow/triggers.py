"""A trigger that hears the receiver's doorbell, and answers a ring once Airflow has it.

Airflow keeps what a trigger yields in its database, and only then tells the producer of the
shared stream to go on (`SharedStreamProducer.advance`): until then the ring stays in its queue.
Who is killed in between hears it again; settling twice what waits once changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from airflow.triggers.shared_stream import SharedStreamProducer, reject_shared_stream_event

from archiver.errors import ArchiverError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable, Sequence

    from airflow.triggers.shared_stream import AdvanceItem

    from archiver.receiving import Queue, Ring

__all__ = ["DoorbellTrigger"]

_HANDLE = re.compile("[0-9a-z]{1,64}")
"""What a ring may name: who writes into the queue is not believed anything else."""
_LISTEN, _PAUSE = 5.0, 10.0
"""Seconds: of one wait for rings; until a queue that is away, or set up wrongly, is tried again."""

_log = logging.getLogger(__name__)


class DoorbellTrigger(BaseEventTrigger):
    """Fires for each ring, with the account's handle; all of them share one connection.

    Which queue it is say the archive's settings (``doorbell``), where the triggerer runs: no
    address and no secret is in Airflow's database.
    """

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return how Airflow makes it again."""
        return f"{__name__}.DoorbellTrigger", {}

    def shared_stream_key(self) -> Hashable:
        """Return the key that all share: there is one queue."""
        return ("civic-archiver-doorbell",)

    @classmethod
    def create_shared_stream_producer(cls, kwargs: dict[str, Any]) -> SharedStreamProducer:
        """Return the side of the queue; it connects later."""
        del kwargs
        return Rings()

    async def filter_shared_stream(
        self, shared_stream: AsyncIterator[Any]
    ) -> AsyncIterator[TriggerEvent]:
        """Yield an event for each ring; one that names no handle is let go of."""
        async for account in shared_stream:
            if _HANDLE.fullmatch(account):
                yield TriggerEvent({"account": account})  # type: ignore[no-untyped-call]
            else:
                reject_shared_stream_event()

    def run(self) -> AsyncIterator[TriggerEvent]:
        """Refuse: without a shared stream nobody says when an event is kept."""
        raise RuntimeError("the doorbell needs the shared streams of Airflow 3.3")


class Rings(SharedStreamProducer):
    """The side of the queue: yields rings, and answers those that are kept."""

    def __init__(self) -> None:
        self._queue: Queue | None = None

    async def open_stream(self) -> AsyncIterator[tuple[str, Ring]]:
        """Yield each ring's handle with the ring; never ends, and raises nothing."""
        away = False
        while True:
            try:
                rings = await asyncio.to_thread(self._heard)
            except ArchiverError as error:
                if not away:
                    _log.warning("%s", error)
                away = True
                await asyncio.sleep(_PAUSE)
                continue
            away = False
            for ring in rings:
                yield ring.account, ring

    async def advance(self, batch: Sequence[AdvanceItem]) -> None:
        """Answer rings whose events are kept, or that are none; others are heard again."""
        for item in batch:
            if item.outcome.failed or not (item.outcome.acked or item.outcome.rejected):
                continue
            try:
                await asyncio.to_thread(self._answer, item.broker_payload)
            except ArchiverError as error:
                _log.warning("a ring is not answered, and comes again: %s", error)

    def get_advance_lane(self, broker_payload: Ring) -> Hashable:
        """Return the ring: none waits for another."""
        return broker_payload.receipt

    async def aclose(self) -> None:
        """Let go of the queue."""
        if self._queue is not None:
            await asyncio.to_thread(self._queue.close)

    def _heard(self) -> Sequence[Ring]:
        if self._queue is None:
            self._queue = _opened()
        return self._queue.heard(_LISTEN)

    def _answer(self, ring: Ring) -> None:
        if self._queue is not None:
            self._queue.answer(ring)


def _opened() -> Queue:
    """Return the queue that the settings name. Raises `ArchiverError` where they name none."""
    from archiver.errors import UsageError
    from archiver.wire.doorbells import queue_of
    from civic_archiver_airflow.archive import settings

    queue = queue_of(settings())
    if queue is None:
        raise UsageError(
            "no doorbell is set: what is received is settled at the next look",
            where="doorbell",
            mend="set it in archiver.toml, for the receiver and for Airflow (docs/airflow.md)",
        )
    return queue
