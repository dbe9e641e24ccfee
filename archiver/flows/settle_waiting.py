"""Settling what was sent to accounts by itself, as long as somebody wants it done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, TransientError
from archiver.flows.accounts import registry
from archiver.flows.capture import settle_inbox
from archiver.flows.connectors import receives
from archiver.flows.subscribing import renew_due
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.ports import Progress, Spool

__all__ = ["LOOK", "settle_now", "settle_on", "settle_until", "waiting"]

LOOK = 30.0
"""Seconds after which all accounts are looked at, whether or not somebody rang."""
_AGAIN, _LONGEST = 1.0, 60.0
"""Seconds until what failed is tried again: the first time, and at most."""
_OFTEN = 0.25
"""Seconds between two looks of whoever waits for more."""
_BUSY = "account-busy"
_PATIENCE = 30.0
"""Seconds to wait for an account that another process has, at most."""


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


def settle_now(archive: Archive, progress: Progress) -> dict[str, CaptureReport | ArchiverError]:
    """Settle all that waits now; return what came of each account, by name.

    An account that another process has is tried again, after the others, for half a minute; then
    what came of it is a `TransientError`.
    """
    made: dict[str, CaptureReport | ArchiverError] = {}
    names, until = sorted(waiting(archive).values()), archive.clock.now().timestamp() + _PATIENCE
    while names:
        for name in names:
            made[name] = _made(archive, name, progress)
        names = [name for name in names if _is_busy(made[name])]
        if names and archive.clock.now().timestamp() > until:
            return made | {name: _busy(name) for name in names}
        if names:
            archive.clock.sleep(_AGAIN)
    return made


def settle_on(
    archive: Archive, progress: Progress, quiet: float, longest: float
) -> Iterator[dict[str, CaptureReport | ArchiverError]]:
    """Settle what waits, and what comes meanwhile; yield what came of it, each time by account.

    It ends where nothing waits at first, nothing has come for ``quiet`` seconds, something
    failed, or ``longest`` seconds have passed: another process costs more than these waits.
    """
    began = last = archive.clock.now().timestamp()
    while made := settle_now(archive, progress):
        yield made
        failed = any(isinstance(one, ArchiverError) for one in made.values())
        last = archive.clock.now().timestamp()
        while not waiting(archive):
            now = archive.clock.now().timestamp()
            if failed or now - last >= quiet or now - began >= longest:
                return
            archive.clock.sleep(min(_OFTEN, quiet))
        if failed or last - began >= longest:
            return


def _made(
    archive: Archive, name: str, progress: Progress, up: datetime | None = None
) -> CaptureReport | ArchiverError:
    """Settle what waits for one account; return what came of it, or why it failed."""
    try:
        return settle_inbox(archive, name, progress, up)
    except ArchiverError as error:
        return error
    except Exception as error:  # noqa: BLE001 - one account's defect must not stop the others
        return ArchiverError(f"a defect: {type(error).__name__}", where=name, code="defect")


def _is_busy(one: CaptureReport | ArchiverError) -> bool:
    return isinstance(one, ArchiverError) and one.code == _BUSY


def _busy(name: str) -> ArchiverError:
    mend = "nothing: that capture settles it, or the next look does"
    return TransientError("the account is being captured", where=name, mend=mend)


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
    made = _made(archive, name, progress, up.told.get(handle, up.began))
    if isinstance(made, ArchiverError):
        wait = min(again.get(handle, (0.0, _AGAIN / 2))[1] * 2, _LONGEST)
        again[handle] = archive.clock.now().timestamp() + wait, wait
    else:
        up.told[handle] = now
        again.pop(handle, None)
    tell(made, name)
