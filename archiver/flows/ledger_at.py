"""The ledger as it stood when it had so many entries, proven to be the beginning of today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.flows.ledger import read_state
from archiver.ledger.log import LogReader
from archiver.ledger.state import LedgerState
from archiver.ledger.tree import Frontier, consistency_path, verify_consistency

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["ledger_at", "ledger_time"]


def ledger_at(archive: Archive, size: int) -> LedgerState:
    """Return the state of the ledger at its first ``size`` entries.

    Segments that were live then may have been superseded and removed since: read records by
    today's state. Raises `UsageError` for a size that it has not, `IntegrityError` where those
    entries are not the beginning of the signed log.
    """
    state = read_state(archive)
    if size == state.size:
        return state
    if not 0 < size < state.size:
        raise UsageError(
            "the ledger has no such size",
            where=str(size),
            code="size-unknown",
            mend=f"give a number of entries from 1 to {state.size}",
        )
    read = LogReader(archive.store, state.size).hashes()
    older = LedgerState(Frontier.at(size, read))
    path = consistency_path(size, state.size, read)
    roots = older.frontier.root(), state.frontier.root()
    verify_consistency(size, state.size, path, *roots)
    for index, body in state.controls:
        if index < size:
            older.replay(index, body)
    return older


def ledger_time(state: LedgerState) -> str:
    """Return the time of a ledger (canonical): the latest of any entry, which never goes back."""
    return max((str(body["time"]) for _, body in state.controls), default="")
