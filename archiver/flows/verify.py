"""Verify: everything stored, against the ledger; broken parts never stop the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import StoreError
from archiver.flows.access import miscounted
from archiver.flows.accounts import refused_decisions
from archiver.flows.anchoring import independent
from archiver.flows.people import refused_acts
from archiver.flows.verified import settlement, still_there
from archiver.flows.verify_anchors import AnchorCheck
from archiver.flows.verify_decisions import check_decisions
from archiver.flows.verify_generations import check_entries
from archiver.flows.verify_inventory import (
    exchanges,
    inventory,
    keys_of,
    leaves,
    sets,
    unlawful,
    versions,
)
from archiver.flows.verify_log import LogCheck
from archiver.flows.verify_memory import Unfinished
from archiver.flows.verify_segments import SegmentCheck
from archiver.flows.verify_works import works
from archiver.layout import UNITS
from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.verified import Settlement
    from archiver.flows.verify_work import Checked, Work
    from archiver.ledger.checkpoint import Checkpoint
    from archiver.ledger.finding import Finding
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import Segment
    from archiver.ports import Progress, Workers

__all__ = ["VerifyReport", "checked", "verify"]

_SHARE = 8
"""Seals that a worker checks at a time: few enough to share work evenly."""
_WORTH = 32 << 20
"""Bytes in units. For less, starting a process costs more than it saves."""


class Told(NamedTuple):
    """Documents, by leaf, that are judged when all seals are read; and the leaves read."""

    decisions: list[tuple[int, bytes]]
    looks: list[tuple[int, bytes]]
    leaves: Ranges

    def add(self, one: Checked) -> None:
        """Take in what a seal told."""
        self.decisions.extend(one.decisions)
        self.looks.extend(one.looks)
        self.leaves.extend(one.leaves)


@dataclass(slots=True)
class VerifyReport:
    """What was checked, what was found, and what could not be checked here.

    ``since``: entries before it were verified earlier, and their files are only looked for.
    ``resumed``: seals that an interrupted verification of this home had found whole.
    ``lost``: ledger entries that can't be read any more by whatever way; of what they said,
    and of files that only they named, nothing is known. ``versions`` false: the store did not
    say which older versions it keeps. ``anchored`` false: nothing outside
    the archive was compared, so an older state of all of it, or another one of the same
    key, would have passed.
    """

    deep: bool
    entries: int = 0
    segments: int = 0
    objects: int = 0
    records: int = 0
    rederived: int = 0
    unreadable: int = 0
    since: int = 0
    resumed: int = 0
    lost: int = 0
    versions: bool = True
    origin: str = ""
    root: str = ""
    anchored: bool = False
    cosigned: int = 0
    timestamps: int = 0
    unpinned: int = 0
    witnesses: int = 0
    independent: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, one: Checked) -> None:
        """Take in what came of a seal."""
        self.findings += one.findings
        self.objects += one.objects
        self.records += one.records
        self.rederived += one.rederived
        self.unreadable += one.unreadable


def verify(  # noqa: PLR0913 - each is a choice of its own
    archive: Archive,
    progress: Progress,
    *,
    deep: bool,
    since: Checkpoint | None = None,
    resume: bool = False,
    workers: Workers | None = None,
    policy: bytes | None = None,
) -> VerifyReport:
    """Check ledger, inventory and stored files; ``deep``: also every record in them.

    Reads everything from the store itself, never from a cache, and writes nothing into it.

    Args:
        archive: whose.
        progress: is told of each seal.
        deep: look into files as well.
        since: a checkpoint up to which everything was verified before: the log has to
            extend it, and only the files of what came after it are read.
        resume: go on where an interrupted verification of this home stopped.
        workers: processes that share the work; None: this one does it.
        policy: whose cosignatures are wanted, in place of what home and settings say.
    """
    report = VerifyReport(deep=deep)
    log = LogCheck(archive, since)
    report.findings += log.run()
    segments, settled = list(log.state.segments()), settlement(archive, log.state)
    todo = list(works(log, segments, settled))
    unfinished = Unfinished(archive, log, deep=deep, resume=resume)
    left = [work for work in todo if work.seal not in unfinished.done]
    report.resumed = len(todo) - len(left)
    told = Told([], [], [])  # not in the report: they are private
    for number, one in enumerate(_run(archive, left, workers, deep=deep)):
        progress.step(number, len(left), "seals")
        report.add(one)
        told.add(one)
        unfinished.note(one)
    progress.step(len(left), len(left), "seals")
    report.findings += _anchors(archive, log, report, policy)
    report.findings += _around(archive, log, segments, settled, report)
    if log.complete():
        report.findings += refused_decisions(archive, log.state, told.decisions)
        report.findings += miscounted(log.state, told.looks, told.leaves)
    _describe(report, log, sum(len(work.segments) for work in todo))
    unfinished.close(whole=not report.findings and not report.unreadable)
    return report


def _around(
    archive: Archive,
    log: LogCheck,
    segments: list[Segment],
    settled: Settlement,
    report: VerifyReport,
) -> Iterator[Finding]:
    """Yield what is wrong with what the seals say together, and with the inventory."""
    yield from check_entries(log.state, segments)
    yield from sets(archive, log)
    going = keys_of(still_there(log.state, settled))
    known = log.keys | keys_of(segments) | keys_of(settled.needed) | going
    yield from inventory(archive, log, known, (*segments, *settled.needed))
    try:
        yield from versions((v for v in archive.store.versions() if v.key not in going), known)
    except StoreError:  # many don't answer that, or not everybody
        report.versions = False
    if log.complete():
        yield from exchanges(log.state)
        yield from unlawful(log.state)
        yield from refused_acts(archive, log.state)
        yield from check_decisions(archive, log.state, log.view.read)
        yield from settled.findings
    yield from leaves(log, [*segments, *(one for one, _ in log.state.ended())])


def _anchors(
    archive: Archive, log: LogCheck, report: VerifyReport, policy: bytes | None
) -> list[Finding]:
    """Return what is wrong with what outsiders vouch for, and take in how much that is."""
    named = {one.where for one in report.findings}
    check = AnchorCheck(archive, log, policy, named)
    findings = list(check.run())
    report.cosigned, report.witnesses = check.cosigned, check.witnesses
    report.timestamps, report.unpinned = check.timestamps, check.unpinned
    report.independent = len(independent(archive.anchoring))
    return findings


def _describe(report: VerifyReport, log: LogCheck, segments: int) -> None:
    report.entries, report.segments, report.since = log.view.size, segments, log.skipped
    report.anchored, report.lost = log.anchored, ranges.count(log.lost())
    if log.checkpoint is not None:
        report.origin, report.root = log.checkpoint.origin, log.checkpoint.root.hex()


def _run(
    archive: Archive, works: Sequence[Work], workers: Workers | None, *, deep: bool
) -> Iterator[Checked]:
    """Yield what came of each seal, in their order."""
    if workers is None or sum(one.size for one in archive.store.list(UNITS)) < _WORTH:
        check = SegmentCheck(archive, deep=deep)
        yield from map(check.run, works)
        return
    shares = [works[at : at + _SHARE] for at in range(0, len(works), _SHARE)]
    for found in workers.run(checked, [(deep, share) for share in shares]):
        yield from found


def checked(archive: Archive, share: tuple[bool, Sequence[Work]]) -> list[Checked]:
    """Return what comes of some seals: the share of one worker. ``share``: deep, and which."""
    check = SegmentCheck(archive, deep=share[0])
    return [check.run(work) for work in share[1]]
