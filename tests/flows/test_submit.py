"""Submitting under every fault at every instant: nothing lost, nothing doubled, no leftovers."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.errors import StoreError
from archiver.flows.submit import recover
from archiver.flows.upkeep import upkeep
from archiver.ids import ulid
from archiver.layout import REFUSED, UNITS, refused_key
from tests.flows.helpers import (
    ACCOUNT,
    Watch,
    Worker,
    check_whole,
    codes,
    copy_of,
    covered,
    founded,
    open_archive,
)

if TYPE_CHECKING:
    from pathlib import Path

BATCHES = 2
OUTCOMES = [Fault.LOST, Fault.APPLIED_THEN_ERROR, Fault.KILL_BEFORE, Fault.KILL_AFTER]
WITHOUT_EFFECT = {Fault.LOST, Fault.KILL_BEFORE}
READS = {"get", "open", "load", "list"}


class FaultsAt:
    """Lets the operations with these numbers suffer."""

    def __init__(self, faults: dict[int, Fault]) -> None:
        self._faults = faults
        self._count = -1

    def __call__(self, op: str, key: str) -> Fault | None:
        """Count the operation, and return its fault."""
        self._count += 1
        return self._faults.get(self._count)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[MemoryStore, Path]:
    """A new archive and its home."""
    home = tmp_path_factory.mktemp("base") / "home"
    return founded(home), home


def operations(base: tuple[MemoryStore, Path], folder: Path) -> list[str]:
    """Return the names of all operations that a whole run takes, in order."""
    store = copy_of(*base, folder)
    names: list[str] = []
    store.faults = lambda op, _key: names.append(op)
    Worker(open_archive(store, folder, "count"), BATCHES).run()
    return names


def crash_and_mend(
    base: tuple[MemoryStore, Path], folder: Path, runs: list[dict[int, Fault]]
) -> None:
    """Run a worker under faults, again and again, then without; check what is there."""
    store = copy_of(*base, folder)
    notes: dict[bytes, None] = {}
    acknowledged = 0
    for number, faults in enumerate([*runs, {}]):
        watch = Watch(store, FaultsAt(faults))
        store.faults = watch
        worker = Worker(open_archive(store, folder, str(number)), BATCHES)
        try:
            worker.run()
        except (Killed, StoreError):
            assert faults
        watch.look()
        notes |= watch.notes
        store.faults = FaultsAt({})
        acknowledged = max(acknowledged, worker.acknowledged)
        fresh = open_archive(store, folder, f"look {number}")
        assert covered(fresh)[:acknowledged] == list(range(1, acknowledged + 1))
    check_whole(open_archive(store, folder, "check"), BATCHES, notes)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_fault_at_every_operation(
    base: tuple[MemoryStore, Path], tmp_path: Path, outcome: Fault
) -> None:
    """Whatever operation fails in whatever way, the next run makes everything whole."""
    names = operations(base, tmp_path / "count")
    assert len(names) > 90
    for number, name in enumerate(names):
        if outcome in WITHOUT_EFFECT or name not in READS:  # a read has no effect to be lost
            crash_and_mend(base, tmp_path / str(number), [{number: outcome}])


@pytest.mark.parametrize("seed", range(25))
def test_faults_while_mending(base: tuple[MemoryStore, Path], tmp_path: Path, seed: int) -> None:
    """Runs that crash while they finish what crashed before them lose and double nothing."""
    chance = random.Random(seed)
    runs = [{chance.randrange(60): chance.choice(OUTCOMES)} for _ in range(3)]
    crash_and_mend(base, tmp_path / "home", runs)


def test_old_markers_are_cleared(tmp_path: Path) -> None:
    """Those of a week ago, which nobody waits for; a younger one may be its worker's yet."""
    store = founded(tmp_path / "home")
    archive = open_archive(store, tmp_path / "home", "again")
    now = archive.clock.now()
    old, young = (ulid(now - timedelta(days=days), bytes(10)) for days in (8, 6))
    for name in (old, young, "readme"):
        store.create(refused_key(name), b"why")
    upkeep(archive)
    left = [one.key for one in store.list(REFUSED)]
    assert left == [refused_key(young), refused_key("readme")]
    assert codes(archive) == [("object-unknown", "log/refused/readme")]


def test_what_is_taken_back_leaves_no_version(tmp_path: Path) -> None:
    """Files of a batch that a kill kept out of the ledger are gone from a bucket with versions."""
    store = founded(tmp_path, versioned=True)
    store.faults = lambda op, key: (
        Fault.KILL_AFTER if op == "create" and key.startswith(UNITS) else None
    )
    with pytest.raises(Killed):
        Worker(open_archive(store, tmp_path), 1).run()
    store.faults = FaultsAt({})
    assert list(store.list(UNITS))
    recover(open_archive(store, tmp_path, "next"), ACCOUNT)
    assert list(store.list(UNITS)) == []
    assert [one for one in store.versions() if one.key.startswith(UNITS)] == []
