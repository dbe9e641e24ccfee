"""Verifying some leaves in depth: the whole log, and every segment that has one of them.

It reads from the store, never from a cache. What time alone brings about (a time-stamp that has
run out, a witness that has not answered yet) is no fault of what is exported: `archiver verify`
names it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.flows.verified import settlement
from archiver.flows.verify_anchors import AnchorCheck
from archiver.flows.verify_log import LogCheck
from archiver.flows.verify_segments import SegmentCheck
from archiver.flows.verify_works import works
from archiver.ledger import ranges

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.finding import Finding
    from archiver.ledger.ranges import Ranges
    from archiver.ports import Progress

__all__ = ["LeavesVerified", "verify_leaves"]

_OF_TIME = frozenset(("anchor-expired", "anchor-quorum", "anchor-clock"))


@dataclass(slots=True)
class LeavesVerified:
    """What was read and what was found.

    ``records``: versions in the segments that were read, ``rederived``: those of them whose row
    was made again by its parser. ``unread``: leaves that could not be read.
    """

    records: int = 0
    rederived: int = 0
    unread: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify_leaves(archive: Archive, leaves: Ranges, progress: Progress) -> LeavesVerified:
    """Return what verification finds of the versions at some leaves; nothing is written."""
    made = LeavesVerified()
    log = LogCheck(archive)
    made.findings += log.run()
    segments = list(log.state.segments())
    settled = settlement(archive, log.state)
    own = [one for one in segments if one.has_records and ranges.overlap(one.leaves, leaves)]
    held = [pair for one in own for pair in one.leaves]
    made.unread = ranges.count(ranges.minus(leaves, ranges.union(held, [])))
    check, only = SegmentCheck(archive, deep=True), {one.seal for one in own}
    for number, work in enumerate(works(log, segments, settled, only)):
        progress.step(number, len(only), "seals verified")
        found = check.run(work)
        made.findings += found.findings
        made.records += found.records
        made.rederived += found.rederived
        made.unread += found.unreadable
    progress.step(len(only), len(only), "seals verified")
    named = {one.where for one in made.findings}
    outside = AnchorCheck(archive, log, None, named).run()
    made.findings += [one for one in outside if one.code not in _OF_TIME]
    return made
