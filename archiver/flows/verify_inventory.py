"""Verifying the inventory: what is stored is what the ledger accounts for, and no more."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from archiver.errors import FormatError
from archiver.flows.verify_objects import fetch, judged
from archiver.layout import (
    ANCHORS,
    ARCHIVE_FILE,
    DAILY,
    ENTRY_BUNDLES,
    SETS,
    TILES,
    UNITS,
    bundle_key,
    set_key,
    tile_key,
    unit_object_key,
)
from archiver.ledger import ranges
from archiver.ledger.checks import DigestCheck
from archiver.ledger.finding import Finding
from archiver.ledger.rules import Rules
from archiver.ledger.seal import INTAKE, SETTLE
from archiver.ledger.sets import parse_set, set_files
from archiver.ledger.tiles import TILE_WIDTH, parse_bundle, parse_tile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.verify_log import LogCheck
    from archiver.ledger.state import LedgerState, Segment
    from archiver.ports import ObjectVersion

__all__ = [
    "exchanges",
    "inventory",
    "keys_of",
    "leaves",
    "segment_checks",
    "sets",
    "unlawful",
    "versions",
]

_LASTING = (ANCHORS, ARCHIVE_FILE, DAILY, SETS, TILES, UNITS)
"""Where keys begin whose objects are written once; partial tiles come and go."""
_NAMED = (ANCHORS, SETS, UNITS)
"""Where keys begin whose objects entries name."""


def _segment_keys(segment: Segment) -> list[str]:
    """Return the key of each file of a segment, in the order of its seal."""
    return [unit_object_key(segment.unit, segment.name, suffix) for suffix in segment.objects]


def segment_checks(segment: Segment) -> list[DigestCheck]:
    """Return the check of each file of a segment, in the order of its seal."""
    return [
        DigestCheck(key, digest)
        for key, digest in zip(_segment_keys(segment), segment.objects.values(), strict=True)
    ]


def keys_of(segments: Iterable[Segment]) -> set[str]:
    """Return the keys of all files of segments."""
    return {key for one in segments for key in _segment_keys(one)}


def sets(archive: Archive, log: LogCheck) -> Iterator[Finding]:
    """Hold the files of sets that entries name against their digests and their form.

    All are noted in ``log``; what it skipped is not read.
    """
    for index, body in log.state.controls:
        try:
            checks = [DigestCheck(set_key(one.name), one.sha256) for one in set_files(body)]
        except FormatError as error:
            yield Finding("log-entry", f"entry {index}", "a set of leaves", str(error))
            continue
        for check in checks:
            log.checks[check.key] = check
            log.keys.add(check.key)
            if index >= log.skipped:
                yield from _set(archive, check)


def _set(archive: Archive, check: DigestCheck) -> Iterator[Finding]:
    wrong = list(judged(archive.store, check))
    yield from wrong
    if not wrong:
        try:
            parse_set(fetch(archive.store, check.key) or b"")
        except FormatError as error:
            yield Finding("set-malformed", check.key, "a set of leaves", str(error))


def inventory(
    archive: Archive, log: LogCheck, known: set[str], needed: Iterable[Segment]
) -> Iterator[Finding]:
    """Name every stored object that is not among ``known`` keys, and every file not there.

    ``needed``: segments that must be there. Files that entries name are left out where
    entries are lost that may have named them.
    """
    whole = log.complete()
    stored = set[str]()
    for found in archive.store.list(""):
        stored.add(found.key)
        if found.key in known or _is_older_part(archive, log.keys, found.key):
            continue
        if whole or not found.key.startswith(_NAMED):
            yield Finding("object-unknown", found.key, "nothing", f"{found.size} bytes")
    if not known <= stored:
        yield from _gone(log, stored, needed)


def _gone(log: LogCheck, stored: Collection[str], needed: Iterable[Segment]) -> Iterator[Finding]:
    """Name the files of what was verified before, and so not read now, that are gone."""
    if log.skipped:
        checks = [*_older_parts(log.first), *_older_files(log, needed)]
        yield from (one.missing() for one in checks if one.key not in stored)


def _older_parts(first: int) -> Iterator[DigestCheck]:
    """Yield the full tiles and bundles that were not read: those of entries before ``first``."""
    for number in range(first // TILE_WIDTH):
        yield DigestCheck(bundle_key(number), "", gone="log-entries")
        yield DigestCheck(tile_key(0, number), "", gone="log-tile")


def _older_files(log: LogCheck, needed: Iterable[Segment]) -> Iterator[DigestCheck]:
    """Yield files of segments, and sets, that entries name which were verified before."""
    for segment in needed:
        if segment.seal < log.skipped:
            yield from segment_checks(segment)
    for index, body in log.state.controls:
        if index < log.skipped:
            with suppress(FormatError):  # named by `sets`
                yield from [DigestCheck(set_key(o.name), o.sha256) for o in set_files(body)]


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
    part, all_of_it = fetch(archive.store, key), fetch(archive.store, true)
    try:
        return part is not None and str(len(parse(part))) == width and _begins(all_of_it, part)
    except FormatError:
        return False


def _begins(whole: bytes | None, part: bytes) -> bool:
    return whole is not None and whole.startswith(part)


def versions(listed: Iterable[ObjectVersion], known: Collection[str]) -> Iterator[Finding]:
    """Name what a store keeps besides what it shows: older versions, delete markers.

    What is swapped or collected has them by nature; what is written once has none.
    """
    for one in listed:
        if one.key.startswith(_LASTING) and ".p/" not in one.key:
            found = "a delete marker" if one.marker else f"{one.size} bytes as {one.version}"
            if one.key in known:
                yield Finding("object-versions", one.key, "one version", found)
            else:
                yield Finding("object-hidden", one.key, "nothing", found)


def exchanges(state: LedgerState) -> Iterator[Finding]:
    """Name exchange numbers that never came, or came and were never settled."""
    for lane, stages in sorted(state.covered.items()):
        for first, end in ranges.gaps(stages[INTAKE], 1):
            yield Finding("exchange-missing", lane, f"numbers {first} to {end - 1}", "no intake")
        for first, end in ranges.minus(stages[INTAKE], stages[SETTLE]):
            yield Finding("exchange-unsettled", lane, f"numbers {first} to {end - 1}", "no records")


def unlawful(state: LedgerState) -> Iterator[Finding]:
    """Name the seals, and the batches, that no sequencer would have admitted where they stand."""
    rules = Rules()
    for index, body in state.controls:
        for why in rules.take(index, body):
            yield Finding("seal-unlawful", f"entry {index}", "what a sequencer admits", why)


def leaves(log: LogCheck, segments: Sequence[Segment]) -> Iterator[Finding]:
    """Hold the leaves that segments claim against the observations in the log."""
    observations, lost = log.observations(), log.lost()
    pairs = sorted((*pair, place) for place, one in enumerate(segments) for pair in one.leaves)
    claimed = ranges.union([pair[:2] for pair in pairs], [])
    twice, reached, last = set[int](), 0, 0
    for first, end, place in pairs:
        if first < reached:
            twice.add(max(place, last))
        reached, last = max((reached, last), (end, place))
    for place in sorted(twice):
        yield Finding("leaves-twice", segments[place].name, "leaves of one segment", "of two")
    if log.complete():
        for first, end in ranges.minus(observations, claimed):
            yield Finding("leaves-lost", f"leaves {first} to {end - 1}", "a segment", "none")
    for first, end in ranges.minus(ranges.minus(claimed, observations), lost):
        yield Finding("leaves-foreign", f"leaves {first} to {end - 1}", "observations", "none")
