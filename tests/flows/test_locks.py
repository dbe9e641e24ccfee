"""Locks that roll: everything lasting is locked, what fails is named, nothing else is locked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.edges.home import LocalHome
from archiver.edges.memory import Fault, MemoryStore
from archiver.errors import StoreError, UsageError
from archiver.flows import hold_acts
from archiver.flows.doctor import examine
from archiver.flows.holds import Scope
from archiver.flows.ledger import read_state
from archiver.flows.locks import DAYS, FOR_GOOD, roll
from archiver.flows.record_leaves import leaves_of_records
from archiver.flows.verify_inventory import keys_of
from archiver.layout import DAILY, HEAD, PENDING, STAGING, TILES
from archiver.ledger import ranges
from archiver.ledger.state import INTAKE
from tests.doubles import FixedClock
from tests.flows.hall import Hall, comment
from tests.flows.helpers import Quiet, open_archive
from tests.flows.test_compact import filled
from tests.flows.test_holds import hold, sealed
from tests.flows.test_replicate import copied, run

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

QUIET = Quiet()


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """The store of an archive that is to lock, with two public and two private segments."""
    made = filled(tmp_path / "home", 2)
    made.until = {}
    return made


@pytest.fixture
def archive(store: MemoryStore, tmp_path: Path) -> Archive:
    """The same in a process of its home."""
    return open_archive(store, tmp_path / "home", "again")


def locks(store: MemoryStore) -> dict[str, datetime]:
    """Return the ends of all locks."""
    assert store.until is not None
    return store.until


def test_all_that_lasts_is_locked_and_nothing_else(archive: Archive, store: MemoryStore) -> None:
    """Content for 90 days, the log's days for good, what is swapped or collected not at all."""
    (done,) = roll(archive, QUIET)
    until = archive.clock.now() + timedelta(days=DAYS)
    ends = locks(store)
    assert done.whole
    assert (done.objects, done.end) == (len(ends), until)
    fleeting = {one.key for one in store.list("") if one.key not in ends}
    assert all(
        one.startswith((HEAD, STAGING, PENDING, "log/checkpoint")) or ".p/" in one
        for one in fleeting
    )
    for key, end in ends.items():
        assert end == (FOR_GOOD if key.startswith((TILES, DAILY)) else until)
    assert any(key.startswith(DAILY) for key in ends)


def test_each_day_moves_them_on(archive: Archive, store: MemoryStore) -> None:
    """A later run ends later, and doctor says when the last one was."""
    roll(archive, QUIET)
    first = dict(locks(store))
    later = FixedClock(archive.clock.now() + timedelta(days=2))
    (done,) = roll(replace(archive, clock=later), QUIET)
    assert done.end == later.now() + timedelta(days=DAYS)
    assert all(end >= first[key] for key, end in locks(store).items())
    (told,) = [one for one in examine(archive) if one.name.startswith("locks of what")]
    assert told.held
    weeks = replace(archive, clock=FixedClock(later.now() + timedelta(days=4)))
    (told,) = [one for one in examine(weeks) if one.name.startswith("locks of what")]
    assert not told.held


def test_what_can_not_be_locked_is_named_and_the_rest_is(
    archive: Archive, store: MemoryStore
) -> None:
    """One refusal stops nothing, and the job says that it failed."""
    victim = next(one.key for one in store.list("u/"))
    store.faults = lambda op, key: Fault.LOST if (op, key) == ("lock", victim) else None
    (done,) = roll(archive, QUIET)
    assert [key for key, _ in done.failed] == [victim]
    assert victim not in locks(store)
    assert len(locks(store)) == done.objects > 0
    with pytest.raises(StoreError) as told:
        done.demand()
    assert told.value.code == "lock-failed"


