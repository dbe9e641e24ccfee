"""Rebuild: throw away this home's caches and make them again from verified bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.kept import drop
from archiver.flows.known import keep_known, known_of
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog
from archiver.flows.search_index import sweep
from archiver.flows.search_shelves import index_all

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ports import Progress

__all__ = ["rebuild"]


def rebuild(archive: Archive, progress: Progress) -> dict[str, int]:
    """Delete and remake every cache. Returns how much went through."""
    drop(archive.home)
    sweep(archive)
    state = read_state(archive)
    segments = catalog(archive, state)
    accounts = sorted({one.segment.account for one in segments})
    for number, account in enumerate(accounts):
        progress.step(number, len(accounts), "accounts")
        known = known_of(archive, state, account)
        keep_known(archive, account, state.settled.get(account, 0), known)
    index_all(archive, segments)
    return {
        "entries": state.size,
        "segments": len(segments),
        "rows": sum(one.rows for one in segments),
        "accounts": len(accounts),
    }
