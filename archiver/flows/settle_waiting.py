"""Settling what was sent to accounts by itself, as long as somebody wants it done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.flows.accounts import registry
from archiver.flows.capture import settle_inbox
from archiver.flows.connectors import receives
from archiver.flows.subscribing import renew_due
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.ports import Progress, Spool

__all__ = ["LOOK", "settle_until", "waiting"]

LOOK = 30.0
"""Seconds after which all accounts are looked at, whether or not somebody rang."""
_AGAIN, _LONGEST = 1.0, 60.0
"""Seconds until what failed is tried again: the first time, and at most."""


@dataclass(slots=True)
class _Up:
    """When settling beside a receiver began, and until when it was said to, by handle."""

    began: datetime
    told: dict[str, datetime] = field(default_factory=dict)


def waiting(archive: Archive) -> dict[str, str]:
    """Return the accounts that something waits for, retired ones too: handle -> name."""
    open_inbox = archive.open_inbox
    if open_inbox is None:
        return {}
    sent_to = (one for one in registry(archive).values() if receives(one.platform))
    once = (one for one in sent_to if one.status != Status.REQUESTED)
    return {one.handle: one.name for one in once if _waits(open_inbox(one.handle))}


def _waits(inbox: Spool) -> bool:
    """Say whether something waits; what can't be looked at does: who settles says why."""
    try:
        return bool(inbox.pending())
    except ArchiverError:
        return True


def settle_until(
    archive: Archive,
    ended: Callable[[], bool],
    heard: Callable[[float], set[str]],
    tell: Callable[[CaptureReport | ArchiverError, str], None],
    progress: Progress,
) -> None:
    """Settle whatever comes, until ``ended``; renew subscriptions at hubs meanwhile.

    Args:
        archive: where.
        ended: says whether to end; asked between accounts, and each second.
        heard: waits for a ring so many seconds at most; returns for whom it was (handles).
        tell: is told what came of an account, by name. What fails is tried again.
        progress: is told of requests.
    """
    again: dict[str, tuple[float, float]] = {}
    up = _Up(archive.clock.now())
    looked = float("-inf")
    rung: set[str] = set()
    while not ended():
        now = archive.clock.now().timestamp()
        due = {handle for handle, (when, _) in again.items() if when <= now}
        look = not 0 <= now - looked < LOOK
        if look:
            looked = now
            for name, refused in renew_due(archive):
                tell(refused, name)
        if look or rung or due:
            for handle, name in waiting(archive).items():
                if handle not in again or handle in due:
                    _settle(archive, (handle, name), again, tell, progress, up)
                if ended():
                    return
        rung = heard(1.0)


def _settle(
    archive: Archive,
    account: tuple[str, str],
    again: dict[str, tuple[float, float]],
    tell: Callable[[CaptureReport | ArchiverError, str], None],
    progress: Progress,
    up: _Up,
) -> None:
    (handle, name), now = account, archive.clock.now()
    failed = _tried(archive, name, tell, progress, up.told.get(handle, up.began))
    if failed is None:
        up.told[handle] = now
        again.pop(handle, None)
    else:
        wait = min(again.get(handle, (0.0, _AGAIN / 2))[1] * 2, _LONGEST)
        again[handle] = archive.clock.now().timestamp() + wait, wait
        tell(failed, name)


def _tried(
    archive: Archive,
    name: str,
    tell: Callable[[CaptureReport | ArchiverError, str], None],
    progress: Progress,
    up: datetime,
) -> ArchiverError | None:
    """Settle what waits for one account; return why that failed."""
    try:
        tell(settle_inbox(archive, name, progress, up), name)
    except ArchiverError as error:
        return error
    except Exception as error:  # noqa: BLE001 - one account's defect must not stop the others
        return ArchiverError(f"a defect: {type(error).__name__}", where=name, code="defect")
    return None
