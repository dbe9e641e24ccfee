"""The entries of an order that its certificate names, each with the path that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.certified_copies import OfCopies, of_copies
from archiver.flows.vouch import note_over
from archiver.ledger import entry
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.log import LogReader
from archiver.ledger.proof import Proof
from archiver.ledger.tree import inclusion_path, leaf_hash
from archiver.retention.certificate import Named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.registry.deciding import Deciding
    from archiver.retention.certificate import What
    from archiver.retention.custody import Custody
    from archiver.retention.order import Order

__all__ = ["named_entries"]


def named_entries(
    archive: Archive, known: tuple[LedgerState, Deciding, Custody], order: Order
) -> tuple[tuple[Named, ...], str]:
    """Return the entries of an order in the order of the log, and the proof of the last of them."""
    state, acts, custody = known
    void = {one.entry for one in (*custody.refused, *custody.unlawful)} | state.void.keys()
    found = {index: what for index, what in _about(state, acts, order) if index not in void}
    found |= {at: what for at, what in _of_copies(of_copies(known, order)) if at not in void}
    found |= _turns(order)  # a hold that counts for nothing else halts all the same
    bodies = {index: body for index, body in state.controls if index in found}
    last = max(found)
    note = note_over(archive, last)
    size = open_checkpoint(note, archive.identity.keys).size
    read = LogReader(archive.store, size).hashes()
    paths = {index: inclusion_path(index, size, read) for index in sorted(found)}
    named = tuple(
        Named(
            what=found[index],
            entry=index,
            text=raw[1:].decode(),
            hash=leaf_hash(raw).hex(),
            path=tuple(one.hex() for one in paths[index]),
        )
        for index in paths
        for raw in (entry.control(bodies[index]),)
    )
    return named, Proof(last, tuple(paths[last]), note).build().decode()


def _about(state: LedgerState, acts: Deciding, order: Order) -> Iterator[tuple[int, What]]:
    """Yield what the authority outside said of an order, what went under it, and where from."""
    for one in acts.made:
        if one.act in _OUTSIDE and one.statement["order"] == order.handle:
            yield one.entry, _OUTSIDE[one.act]
    for index, body in state.controls:
        if body.get("order") == order.handle:
            yield index, "destroy" if body["t"] == "seal" else "gone"


def _of_copies(known: OfCopies) -> Iterator[tuple[int, What]]:
    yield from ((at, "copy") for at in known.told.values())
    yield from ((one.entry, "retire") for one in known.retired.values())


def _turns(order: Order) -> dict[int, What]:
    """Return where an order was made, began and ended."""
    turns: tuple[tuple[int | None, What], ...] = (
        (order.entry, "order"),
        (order.begun, "begin"),
        (order.halted, "halt"),
        (order.done, "done"),
    )
    return {at: what for at, what in turns if at is not None}


_OUTSIDE: dict[str, What] = {"submit": "submit", "outcome": "outcome"}
"""Acts about an order that are named by what they are."""
