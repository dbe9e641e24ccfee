"""Reading a tiled log (C2SP tlog-tiles) out of a store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archiver.errors import FormatError, MissingObjectError
from archiver.layout import CHECKPOINT, bundle_key, tile_key
from archiver.ledger.checkpoint import Checkpoint
from archiver.ledger.tiles import TILE_WIDTH, encode_bundle, parse_bundle, tile_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.ledger.tree import ReadHash
    from archiver.ports import Store

__all__ = ["LogReader"]


class LogReader:
    """The log of ``size`` entries in a store.

    What it reads is not authenticated: hold a root made of it against a checkpoint.
    """

    def __init__(self, store: Store, size: int) -> None:
        self._store = store
        self.size = size

    def hashes(self) -> ReadHash:
        """Return a reader of subtree hashes, for proofs."""
        return tile_reader(self.size, self.tile)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Return a hash tile of at least ``width`` hashes. Raises `MissingObjectError`."""
        return self._widest(partial(tile_key, level, number), level, number, width)

    def bundle(self, number: int, width: int) -> bytes:
        """Return an entry bundle of exactly ``width`` entries. Raises `MissingObjectError`."""
        data = self._widest(partial(bundle_key, number), 0, number, width)
        return encode_bundle(parse_bundle(data)[:width])

    def _widest(self, key: Callable[[int], str], level: int, number: int, width: int) -> bytes:
        """Return an object, or the wider successor for which it was collected meanwhile.

        What a longer log has in its place, its checkpoint tells; a listing might be stale.
        The successor may itself give way while it is looked for: at most 255 times, as each
        is wider than the last.
        """
        wider = width
        while wider >= width:
            try:
                return self._store.get(key(wider))
            except MissingObjectError:
                width, wider = wider + 1, self._width_now(level, number)
        raise MissingObjectError(
            "a part of the ledger is missing",
            where=key(width - 1),
            mend="restore it from a replica, then run `archiver verify`",
        )

    def _width_now(self, level: int, number: int) -> int:
        """Return how wide the checkpoint in the store makes a tile, 0 where it can't say."""
        stored = self._store.load(CHECKPOINT)
        try:
            body = b"" if stored is None else stored.data.partition(b"\n\n")[0] + b"\n"
            size = Checkpoint.parse(body).size
        except FormatError:
            return 0
        return min(TILE_WIDTH, (size >> 8 * level) - number * TILE_WIDTH)

    def entries(self, first: int, end: int | None = None) -> Iterator[bytes]:
        """Yield the entries from index ``first`` up to ``end`` (the log's size)."""
        end = self.size if end is None else end
        for number in range(first // TILE_WIDTH, -(-end // TILE_WIDTH)):
            width = min(TILE_WIDTH, self.size - number * TILE_WIDTH)
            data = self._widest(partial(bundle_key, number), 0, number, width)
            found = parse_bundle(data)[:width]
            if len(found) != width:
                where = bundle_key(number, width)
                raise FormatError(f"entry bundle holds {len(found)} entries", where=where)
            start = number * TILE_WIDTH
            yield from found[max(first - start, 0) : end - start]
