"""The exemptions that a city may cite: those of its jurisdiction, from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.redact.exemptions import read_exemptions

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.redact.exemptions import Exemptions
    from archiver.retention_settings import PackFiles

__all__ = ["exemptions_of"]


def exemptions_of(archive: Archive, packs: PackFiles) -> Exemptions:
    """Return what files have for the city's jurisdiction, as it settled it; all where it did not.

    Raises `FormatError` for a file that does not fit its schema.
    """
    return read_exemptions(packs.schema, packs.files, archive.retention.jurisdiction)
