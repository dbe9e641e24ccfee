"""The receiver of deliveries and the process that settles them, put together."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from archiver.edges.beside import Beside, Ended
from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from archiver.edges.doorbell import PipeListener
from archiver.edges.inbox import Inbox
from archiver.edges.logs import log_to_stderr
from archiver.edges.periodically import periodically
from archiver.edges.webserver import Served, serve
from archiver.errors import ArchiverError
from archiver.flows.hooks import HookJudge
from archiver.flows.settle_waiting import settle_until
from archiver.wire.archive import open_archive
from archiver.wire.doorbells import doorbell_at
from archiver.wire.settling import settling_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from archiver.settings import Settings

__all__ = ["Receiving", "receive", "settle_until_ended"]

RENEW = 60.0
"""Seconds after which the receiver reads again which accounts there are."""

_log = logging.getLogger("archiver.receiver")


@dataclass(frozen=True, slots=True)
class Receiving:
    """How the receiver works: where it listens, what platforms call it, how often it settles."""

    host: str
    port: int
    base: str
    every: float
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()
    settle: bool = True


class _Still:
    """Shows nobody how far work has come."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Report nothing."""


def _place(settings: Settings, archive: Archive) -> Path:
    return settings.home / archive.identity.id


def receive(settings: Settings, how: Receiving, ready: Callable[[str], None]) -> None:
    """Receive until SIGTERM or SIGINT, and log how many answers there were, by status.

    ``ready`` is told the address, once requests are taken. Raises `UsageError`.
    """
    log_to_stderr()
    archive = open_archive(settings)
    place = _place(settings, archive)
    judge = HookJudge(archive, how.base)
    served = Served(how.host, how.port, how.certificate, how.key, how.proxies)
    with (
        doorbell_at(settings, place / "doorbell") as doorbell,
        _settler(settings, settle=how.settle),
        periodically(RENEW, partial(_renew, judge)),
    ):
        inbox = partial(
            Inbox, place / "inbox", SystemClock(), SystemRandomness(), doorbell, how.every
        )
        counts = serve(judge, inbox, served, ready)
    told = ", ".join(f"{status}: {count}" for status, count in sorted(counts.items()))
    _log.info("ended in order; answers by status: %s", told or "none")


def _renew(judge: HookJudge) -> None:
    try:
        judge.renew()
    except ArchiverError as error:
        _log.warning("accounts could not be read again: %s", error.message)


@contextmanager
def _settler(settings: Settings, *, settle: bool) -> Iterator[None]:
    if not settle:
        yield
        return
    with Beside(settle_until_ended, settings):
        yield


def settle_until_ended(settings: Settings) -> None:
    """Settle whatever comes until SIGTERM, or until whoever began this process is gone."""
    log_to_stderr()
    ended = Ended()
    archive = settling_archive(settings)
    listener = PipeListener(_place(settings, archive) / "doorbell")
    try:
        settle_until(archive, ended, listener.heard, _tell, _Still())
    finally:
        listener.close()


def _tell(what: CaptureReport | ArchiverError, name: str) -> None:
    if isinstance(what, ArchiverError):
        level = logging.DEBUG if what.code == "account-busy" else logging.WARNING
        _log.log(level, "%s: not settled yet: %s", name, what.message)
        return
    if what.events:
        _log.info("%s: settled %d deliveries", name, what.events)
    for why in sorted(set(what.unheard.values())):
        _log.warning("%s: %s", name, why)
