"""The log as far as its parts bear each other out, and which part is the false one. Pure.

Each leaf hash stands in two places: its entry, in a bundle, hashes to it, and a tile of
level 0 lists it. A tile of level 1 lists the hash over each 256 of them, and all lead to
the signed root (RFC 6962 §2.1). So a damaged part can be told from a true one, and what it
took away is known to be lost, not taken for something else.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.ledger import ranges
from archiver.ledger.tiles import TILE_WIDTH, Tile
from archiver.ledger.tree import Frontier, leaf_hash, pair_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["LogView", "Parts", "resolve"]

_HEIGHT = 8
_TRIED = 256
"""Combinations of doubtful parts: enough for 8 of them, and for any that tiles decide."""

Hashes = tuple[bytes, ...]


class Parts:
    """What can be read of a log: entries by bundle number, hashes by tile (level, number).

    ``hashes``: the leaf hashes of each bundle's entries.
    """

    def __init__(
        self,
        bundles: Mapping[int, Sequence[bytes]],
        tiles: Mapping[tuple[int, int], Sequence[bytes]],
    ) -> None:
        self.bundles = bundles
        self.tiles = tiles
        self.hashes = {n: tuple(map(leaf_hash, entries)) for n, entries in bundles.items()}


class LogView:
    """A log of ``size`` leaves.

    ``led``: the hashes lead to its root. ``entries`` are those whose hash is the leaf's;
    None stands for one that is lost. ``groups``: the leaf hashes under each bundle, or None
    where no part tells them.
    """

    def __init__(
        self, parts: Parts, groups: Sequence[Hashes | None], size: int, root: bytes
    ) -> None:
        self.size = size
        self._parts = parts
        self._groups = groups
        self._levels = _levels(parts, groups, size)
        self.root = _root(groups, self._levels[0], size)
        self.led = self.root == root
        self.entries: list[bytes | None] = []
        for number in range(_count(size)):
            self.entries += _true(parts, groups[number], number, size)
        self._within = lru_cache(maxsize=1024)(self._subtrees)

    def hash_of(self, index: int) -> bytes | None:
        """Return the hash of a leaf, or None where no part tells it."""
        group = self._groups[index // TILE_WIDTH]
        return None if group is None else group[index % TILE_WIDTH]

    def expected(self, tile: Tile) -> list[bytes] | None:
        """Return the hashes that a tile has to hold, or None where that can't be told."""
        if tile.level == 0:
            group = self._groups[tile.number]
            return None if group is None else list(group)
        first = tile.number * TILE_WIDTH
        found = self._levels[_HEIGHT * (tile.level - 1)][first : first + tile.width]
        whole = [one for one in found if one is not None]
        return whole if len(whole) == tile.width else None

    def read(self, level: int, index: int, /) -> bytes:
        """Return the hash of a complete subtree (`archiver.ledger.tree.ReadHash`).

        Raises `UsageError` where there is none, or what it covers is lost.
        """
        found: bytes | None = None
        if level >= _HEIGHT and level - _HEIGHT < len(self._levels):
            nodes = self._levels[level - _HEIGHT]
            found = nodes[index] if index < len(nodes) else None
        elif 0 <= level < _HEIGHT and (index + 1) << level <= self.size:
            number, place = divmod(index << level, TILE_WIDTH)
            rows = self._within(number)
            found = rows[level][place >> level] if rows else None
        if found is None:
            raise UsageError("no such complete subtree", where=f"{index} at level {level}")
        return found

    def offer(self, index: int, entry: bytes) -> None:
        """Take in an entry from elsewhere, if it is lost here and hashes to its leaf."""
        if (
            index < self.size
            and self.entries[index] is None
            and leaf_hash(entry) == self.hash_of(index)
        ):
            self.entries[index] = entry

    def lost(self, first: int = 0) -> ranges.Ranges:
        """Return the indexes from ``first`` on of the entries that are lost."""
        found = self.entries[first:]
        return ranges.from_numbers(at for at, one in enumerate(found, first) if one is None)

    def told(self, number: int) -> Sequence[bytes]:
        """Return what a bundle's entries have to hash to; nothing where that can't be told.

        Where nothing leads to the root, entries that a tile contradicts are not believed.
        """
        group, tile = self._groups[number], self._parts.tiles.get((0, number))
        if group is None or (not self.led and tile is not None and tuple(tile) != group):
            return ()
        return group

    def _subtrees(self, number: int) -> list[list[bytes]]:
        group = self._groups[number]
        rows = [list(group)] if group else []
        while rows and len(rows[-1]) > 1:
            rows.append(pair_up(rows[-1]))
        return rows


