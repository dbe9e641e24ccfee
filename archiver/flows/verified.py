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
    from archiver.retention.custody import Custody

__all__ = ["Settlement", "settlement", "still_there"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How far superseding and destroying seals of a ledger are settled.

    ``verified``: indexes of those that count as verified. ``needed``: superseded segments that
    must be there still, and those that were taken out unlawfully. ``released``: superseded ones
    that may go, with the seal that superseded each. ``ended``: those that a lawful order took
    out, with the seal that did; ``cleared``: the places of those that are said to be gone here.
    ``findings``: entries that count for nothing.
    """

    verified: frozenset[int]
    needed: list[Segment]
    released: list[tuple[Segment, int]]
    ended: list[tuple[Segment, int]]
    cleared: frozenset[str]
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
    custody = custody_of(archive, state) if state.destroyed else None
    lawful = custody.destroying if custody else set[int]()
    cleared = frozenset(_cleared(archive, state, custody) if custody else ())
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
    return Settlement(found.seals, needed, released, ended, cleared, findings)


def still_there(state: LedgerState, settled: Settlement) -> Iterator[Segment]:
    """Yield the segments that may go and of which nobody says yet that they are gone here."""
    yield from (one for one, seal in settled.released if not state.is_removed(seal))
    yield from (one for one, _ in settled.ended if one.place not in settled.cleared)


def _cleared(archive: Archive, state: LedgerState, custody: Custody) -> Iterator[str]:
    """Yield the places of segments that orders took out, all of which is said to be gone here."""
    here, seals = copy_handle(archive.identity.id, HERE), dict(state.controls)
    for one, seal in state.ended():
        order = custody.orders.get(seals[seal]["order"]) if seal in custody.destroying else None
        if order is not None and not ranges.minus(order.going, order.gone.get(here, [])):
            yield one.place


def _unfounded(state: LedgerState, released: set[int]) -> Iterator[Finding]:
    """Yield the entries that say gone what nobody had verified the successor of."""
    for index, body in state.controls:
        if body["t"] == "done-part" and body.get("work") == "compact":
            for first, end in body["seals"]:
                if not all(one in released for one in range(first, end)):
                    wanted = "files whose successor is verified"
                    found = f"removed for entries {first} to {end - 1}"
                    yield Finding("act-without-authority", f"entry {index}", wanted, found)
