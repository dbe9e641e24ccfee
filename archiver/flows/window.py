"""Windows: what a scheduler promises, an account captured as of a moment, kept once.

A scheduler starts a run for each moment of its plan, and may start it twice: after a
crash, by hand, when it catches up. The promise is kept as soon as one run that began at
or after the moment has read the account to its end, so this home notes when the latest
such run began. A run for a moment before that asks the platform nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import TransientError, UsageError
from archiver.flows.accounts import find
from archiver.flows.capture import capture
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.ports import Progress

__all__ = ["Kept", "capture_window"]

CLOSED = "closed/"
"""A file of this name, the account's handle and a mode is in the home: when the latest
whole run of that mode, or of one that reads more, began."""

READS = {
    "incremental": ("incremental",),
    "reconcile": ("incremental", "reconcile"),
    "backfill": ("incremental", "reconcile", "backfill"),
}
"""Mode -> the modes whose windows a run of it closes: all those that read less."""

PASSING = ("transient", "rate", "schema")
"""Beginnings of reasons for an unfinished listing that a later try may not meet."""


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
        TransientError: the run was not whole; what came is sealed, and trying again may
            mend it.
        ArchiverError: whatever `capture` raises.
    """
    moment = _moment(as_of) if as_of else None
    handle = find(archive, name).handle
    if moment is not None and _closed(archive, handle, mode, moment):
        return Kept(name, mode, as_of, None)
    began = archive.clock.now()
    report = capture(archive, name, mode, progress)
    _check_whole(report)
    for one in READS.get(report.mode, ()):
        archive.home.write(_path(handle, one), canonical_time(began).encode())
    return Kept(name, mode, as_of, report)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            "not a moment", where=text, mend="write it as 2026-11-20T15:00:00"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _path(handle: str, mode: str) -> str:
    return f"{CLOSED}{handle}.{mode}"


def _closed(archive: Archive, handle: str, mode: str, moment: datetime) -> bool:
    kept = archive.home.read(_path(handle, mode))
    return kept is not None and _moment(kept.decode()) >= moment


def _check_whole(report: CaptureReport) -> None:
    """Refuse a run that left out what another try may bring, or that nothing explains."""
    said = [
        f"{listing}: {why}"
        for listing, why in sorted(report.incomplete.items())
        if why.startswith(PASSING)
    ]
    said += [
        f"{stream}: {one['unexplained']} things not explained"
        for stream, one in sorted(report.streams.items())
        if one["unexplained"]
    ]
    if said:
        raise TransientError(
            f"the capture is not whole: {', '.join(said)}",
            where=report.account,
            mend="capture again; what came until now is sealed",
        )