def resolve(parts: Parts, size: int, root: bytes) -> LogView:
    """Return the log of ``size`` leaves that leads to ``root``, as its parts tell it.

    Where parts disagree, that side is taken with which the hashes lead to the root; where
    neither does, the entries' own.
    """
    options = [_options(parts, number, size) for number in range(_count(size))]
    first = [one[0] for one in options]
    view = LogView(parts, first, size, root)
    doubtful = [number for number, one in enumerate(options) if len(one) > 1]
    if view.led or not doubtful:
        return view
    full = range(size // TILE_WIDTH)  # each is hashed once, however many ways are tried
    nodes = [_node(parts, number, first[number]) for number in full]
    told = {(n, one): _node(parts, n, one) for n in doubtful if n in full for one in options[n]}
    for chosen in islice(product(*(options[number] for number in doubtful)), 1, _TRIED):
        groups, tried = list(first), list(nodes)
        for number, one in zip(doubtful, chosen, strict=True):
            groups[number] = one
            if number in full:
                tried[number] = told[number, one]
        if _root(groups, tried, size) == root:
            return LogView(parts, groups, size, root)
    return view


def _count(size: int) -> int:
    return -(-size // TILE_WIDTH)


def _options(parts: Parts, number: int, size: int) -> list[Hashes | None]:
    """Return what the leaf hashes of a bundle may be, the likeliest first."""
    width = min(TILE_WIDTH, size - number * TILE_WIDTH)
    told = (parts.hashes.get(number, ()), parts.tiles.get((0, number), ()))
    found = [
        one for one in dict.fromkeys(tuple(all_[:width]) for all_ in told) if len(one) == width
    ]
    if len(found) > 1:
        above = _above(parts, number)
        found.sort(key=lambda one: _over(one) != above)
    return [*found] or [None]


def _above(parts: Parts, number: int) -> bytes | None:
    """Return what the tile above says of 256 leaves, where they are that many."""
    tile = parts.tiles.get((1, number // TILE_WIDTH), ())
    place = number % TILE_WIDTH
    return tile[place] if place < len(tile) else None


def _node(parts: Parts, number: int, hashes: Hashes | None) -> bytes | None:
    """Return the tree hash over a full bundle's leaves, from above where they are not known."""
    return _above(parts, number) if hashes is None else _over(hashes)


def _over(hashes: Sequence[bytes]) -> bytes:
    """Return the tree hash over 256 hashes; over fewer, what is none."""
    nodes = list(hashes) if len(hashes) == TILE_WIDTH else []
    while len(nodes) > 1:
        nodes = pair_up(nodes)
    return nodes[0] if nodes else b""


def _levels(parts: Parts, groups: Sequence[Hashes | None], size: int) -> list[list[bytes | None]]:
    """Return the complete subtrees of levels 8 and up; None where one is not known."""
    full = size // TILE_WIDTH
    rows = [[_node(parts, number, groups[number]) for number in range(full)]]
    while len(rows[-1]) > 1:
        row = iter(rows[-1])
        rows.append([_pair(left, right) for left, right in zip(row, row, strict=False)])
    return rows


def _pair(left: bytes | None, right: bytes | None) -> bytes | None:
    return None if left is None or right is None else pair_up([left, right])[0]


def _root(
    groups: Sequence[Hashes | None], nodes: Iterable[bytes | None], size: int
) -> bytes | None:
    """Return the root that the hashes lead to, or None where some are not known."""
    full = [one for one in nodes if one is not None]
    last = groups[-1] if size % TILE_WIDTH else ()
    if len(full) != size // TILE_WIDTH or last is None:
        return None
    high, low = Frontier.empty().extend(full), Frontier.empty().extend(last)
    return Frontier(size, (*high.hashes, *low.hashes)).root()


def _true(parts: Parts, hashes: Hashes | None, number: int, size: int) -> list[bytes | None]:
    """Return the entries of a bundle, None for each that is not what its leaf stands for."""
    width = min(TILE_WIDTH, size - number * TILE_WIDTH)
    entries, own = list(parts.bundles.get(number, ()))[:width], parts.hashes.get(number, ())
    if hashes is None or hashes == own:
        return [*entries, *([None] * (width - len(entries)))]
    same = [
        entry if one == hashes[at] else None
        for at, (entry, one) in enumerate(zip(entries, own, strict=False))
    ]
    return [*same, *([None] * (width - len(same)))]
