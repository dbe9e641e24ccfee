"""Verify: everything stored, against the ledger; broken parts never stop the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.errors import FormatError, MissingObjectError
from archiver.flows.anchoring import independent
from archiver.flows.people import refused_acts
from archiver.flows.verify_anchors import AnchorCheck
from archiver.flows.verify_generations import check_generations
from archiver.flows.verify_log import LogCheck
from archiver.flows.verify_segments import SegmentCheck
from archiver.layout import ENTRY_BUNDLES, TILES, set_key, unit_object_key
from archiver.ledger import ranges
from archiver.ledger.finding import Finding
from archiver.ledger.seal import INTAKE, SETTLE
from archiver.ledger.sets import parse_set, set_files
from archiver.ledger.tiles import TILE_WIDTH, parse_bundle, parse_tile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment
    from archiver.ports import Progress

__all__ = ["VerifyReport", "verify"]


@dataclass(slots=True)
class VerifyReport:
    """What was checked, what was found, and what could not be checked here.

    ``anchored`` false: nothing outside the archive was compared, so an older state of
    all of it, or another one of the same key, would have passed.
    """

    deep: bool
    entries: int = 0
    segments: int = 0
    objects: int = 0
    records: int = 0
    rederived: int = 0
    unreadable: int = 0
    origin: str = ""
    root: str = ""
    anchored: bool = False
    cosigned: int = 0
    timestamps: int = 0
    unpinned: int = 0
    witnesses: int = 0
    independent: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify(
    archive: Archive, progress: Progress, *, deep: bool, policy: bytes | None = None
) -> VerifyReport:
    """Check ledger, inventory and stored files; ``deep``: also every record in them.

    ``policy``: whose cosignatures are wanted, in place of what home and settings say.

    Reads everything from the store itself, never from a cache, and writes nothing.
    """
    report = VerifyReport(deep=deep)
    log = LogCheck(archive)
    report.findings += log.run()
    report.entries = len(log.entries)
    report.anchored = log.anchored
    if log.checkpoint is not None:
        report.origin, report.root = log.checkpoint.origin, log.checkpoint.root.hex()
    segments = list(log.state.segments())
    check = SegmentCheck(archive, log.entries, segments)
    for number, segment in enumerate(segments):
        progress.step(number, len(segments), "segments")
        report.findings += check.run(segment, deep=deep)
    progress.step(len(segments), len(segments), "segments")
    report.findings += check_generations(archive, log.state, segments, check.newer)
    report.findings += _sets(archive, log)
    report.findings += _anchors(archive, log, report, policy)
    report.findings += _inventory(archive, log, segments)
    report.findings += _exchanges(log.state)
    report.findings += refused_acts(archive, log.state)
    report.findings += _leaves(log.state, segments)
    report.segments, report.objects = len(segments), check.objects
    report.records, report.rederived = check.records, check.rederived
    report.unreadable = check.unreadable
    return report


def _anchors(
    archive: Archive, log: LogCheck, report: VerifyReport, policy: bytes | None
) -> list[Finding]:
    check = AnchorCheck(archive, log, policy)
    findings = list(check.run())
    report.cosigned, report.witnesses = check.cosigned, check.witnesses
    report.timestamps, report.unpinned = check.timestamps, check.unpinned
    report.independent = len(independent(archive.anchoring))
    return findings


def _sets(archive: Archive, log: LogCheck) -> Iterator[Finding]:
    """Hold the files of sets that entries name against their digests and their form."""
    for index, body in log.state.controls:
        try:
            named = list(set_files(body))
        except FormatError as error:
            yield Finding("log-entry", f"entry {index}", "a set of leaves", str(error))
            continue
        for one in named:
            key = set_key(one.name)
            log.keys.add(key)
            try:
                stored = archive.store.get(key)
                found = sha256(stored).hexdigest()
                if found != one.sha256:
                    yield Finding("object-changed", key, one.sha256, found)
                    continue
                parse_set(stored)
            except MissingObjectError:
                yield Finding("object-missing", key, one.sha256, "nothing")
            except FormatError as error:
                yield Finding("set-malformed", key, "a set of leaves", str(error))


def _inventory(archive: Archive, log: LogCheck, segments: list[Segment]) -> Iterator[Finding]:
    """Name every stored object that the ledger does not account for."""
    known = log.keys | {
        unit_object_key(segment.unit, segment.name, suffix)
        for segment in segments
        for suffix in segment.objects
    }
    for found in archive.store.list(""):
        if found.key not in known and not _is_older_part(archive, log.keys, found.key):
            yield Finding("object-unknown", found.key, "nothing", f"{found.size} bytes")


def _is_older_part(archive: Archive, known: Collection[str], key: str) -> bool:
    """Tell whether an object is a partial tile or bundle of an older head, and a true one.

    A sequencer that was overtaken may write one again after it was collected.
    """
    whole, mark, width = key.partition(".p/")
    if not mark or not key.startswith(TILES):
        return False
    wider = (whole, *(f"{whole}{mark}{number}" for number in range(TILE_WIDTH)))
    true = next((one for one in wider if one in known), None)
    if true is None:
        return False
    parse = parse_bundle if key.startswith(ENTRY_BUNDLES) else parse_tile
    try:
        part = archive.store.get(key)
        return str(len(parse(part))) == width and archive.store.get(true).startswith(part)
    except (FormatError, MissingObjectError):
        return False


def _exchanges(state: LedgerState) -> Iterator[Finding]:
    """Name exchange numbers that never came, or came and were never settled."""
    for lane, stages in sorted(state.covered.items()):
        for first, end in ranges.gaps(stages[INTAKE], 1):
            yield Finding("exchange-missing", lane, f"numbers {first} to {end - 1}", "no intake")
        for first, end in ranges.minus(stages[INTAKE], stages[SETTLE]):
            yield Finding("exchange-unsettled", lane, f"numbers {first} to {end - 1}", "no records")


def _leaves(state: LedgerState, segments: list[Segment]) -> Iterator[Finding]:
    """Hold the leaves that segments claim against the observations in the log."""
    observations = ranges.minus(
        [[0, state.size]] if state.size else [], [[i, i + 1] for i, _ in state.controls]
    )
    claimed: ranges.Ranges = []
    for segment in segments:
        if ranges.overlap(claimed, segment.leaves):
            yield Finding("leaves-twice", segment.name, "leaves of one segment", "of two")
        claimed = ranges.union(claimed, segment.leaves)
    for first, end in ranges.minus(observations, claimed):
        yield Finding("leaves-lost", f"leaves {first} to {end - 1}", "a segment", "none")
    for first, end in ranges.minus(claimed, observations):
        yield Finding("leaves-foreign", f"leaves {first} to {end - 1}", "observations", "none")
