"""Which superseded segments may go: those whose successor somebody else has verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.flows.people import verifies
from archiver.ledger.finding import Finding
from archiver.registry.verifying import verifications

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Settlement", "settlement"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How far superseding seals of a ledger are settled.

    ``verified``: indexes of those that count as verified. ``needed``: superseded segments that
    must be there still. ``released``: those that may go, with the seal that superseded each.
    ``findings``: entries that count for nothing.
    """

    verified: frozenset[int]
    needed: list[Segment]
    released: list[tuple[Segment, int]]
    findings: list[Finding]


def settlement(archive: Archive, state: LedgerState) -> Settlement:
    """Return what may go and what not."""
    found = verifications(
        archive.identity.id, state.controls, state.void, verifies, archive.identity.keys
    )
    retired = list(state.retired())
    released = [(segment, seal) for segment, seal in retired if seal in found.seals]
    needed = [segment for segment, seal in retired if seal not in found.seals]
    wanted = "a verification by the second role"
    findings = [
        *(
            Finding("act-without-authority", f"entry {one.entry}", wanted, one.why)
            for one in found.refused
        ),
        *_unfounded(state, {seal for _, seal in released}),
    ]
    return Settlement(found.seals, needed, released, findings)


def _unfounded(state: LedgerState, released: set[int]) -> Iterator[Finding]:
    """Yield the entries that say gone what nobody had verified the successor of."""
    for index, body in state.controls:
        if body["t"] == "done-part" and body.get("work") == "compact":
            for first, end in body["seals"]:
                if not all(one in released for one in range(first, end)):
                    wanted = "files whose successor is verified"
                    found = f"removed for entries {first} to {end - 1}"
                    yield Finding("act-without-authority", f"entry {index}", wanted, found)
