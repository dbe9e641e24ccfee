"""Reading a tiled log out of a store, while others collect what it reads."""

from __future__ import annotations

import pytest

from archiver.edges.memory import MemoryStore
from archiver.errors import FormatError, MissingObjectError
from archiver.layout import CHECKPOINT, bundle_key, tile_key
from archiver.ledger.checkpoint import Checkpoint
from archiver.ledger.log import LogReader
from archiver.ledger.tiles import encode_bundle, encode_tile, new_bundles, new_tiles, tile_hashes
from archiver.ledger.tree import Frontier, leaf_hash, memory_reader
from tests.ledger import rfc6962_reference as rfc

ENTRIES = rfc.entries(700)
HASHES = [leaf_hash(entry) for entry in ENTRIES]
READ = memory_reader(HASHES)


def stored(size: int, store: MemoryStore | None = None) -> MemoryStore:
    """Return a store with the tiles, bundles and checkpoint of the log of that size."""
    store = MemoryStore() if store is None else store
    store.delete(CHECKPOINT)
    body = Checkpoint("log.example", size, Frontier.at(size, READ).root()).body()
    store.create(CHECKPOINT, body + b"\n\xe2\x80\x94 not looked at\n")
    for tile in new_tiles(0, size):
        put(store, tile.key, encode_tile(tile_hashes(tile, READ)))
    for one in new_bundles(0, size):
        part = ENTRIES[256 * one.number : 256 * one.number + one.width]
        put(store, one.key, encode_bundle(part))
    return store


def put(store: MemoryStore, key: str, data: bytes) -> None:
    """Store an object where there is none."""
    if store.load(key) is None:
        store.create(key, data)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 700])
def test_entries_and_hashes(size: int) -> None:
    """A reader gives every entry, any range of them, and every subtree's hash."""
    reader = LogReader(stored(size), size)
    assert list(reader.entries(0)) == ENTRIES[:size]
    for first, end in ((0, 1), (size - 1, size), (size // 2, size), (size // 3, size // 2)):
        assert list(reader.entries(first, end)) == ENTRIES[first:end]
    assert Frontier.at(size, reader.hashes()).root() == rfc.mth(ENTRIES[:size])


@pytest.mark.parametrize("size", [1, 200, 300, 600])
def test_wider_successors(size: int) -> None:
    """A reader of an older head reads on in what a newer one has left."""
    for newer in (size + 1, size + 30, 700):
        reader = LogReader(stored(newer), size)
        assert list(reader.entries(0)) == ENTRIES[:size]
        assert Frontier.at(size, reader.hashes()).root() == rfc.mth(ENTRIES[:size])


def test_collected_while_it_is_looked_for() -> None:
    """However often a tile gives way to a wider one in between, it is found in the end."""
    store = stored(7)
    widths = [40, 200, 300]

    def overtake(op: str, key: str) -> None:
        if op == "get" and key in {bundle_key(0, 7), bundle_key(0, 40), bundle_key(0, 200)}:
            store.faults = lambda _op, _key: None
            store.delete(key)
            stored(widths.pop(0), store)
            store.faults = overtake

    store.faults = overtake
    assert list(LogReader(store, 5).entries(0)) == ENTRIES[:5]
    assert widths == []


@pytest.mark.parametrize("note", [None, b"", b"no checkpoint", b"log.example\n0x10\nAAAA\n\n"])
def test_without_a_checkpoint_nothing_wider_is_known(note: bytes | None) -> None:
    """Where no checkpoint says how long the log is by now, what is missing is missing."""
    store = stored(300)
    store.delete(CHECKPOINT)
    if note is not None:
        store.create(CHECKPOINT, note)
    with pytest.raises(MissingObjectError) as caught:
        LogReader(store, 5).bundle(0, 5)
    assert caught.value.where == bundle_key(0, 5)


def test_what_is_missing_is_named() -> None:
    """Without tile or bundle, and without a wider one, the missing one is named."""
    store = stored(300)
    for key in (bundle_key(1, 44), tile_key(0, 1, 44)):
        store.delete(key)
    store.create(f"{bundle_key(1)}.p/43", b"narrower")
    with pytest.raises(MissingObjectError) as caught:
        list(LogReader(store, 300).entries(0))
    assert caught.value.where == bundle_key(1, 44)
    with pytest.raises(MissingObjectError) as caught:
        Frontier.at(300, LogReader(store, 300).hashes())
    assert caught.value.where == tile_key(0, 1, 44)
    store.delete(bundle_key(0))
    with pytest.raises(MissingObjectError) as caught:
        list(LogReader(store, 300).entries(0))
    assert caught.value.where == bundle_key(0)


def test_short_bundles_are_refused() -> None:
    """A bundle with fewer entries than its name says is refused."""
    store = stored(3)
    store.delete(bundle_key(0, 3))
    store.create(bundle_key(0, 3), encode_bundle(ENTRIES[:2]))
    with pytest.raises(FormatError):
        list(LogReader(store, 3).entries(0))
