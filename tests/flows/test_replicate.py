"""Copies: brought up and mended by what the ledger says, whatever fails and whoever is killed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.home import LocalHome
from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.errors import ConflictError, IntegrityError, RefusedError
from archiver.flows.compact import compact
from archiver.flows.ledger_cache import Memory
from archiver.flows.repair import repair
from archiver.flows.replicate import Copy, Replicated, replicate
from archiver.flows.verify import verify
from archiver.flows.verify_compacted import verify_compacted
from archiver.layout import ARCHIVE_FILE, CHECKPOINT, HEAD, UNITS
from archiver.ledger.deciding import HERE
from tests.flows.helpers import Quiet, codes, copy_of, open_archive, seal_one, take_in
from tests.flows.test_compact import ENDED, filled, verifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive

QUIET = Quiet()


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """The store of an archive with two public and two private segments."""
    return filled(tmp_path / "home", 2)


@pytest.fixture
def archive(store: MemoryStore, tmp_path: Path) -> Archive:
    """The same in a process of its home."""
    return open_archive(store, tmp_path / "home", "again")


def copied(archive: Archive, store: MemoryStore, home: Path, name: str = "vault") -> Copy:
    """Return a copy in a store, with a home of its own."""
    own = LocalHome(home / "copies" / name)
    there = replace(archive, store=store, home=own, memory=Memory(), copy_name=name)
    return Copy(name, "", there)


@pytest.fixture
def vault(archive: Archive, tmp_path: Path) -> Copy:
    """An empty place for a copy."""
    return copied(archive, MemoryStore(), tmp_path)


def run(archive: Archive, *copies: Copy) -> list[Replicated]:
    """Replicate to copies."""
    return replicate(archive, copies, QUIET)


def found(copy: Copy) -> list[str]:
    """Return the codes of what is wrong with a copy by itself, record by record."""
    return [one.code for one in verify(copy.archive, QUIET, deep=True).findings]


def content(store: MemoryStore) -> dict[str, bytes]:
    """Return every object of a store."""
    return dict(store._objects)


def test_a_copy_is_the_same_archive(archive: Archive, vault: Copy, store: MemoryStore) -> None:
    """A copy has the objects of the archive and no others, and verifies by itself."""
    (done,) = run(archive, vault)
    assert done.whole
    assert content(vault.store) == content(store)  # type: ignore[arg-type]  # a memory store
    assert found(vault) == []
    (again,) = run(archive, vault)
    assert (again.copied, again.mended, again.before) == (0, [], again.size)


def test_a_copy_follows(archive: Archive, vault: Copy, store: MemoryStore, tmp_path: Path) -> None:
    """What was sealed, merged and verified since is copied; what that superseded goes."""
    run(archive, vault)
    take_in(archive, 1, lane="other")
    seal_one(archive, 1, lane="other", saw=ENDED)
    compact(archive, QUIET)
    assert run(archive, vault)[0].whole
    assert found(vault) == []
    verify_compacted(archive, verifier(archive, tmp_path), QUIET)
    (done,) = run(archive, vault)
    assert done.removed > 0
    assert found(vault) == []
    compact(archive, QUIET)
    run(archive, vault)
    assert content(vault.store) == content(store)  # type: ignore[arg-type]  # a memory store


class Unconditional(MemoryStore):
    """A store that refuses every condition on what is there, as Ceph 16 does beside versions."""

    def _swap(self, key: str, data: bytes, expected: str | None) -> str:
        if expected is not None:
            raise ConflictError("refused, whatever it is", where=key)
        return super()._swap(key, data, expected)


def test_a_store_that_compares_nothing_follows_as_well(
    archive: Archive, store: MemoryStore, tmp_path: Path
) -> None:
    """Its head is raised again and again, and nobody waits for it for ever."""
    vault = copied(archive, Unconditional(), tmp_path)
    for lane in ("other", "third"):
        take_in(archive, 1, lane=lane)
        seal_one(archive, 1, lane=lane, saw=ENDED)
        assert run(archive, vault)[0].whole
    assert content(vault.store) == content(store)  # type: ignore[arg-type]  # a memory store
    assert found(vault) == []


class At:
    """Faults of one kind, at one operation."""

    def __init__(self, number: int, fault: Fault) -> None:
        self.left, self.fault = number, fault

    def __call__(self, op: str, key: str) -> Fault | None:
        """Return the fault when its turn has come."""
        del op, key
        self.left -= 1
        return self.fault if self.left == 0 else None


class Counting:
    """No faults; how many operations there were."""

    count = 0

    def __call__(self, op: str, key: str) -> Fault | None:
        """Count."""
        del op, key
        self.count += 1
        return None


def twins(archive: Archive, folder: Path) -> Iterator[tuple[Archive, Copy]]:
    """Yield the archive, and a copy of an earlier state of it, again and again."""
    early = MemoryStore()
    run(archive, copied(archive, early, folder))
    take_in(archive, 1, lane="other")
    seal_one(archive, 1, lane="other", saw=ENDED)
    number = 0
    while True:
        number += 1
        twin = copy_of(early, folder / "copies" / "vault", folder / f"at{number}")
        yield archive, copied(archive, twin, folder / f"at{number}")


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_killed_anywhere_it_goes_on(
    archive: Archive, store: MemoryStore, tmp_path: Path, fault: Fault
) -> None:
    """Killed at any operation, a copy claims no more than it has, and the next run ends it."""
    each = twins(archive, tmp_path)
    _, vault = next(each)
    counting = Counting()
    assert isinstance(vault.store, MemoryStore)
    vault.store.faults = counting
    run(archive, vault)
    for number in range(1, counting.count + 1, 2):
        _, vault = next(each)
        assert isinstance(vault.store, MemoryStore)
        plain, vault.store.faults = vault.store.faults, At(number, fault)
        with pytest.raises(Killed):
            run(archive, vault)
        vault.store.faults = plain
        wrong = {one.code for one in verify(vault.archive, QUIET, deep=False).findings}
        assert wrong <= {"object-unknown", "head-differs", "staging-differs", "log-leftover"}
        assert run(archive, vault)[0].whole
        assert content(vault.store) == content(store)


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.APPLIED_THEN_ERROR, Fault.SHORT])
def test_what_fails_at_one_copy_stops_no_other(
    archive: Archive, vault: Copy, tmp_path: Path, fault: Fault
) -> None:
    """A copy whose store fails is told; the others are brought up; then it is, too."""
    for number in range(1, 40, 3):
        broken = copied(archive, MemoryStore(), tmp_path / str(number), "broken")
        assert isinstance(broken.store, MemoryStore)
        broken.store.faults = At(number, fault)
        first, second = run(archive, broken, vault)
        assert first.whole or first.error or first.findings
        assert second.whole
        assert run(archive, broken)[0].whole
        assert found(broken) == []


def test_nothing_damaged_is_copied(archive: Archive, vault: Copy, store: MemoryStore) -> None:
    """A file that is not what was sealed is named, and the copy does not claim to have it."""
    key = next(one.key for one in store.list(UNITS))
    store._objects[key] = b"changed" + store._objects[key]
    (done,) = run(archive, vault)
    assert [(place, one.code, one.where) for place, one in done.findings] == [
        (HERE, "object-changed", key)
    ]
    assert done.size == 0
    assert vault.store.load(CHECKPOINT) is None


def test_a_damaged_log_is_told(archive: Archive, vault: Copy, store: MemoryStore) -> None:
    """A part of the log that is gone here is named, though every copy has it."""
    run(archive, vault)
    key = next(one.key for one in store.list("log/tile/entries/"))
    store.delete(key)
    here, there = run(archive, vault)
    assert [one.code for _, one in here.findings] == ["log-entries"]
    assert there.whole


def test_what_a_copy_lost_is_told(archive: Archive, vault: Copy) -> None:
    """An object that a copy had claimed and has no more comes again, and is told."""
    run(archive, vault)
    key = next(one.key for one in vault.store.list(UNITS))
    vault.store.delete(key)
    (done,) = run(archive, vault)
    assert [(one.code, one.where) for one in done.mended] == [("object-missing", key)]
    assert found(vault) == []


def test_no_place_of_anything_else_is_touched(archive: Archive, tmp_path: Path) -> None:
    """Another archive, or any other thing, is left as it is."""
    other, photos = MemoryStore(), MemoryStore()
    other.create(ARCHIVE_FILE, archive.store.get(ARCHIVE_FILE).replace(b"archive1", b"archive2"))
    photos.create("holiday.jpg", b"...")
    for place in (other, photos):
        before = content(place)
        (done,) = run(archive, copied(archive, place, tmp_path / str(id(place))))
        assert done.error is not None
        assert done.error.code == "replica-foreign"
        assert content(place) == before


def test_another_history_is_refused(
    archive: Archive, vault: Copy, store: MemoryStore, tmp_path: Path
) -> None:
    """A copy that is longer than the archive, or was signed another history, is not touched."""
    run(archive, vault)
    twin = copy_of(store, tmp_path / "home", tmp_path / "fork")
    other = open_archive(twin, tmp_path / "fork", "fork")
    take_in(other, 1, lane="fork")
    take_in(archive, 1, lane="ours")
    take_in(archive, 1, lane="more")
    assert isinstance(vault.store, MemoryStore)
    vault.store._objects, vault.store._keys = dict(twin._objects), list(twin._keys)
    (done,) = run(archive, vault)
    assert done.error is not None
    assert done.error.code == "ledger-fork"
    take_in(other, 1, lane="fork2")
    take_in(other, 1, lane="fork3")
    vault.store._objects, vault.store._keys = dict(twin._objects), list(twin._keys)
    (done,) = run(archive, vault)
    assert done.error is not None
    assert done.error.code == "ledger-rolled-back"
    assert content(vault.store) == content(twin)


def test_nothing_is_sealed_into_a_copy(archive: Archive, vault: Copy) -> None:
    """Whoever writes to a copy is refused before anything is stored."""
    run(archive, vault)
    before = content(vault.store)  # type: ignore[arg-type]  # a memory store
    with pytest.raises(RefusedError) as refused:
        take_in(vault.archive, 1, lane="wrong")
    assert refused.value.code == "replica-written"
    assert content(vault.store) == before  # type: ignore[arg-type]  # a memory store


def mend(archive: Archive, *copies: Copy) -> list[Replicated]:
    """Repair all places."""
    return repair(archive, copies, QUIET)


def test_each_object_is_mended_from_the_other_place(
    archive: Archive, vault: Copy, store: MemoryStore
) -> None:
    """Every object changed or gone, here or there, is put right from where it is right."""
    run(archive, vault)
    true = content(store)
    assert isinstance(vault.store, MemoryStore)
    for number, key in enumerate(sorted(true.keys() - {HEAD})):
        for place, name in ((store, HERE), (vault.store, "vault")):
            if number % 2:
                place._objects[key] = true[key][:-1] + b"?"
            else:
                place.delete(key)
            made = {one.name: one for one in mend(archive, vault)}
            assert all(one.whole for one in made.values()), (key, name)
            assert content(store) == content(vault.store) == true, (key, name)
    assert codes(archive) == []


def test_what_is_wrong_everywhere_stays_and_is_told(
    archive: Archive, vault: Copy, store: MemoryStore
) -> None:
    """Where no place has the right bytes, nothing is removed, and both places are named."""
    run(archive, vault)
    key = next(one.key for one in store.list(UNITS))
    assert isinstance(vault.store, MemoryStore)
    store._objects[key] = vault.store._objects[key] = b"neither"
    own, copy = mend(archive, vault)
    assert [one.where for _, one in (*own.findings, *copy.findings)][:2] == [key, key]
    assert store.get(key) == vault.store.get(key) == b"neither"


def test_a_log_that_tells_nothing_is_mended_from_a_copy(
    archive: Archive, vault: Copy, store: MemoryStore
) -> None:
    """With all entries and hashes gone here, the copy's log says what is right."""
    run(archive, vault)
    true = content(store)
    for one in list(store.list("log/tile/")):
        store.delete(one.key)
    own, _ = mend(archive, vault)
    assert own.whole
    assert content(store) == true


def test_without_any_log_nothing_is_done(archive: Archive, store: MemoryStore) -> None:
    """Where neither place can tell what there has to be, repair refuses."""
    for one in list(store.list("log/tile/")):
        store.delete(one.key)
    with pytest.raises(IntegrityError) as refused:
        mend(archive)
    assert refused.value.code == "log-unreadable"
