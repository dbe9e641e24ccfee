"""Rule packs that an evaluation asks: shipped ones, those of the settings, and kept ones.

What an archive keeps of schedules is asked by its digest, whether or not a file of it is still
here: so an evaluation of a past day stays repeatable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError
from archiver.flows.custody import decided
from archiver.flows.deciding import told
from archiver.flows.schedules import packs_of
from archiver.retention_settings import PackFiles

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.retention.schedule import Pack

__all__ = ["AtHand", "packs_at_hand"]

ADDED = "add-schedule"


class AtHand(NamedTuple):
    """Packs, each once, and why kept ones are none: of those nothing falls due."""

    packs: list[Pack]
    unfit: list[str]


def packs_at_hand(archive: Archive, state: LedgerState) -> AtHand:
    """Return them. Raises `FormatError` for a file that does not fit."""
    files = archive.rule_packs()
    packs = {pack.digest: pack for pack in packs_of(files)}
    documents = told(archive, state)
    unfit = []
    for act in decided(archive, state).made:
        document = documents.get(str(act.statement["subject"])) if act.act == ADDED else None
        if document is None:
            continue
        name = f"ledger entry {act.entry}"
        kept = PackFiles(files.schema, ((name, str(document["pack"]).encode()),))
        try:
            packs |= {pack.digest: pack for pack in packs_of(kept)}
        except FormatError as error:
            unfit.append(f"{error.where}: {error.message}")
    return AtHand(list(packs.values()), unfit)