def test_copies_are_locked_as_well(archive: Archive, tmp_path: Path) -> None:
    """A copy whose store is to lock is, also where the archive's own is not."""
    vault = copied(archive, MemoryStore(), tmp_path)
    run(archive, vault)
    assert isinstance(archive.store, MemoryStore)
    assert isinstance(vault.store, MemoryStore)
    archive.store.until, vault.store.until = None, {}
    own, copy = roll(replace(archive, copies=lambda: [vault]), QUIET)
    assert (own.objects, copy.objects) == (0, len(locks(vault.store)))
    assert copy.objects > 0


def test_a_copy_that_is_behind_holds_what_the_archive_holds(hall: Hall, tmp_path: Path) -> None:
    """A hold that was placed since a copy was brought up is set on its files as well."""
    vault = copied(hall.archive, MemoryStore(), tmp_path)
    run(hall.archive, vault)
    assert isinstance(hall.archive.store, MemoryStore)
    assert isinstance(vault.store, MemoryStore)
    hold(hall, Scope(records=(comment(1),)))
    hall.archive.store.until, vault.store.until = {}, {}
    roll(replace(hall.archive, copies=lambda: [vault]), QUIET)
    assert vault.store.held == hall.archive.store.held != set()


def test_a_clock_that_is_years_ahead_locks_nothing(archive: Archive, store: MemoryStore) -> None:
    """A lock of ten years could not be taken back: it is refused, and said."""
    ahead = replace(archive, clock=FixedClock(archive.clock.now() + timedelta(days=3650)))
    (done,) = roll(ahead, QUIET)
    assert done.error is not None
    assert "days ahead" in done.error.message
    assert locks(store) == {}


def test_nowhere_to_lock_is_said(archive: Archive, store: MemoryStore) -> None:
    """No success is claimed where no store locks anything."""
    store.until = None
    with pytest.raises(UsageError) as told:
        roll(archive, QUIET)
    assert told.value.code == "locks-unset"


def test_a_log_that_can_not_be_read_locks_nothing(
    archive: Archive, store: MemoryStore, tmp_path: Path
) -> None:
    """What belongs to the archive nobody can tell then: it is said, and is no success."""
    for one in list(store.list(TILES)):
        store.delete(one.key)
    (done,) = roll(replace(archive, home=LocalHome(tmp_path / "new")), QUIET)
    assert done.error is not None
    assert locks(store) == {}


def test_what_is_on_hold_has_a_hold_in_its_store(hall: Hall) -> None:
    """Files of held records and of their exchanges, as long as one hold stands; no others'."""
    assert isinstance(hall.archive.store, MemoryStore)
    hall.archive.store.until = {}
    one, other = (hold(hall, Scope(records=(comment(1),))) for _ in range(2))
    state = read_state(hall.archive)
    (leaf,) = leaves_of_records(hall.archive, state, [comment(1)])[comment(1)]
    its = [s for s in state.segments() if ranges.overlap(s.leaves, [[leaf, leaf + 1]])]
    shown = [s for s in state.segments() if s.stage == INTAKE and s.exchanges[0][0] == 1]
    mine = keys_of([*its, *shown])
    theirs = next(one.key for one in hall.archive.store.list("u/") if one.key not in mine)
    hall.archive.store.held.add(theirs)  # by who runs the bucket
    roll(hall.archive, QUIET)
    assert len(its) == len(shown) == 1
    assert hall.archive.store.held == {theirs} | mine
    for name in (one, other):
        sealed(hall, hold_acts.release(hall.archive, name, "over"), "holder", "clerk")
        roll(hall.archive, QUIET)
        assert hall.archive.store.held >= mine, "the waiting time is not over"
    ahead = replace(hall.archive, clock=FixedClock(hall.now + timedelta(days=80)))
    roll(ahead, QUIET)
    assert hall.archive.store.held >= mine, "one clock that is ahead ends no wait"
    hall.later(4)
    hall.captured(1, "other")
    roll(hall.archive, QUIET)
    assert hall.archive.store.held == {theirs}
