"""A job of the driver: what Airflow's own manager of shared streams does with the doorbell."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airflow.triggers.shared_stream import SharedStreamManager

from archiver.wire.doorbells import queue_of
from civic_archiver_airflow.archive import settings
from civic_archiver_airflow.triggers import DoorbellTrigger

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["away", "rings"]

DOORBELL = "ARCHIVER_DOORBELL"
SECONDS = 6.0


async def listened(seconds: float, *, kept: bool) -> list[Any]:
    """Do as a triggerer does; ``kept``: whether it says that an event is in its database."""
    manager, found = SharedStreamManager(), list[Any]()
    trigger = DoorbellTrigger()  # type: ignore[no-untyped-call]
    key = trigger.shared_stream_key()

    async def run() -> None:
        stream = manager.subscribe(trigger_id=1, trigger=trigger, key=key)
        async for event in trigger.filter_shared_stream(stream):
            found.append(event.payload)
            number = manager.bind_pending_event(trigger_id=1, key=key)
            assert number is not None
            if kept:
                manager.confirm_persisted([number])

    with suppress(TimeoutError):
        await asyncio.wait_for(run(), seconds)
    await manager.stop_all()
    return found


def rings(queue_at: str) -> dict[str, Any]:
    """Ring; have a triggerer hear and die; have one hear and keep; see what is left."""
    os.environ[DOORBELL] = queue_at
    queue = queue_of(settings())
    assert queue is not None
    for account in ("anna", "../bela", "anna"):
        queue.ring(account)
    died = asyncio.run(listened(SECONDS, kept=False))
    again = asyncio.run(listened(SECONDS, kept=True))
    left = [one.account for _ in range(2) for one in queue.heard(1.0)]
    queue.close()
    return {"died": died, "again": again, "left": left}


def away(addresses: Sequence[str]) -> dict[str, Any]:
    """Listen where no queue is, or none is set: nothing is heard, and nothing is raised."""
    heard = list[Any]()
    for address in addresses:
        os.environ[DOORBELL] = address
        heard += asyncio.run(listened(SECONDS / 2, kept=True))
    return {"heard": heard}
