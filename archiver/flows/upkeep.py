"""What a home that seals does for the archive in passing: keys to readers, looks to the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.flows.access import seal_looks
from archiver.flows.keys import sync
from archiver.flows.ledger import read_state

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["upkeep"]


def upkeep(archive: Archive) -> None:
    """Seal keys to whose roles count by now, and the looks of days that are over."""
    sync(archive, read_state(archive))
    seal_looks(archive)
