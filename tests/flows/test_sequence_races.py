"""Two sequencers at once, and one that is overtaken: one linear history all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import Fault, Killed, MemoryStore
from archiver.errors import RefusedError
from archiver.flows.ledger import prove_consistent, read_state
from archiver.flows.sequence import sequence
from archiver.flows.submit import submit
from archiver.flows.verify import verify
from archiver.layout import (
    CHECKPOINT,
    PENDING,
    bundle_key,
    tile_key,
)
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.state import SETTLE
from archiver.ledger.tiles import partial_keys
from tests.flows.helpers import (
    IDENTITY,
    Quiet,
    Watch,
    Worker,
    codes,
    copy_of,
    covered,
    founded,
    leave,
    named,
    open_archive,
    seal_one,
    small,
    take_in,
)
from tests.flows.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.flows.archive import Archive

SEEDS = range(20)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a home may be made."""
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> MemoryStore:
    """The store of a new archive."""
    return founded(home)


def assert_extends(archive: Archive, watch: Watch) -> None:
    """Assert that the checkpoint extends all that stood there before."""
    watch.look()
    signed = open_checkpoint(archive.store.get(CHECKPOINT), IDENTITY.keys)
    for note in watch.notes:
        prove_consistent(archive, open_checkpoint(note, IDENTITY.keys), signed)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_workers_of_two_accounts(
    store: MemoryStore, home: Path, tmp_path: Path, seed: int
) -> None:
    """Two processes that seal for two accounts at once share one history."""
    turns = Turns(seed)
    watch = Watch(store, turns)
    store.faults = watch
    other = open_archive(store, tmp_path / "other")
    one = Worker(open_archive(store, home, "1"), 3)
    two = Worker(other, 3, "acct2", "lane2")
    turns.run([one.run, two.run])
    store.faults = lambda _op, _key: None
    fresh = open_archive(store, home, "fresh")
    report = verify(fresh, Quiet(), deep=True)
    assert report.findings == []
    assert report.entries == 1 + 2 + 2 * 3 * 3
    assert covered(fresh, "lane") == covered(fresh, "lane2") == [1, 2, 3]
    assert [one.key for one in store.list(PENDING)] == []
    assert_extends(fresh, watch)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_workers_settle_the_same_exchanges(
    store: MemoryStore, home: Path, tmp_path: Path, seed: int
) -> None:
    """Two homes that settle the same exchanges make one set of records."""

    def persist(archive: Archive) -> None:
        for number in (1, 2, 3):
            try:
                seal_one(archive, number)
            except RefusedError as error:
                assert error.code == "seal-refused"  # noqa: PT017 - not every run is refused

    take_in(open_archive(store, home), 3)
    turns = Turns(seed)
    watch = Watch(store, turns)
    store.faults = watch
    archives = [open_archive(store, home, "1"), open_archive(store, tmp_path / "other")]
    turns.run([lambda one=one: persist(one) for one in archives])  # type: ignore[misc]  # of a loop
    store.faults = lambda _op, _key: None
    fresh = open_archive(store, home, "fresh")
    sealed = [one for one in read_state(fresh).controls if one[1].get("stage") == SETTLE]
    assert covered(fresh) == [1, 2, 3]
    assert len(sealed) == 3
    assert codes(fresh) == []
    assert_extends(fresh, watch)


def interrupted(at: int, act: Callable[[], None], end: Fault | None) -> Callable[..., Fault | None]:
    """Return faults that run ``act`` before operation ``at``, which then suffers ``end``."""
    count = iter(range(10**6))

    def faults(_op: str, _key: str) -> Fault | None:
        if next(count) != at:
            return None
        act()
        return end

    return faults


@pytest.mark.parametrize("end", [None, Fault.KILL_AFTER])
def test_a_sequencer_overtaken_at_every_operation(
    store: MemoryStore, home: Path, tmp_path: Path, end: Fault | None
) -> None:
    """A slow one that others overtake, and that may then die, breaks nothing at any point."""
    leave(open_archive(store, home), small(0))
    at = 0
    finished = False
    while not finished:
        place = tmp_path / f"{at}"
        twin = copy_of(store, home, place)

        def overtake(twin: MemoryStore = twin, other: Path = tmp_path / f"other {at}") -> None:
            twin.faults = lambda _op, _key: None
            for number in (1, 2):
                submit(open_archive(twin, other, str(number)), "acct2", small(number), {})

        slow = open_archive(twin, place, "slow")
        twin.faults = interrupted(at, overtake, end)
        try:
            sequence(slow)
        except Killed:
            assert end is not None
        finished = (tmp_path / f"other {at}").exists() is False
        twin.faults = lambda _op, _key: None
        fresh = open_archive(twin, place, "fresh")
        sequence(fresh)
        assert codes(fresh) == []
        state = read_state(fresh)
        assert state.sealed >= {named(f"B000{n}") for n in range(1 if finished else 3)}
        assert len(state.controls) == state.size == (2 if finished else 4)
        at += 1
    assert at > 20


def test_partial_tiles_of_an_older_head_are_known(store: MemoryStore, home: Path) -> None:
    """What an overtaken sequencer writes again is no finding, if its bytes are the true ones."""
    archive = open_archive(store, home)
    old = {key: store.get(key) for key in partial_keys(1)}
    submit(archive, "acct", small(1), {})
    assert not any(store.load(key) for key in old)
    for key, data in old.items():
        store.create(key, data)
    assert codes(archive) == []


@pytest.mark.parametrize("key", [tile_key(0, 0, 1), bundle_key(0, 1)])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data + data,
        lambda data: data[:-1],
        lambda _data: b"",
    ],
)
def test_false_partial_tiles_are_found(
    store: MemoryStore, home: Path, key: str, spoil: Callable[[bytes], bytes]
) -> None:
    """A partial tile of an older head with any other bytes is an unknown object."""
    archive = open_archive(store, home)
    data = store.get(key)
    submit(archive, "acct", small(1), {})
    store.create(key, spoil(data))
    assert codes(archive) == [("object-unknown", key)]


@pytest.mark.parametrize(
    "key",
    [tile_key(0, 1, 1), tile_key(1, 0, 1), f"{tile_key(0, 0)}.p/01", "log/tile/9.p/x", "u/x.p/1"],
)
def test_tiles_that_no_head_had_are_found(store: MemoryStore, home: Path, key: str) -> None:
    """True bytes under a key that the log never had are an unknown object."""
    archive = open_archive(store, home)
    store.create(key, store.get(tile_key(0, 0, 1)))
    assert codes(archive) == [("object-unknown", key)]
