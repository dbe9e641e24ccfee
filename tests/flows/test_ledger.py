"""What a home believes of a ledger: only what is signed, and extends what it has seen."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault, MemoryStore
from archiver.errors import ArchiverError, IntegrityError
from archiver.flows.ledger import (
    TRUST,
    checkpoint,
    read_state,
    state_at,
    trust_checkpoint,
    trusted_checkpoint,
)
from archiver.flows.ledger_cache import CACHE, Memory
from archiver.flows.sequence import sequence
from archiver.flows.submit import recover, submit
from archiver.layout import CHECKPOINT, HEAD, bundle_key, pending_key, tile_key
from archiver.ledger import entry
from archiver.ledger.checkpoint import Checkpoint, open_checkpoint, sign_note
from archiver.ledger.state import INTAKE, LedgerState
from archiver.ledger.tiles import encode_bundle, parse_bundle
from archiver.ledger.tree import leaf_hash, root
from tests.flows.helpers import (
    IDENTITY,
    LANE,
    ORIGIN,
    SIGNER,
    copy_of,
    founded,
    open_archive,
    seal_one,
    signed,
    small,
    take_in,
)
from tests.ledger.note_signer import MemorySigner

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ports import HomeFiles


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the home is."""
    return tmp_path / "home"


@pytest.fixture
def archive(home: Path) -> Archive:
    """An archive with its founding entry and two sealed exchanges."""
    made = open_archive(founded(home), home, "made")
    take_in(made, 3)
    seal_one(made, 1)
    seal_one(made, 2)
    return made


def fresh(archive: Archive) -> Archive:
    """Return the archive as the next process of this home has it open."""
    return replace(archive, memory=Memory())


def forgetting(archive: Archive) -> Archive:
    """Return the archive as a process that finds no cache has it open."""
    for name in archive.home.names(CACHE):
        archive.home.remove(name)
    return fresh(archive)


def store_of(archive: Archive) -> MemoryStore:
    """Return the store in memory of an archive."""
    assert isinstance(archive.store, MemoryStore)
    return archive.store


def replaced(archive: Archive, key: str, data: bytes) -> None:
    """Put other bytes in the place of an object."""
    archive.store.delete(key)
    archive.store.create(key, data)


def note(size: int, head: bytes, signer: MemorySigner = SIGNER, origin: str = ORIGIN) -> bytes:
    """Return a signed checkpoint."""
    return sign_note(Checkpoint(origin, size, head).body(), signer)


def test_state_is_that_of_the_entries(archive: Archive) -> None:
    """The state is the fold over all entries, with a cache and without."""
    state = read_state(archive)
    entries = parse_bundle(archive.store.get(bundle_key(0, 8)))
    folded = LedgerState()
    folded.extend(entries)
    assert state == folded
    assert read_state(fresh(archive)) == folded
    assert read_state(forgetting(archive)) == folded


def test_an_empty_archive(tmp_path: Path) -> None:
    """Before the first entry there is no checkpoint, and the state is empty."""
    empty = open_archive(MemoryStore(), tmp_path / "empty")
    assert checkpoint(empty) is None
    assert trusted_checkpoint(empty) is None
    assert read_state(empty) == LedgerState()


def damaged(data: bytes) -> list[bytes]:
    """Return a part of the cache, damaged in many ways."""
    flips = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(0, len(data), 37)]
    return [b"", b"\n", data[:-1], data[32:], data[:32], b"{}", data + b" ", *flips]


def test_a_damaged_cache_is_made_anew(archive: Archive) -> None:
    """Whatever becomes of the cache, the state is that of the log."""
    state = read_state(forgetting(archive))
    (name,) = archive.home.names(CACHE)
    good = archive.home.read(name)
    assert good is not None
    for bad in damaged(good):
        archive.home.write(name, bad)
        assert read_state(fresh(archive)) == state
        assert archive.home.read(name) == good


def test_a_part_in_another_s_place_is_not_read(archive: Archive) -> None:
    """A whole part under another name is damage."""
    state = read_state(forgetting(archive))
    (name,) = archive.home.names(CACHE)
    part = archive.home.read(name)
    assert part is not None
    seal_one(archive, 3)
    archive.home.write(f"{name[:-1]}{state.size}", part)
    later = read_state(fresh(archive))
    assert later == read_state(forgetting(archive))
    assert later.size == state.size + 3


