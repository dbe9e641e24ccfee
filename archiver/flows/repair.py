"""Repair: everything is read in all places, and what is wrong in one comes from another.

An object is right if it is what the ledger says; which place it is in does not matter. So a
damaged archive is mended from any copy, and a damaged copy from the archive or another one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, IntegrityError, StoreError
from archiver.flows.copies import tell
from archiver.flows.holdings import holdings
from archiver.flows.identity import encode, signed
from archiver.flows.ledger import TRUST, trusted_checkpoint
from archiver.flows.replicate import (
    Replicated,
    brought_up,
    place,
    raise_head,
    require_older,
)
from archiver.flows.verify_head import dailies
from archiver.flows.verify_objects import judged
from archiver.layout import ARCHIVE_FILE, CHECKPOINT
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.checks import CheckpointCheck
from archiver.ledger.deciding import HERE
from archiver.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.flows.holdings import Holdings
    from archiver.flows.replicate import Copy
    from archiver.ledger.checkpoint import Checkpoint
    from archiver.ledger.checks import Check
    from archiver.ports import Progress, Store

__all__ = ["repair"]


def repair(archive: Archive, copies: Sequence[Copy], progress: Progress) -> list[Replicated]:
    """Read all places and put right what is wrong; return what was done, the archive first.

    Raises `IntegrityError` where no place's log tells what there has to be.
    """
    with archive.home.alone("replicate"):
        _restore_checkpoint(archive)
        held = _with_days(_told(archive, copies), archive, copies)
        places = {HERE: archive.store, **{one.name: one.store for one in copies}}
        own = Replicated(HERE, archive.store.describe())
        own.before = own.size = held.checkpoint.size
        _require_no_fork(archive, held)
        _put_right(places, held.checks, own, progress)
        if own.whole:  # what was put back as it had been goes on to where a copy leads
            raise_head(archive.store, held, archive.identity.keys)
        tell(archive, copies)
        return [own, *(_mended(archive, held, places, one, progress) for one in copies)]


def _leads_on(held: Holdings, seen: Checkpoint) -> bool:
    """Tell whether a log goes on from the newest head that this home has seen."""
    grown = held.checkpoint.size >= seen.size
    return grown and Frontier.at(seen.size, held.read).root() == seen.root


def _require_no_fork(archive: Archive, held: Holdings) -> None:
    """Raise `IntegrityError` where the archive's own signed head does not lead to this log.

    Nothing may be put over a second history: it is evidence.
    """
    stored, found = archive.store.load(CHECKPOINT), None
    with suppress(ArchiverError):  # without any head that is signed there is no history to lose
        found = open_checkpoint(stored.data if stored else b"", archive.identity.keys)
    if found is not None and found.size <= held.checkpoint.size:
        require_older(held, found, archive.store)


def _mended(
    archive: Archive, held: Holdings, places: Mapping[str, Store], copy: Copy, progress: Progress
) -> Replicated:
    """Put right what a copy has, then bring it up."""
    found = Replicated(copy.name, copy.place)
    try:
        if not _is_ours(archive, copy.store, found):
            return brought_up(archive, held, copy, progress)
        there = {one.key for one in copy.store.list("")}
        _put_right(places, [one for one in held.checks if one.key in there], found, progress)
    except ArchiverError as error:
        found.error = error
        return found
    done = brought_up(archive, held, copy, progress)
    done.findings = [*found.findings, *done.findings]
    done.mended = [*found.mended, *done.mended]
    done.copied, done.locked = done.copied + found.copied, done.locked + found.locked
    return done


def _is_ours(archive: Archive, store: Store, found: Replicated) -> bool:
    """Tell whether a copy of the archive is in a place, by one of the two that say so.

    A checkpoint that nobody signed is removed there: it is raised anew.
    """
    if signed(store, archive.identity):
        return True
    stored = store.load(ARCHIVE_FILE)
    if stored is None or stored.data != encode(archive.identity):
        return False
    check = CheckpointCheck(archive.identity.origin, archive.identity.keys)
    found.mended += judged(store, check)
    store.delete(CHECKPOINT)
    return True


def _restore_checkpoint(archive: Archive) -> None:
    """Put back the signed head, where it is gone or unsigned, as this home last saw it."""
    stored, seen = archive.store.load(CHECKPOINT), archive.home.read(TRUST)
    if seen is None:
        return
    with suppress(ArchiverError):
        open_checkpoint(stored.data if stored else b"", archive.identity.keys)
        return
    archive.store.swap(CHECKPOINT, seen, stored.version if stored else None)


def _told(archive: Archive, copies: Iterable[Copy]) -> Holdings:
    """Return what there has to be, by the first log that leads to the newest head seen."""
    seen = trusted_checkpoint(archive)
    for store in (archive.store, *(one.store for one in copies)):
        with suppress(ArchiverError):
            held = holdings(replace(archive, store=store))
            if seen is None or _leads_on(held, seen):
                return held
    raise IntegrityError(
        "neither the archive nor a copy has a log that leads to the newest head this home has seen",
        where=archive.store.describe(),
        code="log-unreadable",
        mend="run `archiver verify`, and look for a copy that is not configured here",
    )


def _with_days(held: Holdings, archive: Archive, copies: Iterable[Copy]) -> Holdings:
    """Add the daily checkpoints that copies alone have: a listing tells which there are."""
    known: set[str] = {check.key for check in held.checks}
    more: list[Check] = []
    check = CheckpointCheck(archive.identity.origin, archive.identity.keys)
    for copy in copies:
        with suppress(ArchiverError):  # told when it is brought up
            found = dailies(copy.archive, check, held.read, 0, {})
            more += (day for day in found if day.key not in known and _is_right(copy.store, day))
            known.update(day.key for day in more)
    return replace(held, checks=[*held.checks, *more])


def _put_right(
    places: Mapping[str, Store], checks: Sequence[Check], done: Replicated, progress: Progress
) -> None:
    """Replace each object of the place ``done`` is about that is wrong by a right one.

    What is wrong stays until a right one was found elsewhere.
    """
    store = places[done.name]
    for number, check in enumerate(checks):
        progress.step(number, len(checks), done.name)
        wrong = list(judged(store, check))
        if not wrong:
            continue
        others = (one for name, one in places.items() if name != done.name)
        source = next((one for one in others if _is_right(one, check)), None)
        if source is not None:
            done.locked += bool(store.erase(check.key))
            left = place(source, store, check, done)
            done.mended += [] if left else wrong
            wrong = left
        done.findings += ((done.name, one) for one in wrong)
    progress.step(len(checks), len(checks), done.name)


def _is_right(store: Store, check: Check) -> bool:
    try:
        return not list(judged(store, check))
    except StoreError:  # a place that can't be reached is of no use
        return False
