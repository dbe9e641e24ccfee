"""In which mode a run makes sense, whatever was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.finished import finished_at
from archiver.flows.parsers import source_leaf
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Connector
    from archiver.capture.known import Known
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState

__all__ = ["mends", "sensible"]


def mends(archive: Archive, state: LedgerState, handle: str, connector: Connector) -> bool:
    """Tell whether everything is to be read: the last run did not end, or read otherwise.

    A new parser may understand what the one before left as residue.
    """
    ended = finished_at(state, handle)
    return ended is None or ended < source_leaf(archive, state, handle, connector)


def sensible(mode: str, known: Known, *, mend: bool) -> str:
    """Return the mode that makes sense: an incremental run stops at what is known.

    So it needs something known (else ``backfill``), by a run that ended (else
    ``reconcile``).
    """
    if mode != "incremental":
        return mode
    if all(stream == Stream.WORKFLOW for (stream, _), _ in known.items()):
        return "backfill"
    return "reconcile" if mend else mode
