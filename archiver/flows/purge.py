"""Purge: what an order that has begun has to do, as far as it can be done now.

What goes is split off, what was split is removed once a verifier has signed, then whole segments
are taken out, a few at a time, and their files erased. Every step is in the ledger before the
next: killed anywhere, the next run goes on, and two that run at once come to the same end. A hold
that is in the ledger first saves whatever is not taken out yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import KeyStoreError, RefusedError
from archiver.flows.compact import LANE, Compacted, compacting, remove, seal_controls
from archiver.flows.copying import copied
from archiver.flows.custody import custody_of, decided
from archiver.flows.deciding import told
from archiver.flows.erasing import erase_files, erased, note_around
from archiver.flows.intake_split import split_intake, split_map
from archiver.flows.ledger import read_state
from archiver.flows.occurrences import occurrences
from archiver.flows.orders import find, records_of
from archiver.flows.rows import catalog
from archiver.flows.segments import open_file
from archiver.flows.submit import submit
from archiver.flows.verified import settlement
from archiver.formats.parquet import canonical_time
from archiver.formats.settlement_map import parse_map
from archiver.ids import new_ulid
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.seal import COMPACT, DESTROY, INTAKE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.flows.erasing import Erased
    from archiver.flows.occurrences import Occurrences
    from archiver.flows.segments import Sealable
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState, Segment
    from archiver.ports import Progress
    from archiver.retention.order import Order

__all__ = ["Purged", "purge"]

AT_ONCE = 16
"""Segments that one seal takes out: as many as a hold that comes meanwhile can't save."""


@dataclass(slots=True)
class Purged:
    """How far an order came in a run.

    ``split`` segments were cut in two, ``destroyed`` ones taken out. ``waiting``: segments whose
    parts a verifier has to read and sign before anything goes. ``locked``: files that the store
    keeps yet. ``halted``: why it went no further, "" where nothing came between. ``erased``: what
    is gone of each copy; None where nothing was taken out.
    """

    split: int = 0
    waiting: int = 0
    destroyed: int = 0
    locked: int = 0
    halted: str = ""
    erased: Erased | None = None


class _Task(NamedTuple):
    """An order under way, and where its records occur."""

    order: Order
    found: Occurrences


def purge(archive: Archive, name: str, progress: Progress) -> Purged:
    """Do what an order has to do, as far as it can be done now.

    Raises `UsageError` for no such order, `RefusedError` where it has not begun
    (``order-not-begun``), where its document or a segment can't be read here
    (``order-unreadable``), or where something has to be decided first (``order-blocked``).
    """
    done = Purged()
    with compacting(archive):
        state = read_state(archive)
        order = find(custody_of(archive, state).orders, name)
        if order.begun is None:
            raise RefusedError(
                "the order has not begun",
                where=name,
                code="order-not-begun",
                mend="archiver disposition execute ORDER --sign FILE, of somebody who purges",
            )
        if order.running and order.saved:
            task = _Task(order, _found(archive, state, order, progress))
            for split, parts in _splits(archive, state, task):
                progress.step(done.split, done.split + 1, "segments to split")
                _seal_split(archive, split, parts)
                done.split += 1
            _remove(archive, task, done, progress)
            if not done.waiting + done.locked:
                _take_out(archive, task, done, progress)
        if find(custody_of(archive, read_state(archive)).orders, name).going:
            done.erased = erased(archive, name, progress)
    return done


def _found(archive: Archive, state: LedgerState, order: Order, progress: Progress) -> Occurrences:
    """Return where an order's records occur beside their leaves."""
    records = records_of(order, decided(archive, state), told(archive, state))
    found = occurrences(archive, state, records, progress)
    if found.blocked:
        raise RefusedError(
            "; ".join(_in_the_way(found)),
            where=order.handle,
            code="order-blocked",
            mend="nothing was destroyed for it. docs/disposition.md says what to do of each",
        )
    note_around(archive, order.handle, found)
    return found


def _in_the_way(found: Occurrences) -> Iterator[str]:
    """Yield in words what is in the way of destroying records."""
    for what, numbers in (
        ("also show records on hold", found.held),
        ("can't be cut, so nobody can tell what they show", found.unreadable),
        ("are not settled", found.unsettled),
    ):
        count = sum(map(ranges.count, numbers.values()))
        if count:
            yield f"{count} exchanges {what}"
    if found.residue:
        yield f"{len(found.residue)} parts of answers that no parser claims came with it"
    if found.unread:
        yield f"the keys of {len(found.unread)} segments are not in this home"


