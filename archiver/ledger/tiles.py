"""Tiles of a C2SP tiled log: which there are, how they read, how a log grows by them.

c2sp.org/tlog-tiles: a hash tile of level L, number N holds up to 256 hashes of complete
subtrees over ``256**L`` leaves; an entry bundle holds the entries under a tile of level
0. Only the last tile of a level is ever partial. Pure: tiles come and go as bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from archiver.errors import FormatError, IntegrityError, UsageError
from archiver.layout import bundle_key, tile_key
from archiver.ledger.tree import HASH_SIZE, Frontier, leaf_hash, pair_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archiver.ledger.tree import ReadHash

__all__ = [
    "MAX_ENTRY",
    "TILE_WIDTH",
    "Bundle",
    "GetBundle",
    "GetTile",
    "Tile",
    "encode_bundle",
    "encode_tile",
    "grow_bundles",
    "grow_tiles",
    "new_bundles",
    "new_tiles",
    "parse_bundle",
    "parse_tile",
    "partial_keys",
    "tile_hashes",
    "tile_reader",
]

TILE_WIDTH = 256
MAX_ENTRY = 65_535
"""The largest entry in bytes: its length is written as a uint16."""

_RUN = re.compile(rb"(?:\x00\x21.{33}){1,256}", re.DOTALL)
_cut_run = Struct("2x33s").iter_unpack
"""Observations, as nearly all entries are: 33 bytes each, after their length."""

_HEIGHT = 8
_CACHED_TILES = 1024

GetTile: TypeAlias = "Callable[[int, int, int], bytes]"
"""Gives the bytes of a hash tile by level, number and width.

It may answer with a wider version of the same tile, where the partial one is gone.
"""

GetBundle: TypeAlias = "Callable[[int, int], bytes]"
"""Gives the bytes of an entry bundle by number and width (exactly that width)."""


class Tile(NamedTuple):
    """Which hash tile: its level (0 to 63), number in that level, width in hashes (1 to 256)."""

    level: int
    number: int
    width: int

    @property
    def key(self) -> str:
        """The tile's key in the archive."""
        return tile_key(*self)


class Bundle(NamedTuple):
    """Which entry bundle: its number and its width in entries (1 to 256)."""

    number: int
    width: int

    @property
    def key(self) -> str:
        """The bundle's key in the archive."""
        return bundle_key(*self)


def new_tiles(old_size: int, size: int) -> Iterator[Tile]:
    """Yield the hash tiles that a tree of ``size`` has and one of ``old_size`` had not.

    With ``old_size`` 0: all tiles of the tree. Levels rise, numbers rise within a level.
    """
    level = 0
    while size >> _HEIGHT * level:
        shift = _HEIGHT * level
        for number, width in _new_widths(old_size >> shift, size >> shift):
            yield Tile(level, number, width)
        level += 1


def new_bundles(old_size: int, size: int) -> Iterator[Bundle]:
    """Yield the entry bundles that a log of ``size`` has and one of ``old_size`` had not."""
    for number, width in _new_widths(old_size, size):
        yield Bundle(number, width)


def partial_keys(size: int) -> set[str]:
    """Return the keys of the partial tiles and bundle of a log of ``size`` entries."""
    keys, level = set(), 0
    while count := size >> _HEIGHT * level:
        number, width = divmod(count, TILE_WIDTH)
        if width:
            keys.add(tile_key(level, number, width))
            if level == 0:
                keys.add(bundle_key(number, width))
        level += 1
    return keys


def encode_tile(hashes: Sequence[bytes]) -> bytes:
    """Return the bytes of a hash tile. Raises `FormatError` unless it has 1 to 256 hashes."""
    _check_width(len(hashes), f"{len(hashes)} hashes")
    if set(map(len, hashes)) != {HASH_SIZE}:
        raise FormatError("a hash in a tile is not 32 bytes")
    return b"".join(hashes)


