"""Copies attacked: two replicators at once, an archive put back, a copy that is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import MemoryStore
from archiver.errors import IntegrityError
from archiver.flows.copies import tell
from archiver.flows.holdings import Holdings, holdings
from archiver.flows.ledger_cache import Memory
from archiver.flows.repair import repair
from archiver.flows.replicate import Copy, Replicated, brought_up, raise_head
from archiver.layout import CHECKPOINT, HEAD, bundle_key, grown_to, staging_key, tile_key
from tests.flows.helpers import Quiet, copy_of, open_archive, seal_one, take_in
from tests.flows.test_compact import ENDED, filled
from tests.flows.test_replicate import content, copied, found, run

if TYPE_CHECKING:
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


@pytest.fixture
def vault(archive: Archive, tmp_path: Path) -> Copy:
    """An empty place for a copy."""
    return copied(archive, MemoryStore(), tmp_path)


def mend(archive: Archive, *copies: Copy) -> list[Replicated]:
    """Repair all places."""
    return repair(archive, copies, QUIET)


def grown(archive: Archive) -> tuple[Holdings, Holdings]:
    """Seal once more; return what the archive held before, and what it holds now."""
    before = holdings(archive)
    take_in(archive, 1, lane="other")
    seal_one(archive, 1, lane="other", saw=ENDED)
    return before, holdings(archive)


def put_back(store: MemoryStore, key: str, data: bytes) -> None:
    """Have a store hold an object as it was."""
    if store.load(key) is None:
        store.create(key, data)
    store._objects[key] = data


def test_a_slower_replicator_spoils_nothing(archive: Archive, vault: Copy) -> None:
    """One that read an older head takes nothing away from what a quicker one is bringing."""
    run(archive, vault)
    assert isinstance(vault.store, MemoryStore)
    old = content(vault.store)
    before, now = grown(archive)
    run(archive, vault)
    for key, data in old.items():
        put_back(vault.store, key, data)  # as it is before the quicker one raises the checkpoint
    assert brought_up(archive, before, vault, QUIET).whole
    raise_head(vault.store, now, archive.identity.keys)
    assert found(vault) == []
    raise_head(vault.store, before, archive.identity.keys)
    assert vault.store.get(HEAD) == now.head, "neither head goes back"
    run(archive, vault)
    assert content(vault.store) == content(archive.store)  # type: ignore[arg-type]  # a memory store


def test_under_another_name_the_archive_loses_nothing(
    archive: Archive, store: MemoryStore, tmp_path: Path
) -> None:
    """A copy that is the archive itself (a mount, another endpoint) takes no sequencer's work."""
    mirror = copied(archive, store, tmp_path)
    tell(archive, [mirror])
    staged = staging_key(99, "ab" * 32)
    store.create(staged, b"under way")
    before = content(store)
    run(archive, mirror)
    assert content(store) == before


def test_an_archive_that_was_rolled_back_is_mended(
    archive: Archive, vault: Copy, store: MemoryStore
) -> None:
    """An older state, signed as it is, put back by who holds the bucket: the copy's is newer."""
    old = content(store)
    grown(archive)
    run(archive, vault)
    new = content(store)
    for key in new.keys() - old.keys():
        store.delete(key)
    for key, data in old.items():
        put_back(store, key, data)
    own, copy = mend(replace(archive, memory=Memory()), vault)
    assert own.whole
    assert copy.whole
    assert {key: content(store).get(key) for key in new} == new


def test_no_second_history_is_mended_away(
    archive: Archive, vault: Copy, store: MemoryStore, tmp_path: Path
) -> None:
    """What was put back and then went another way is evidence: repair puts nothing over it."""
    old = copy_of(store, tmp_path / "home", tmp_path / "fork")
    grown(archive)
    run(archive, vault)
    fork = open_archive(old, tmp_path / "fork", "other")
    take_in(fork, 1, lane="third")
    seal_one(fork, 1, lane="third", saw=ENDED)
    before = content(old)
    with pytest.raises(IntegrityError) as refused:
        mend(replace(archive, store=old, memory=Memory()), vault)
    assert refused.value.code == "ledger-fork"
    assert content(old) == before


def test_only_what_is_outgrown_goes() -> None:
    """Of each partial key it is known how large the log is that has it; full ones stay."""
    assert grown_to(tile_key(0, 1, 9)) == grown_to(bundle_key(1, 9)) == 256 + 9
    assert grown_to(tile_key(2, 1234, 3)) == (1234 * 256 + 3) * 65536
    assert grown_to(staging_key(77, "ab" * 32)) == 77
    for key in (tile_key(0, 1), bundle_key(1), HEAD, CHECKPOINT, "u/a/b.idx"):
        assert grown_to(key) is None
