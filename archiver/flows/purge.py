"""Purge: what an order that has begun has to do, as far as it can be done now.

What goes is split off, what was split is removed once a verifier has signed, then whole segments
are taken out, a few at a time, and their files erased. Every step is in the ledger before the
next: killed anywhere, the next run goes on, and two that run at once come to the same end. A hold
that is in the ledger first saves whatever is not taken out yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import RefusedError
from archiver.flows.compact import Compacted, compacting, remove, seal_controls
from archiver.flows.custody import custody_of, decided
from archiver.flows.deciding import told
from archiver.flows.erasing import ended_by, erase_files, erased, note_around
from archiver.flows.ledger import read_state
from archiver.flows.occurrences import occurrences
from archiver.flows.orders import document_of, find, records_of
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.residue import CAPTURE_FIRST, chosen_of
from archiver.flows.splitting import Task, of_intake, of_map, seal_split, splits
from archiver.flows.unsealed import clear_unsealed
from archiver.flows.verified import settlement
from archiver.ledger import ranges
from archiver.ledger.seal import DESTROY, INTAKE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.erasing import Erased
    from archiver.flows.occurrences import Occurrences
    from archiver.flows.unsealed import Unsealed
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
    keeps yet. ``overtaken``: splits and seals that came too late, as another process was quicker
    or somebody holds more now. ``newer``: versions of its records that were captured since it was
    evaluated, and stay. ``halted``: why it went no further, "" where nothing came between.
    ``erased``: what is gone of each copy, and ``unsealed``: files that no seal names; None where
    nothing was taken out.
    """

    split: int = 0
    waiting: int = 0
    destroyed: int = 0
    locked: int = 0
    overtaken: int = 0
    newer: int = 0
    halted: str = ""
    erased: Erased | None = None
    unsealed: Unsealed | None = None


def purge(archive: Archive, name: str, progress: Progress) -> Purged:
    """Do what an order has to do, as far as it can be done now.

    Raises `UsageError` for no such order, `RefusedError` where it has not begun
    (``order-not-begun``) or was halted before (``order-halted``), where its document or a
    segment can't be read here (``order-unreadable``), or where something has to be decided
    first (``order-blocked``).
    """
    done, blocked = Purged(), None
    with compacting(archive):
        try:
            while _passed(archive, name, done, progress):
                pass  # looked once more, on a log without what went: was any of it seen meanwhile?
        except RefusedError as error:
            blocked = error
        state = read_state(archive)
        custody = custody_of(archive, state)
        if ended_by(state, custody, name):
            records = _records(archive, state, custody.orders[name])
            done.unsealed = clear_unsealed(archive, state, records)
            done.erased = erased(archive, name, progress)
    if blocked:
        raise blocked
    return done


def _passed(archive: Archive, name: str, done: Purged, progress: Progress) -> bool:
    """Do what can be done of an order by one look at the archive; tell whether anything went."""
    state, before = read_state(archive), done.destroyed
    order = find(custody_of(archive, state).orders, name)
    if order.begun is None and order.halted is not None:
        raise RefusedError(
            "the order was halted before it began",
            where=name,
            code="order-halted",
            mend="what it was about has to be proposed anew",
        )
    if order.begun is None:
        raise RefusedError(
            "the order has not begun",
            where=name,
            code="order-not-begun",
            mend="archiver disposition execute ORDER --sign FILE, of somebody who purges",
        )
    if not order.running:
        return False
    done.newer = _newer(archive, state, order)
    task = Task(order, _found(archive, state, order, progress), state.size)
    for segment, split in splits(archive, state, task):
        progress.step(done.split, done.split + 1, "segments to split")
        sealed = seal_split(archive, segment, split)
        done.split, done.overtaken = done.split + sealed, done.overtaken + (not sealed)
    state = _remove(archive, task, done, progress)
    if not done.waiting + done.locked:
        _take_out(archive, state, task, done, progress)
    return done.destroyed > before and not done.halted


def _found(archive: Archive, state: LedgerState, order: Order, progress: Progress) -> Occurrences:
    """Return where an order's records occur beside their leaves."""
    chosen = chosen_of(document_of(told(archive, state), order))
    records = _records(archive, state, order)
    found = occurrences(archive, state, records, progress, chosen.intersection(records))
    if found.blocked:
        raise RefusedError(
            "; ".join(_in_the_way(found)),
            where=order.handle,
            code="order-blocked",
            mend="nothing more goes until then: docs/disposition.md says what to do of each",
        )
    note_around(archive, order.handle, found, len(chosen))
    return found


def _records(archive: Archive, state: LedgerState, order: Order) -> Sequence[str]:
    """Return the records that an order is still about, by id."""
    return records_of(order, decided(archive, state), told(archive, state))


def _newer(archive: Archive, state: LedgerState, order: Order) -> int:
    """Return how many live versions of an order's records are not of it."""
    own = leaves_of_records(archive, state, _records(archive, state, order))
    every = ranges.from_numbers(leaf for leaves in own.values() for leaf in leaves)
    return ranges.count(ranges.minus(every, order.leaves))


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
        yield (
            f"{len(found.residue)} parts of answers that no parser claims came with it: "
            "propose it anew with them, or wait for a parser that claims them"
        )
    for some, what in (
        (found.claimed, "hold what is in records by now: propose it anew"),
        (found.unrecorded, f"show what stays, and no record says the same: {CAPTURE_FIRST}"),
    ):
        if some:
            yield f"{len(some)} parts of answers {what}"
    if found.unread:
        yield f"the keys of {len(found.unread)} segments are not in this home"


def _remove(archive: Archive, task: Task, done: Purged, progress: Progress) -> LedgerState:
    """Remove what was superseded and verified; count what is left of the order's in old files.

    Returns the log in which it was counted.
    """
    state = read_state(archive)
    cleared = Compacted()
    remove(archive, state, cleared, progress)
    state = read_state(archive)
    left = [one for one, seal in state.retired() if not state.is_removed(seal)]
    own = [one for one in left if _is_of(one, task)]
    needed = {one.place for one in settlement(archive, state).needed}
    done.waiting = sum(one.place in needed for one in own)
    done.locked = len(own) - done.waiting
    return state


def _is_of(segment: Segment, task: Task) -> bool:
    """Tell whether a segment has something that goes, or may have."""
    if segment.stage == INTAKE:
        return ranges.overlap(segment.exchanges, task.found.exchanges.get(segment.lane, []))
    is_map = any(suffix.startswith("map") for suffix in segment.objects)
    return is_map or ranges.overlap(segment.leaves, task.order.leaves)


def _take_out(
    archive: Archive, state: LedgerState, task: Task, done: Purged, progress: Progress
) -> None:
    """Take whole segments out, a few at a time: intake first, which the records lead to.

    ``state``: a log in which nothing of the order's waits for a verifier.
    """
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
            "size": task.size,
        }
        try:
            seal_controls(archive, [body])
        except RefusedError as error:
            if not custody_of(archive, read_state(archive)).orders[task.order.handle].running:
                done.halted = error.message
                return
            done.overtaken += 1
            continue
        erase_files(archive, some)
        done.destroyed += len(some)


def _is_whole(archive: Archive, segment: Segment, task: Task) -> bool:
    """Tell whether all of a live segment goes."""
    goes, stays = of_intake(segment, task)
    names, others = of_map(archive, segment, task)
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
