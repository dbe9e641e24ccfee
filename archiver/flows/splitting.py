"""Splitting off what goes: of records, of exchanges in intake, of settlement maps.

Nothing is lost by it. Another process may be quicker, to split or to merge: then that counts.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import KeyStoreError, MissingObjectError, RefusedError
from archiver.flows.compact import LANE
from archiver.flows.copying import copied
from archiver.flows.intake_split import split_intake, split_map
from archiver.flows.rows import catalog
from archiver.flows.segments import open_file
from archiver.flows.submit import submit
from archiver.flows.superseded import SUPERSEDED
from archiver.flows.verified import settlement
from archiver.formats.parquet import canonical_time
from archiver.formats.settlement_map import parse_map
from archiver.ids import new_ulid
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.seal import COMPACT, INTAKE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.flows.archive import Archive
    from archiver.flows.occurrences import Occurrences
    from archiver.flows.segments import Sealable
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState, Segment
    from archiver.retention.order import Order

__all__ = ["Task", "of_intake", "of_map", "seal_split", "splits"]


class Task(NamedTuple):
    """An order under way, and where its records occur in a log of so many entries."""

    order: Order
    found: Occurrences
    size: int


def splits(
    archive: Archive, state: LedgerState, task: Task
) -> Iterator[tuple[Segment, Callable[[], tuple[Sealable, Sealable]]]]:
    """Yield each segment of which some has to go and some to stay, with what makes both parts.

    What nobody has verified yet is not split again: of each record there are two copies at most.
    """
    leaves, verified = task.order.leaves, settlement(archive, state).verified
    for one in catalog(archive, state):
        segment = one.segment
        rest = ranges.minus(segment.leaves, leaves)
        unverified = segment.supersedes and segment.seal not in verified
        if unverified or not rest or not ranges.overlap(segment.leaves, leaves):
            continue
        if not one.stream:
            raise KeyStoreError(
                "records to be destroyed stand in a segment whose key is not in this home",
                where=segment.place,
                mend="execute the order in a home that can read all of its streams",
            )
        kept = rest, ranges.minus(segment.leaves, rest)
        yield segment, partial(_split_records, archive, segment, one.stream, kept)
    for segment in state.segments():
        if segment.supersedes and segment.seal not in verified:
            continue
        goes, stays = of_intake(segment, task)
        if goes and stays:
            yield segment, partial(split_intake, archive, segment, goes)
        names, others = of_map(archive, segment, task)
        if names and others:
            yield segment, partial(split_map, archive, segment, names)


def _split_records(
    archive: Archive, segment: Segment, stream: str, kept: tuple[Ranges, Ranges]
) -> tuple[Sealable, Sealable]:
    stays, goes = (copied(archive, [segment], stream, leaves) for leaves in kept)
    return stays, goes


def of_intake(segment: Segment, task: Task) -> tuple[Ranges, Ranges]:
    """Return the exchanges of a segment that go, and those that stay; none of other than intake."""
    if segment.stage != INTAKE:
        return [], []
    stays = ranges.minus(segment.exchanges, task.found.exchanges.get(segment.lane, []))
    return ranges.minus(segment.exchanges, stays), stays


def of_map(archive: Archive, segment: Segment, task: Task) -> tuple[frozenset[str], frozenset[str]]:
    """Return the entries of a map that go, and those that stay; none of anything else."""
    names = task.found.maps.get(segment.place)
    if not names:
        return frozenset(), frozenset()
    return names, frozenset(parse_map(open_file(archive, segment, "map"))) - names


def seal_split(
    archive: Archive, old: Segment, split: Callable[[], tuple[Sealable, Sealable]]
) -> bool:
    """Split a segment; tell whether nobody else was quicker to split or to merge it."""
    try:
        parts = split()
    except MissingObjectError as error:
        if error.code != SUPERSEDED:
            raise
        return False
    seal = {
        "t": "seal",
        "stage": COMPACT,
        "account": old.account,
        "segments": [{**one.segment, "supersedes": [old.name]} for one in parts],
        "time": canonical_time(archive.clock.now()),
    }
    batch = Batch(new_ulid(archive.clock, archive.chance), (), (seal,))
    try:
        submit(archive, LANE, batch, {**parts[0].objects, **parts[1].objects})
    except RefusedError:  # its files are taken back; the next run looks at what there is then
        return False
    return True