def _splits(
    archive: Archive, state: LedgerState, task: _Task
) -> Iterator[tuple[Segment, tuple[Sealable, Sealable]]]:
    """Yield each segment of which some has to go and some to stay, with both parts.

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
        going = ranges.minus(segment.leaves, rest)
        made = [copied(archive, [segment], one.stream, kept) for kept in (rest, going)]
        yield segment, (made[0], made[1])
    for segment in state.segments():
        if segment.supersedes and segment.seal not in verified:
            continue
        goes, stays = _of_intake(segment, task)
        if goes and stays:
            yield segment, split_intake(archive, segment, goes)
        names, others = _of_map(archive, segment, task)
        if names and others:
            yield segment, split_map(archive, segment, names)


def _of_intake(segment: Segment, task: _Task) -> tuple[Ranges, Ranges]:
    """Return the exchanges of an intake segment that go, and those that stay."""
    if segment.stage != INTAKE:
        return [], []
    stays = ranges.minus(segment.exchanges, task.found.exchanges.get(segment.lane, []))
    return ranges.minus(segment.exchanges, stays), stays


def _of_map(
    archive: Archive, segment: Segment, task: _Task
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the entries of a map that go, and those that stay; none of anything else."""
    names = task.found.maps.get(segment.place)
    if not names:
        return frozenset(), frozenset()
    return names, frozenset(parse_map(open_file(archive, segment, "map"))) - names


def _seal_split(archive: Archive, old: Segment, parts: tuple[Sealable, Sealable]) -> None:
    seal = {
        "t": "seal",
        "stage": COMPACT,
        "account": old.account,
        "segments": [{**one.segment, "supersedes": [old.name]} for one in parts],
        "time": canonical_time(archive.clock.now()),
    }
    batch = Batch(new_ulid(archive.clock, archive.chance), (), (seal,))
    submit(archive, LANE, batch, {**parts[0].objects, **parts[1].objects})


def _remove(archive: Archive, task: _Task, done: Purged, progress: Progress) -> None:
    """Remove what was superseded and verified; count what is left of the order's in old files."""
    state = read_state(archive)
    cleared = Compacted()
    remove(archive, state, cleared, progress)
    state = read_state(archive)
    left = [one for one, seal in state.retired() if not state.is_removed(seal)]
    own = [one for one in left if _is_of(one, task)]
    needed = {one.place for one in settlement(archive, state).needed}
    done.waiting = sum(one.place in needed for one in own)
    done.locked = len(own) - done.waiting


def _is_of(segment: Segment, task: _Task) -> bool:
    """Tell whether a segment has something that goes, or may have."""
    if segment.stage == INTAKE:
        return ranges.overlap(segment.exchanges, task.found.exchanges.get(segment.lane, []))
    is_map = any(suffix.startswith("map") for suffix in segment.objects)
    return is_map or ranges.overlap(segment.leaves, task.order.leaves)


def _take_out(archive: Archive, task: _Task, done: Purged, progress: Progress) -> None:
    """Take whole segments out, a few at a time: intake first, which the records lead to."""
    state = read_state(archive)
    going = [one for one in state.segments() if _is_whole(archive, one, task)]
    going.sort(key=lambda one: (one.account, one.has_records))
    for number, some in enumerate(_chunks(going)):
        progress.step(number, len(going), "segments to destroy")
        body = {
            "t": "seal",
            "stage": DESTROY,
            "account": some[0].account,
            "order": task.order.handle,
            "segments": [],
            "destroys": sorted(one.place for one in some),
        }
        try:
            seal_controls(archive, [body])
        except RefusedError as error:
            done.halted = error.message
            return
        erase_files(archive, some)
        done.destroyed += len(some)


def _is_whole(archive: Archive, segment: Segment, task: _Task) -> bool:
    """Tell whether all of a live segment goes."""
    goes, stays = _of_intake(segment, task)
    names, others = _of_map(archive, segment, task)
    own = ranges.minus(segment.leaves, task.order.leaves)
    records = bool(segment.leaves) and not own
    return records or bool(goes and not stays) or bool(names and not others)


def _chunks(segments: list[Segment]) -> Iterator[list[Segment]]:
    """Yield segments of one account at a time, `AT_ONCE` at most."""
    some: list[Segment] = []
    for one in segments:
        if some and (len(some) == AT_ONCE or one.account != some[0].account):
            yield some
            some = []
        some.append(one)
    if some:
        yield some
