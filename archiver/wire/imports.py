"""Exports on disk, opened for the flow that imports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges.exported import open_export, seen

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.importing import Exported
    from archiver.ports import Progress

__all__ = ["open_evidence", "opened_export"]


def opened_export(path: Path, progress: Progress) -> Exported:
    """Return an export that is whole. Raises as `archiver.edges.exported.open_export`."""
    return open_export(path, progress)


def open_evidence(path: Path, name: str, statement: bytes, progress: Progress) -> Exported:
    """Return a file that somebody made of what he saw, with what he says of it."""
    return seen(path, name, statement, progress)
