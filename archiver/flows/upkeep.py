"""What a home that seals does for the archive in passing: keys, looks, what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.access import seal_looks
from archiver.flows.erasing import forget
from archiver.flows.keys import sync
from archiver.flows.ledger import read_state
from archiver.flows.submit import clear_markers

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["upkeep"]


def upkeep(archive: Archive) -> None:
    """Seal keys to whose roles count by now, and looks of days that are over; drop what is left."""
    state = read_state(archive)
    sync(archive, state)
    forget(archive, state)
    seal_looks(archive)
    clear_markers(archive)
