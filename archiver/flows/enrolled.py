"""Who is enrolled and what each may do, folded from the ledger: below all that seals anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.flows.ledger import read_state
from archiver.flows.ledger_cache import Folded
from archiver.ledger.checkpoint import parse_verifier_key
from archiver.registry import people
from archiver.registry.people import Registry

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState

__all__ = ["people_of", "verifies"]


def verifies(key: str, signature: bytes, data: bytes) -> bool:
    """Tell whether a verifier key made a signature; one that is no key made none."""
    try:
        return parse_verifier_key(key).verifies(signature, data)
    except FormatError:
        return False


def people_of(archive: Archive, state: LedgerState | None = None) -> Registry:
    """Return people and roles as the ledger has them; the registry is the caller's own.

    Entries are folded once a process: a state that grew from the one before shares its entries.
    """
    controls = (state or read_state(archive)).controls
    known = archive.memory.people
    count = len(known.registry.indexes) if known else 0
    if known is None or count > len(controls) or (count and controls[count - 1] is not known.last):
        known, count = Folded(Registry(archive.identity.id)), 0
    people.fold(known.registry, controls[count:], verifies)
    known.last = controls[-1] if controls else None
    archive.memory.people = known
    return known.registry.copy()
