"""Which segments may go: superseded ones whose successor is verified, those of orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.flows.custody import custody_of
from archiver.flows.people import verifies
from archiver.ledger import ranges
from archiver.ledger.deciding import HERE, copy_handle
from archiver.ledger.finding import Finding
from archiver.registry.verifying import verifications

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Settlement", "settlement", "still_there"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How far superseding and destroying seals of a ledger are settled.

    ``verified``: indexes of those that count as verified. ``needed``: superseded segments that
    must be there still, and those that were taken out unlawfully. ``released``: superseded ones
    that may go, with the seal that superseded each. ``ended``: those that a lawful order took
    out, with the seal that did. ``findings``: entries that count for nothing.
    """

    verified: frozenset[int]
    needed: list[Segment]
    released: list[tuple[Segment, int]]
    ended: list[tuple[Segment, int]]
    findings: list[Finding]

    @property
    def going(self) -> list[Segment]:
        """All segments whose files may go, and have to."""
        return [one for one, _ in (*self.released, *self.ended)]


def settlement(archive: Archive, state: LedgerState) -> Settlement:
    """Return what may go and what not."""
    found = verifications(
        archive.identity.id, state.controls, state.void, verifies, archive.identity.keys
    )
    retired = list(state.retired())
    released = [(segment, seal) for segment, seal in retired if seal in found.seals]
    needed = [segment for segment, seal in retired if seal not in found.seals]
    lawful = custody_of(archive, state).destroying if state.destroyed else set[int]()
    ended = [(segment, seal) for segment, seal in state.ended() if seal in lawful]
    needed += (segment for segment, seal in state.ended() if seal not in lawful)
    wanted = "a verification by the second role"
    findings = [
        *(
            Finding("act-without-authority", f"entry {one.entry}", wanted, one.why)
            for one in found.refused
        ),
        *_unfounded(state, {seal for _, seal in released}),
    ]
    return Settlement(found.seals, needed, released, ended, findings)


def still_there(archive: Archive, state: LedgerState, settled: Settlement) -> Iterator[Segment]:
    """Yield the segments that may go and of which nobody says yet that they are gone here."""
    yield from (one for one, seal in settled.released if not state.is_removed(seal))
    if settled.ended:
        orders = custody_of(archive, state).orders
        here = copy_handle(archive.identity.id, HERE)
        by_seal = dict(state.controls)
        for one, seal in settled.ended:
            order = orders[by_seal[seal]["order"]]
            if ranges.minus(order.going, order.gone.get(here, [])):
                yield one


def _unfounded(state: LedgerState, released: set[int]) -> Iterator[Finding]:
    """Yield the entries that say gone what nobody had verified the successor of."""
    for index, body in state.controls:
        if body["t"] == "done-part" and body.get("work") == "compact":
            for first, end in body["seals"]:
                if not all(one in released for one in range(first, end)):
                    wanted = "files whose successor is verified"
                    found = f"removed for entries {first} to {end - 1}"
                    yield Finding("act-without-authority", f"entry {index}", wanted, found)
