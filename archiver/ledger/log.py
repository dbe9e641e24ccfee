"""Reading a tiled log (C2SP tlog-tiles) out of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.errors import FormatError, MissingObjectError
from archiver.layout import bundle_key, tile_key
from archiver.ledger.tiles import TILE_WIDTH, encode_bundle, parse_bundle, tile_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        wide = tile_key(level, number)
        return self._widest(tile_key(level, number, width), wide)

    def bundle(self, number: int, width: int) -> bytes:
        """Return an entry bundle of exactly ``width`` entries. Raises `MissingObjectError`."""
        data = self._widest(bundle_key(number, width), bundle_key(number))
        return encode_bundle(parse_bundle(data)[:width])

    def _widest(self, exact: str, full: str) -> bytes:
        """Return an object, or a wider successor where it was collected meanwhile.

        A successor may itself give way to a wider one while it is looked for, so that is
        done again; at most 255 times, as each is wider than the last.
        """
        asked = int(exact.rpartition("/")[2]) if exact != full else TILE_WIDTH
        for key in self._candidates(exact, full, asked):
            try:
                return self._store.get(key)
            except MissingObjectError:
                continue
        raise MissingObjectError(
            "a part of the ledger is missing",
            where=exact,
            mend="restore it from a replica, then run `archiver verify`",
        )

    def _candidates(self, exact: str, full: str, asked: int) -> Iterator[str]:
        yield exact
        while asked < TILE_WIDTH:
            yield full
            widths = [found.key.rpartition("/")[2] for found in self._store.list(f"{full}.p/")]
            numbers = [int(width) for width in widths if width.isdecimal()]
            wider = [width for width in numbers if asked < width < TILE_WIDTH]
            if not wider:
                break
            asked = max(wider)
            yield f"{full}.p/{asked}"
        yield full

    def entries(self, first: int, end: int | None = None) -> Iterator[bytes]:
        """Yield the entries from index ``first`` up to ``end`` (the log's size)."""
        end = self.size if end is None else end
        for number in range(first // TILE_WIDTH, -(-end // TILE_WIDTH)):
            width = min(TILE_WIDTH, self.size - number * TILE_WIDTH)
            found = parse_bundle(self.bundle(number, width))
            if len(found) != width:
                where = bundle_key(number, width)
                raise FormatError(f"entry bundle holds {len(found)} entries", where=where)
            start = number * TILE_WIDTH
            yield from found[max(first - start, 0) : end - start]
