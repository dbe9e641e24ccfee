"""What is on hold and is gone, or hidden, on its platform since: to be told to who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.flows.custody import custody_of
from archiver.flows.ledger import read_state
from archiver.flows.record_leaves import records_at
from archiver.formats.parquet import canonical_time
from archiver.ledger import ranges
from archiver.record import Kind
from archiver.registry.people import moment

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState

__all__ = ["Gone", "held_gone"]

_GONE = frozenset((Kind.HELD, Kind.HIDDEN, Kind.REMOVED, Kind.ABSENT, Kind.DELETED))
_STATES = _GONE | {Kind.PRESENT, Kind.RESTORED}
"""What says how a record stands; an edit does not."""


class Gone(NamedTuple):
    """A record on hold that its platform shows no more: what it is now, since which leaf."""

    record: str
    kind: str
    leaf: int
    holds: tuple[str, ...]


def held_gone(archive: Archive, state: LedgerState | None = None, since: int = 0) -> list[Gone]:
    """Return the records on hold that went or were hidden after they were held.

    ``since``: only where that was seen at this leaf or later. What was gone before it was held
    is no news; what this home can't read is not told.
    """
    state = state or read_state(archive)
    now = moment(canonical_time(archive.clock.now()))
    holds = [one for one in custody_of(archive, state).holds.values() if one.stands(now)]
    every = ranges.union([pair for one in holds for pair in one.leaves], [])
    found = []
    for record, seen in records_at(archive, state, every).items() if holds else ():
        leaf, kind = max((one for one in seen if one[1] in _STATES), default=(-1, ""))
        own = ranges.from_numbers(leaf for leaf, _ in seen)
        by = tuple(one.handle for one in holds if one.covers(own) and one.entry < leaf)
        if kind in _GONE and leaf >= since and by:
            found.append(Gone(record, kind, leaf, by))
    return found
