"""Capture: one run over one account, from requests and deliveries to sealed records."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.capture.session import MODES
from archiver.errors import CaptureError, RefusedError, UsageError
from archiver.flows.accounts import find
from archiver.flows.capture_report import CaptureReport
from archiver.flows.connectors import import_only
from archiver.flows.exposure import DELIVERIES
from archiver.flows.ledger import read_state
from archiver.flows.run import Run
from archiver.flows.search_beside import index_beside
from archiver.flows.spending import check_budgets
from archiver.flows.upkeep import upkeep
from archiver.flows.watch import look
from archiver.registry.accounts import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from archiver.flows.archive import Archive
    from archiver.ports import Progress

__all__ = ["CaptureReport", "capture", "settle_inbox"]


def capture(
    archive: Archive, name: str, mode: str, progress: Progress, listen: float = 0.0
) -> CaptureReport:
    """Capture an approved account; then listen to its events for ``listen`` seconds.

    Raises `RefusedError` for an account that is not approved, `CaptureError` where the
    platform could not be read; what had come until then is sealed.
    """
    if mode not in MODES:
        raise UsageError("no such mode", where=mode, mend=f"modes: {', '.join(MODES)}")
    with _running(archive, name, mode, progress) as run:
        run.go(mode, listen)
    return run.report


def settle_inbox(
    archive: Archive, name: str, progress: Progress, up: datetime | None = None
) -> CaptureReport:
    """Settle what was sent to an approved account by itself, and nothing else. As `capture`.

    Also what was taken for an account that has been retired since; its platform is asked nothing.
    ``up``: since when the receiver was up, and has not been said to be.
    """
    with _running(archive, name, DELIVERIES, progress, up) as run:
        return run.report


@contextmanager
def _running(
    archive: Archive, name: str, mode: str, progress: Progress, up: datetime | None = None
) -> Iterator[Run]:
    """Yield a run, once what waits is settled: of earlier runs, and of what was sent to us."""
    account = find(archive, name)
    sent = mode == DELIVERIES and account.status == Status.RETIRED  # it was approved then
    if account.status != Status.APPROVED and not sent:
        raise RefusedError(
            f"account is {account.status}; only approved accounts are captured",
            where=name,
            code="account-not-approved",
            mend=f"archiver account approve {name} --by 'NAME, OFFICE'",
        )
    if import_only(account.platform):
        raise RefusedError(
            f"of {account.platform} there are exports alone: nothing is asked of it",
            where=name,
            code="account-import-only",
            mend=f"archiver import PATH --account {name}",
        )
    check_budgets(archive)
    archive.signer.sign(b"may this home seal?\n")  # known now, not after the capture
    upkeep(archive)
    report, since = CaptureReport(name, mode), read_state(archive).size
    try:
        with archive.open_spool(account.handle) as spool:
            run = Run(archive, account, spool, progress, report)
            run.recover()
            run.record_parser()
            run.deliver(up=up)
            yield run
            look(archive, account, report)
    except CaptureError:  # what had come until then is sealed
        index_beside(archive, since)
        raise
    report.unindexed = index_beside(archive, since)
