"""Tiles of a C2SP tiled log: names, bytes, readers, growth; and another log's tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import FormatError, IntegrityError, UsageError
from archiver.ledger.checkpoint import open_checkpoint
from archiver.ledger.tiles import (
    MAX_ENTRY,
    Bundle,
    Tile,
    encode_bundle,
    encode_tile,
    grow_bundles,
    grow_tiles,
    new_bundles,
    new_tiles,
    parse_bundle,
    parse_tile,
    partial_keys,
    tile_hashes,
    tile_reader,
)
from archiver.ledger.tree import (
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    memory_reader,
    root,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger import rfc6962_reference as rfc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archiver.ledger.tiles import GetBundle, GetTile

# Two full tiles of level 1 and a little more would be 131,072 leaves: enough for one test.
COUNT = 256 * 256 + 256 + 3
ENTRIES = [number.to_bytes(3, "big") for number in range(COUNT)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
READ = memory_reader(LEAVES)
# Sizes around every edge: of a tile, of a row of tiles, of a level.
SIZES = st.one_of(
    st.sampled_from([0, 1, 2, 255, 256, 257, 511, 512, 513, 65535, 65536, 65537, COUNT]),
    st.integers(0, 1100),
    st.integers(0, COUNT),
)


def tiles_of(size: int) -> dict[Tile, bytes]:
    """Return all hash tiles of the first leaves, made from the tree in memory."""
    return {tile: encode_tile(tile_hashes(tile, READ)) for tile in new_tiles(0, size)}


def bundles_of(size: int) -> dict[Bundle, bytes]:
    """Return all entry bundles of the first entries."""
    return {
        bundle: encode_bundle(ENTRIES[bundle.number * 256 :][: bundle.width])
        for bundle in new_bundles(0, size)
    }


def root_of(size: int) -> bytes:
    """Return the root over the first leaves."""
    return Frontier.at(size, READ).root()


def getter(tiles: Mapping[Tile, bytes]) -> GetTile:
    """Return the callback that finds tiles of exactly the width asked for."""
    return lambda level, number, width: tiles[Tile(level, number, width)]


def bundle_getter(bundles: Mapping[Bundle, bytes]) -> GetBundle:
    """Return the callback that finds bundles of exactly the width asked for."""
    return lambda number, width: bundles[Bundle(number, width)]


def not_asked(*what: int) -> bytes:
    """Stand for a store that must not be read."""
    pytest.fail(f"asked for {what}")


@pytest.mark.parametrize(
    ("tile", "key"),
    [
        (Tile(0, 0, 256), "log/tile/0/000"),
        (Tile(0, 0, 1), "log/tile/0/000.p/1"),
        (Tile(3, 999, 255), "log/tile/3/999.p/255"),
        (Tile(0, 1000, 256), "log/tile/0/x001/000"),
        (Tile(0, 1234067, 256), "log/tile/0/x001/x234/067"),
        (Tile(63, 1000000, 17), "log/tile/63/x001/x000/000.p/17"),
    ],
)
def test_tile_keys(tile: Tile, key: str) -> None:
    """Tile numbers are spelled in groups of three digits, all but the last with an x."""
    assert tile.key == key
    assert Bundle(*tile[1:]).key == key.replace(f"/tile/{tile.level}/", "/tile/entries/")


def test_the_tiles_of_the_specification_s_example() -> None:
    """A tree of 70,000 leaves has the tiles that tlog-tiles names."""
    tiles = list(new_tiles(0, 70_000))
    assert tiles[:273] == [Tile(0, number, 256) for number in range(273)]
    assert tiles[273:] == [Tile(0, 273, 112), Tile(1, 0, 256), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(new_tiles(0, 256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert list(new_tiles(0, 0)) == []


@given(SIZES, SIZES)
def test_new_tiles_are_the_difference(one: int, other: int) -> None:
    """New tiles are those of the larger tree that the smaller one has not."""
    small, large = sorted((one, other))
    old = set(new_tiles(0, small))
    assert list(new_tiles(small, large)) == [t for t in new_tiles(0, large) if t not in old]
    old_bundles = set(new_bundles(0, small))
    expected = [b for b in new_bundles(0, large) if b not in old_bundles]
    assert list(new_bundles(small, large)) == expected
    assert [Tile(0, *bundle) for bundle in expected] == [
        tile for tile in new_tiles(small, large) if tile.level == 0
    ]


@given(SIZES)
def test_partial_keys_name_every_partial_object(size: int) -> None:
    """They are the keys of the tiles and the bundle that are narrower than 256."""
    objects: list[Tile | Bundle] = [*new_tiles(0, size), *new_bundles(0, size)]
    assert partial_keys(size) == {item.key for item in objects if item.width < 256}


def test_tiles_hold_the_hashes_of_the_definition() -> None:
    """Each hash in a tile is the Merkle tree hash of its stretch of entries."""
    size = 600
    for tile in new_tiles(0, size):
        span = 256**tile.level
        for at, item in enumerate(parse_tile(tiles_of(size)[tile])):
            start = (tile.number * 256 + at) * span
            assert item == rfc.mth(ENTRIES[start : start + span])


@settings(max_examples=25)
@given(SIZES.filter(bool), st.data())
def test_tile_reader_equals_the_reader_in_memory(size: int, data: st.DataObject) -> None:
    """Roots and proofs made from tiles are those made from leaves in memory."""
    read = tile_reader(size, getter(tiles_of(size)))
    assert Frontier.at(size, read) == Frontier.at(size, READ)
    for _ in range(10):
        index = data.draw(st.integers(0, size - 1))
        path = inclusion_path(index, size, read)
        assert path == inclusion_path(index, size, READ)
        verify_inclusion(index, size, LEAVES[index], path, root_of(size))
        old = data.draw(st.integers(1, size))
        steps = consistency_path(old, size, read)
        assert steps == consistency_path(old, size, READ)
        verify_consistency(old, size, steps, root_of(old), root_of(size))


def test_tile_reader_reads_every_complete_subtree() -> None:
    """All levels and indexes of a tree can be read, and nothing beyond its edge."""
    size = 777
    read = tile_reader(size, getter(tiles_of(size)))
    for level in range(11):
        for index in range(size >> level):
            assert read(level, index) == READ(level, index)
        with pytest.raises(UsageError):
            read(level, size >> level)
    for level, index in ((-1, 0), (0, -1)):
        with pytest.raises(UsageError):
            read(level, index)


def test_tile_reader_takes_a_wider_tile() -> None:
    """Where a partial tile was collected, the full one stands in for it."""
    tiles = tiles_of(1024)
    read = tile_reader(700, lambda level, number, _: tiles[Tile(level, number, (256, 4)[level])])
    assert Frontier.at(700, read).root() == root(LEAVES[:700])


def test_tile_reader_refuses_a_narrower_tile() -> None:
    """A tile with too few hashes is a format error that names the tile."""
    read = tile_reader(700, lambda *_: encode_tile(LEAVES[:3]))
    with pytest.raises(FormatError) as caught:
        read(0, 699)
    assert caught.value.where == "log/tile/0/002.p/188"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 300), st.integers(0, 3)), min_size=1, max_size=6))
def test_growing_in_batches_makes_all_tiles(batches: list[int]) -> None:
    """A log that grows batch by batch has the tiles and bundles of one made at once."""
    frontier = Frontier.empty()
    tiles: dict[Tile, bytes] = {}
    bundles: dict[Bundle, bytes] = {}
    for count in batches:
        old, new = frontier.size, frontier.size + count
        grown = dict(grow_tiles(frontier, LEAVES[old:new], getter(tiles)))
        grown_bundles = dict(grow_bundles(frontier, ENTRIES[old:new], bundle_getter(bundles)))
        assert list(grown) == list(new_tiles(old, new))
        assert list(grown_bundles) == list(new_bundles(old, new))
        tiles |= grown
        bundles |= grown_bundles
        frontier = frontier.extend(LEAVES[old:new])
    assert tiles.items() >= tiles_of(frontier.size).items()
    assert bundles.items() >= bundles_of(frontier.size).items()


@pytest.mark.parametrize("old", [0, 3, 255, 256, 65_533, 65_536])
def test_growing_over_two_levels(old: int) -> None:
    """One large batch makes the tiles of every level, from any edge."""
    frontier = Frontier.empty().extend(LEAVES[:old])
    grown = dict(grow_tiles(frontier, LEAVES[old:], getter(tiles_of(old))))
    expected = tiles_of(COUNT)
    assert grown == {tile: expected[tile] for tile in new_tiles(old, COUNT)}


def test_growing_from_full_tiles_reads_nothing() -> None:
    """With no partial tile at level 0, a small batch needs no old bytes."""
    frontier = Frontier.empty().extend(LEAVES[:512])
    grown = dict(grow_tiles(frontier, LEAVES[512:514], not_asked))
    assert list(grown) == [Tile(0, 2, 2)]
    assert list(dict(grow_bundles(frontier, ENTRIES[512:514], not_asked))) == [Bundle(2, 2)]
    assert list(grow_tiles(frontier, [], not_asked)) == []
    assert list(grow_bundles(Frontier.empty().extend(LEAVES[:3]), [], not_asked)) == []


def test_growing_takes_a_wider_edge() -> None:
    """Where the partial tile was collected meanwhile, a wider one gives the same new tiles."""
    wide = tiles_of(512)
    frontier = Frontier.empty().extend(LEAVES[:300])
    grown = grow_tiles(frontier, LEAVES[300:310], lambda level, *_: wide[Tile(level, 1, 256)])
    assert dict(grown) == {Tile(0, 1, 54): tiles_of(310)[Tile(0, 1, 54)]}


@given(st.data())
def test_growing_refuses_a_changed_edge(data: st.DataObject) -> None:
    """One flipped bit in a partial tile or bundle stops the growth; nothing is built on it."""
    size = data.draw(st.integers(1, 1100).filter(lambda n: n % 256))
    frontier = Frontier.empty().extend(LEAVES[:size])
    more = 256 - size % 256  # fills the partial tile, so that level 1 is read as well
    tiles, bundles = tiles_of(size), bundles_of(size)
    edges = [tile for tile in tiles if tile.width < 256]
    tile = data.draw(st.sampled_from(edges))
    tiles[tile] = changed(tiles[tile], data.draw(st.integers(0, len(tiles[tile]) * 8 - 1)))
    with pytest.raises(IntegrityError) as caught:
        list(grow_tiles(frontier, LEAVES[size : size + more], getter(tiles)))
    assert caught.value.where == tile.key
    last = max(bundles)
    bit = data.draw(st.integers(0, len(bundles[last]) * 8 - 1))
    bundles[last] = changed(bundles[last], bit)
    with pytest.raises((IntegrityError, FormatError)):
        list(grow_bundles(frontier, ENTRIES[size : size + 1], bundle_getter(bundles)))


def changed(data: bytes, bit: int) -> bytes:
    """Return the bytes with one bit flipped."""
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=256))
def test_tiles_survive_encoding(hashes: list[bytes]) -> None:
    """Hashes read back from a tile are those written, 32 bytes each."""
    data = encode_tile(hashes)
    assert len(data) == 32 * len(hashes)
    assert parse_tile(data) == hashes


@pytest.mark.parametrize("hashes", [[], [bytes(32)] * 257, [bytes(31)], [bytes(32), bytes(33)]])
def test_impossible_tiles_are_not_written(hashes: list[bytes]) -> None:
    """A tile has 1 to 256 hashes of 32 bytes."""
    with pytest.raises(FormatError):
        encode_tile(hashes)


@pytest.mark.parametrize("size", [0, 31, 33, 256 * 32 + 1, 257 * 32])
def test_impossible_tiles_are_not_read(size: int) -> None:
    """Bytes that are not 1 to 256 whole hashes are no tile."""
    with pytest.raises(FormatError):
        parse_tile(bytes(size))


_OBSERVATION = st.binary(min_size=33, max_size=33)


@given(st.lists(st.binary(max_size=80) | _OBSERVATION, min_size=1, max_size=256))
def test_bundles_survive_encoding(entries: list[bytes]) -> None:
    """Entries read back from a bundle are those written, empty ones too."""
    assert parse_bundle(encode_bundle(entries)) == entries


@given(st.binary(max_size=300) | st.binary(max_size=80).map(lambda end: b"\0!" * 18 + end))
def test_any_bytes_are_one_bundle_or_none(data: bytes) -> None:
    """Bytes either are refused or are exactly what the entries found are written as."""
    try:
        entries = parse_bundle(data)
    except FormatError:
        return
    assert encode_bundle(entries) == data


def test_bundle_bytes() -> None:
    """Each entry stands after its length as a big-endian uint16."""
    assert encode_bundle([b"one", b"", b"x" * 258]) == b"\0\3one\0\0\1\2" + b"x" * 258


def test_the_longest_entry() -> None:
    """An entry may have 65,535 bytes and not one more; the error says which it is."""
    assert parse_bundle(encode_bundle([bytes(MAX_ENTRY)])) == [bytes(MAX_ENTRY)]
    with pytest.raises(FormatError) as caught:
        encode_bundle([b"", bytes(MAX_ENTRY + 1)])
    assert caught.value.where == "entry 1 of a bundle"


@pytest.mark.parametrize("count", [0, 257])
def test_impossible_bundles(count: int) -> None:
    """A bundle has 1 to 256 entries, written or read."""
    with pytest.raises(FormatError):
        encode_bundle([b"e"] * count)
    with pytest.raises(FormatError):
        parse_bundle(b"\0\1e" * count)


@pytest.mark.parametrize("data", [b"\0", b"\0\1e\0", b"\0\2e", b"\0\1e\0\3ab"])
def test_cut_bundles_are_refused(data: bytes) -> None:
    """A bundle that ends within a length or an entry is refused."""
    with pytest.raises(FormatError):
        parse_bundle(data)


def test_another_log_s_tiles_and_entries_lead_to_its_checkpoints(shared_data: Path) -> None:
    """Published log: every checkpoint's root follows from the tiles and from the entries."""
    log = shared_data / "vectors" / "tessera" / "testdata" / "log"
    key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

    def get(tile: Tile | Bundle) -> bytes:
        return (log / tile.key.removeprefix("log/")).read_bytes()

    for size in range(16):
        note = (log / f"checkpoint.{size}").read_bytes()
        checkpoint = open_checkpoint(note, [key])
        assert checkpoint.size == size
        read = tile_reader(size, lambda *which: get(Tile(*which)))
        assert Frontier.at(size, read).root() == checkpoint.root
        entries = [entry for bundle in new_bundles(0, size) for entry in parse_bundle(get(bundle))]
        assert root([leaf_hash(entry) for entry in entries]) == checkpoint.root
        if 0 < size < 15:
            grown = grow_tiles(
                Frontier.at(size, read),
                [leaf_hash(parse_bundle(get(Bundle(0, size + 1)))[-1])],
                lambda *which: get(Tile(*which)),
            )
            assert dict(grown) == {Tile(0, 0, size + 1): get(Tile(0, 0, size + 1))}