def parse_tile(data: bytes) -> list[bytes]:
    """Return the hashes of a tile. Raises `FormatError` unless it is 1 to 256 whole hashes."""
    where = f"{len(data)} bytes"
    _check_width(len(data) // HASH_SIZE, where)
    if len(data) % HASH_SIZE:
        raise FormatError("a hash tile ends within a hash", where=where)
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry after its length as big-endian uint16.

    Raises `FormatError` unless it has 1 to 256 entries of at most 65,535 bytes.
    """
    _check_width(len(entries), f"{len(entries)} entries")
    for position, entry in enumerate(entries):
        if len(entry) > MAX_ENTRY:
            raise FormatError(
                f"an entry of {len(entry)} bytes is too long for the log",
                where=f"entry {position} of a bundle",
                mend=f"keep entries within {MAX_ENTRY} bytes: a long set is a file of its own",
            )
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle. Raises `FormatError` naming the byte that is wrong."""
    entries, at, size = list[bytes](), 0, len(data)
    while at < size:
        if run := _RUN.match(data, at):
            entries += [entry for (entry,) in _cut_run(run[0])]
            at = run.end()
            continue
        start = at + 2
        # Arithmetic on two bytes: a slice and a conversion for each entry cost twice as much.
        end = start + (data[at] << 8 | data[at + 1]) if start <= size else start
        if end > size:
            raise FormatError("an entry bundle ends within an entry", where=f"byte {at}")
        entries.append(data[start:end])
        at = end
    _check_width(len(entries), f"{len(entries)} entries")
    return entries


def tile_reader(size: int, get_tile: GetTile) -> ReadHash:
    """Return a reader of the complete subtrees of a tree of ``size``, backed by its tiles.

    Tiles are asked for in exactly the width that this tree gives them, and a few are kept
    in memory. The reader raises `UsageError` for a subtree that is not complete in the
    tree, `FormatError` for a tile that is not one. What it reads is not authenticated:
    compare a root made of it with a verified checkpoint.
    """

    @lru_cache(maxsize=_CACHED_TILES)
    def hashes(level: int, number: int) -> list[bytes]:
        width = min(TILE_WIDTH, (size >> _HEIGHT * level) - number * TILE_WIDTH)
        found = parse_tile(get_tile(level, number, width))
        if len(found) < width:
            where = tile_key(level, number, width)
            raise FormatError(f"a hash tile has only {len(found)} hashes", where=where)
        return found

    def read(level: int, index: int) -> bytes:
        if level < 0 or index < 0 or (index + 1) << level > size:
            where = f"subtree {index} at level {level}, tree of {size} leaves"
            raise UsageError("no such complete subtree", where=where)
        tile_level, height = divmod(level, _HEIGHT)
        number, start = divmod(index << height, TILE_WIDTH)
        nodes = hashes(tile_level, number)[start : start + (1 << height)]
        while len(nodes) > 1:
            nodes = pair_up(nodes)
        return nodes[0]

    return read


def tile_hashes(tile: Tile, read: ReadHash) -> list[bytes]:
    """Return the hashes of a tile, each asked of ``read``."""
    first, level = tile.number * TILE_WIDTH, _HEIGHT * tile.level
    return [read(level, index) for index in range(first, first + tile.width)]


def grow_tiles(
    frontier: Frontier, leaf_hashes: Sequence[bytes], get_tile: GetTile
) -> Iterator[tuple[Tile, bytes]]:
    """Yield every new hash tile, with its bytes, after adding leaves to the frontier's tree.

    ``get_tile`` is asked only for the partial tiles of the old tree, in their old width.
    Raises `IntegrityError` where one of them does not lead to the frontier's hashes.
    """
    nodes, level = leaf_hashes, 0
    while nodes:
        count = frontier.size >> _HEIGHT * level
        number, width = divmod(count, TILE_WIDTH)
        if width:
            old = parse_tile(get_tile(level, number, width))[:width]
            _check_edge(frontier, level, old, tile_key(level, number, width))
            nodes = [*old, *nodes]
        for at in range(0, len(nodes), TILE_WIDTH):
            part = nodes[at : at + TILE_WIDTH]
            yield Tile(level, number + at // TILE_WIDTH, len(part)), encode_tile(part)
        nodes = nodes[: len(nodes) // TILE_WIDTH * TILE_WIDTH]
        for _ in range(_HEIGHT):
            nodes = pair_up(nodes)
        level += 1


def grow_bundles(
    frontier: Frontier, entries: Sequence[bytes], get_bundle: GetBundle
) -> Iterator[tuple[Bundle, bytes]]:
    """Yield every new entry bundle, with its bytes, after adding entries to the log.

    ``get_bundle`` is asked only for the partial bundle of the old log, if there is one.
    Raises `IntegrityError` where its entries do not lead to the frontier's hashes.
    """
    number, width = divmod(frontier.size, TILE_WIDTH)
    if width and entries:
        old = parse_bundle(get_bundle(number, width))
        _check_edge(frontier, 0, [leaf_hash(entry) for entry in old], bundle_key(number, width))
        entries = [*old, *entries]
    for at in range(0, len(entries), TILE_WIDTH):
        part = entries[at : at + TILE_WIDTH]
        yield Bundle(number + at // TILE_WIDTH, len(part)), encode_bundle(part)


def _new_widths(old_count: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield (number, width) of the tiles over ``count`` items that were not over ``old_count``."""
    if count > old_count:
        for number in range(old_count // TILE_WIDTH, -(-count // TILE_WIDTH)):
            yield number, min(TILE_WIDTH, count - number * TILE_WIDTH)


def _check_width(width: int, where: str) -> None:
    if not 1 <= width <= TILE_WIDTH:
        raise FormatError("a tile holds 1 to 256 items", where=where)


def _check_edge(frontier: Frontier, level: int, hashes: Sequence[bytes], where: str) -> None:
    """Refuse a partial tile that is not the one the frontier's tree has at ``level``."""
    below = frontier.size & (1 << _HEIGHT * level) - 1
    above = frontier.size >> _HEIGHT * (level + 1)
    end = len(frontier.hashes) - below.bit_count()
    if Frontier.empty().extend(hashes).hashes != frontier.hashes[above.bit_count() : end]:
        raise IntegrityError(
            "a partial tile does not belong to the head of the log",
            where=where,
            mend="restore the tile from a replica or from the entries; nothing was added",
        )