def test_a_cache_of_another_log_is_made_anew(archive: Archive, tmp_path: Path) -> None:
    """A cache that is whole but of another log does not lead to the head, and is dropped."""
    other = open_archive(founded(tmp_path / "b"), tmp_path / "b", "other")
    submit(other, "acct", small(1), {})
    state = read_state(forgetting(archive))
    for name in other.home.names(CACHE):
        archive.home.write(name, other.home.read(name) or b"")
    assert read_state(fresh(archive)) == state


def test_what_a_caller_does_to_a_state_is_its_own(archive: Archive) -> None:
    """A state that was handed out and extended changes no other."""
    state = read_state(archive)
    tried = read_state(archive)
    tried.extend(small(1).entries(tried.size))
    tried.covered[LANE][INTAKE] = []
    tried.settled["acct"] = 99
    assert read_state(archive) == state


class Counting:
    """A home that remembers how much was written to the cache of the ledger."""

    def __init__(self, home: HomeFiles) -> None:
        self._home = home
        self.read, self.remove, self.names = home.read, home.remove, home.names
        self.alone, self.view = home.alone, home.view
        self.written = 0

    def write(self, name: str, data: bytes) -> None:
        """Write a file."""
        self.written += len(data) if name.startswith(CACHE) else 0
        self._home.write(name, data)


def test_the_cache_grows_by_what_came(archive: Archive) -> None:
    """Parts are few, the next process reads them alone, and no write repeats all of them."""
    home = Counting(archive.home)
    counting = replace(archive, home=home)
    for number in range(40):
        submit(counting, "acct", small(number), {})
    names = archive.home.names(CACHE)
    kept = sum(len(archive.home.read(name) or b"") for name in names)
    assert len(names) <= 7
    assert home.written < 8 * kept
    asked: list[str] = []
    store_of(archive).faults = lambda op, key: asked.append(f"{op} {key}")
    assert read_state(fresh(archive)) == read_state(counting)
    assert set(asked) == {f"load {CHECKPOINT}"}


def test_the_cache_is_read_on_from(archive: Archive) -> None:
    """Only what came since is read from the store."""
    read_state(archive)
    asked: list[str] = []
    store_of(archive).faults = lambda op, key: asked.append(f"{op} {key}")
    read_state(archive)
    assert asked == [f"load {CHECKPOINT}"]


def test_an_older_state_can_be_read(archive: Archive) -> None:
    """A state before the one in the cache is folded from the start."""
    entries = parse_bundle(archive.store.get(bundle_key(0, 8)))
    older = state_at(archive, 5, root([leaf_hash(one) for one in entries[:5]]))
    assert (older.size, len(older.sealed)) == (5, 3)


@pytest.mark.parametrize("forget", [False, True])
def test_a_rolled_back_bucket_is_refused(
    archive: Archive, home: Path, tmp_path: Path, *, forget: bool
) -> None:
    """A home that has seen more refuses an older copy of the whole bucket, and adds nothing."""
    older = copy_of(store_of(archive), home, tmp_path / "copy")
    seal_one(archive, 3)
    back = replace(forgetting(archive) if forget else archive, store=older)
    older.create(pending_key(small(1).id), signed(small(1).encode()))
    before = dict(older._objects)
    for act in (read_state, sequence, checkpoint, lambda one: recover(one, "acct")):
        with pytest.raises(IntegrityError, match="rolled back") as caught:
            act(back)
        assert caught.value.code == "ledger-rolled-back"
    assert older._objects == before


def test_a_bucket_without_its_checkpoint_is_refused(archive: Archive) -> None:
    """A checkpoint that was seen and is gone is a rollback as well, whatever the head says."""
    archive.store.delete(CHECKPOINT)
    for act in (read_state, sequence):
        with pytest.raises(IntegrityError) as caught:
            act(archive)
        assert caught.value.code == "ledger-rolled-back"


