"""Compact: small segments are made one, and what was superseded and verified is removed.

Each merge is a batch of its own: killed anywhere, the next run finishes or takes back that
one, and no answer has changed, as readers follow the ledger. Two may compact at once: the
ledger admits one of them, and the other takes its files back.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archiver.errors import MissingObjectError, RefusedError
from archiver.flows.copying import copied
from archiver.flows.custody import custody_of
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, note_streams
from archiver.flows.search_beside import index_beside
from archiver.flows.submit import recover, submit
from archiver.flows.superseded import SUPERSEDED
from archiver.flows.verified import settlement
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid
from archiver.layout import UNITS, unit_object_key
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.compaction import COMPACT
from archiver.ledger.merging import Candidate, Merge, closed, plan
from archiver.retention.order import under_way

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress

__all__ = ["LANE", "Compacted", "compact", "compacting", "planned", "remove", "seal_controls"]

LANE = COMPACT
"""Under which name a home keeps the journals of its compactions: no account has it."""


@dataclass(slots=True)
class Compacted:
    """What a run did, in numbers.

    ``merged`` small segments became ``made``, with ``records`` in ``bytes`` stored.
    ``overtaken``: merges that another process was quicker with. ``waiting``: superseded
    segments whose successor nobody has verified. ``removed`` files are gone, ``locked`` ones
    the store keeps yet. ``unreadable``: segments left as they are, for want of their keys.
    ``unindexed``: why the words of what was made could not be indexed; the next search does it.
    """

    merged: int = 0
    made: int = 0
    records: int = 0
    bytes: int = 0
    overtaken: int = 0
    waiting: int = 0
    removed: int = 0
    locked: int = 0
    unreadable: int = 0
    unindexed: str = ""


def planned(archive: Archive, state: LedgerState) -> tuple[list[Merge], int]:
    """Return what is to be merged, and how many segments can't be for want of their keys.

    Left out are runs that may go on, what was merged and not yet verified, so that of each
    record there are two copies at most, and what an order to destroy is under way for.
    """
    sizes = {one.key: one.size for one in archive.store.list(UNITS)}
    over = closed(state.controls)
    verified = settlement(archive, state).verified
    going = under_way(custody_of(archive, state).orders.values())
    found, unreadable = list[Candidate](), 0
    for one in catalog(archive, state):
        its = one.segment
        running = bool(its.lane) and its.seal > over.get(its.account, -1)
        waits = running or (its.supersedes and its.seal not in verified)
        if waits or ranges.overlap(its.leaves, going):
            continue
        unreadable += not one.stream
        if one.stream:
            stored = {s: sizes.get(unit_object_key(its.unit, its.name, s), 0) for s in its.objects}
            rows = sum(size for suffix, size in stored.items() if suffix.startswith("parquet"))
            found.append(Candidate(its, one.stream, sum(stored.values()), rows))
    return plan(found), unreadable


@contextmanager
def compacting(archive: Archive) -> Iterator[None]:
    """Be the only process of this home that compacts; finish what a crash left."""
    with archive.home.alone(LANE):
        recover(archive, LANE)
        yield


def compact(archive: Archive, progress: Progress) -> Compacted:
    """Merge what is small, and remove what is superseded and verified.

    Raises `IntegrityError`, `MissingObjectError` where a file is not the one that was sealed.
    """
    made = Compacted()
    with compacting(archive):
        state = read_state(archive)
        merges, made.unreadable = planned(archive, state)
        for number, merge in enumerate(merges):
            progress.step(number, len(merges), "segments")
            _merge(archive, merge, made)
        progress.step(len(merges), len(merges), "segments")
        remove(archive, read_state(archive), made, progress)
    made.unindexed = index_beside(archive, state.size)
    return made


def _merge(archive: Archive, merge: Merge, made: Compacted) -> None:
    """Seal one segment in the place of several."""
    try:
        sealable = copied(archive, merge.segments, merge.stream)
    except MissingObjectError as error:
        if error.code != SUPERSEDED:
            raise
        made.overtaken += 1
        return
    names = sorted(one.name for one in merge.segments)
    seal = {
        "t": "seal",
        "stage": COMPACT,
        "account": merge.segments[0].account,
        "segments": [{**sealable.segment, "supersedes": names}],
        "time": canonical_time(archive.clock.now()),
    }
    batch = Batch(new_ulid(archive.clock, archive.chance), (), (seal,))
    try:
        submit(archive, LANE, batch, sealable.objects)
    except RefusedError:  # its files are taken back; the next run plans anew
        made.overtaken += 1
        return
    note_streams(archive, {sealable.segment["segment"]: merge.stream})
    made.merged += len(merge.segments)
    made.made += 1
    made.records += ranges.count(sealable.segment["leaves"])
    made.bytes += sum(map(len, sealable.objects.values()))


def remove(archive: Archive, state: LedgerState, made: Compacted, progress: Progress) -> None:
    """Remove what may go, then say in the ledger of which seals all of it is gone.

    The store is asked again afterwards: what it only seemed to remove is for the next run, as
    what a lock keeps. The keys of files go after all their versions. The caller is `compacting`.
    """
    settled = settlement(archive, state)
    made.waiting = len(settled.needed)
    keys: dict[int, list[str]] = {}
    for segment, seal in settled.released:
        if not state.is_removed(seal):
            own = [unit_object_key(segment.unit, segment.name, one) for one in segment.objects]
            keys.setdefault(seal, []).extend(own)
    if not keys:
        return
    locked: set[str] = set()
    for number, names in enumerate(keys.values()):
        progress.step(number, len(keys), "superseded")
        locked.update(name for name in names if archive.store.erase(name))
    left = locked | {one.key for one in archive.store.list(UNITS)}
    gone = [seal for seal, names in keys.items() if left.isdisjoint(names)]
    for name in (name for names in keys.values() for name in names if name not in left):
        archive.keys.shred(name)
        made.removed += 1
    made.locked = len(locked)
    if gone:
        body = {"t": "done-part", "work": COMPACT, "seals": ranges.from_numbers(gone)}
        seal_controls(archive, [body])


def seal_controls(archive: Archive, bodies: Iterable[Mapping[str, Any]]) -> None:
    """Seal entries about compaction, as the one process of this home that compacts."""
    now = canonical_time(archive.clock.now())
    controls = tuple({**body, "time": now} for body in bodies)
    submit(archive, LANE, Batch(new_ulid(archive.clock, archive.chance), (), controls), {})
