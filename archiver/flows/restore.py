"""Restoring from a copy alone, on trial: is what would be needed one day there, and whole?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.errors import IntegrityError
from archiver.flows.holdings import holdings
from archiver.flows.operations import RESTORED, noted
from archiver.flows.replicate import brought_up, require_older
from archiver.flows.verify import verify

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.replicate import Copy
    from archiver.ledger.finding import Finding
    from archiver.ports import Progress

__all__ = ["Restored", "restore"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came out of a copy.

    ``source``: its name; ``size``: entries of the log that it has; ``behind``: how many the archive
    has more. ``objects`` were copied, ``records`` verified one by one; ``unreadable``: segments
    of which this home has no key. ``lacking``: keys of objects that the archive has at the
    same head, and what was restored has not. ``findings``: what verification found.
    """

    source: str
    size: int
    behind: int
    objects: int
    records: int
    unreadable: int
    lacking: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default_factory=tuple)

    @property
    def whole(self) -> bool:
        """Whether all that the copy claims is there and is what the ledger says."""
        return not self.findings and not self.lacking

    def demand(self) -> None:
        """Raise `IntegrityError` (``restore-not-whole``) unless it is whole."""
        if not self.whole:
            first = self.findings[0].where if self.findings else self.lacking[0]
            raise IntegrityError(
                f"what was restored from the copy {self.source} is not whole: "
                f"{len(self.findings)} findings, {len(self.lacking)} objects lacking",
                where=first,
                code="restore-not-whole",
                mend="run `archiver replicate --repair` while the archive can still be read",
            )


def restore(archive: Archive, source: Copy, target: Copy, progress: Progress) -> Restored:
    """Restore a copy into an empty place, verify every record there, and compare it.

    Only the copy is read for it, never the archive; that is asked for its head and its keys of
    objects when all is done. A run that was stopped goes on where it was. What came of it is noted
    (`archiver.flows.operations`).

    Args:
        archive: what it is a copy of.
        source: the copy.
        target: an empty place, opened as an archive with a home of its own for trust and caches.
        progress: is told of objects, then of seals.

    Raises:
        UsageError: something else is in the place.
        IntegrityError: the copy's log can't tell what there is to restore, it is not the archive's,
            or it is ahead of it.
    """
    held = holdings(source.archive)
    made = brought_up(source.archive, held, target, progress)
    if made.error is not None:
        raise made.error
    report = verify(target.archive, progress, deep=True)
    found = [one for _, one in made.findings] + report.findings
    now = holdings(archive)
    if held.checkpoint.size:
        require_older(now, held.checkpoint, source.store)
    lacking: tuple[str, ...] = ()
    if now.checkpoint.size == held.checkpoint.size:
        there = {one.key for one in target.store.list("")}
        lacking = tuple(one.key for one in now.checks if one.key not in there)
    done = Restored(
        source=source.name,
        size=held.checkpoint.size,
        behind=now.checkpoint.size - held.checkpoint.size,
        objects=made.copied,
        records=report.records,
        unreadable=report.unreadable,
        lacking=lacking,
        findings=tuple(found),
    )
    outcome = "whole" if done.whole else f"{len(found)} findings, {len(lacking)} lacking"
    told = {"about": source.name, "outcome": f"{outcome}; {done.size} entries"}
    noted(archive, RESTORED, told)
    return done