def test_a_forged_checkpoint_is_refused(archive: Archive) -> None:
    """Another's signature, a changed one, or garbage is not believed, nor kept as seen."""
    good = archive.store.get(CHECKPOINT)
    seen = archive.home.read(TRUST)
    stranger = MemorySigner(ORIGIN, "stranger")
    body, _, _ = good.partition(b"\n\n")
    forged = [
        note(9, bytes(32), stranger),
        body.replace(b"\n8\n", b"\n9\n") + good[len(body) :],
        good.replace(b"archive.example/log\n8", b"archive.example/log\n08"),
        b"",
        good[:-10],
    ]
    for bad in forged:
        replaced(archive, CHECKPOINT, bad)
        with pytest.raises(ArchiverError):
            read_state(archive)
        assert archive.home.read(TRUST) == seen
    replaced(archive, CHECKPOINT, good)
    assert read_state(archive).size == 8


def test_a_checkpoint_of_another_log_is_refused(archive: Archive) -> None:
    """A key that is trusted for another origin does not speak for this log."""
    other = MemorySigner("other.example/log")
    trusting = replace(
        archive, identity=replace(IDENTITY, keys=[*IDENTITY.keys, other.verifier_key])
    )
    replaced(archive, CHECKPOINT, note(9, bytes(32), other, "other.example/log"))
    with pytest.raises(IntegrityError, match="another archive"):
        checkpoint(trusting)


def test_a_fork_signed_by_our_own_key_is_refused(archive: Archive) -> None:
    """Who holds bucket and signing key still can't rewrite what this home has seen."""
    entries = parse_bundle(archive.store.get(bundle_key(0, 8)))
    forged = [*entries[:7], entry.observation(bytes(32))]
    replaced(archive, bundle_key(0, 8), encode_bundle(forged))
    replaced(archive, tile_key(0, 0, 8), b"".join(map(leaf_hash, forged)))
    replaced(archive, CHECKPOINT, note(8, root([leaf_hash(one) for one in forged])))
    with pytest.raises(IntegrityError):
        read_state(archive)
    longer = [*forged, entry.observation(bytes(32))]
    archive.store.create(bundle_key(0, 9), encode_bundle(longer))
    archive.store.create(tile_key(0, 0, 9), b"".join(map(leaf_hash, longer)))
    replaced(archive, CHECKPOINT, note(9, root([leaf_hash(one) for one in longer])))
    with pytest.raises(IntegrityError):
        read_state(archive)


def test_a_changed_entry_is_found(archive: Archive) -> None:
    """Entries that do not lead to the signed root are not believed, with a fresh home either."""
    key = bundle_key(0, 8)
    entries = parse_bundle(archive.store.get(key))
    for at, one in enumerate(entries):
        changed = one[:-2] + bytes([one[-2] ^ 1]) + one[-1:]
        replaced(archive, key, encode_bundle([*entries[:at], changed, *entries[at + 1 :]]))
        with pytest.raises(ArchiverError):
            read_state(forgetting(archive))
    swapped = [entries[1], entries[0], *entries[2:]]
    replaced(archive, key, encode_bundle(swapped))
    with pytest.raises(IntegrityError) as caught:
        read_state(forgetting(archive))
    assert caught.value.code == "ledger-root"


def test_trust_only_grows(archive: Archive) -> None:
    """The largest checkpoint seen stays, whatever is offered."""
    seen = trusted_checkpoint(archive)
    trust_checkpoint(archive, note(3, bytes(32)))
    assert trusted_checkpoint(archive) == seen
    assert seen == open_checkpoint(archive.store.get(CHECKPOINT), IDENTITY.keys)


def test_another_process_may_raise_both(archive: Archive, home: Path) -> None:
    """A checkpoint that grows while it is read is no rollback."""
    other = open_archive(store_of(archive), home, "other")

    def overtake(op: str, key: str) -> Fault | None:
        del op, key
        store_of(archive).faults = lambda _op, _key: None
        seal_one(other, 3)
        return None

    store_of(archive).faults = overtake
    assert read_state(archive).size == 11


def test_a_journal_that_can_t_be_read_says_so(archive: Archive) -> None:
    """A damaged journal stops the run with its name, and loses nothing."""
    archive.home.write("journal/acct/B9", json.dumps({"phase": "uploading"}).encode())
    with pytest.raises(IntegrityError) as caught:
        recover(archive, "acct")
    assert caught.value.where == "journal/acct/B9"
    assert json.loads(archive.store.get(HEAD))["size"] == 8
