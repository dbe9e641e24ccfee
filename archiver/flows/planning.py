"""What a run is to read: how much, how far back, and whether it goes on with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.flows.exposure import cadence_of, reaches
from archiver.flows.finished import finished_at
from archiver.flows.parsers import source_leaf
from archiver.formats.parquet import canonical_time
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Connector
    from archiver.capture.known import Known
    from archiver.flows.archive import Archive
    from archiver.flows.resuming import Resuming
    from archiver.ledger.state import LedgerState
    from archiver.ports import Spool

__all__ = ["Plan", "mends", "plan"]


class Plan(NamedTuple):
    """How a run reads an account.

    ``mode``: as it came to be. ``began``: canonical time. ``mend``: what is known proves nothing,
    for the run before did not end. ``since``: how far back streams are read; others to their
    end. ``resumed``: it goes on with a run that a quota stopped.
    """

    mode: str
    began: str
    mend: bool
    since: Mapping[str, str]
    resumed: bool


def plan(  # noqa: PLR0913 - what a plan is made of
    archive: Archive, handle: str, connector: Connector, resuming: Resuming,
    *, state: LedgerState, known: Known, mode: str, spool: Spool,
) -> Plan:  # fmt: skip
    """Return how to read an account (its handle) that was asked for in a mode."""
    began = canonical_time(archive.clock.now())
    mend = mends(archive, state, handle, connector)
    mode = _mode(mode, known, mend=mend)
    inbox = archive.open_inbox
    lanes = {spool.lane, *([inbox(handle).lane] if inbox else ())}
    if mend and mode != "incremental" and resuming.find(state, mode, lanes):
        return Plan(resuming.mode, resuming.began, mend=True, since={}, resumed=True)
    cadence = cadence_of(handle, archive.longest_unread)
    since = {} if mend or mode != "reconcile" else reaches(state, handle, began, cadence)
    if mode != "incremental" and not since:
        resuming.begin(began, mode)
    return Plan(mode, began, mend, since, resumed=False)


def mends(archive: Archive, state: LedgerState, handle: str, connector: Connector) -> bool:
    """Tell whether everything is to be read: the last run did not end, or read otherwise.

    A new parser may understand what the one before left as residue.
    """
    ended = finished_at(state, handle)
    return ended is None or ended < source_leaf(archive, state, handle, connector)


def _mode(mode: str, known: Known, *, mend: bool) -> str:
    """Return the mode that makes sense: an incremental run stops at what is known.

    So it needs something known (else ``backfill``), by a run that ended (else ``reconcile``).
    """
    if mode == "incremental" and all(s == Stream.WORKFLOW for (s, _), _ in known.items()):
        return "backfill"
    return "reconcile" if mode == "incremental" and mend else mode
