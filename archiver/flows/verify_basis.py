"""Which head a log is held against: the signed one, or where that is no good the best there is."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.flows.verify_head import dailies
from archiver.flows.verify_objects import fetch
from archiver.layout import CHECKPOINT, HEAD, TILES
from archiver.ledger.checkpoint import Checkpoint
from archiver.ledger.finding import Finding
from archiver.ledger.head import Head
from archiver.ledger.tiles import TILE_WIDTH

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.checks import CheckpointCheck
    from archiver.ledger.tree import ReadHash

__all__ = ["basis"]

MOST_LOST = 1 << 14
"""Bundles that may be gone beside as many as there are parts of the log: each is looked for."""


def basis(
    archive: Archive, signed: CheckpointCheck, seen: Checkpoint | None, read: ReadHash
) -> tuple[Checkpoint | None, list[Finding]]:
    """Return the head to hold everything against, and what is wrong with the signed one.

    A head over more entries than this home has seen, or than what is there can be the rest
    of, is none: whoever may write one object would have the verification run for ever.

    Args:
        archive: whose.
        signed: the check of signed checkpoints.
        seen: the largest checkpoint that this home has seen.
        read: reads hashes of the tree, for daily checkpoints.
    """
    parts = sum(1 for _ in archive.store.list(TILES))
    most = max((parts + MOST_LOST) * TILE_WIDTH, seen.size if seen else 0)
    stored = fetch(archive.store, CHECKPOINT)
    if stored is None:
        found = [signed.missing()] if parts or seen is not None else []
        return _second_best(archive, (signed, read), seen, most), found
    found = list(signed.judge(stored))
    with suppress(ArchiverError):
        checkpoint = signed.opened(stored)
        if checkpoint.size <= most:
            return checkpoint, found
        told = f"{checkpoint.size} entries in {parts} parts of a log"
        found = [Finding("checkpoint-bad", CHECKPOINT, f"at most {most} entries", told)]
    return _second_best(archive, (signed, read), seen, most), found


def _second_best(
    archive: Archive, daily: tuple[CheckpointCheck, ReadHash], seen: Checkpoint | None, most: int
) -> Checkpoint | None:
    """Return the unsigned head, or where that is none or older, the newest signed one."""
    known = [seen] if seen else []
    for check in dailies(archive, *daily, 0, {}):
        with suppress(ArchiverError):
            known.append(daily[0].opened(fetch(archive.store, check.key) or b""))
    best = max((one for one in known if one.size <= most), key=lambda one: one.size, default=None)
    with suppress(ArchiverError):
        head = Head.decode(fetch(archive.store, HEAD) or b"")
        if (best.size if best else 0) <= head.size <= most:
            return Checkpoint(archive.identity.origin, head.size, head.root)
    return best
