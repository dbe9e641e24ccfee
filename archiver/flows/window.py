"""Windows: what a scheduler promises, an account captured as of a moment, kept once.

A scheduler starts a run for each moment of its plan, and may start it twice: after a
crash, by hand, when it catches up. The promise is kept as soon as one run that began at
or after the moment has read the account as its mode says. The ledger says when runs began
and how they ended, so every home knows it. A run for a moment before asks the platform
nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import RateLimitedError, TransientError, UsageError
from archiver.flows.accounts import find
from archiver.flows.capture import capture
from archiver.flows.exposure import runs
from archiver.flows.ledger import read_state

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress

__all__ = ["Kept", "capture_window"]

KEPT_BY = {
    "incremental": ("incremental", "reconcile", "backfill"),
    "reconcile": ("reconcile", "backfill"),
    "backfill": ("backfill",),
}
"""Mode -> the modes whose runs keep its windows: those that read as much or more."""


class Kept(NamedTuple):
    """What came of a window; without a ``report`` it had been kept before."""

    account: str
    mode: str
    as_of: str
    report: CaptureReport | None


def capture_window(archive: Archive, name: str, mode: str, as_of: str, progress: Progress) -> Kept:
    """Capture an account as of a moment, unless a whole run began at or after it.

    Args:
        archive: where.
        name: of the account.
        mode: one of the modes of `archiver.flows.capture.capture`.
        as_of: the moment, in ISO 8601 (UTC unless it says otherwise); empty: now.
        progress: is told of each request.

    Raises:
        UsageError: ``as_of`` is no moment.
        RateLimitedError: as below, and the platform has said from when on it gives more.
        TransientError: the run was not whole; what came is sealed, and trying again may
            mend it.
        ArchiverError: whatever `capture` raises.
    """
    moment = _moment(as_of) if as_of else None
    handle = find(archive, name).handle
    if moment is not None and _is_kept(read_state(archive), handle, mode, moment):
        return Kept(name, mode, as_of, None)
    report = capture(archive, name, mode, progress)
    _check_whole(report, archive.clock.now())
    return Kept(name, mode, as_of, report)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            "not a moment", where=text, mend="write it as 2026-11-20T15:00:00"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_kept(state: LedgerState, handle: str, mode: str, moment: datetime) -> bool:
    """Tell whether a run kept a window; old entries do not say their mode."""
    return any(
        _moment(body["began"]) >= moment and body["ended"] and body["again"] == 0
        for body in runs(state, handle)
        if body.get("mode") in KEPT_BY.get(mode, ())
    )


def _check_whole(report: CaptureReport, now: datetime) -> None:
    """Refuse a run that left out what another try may bring.

    Not one with counts that nothing explains: a platform that hides an answer hides it each
    time, and who is told of it is told by the report.
    """
    said = [f"{listing}: {why}" for listing, why in sorted(report.again.items())]
    if said and report.resume_after:
        raise RateLimitedError(
            f"the capture is not whole: {', '.join(said)}",
            retry_after=max((_moment(report.resume_after) - now).total_seconds(), 0.0),
            where=report.account,
            mend="capture again once the platform gives more; what came until now is sealed",
        )
    if said:
        raise TransientError(
            f"the capture is not whole: {', '.join(said)}",
            where=report.account,
            mend="capture again; what came until now is sealed",
        )
