"""Verifying decisions: who made them, on which log, and that nothing went without one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.flows.custody import custody_of, decided, matters_of
from archiver.ledger.finding import Finding
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.ledger.tree import ReadHash
    from archiver.registry.deciding import Decided

__all__ = ["check_decisions"]


def check_decisions(archive: Archive, state: LedgerState, read: ReadHash) -> Iterator[Finding]:
    """Yield decisions that count for nothing, and what went although nothing allowed it.

    ``read``: reads hashes of the log's tree, against which orders are held.
    """
    acts = decided(archive, state)
    custody = custody_of(archive, state, acts)
    matters = matters_of(archive, state, acts)
    for one in (*acts.refused, *custody.refused, *matters.refused):
        if not one.idle:
            wanted = "a decision of people who may"
            yield Finding("act-without-authority", f"entry {one.entry}", wanted, one.why)
    for one in custody.unlawful:
        wanted = "an order that has begun"
        yield Finding("destroyed-unlawfully", f"entry {one.entry}", wanted, one.why)
    yield from _of_this_log(acts.made, read)


def _of_this_log(acts: Iterable[Decided], read: ReadHash) -> Iterator[Finding]:
    """Yield orders and beginnings that were signed over another log than this one."""
    for one in acts:
        if "root" in one.statement:
            with suppress(UsageError):  # larger than the log, which its fold refuses
                root = Frontier.at(int(one.statement["size"]), read).root().hex()
                if root != one.statement["root"]:
                    wanted = "a decision on this log"
                    found = f"signed over another root of {one.statement['size']} entries"
                    yield Finding("act-without-authority", f"entry {one.entry}", wanted, found)
