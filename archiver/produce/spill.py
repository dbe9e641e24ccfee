"""Sorting more than memory holds: in pieces, each sorted and put down, then merged. Pure.

Where pieces are put down is the caller's: a function that gives a new file to write and read.
"""

from __future__ import annotations

import heapq
from struct import Struct
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    Key = tuple[str | int, ...]

__all__ = ["Spill"]

_LENGTH = Struct(">I")
_PIECE = 32 * 1024 * 1024
"""Bytes of a piece, without what Python adds."""


class Spill:
    """Things with a key each, given back in the order of their keys, equal ones as they came.

    Args:
        scratch: gives a new, empty file to write and to read again.
        piece: bytes after which a piece is put down.
    """

    def __init__(self, scratch: Callable[[], BinaryIO], piece: int = _PIECE) -> None:
        self._scratch, self._piece = scratch, piece
        self._files: list[BinaryIO] = []
        self._items: list[tuple[Key, int, bytes]] = []
        self._size = self._count = 0

    def add(self, key: Key, data: bytes) -> None:
        """Take one in. Keys have texts and numbers at the same places."""
        self._items.append((key, self._count, data))
        self._count += 1
        self._size += len(data) + 64
        if self._size > self._piece:
            self._put_down()

    def __iter__(self) -> Iterator[tuple[Key, bytes]]:
        """Yield all by rising key, once everything is there."""
        self._items.sort(key=lambda one: one[:2])
        pieces = [_read(file) for file in self._files]
        for key, _, data in heapq.merge(*pieces, iter(self._items), key=lambda one: one[:2]):
            yield key, data

    def close(self) -> None:
        """Give up what it has, and its files."""
        for file in self._files:
            file.close()
        self._files, self._items = [], []

    def _put_down(self) -> None:
        self._items.sort(key=lambda one: one[:2])
        file = self._scratch()
        for one in self._items:
            data = msgspec.msgpack.encode(one)
            file.write(_LENGTH.pack(len(data)) + data)
        self._files.append(file)
        self._items, self._size = [], 0


def _read(file: BinaryIO) -> Iterator[tuple[Key, int, bytes]]:
    file.seek(0)
    while head := file.read(_LENGTH.size):
        one: Any = msgspec.msgpack.decode(file.read(_LENGTH.unpack(head)[0]))
        yield tuple(one[0]), one[1], one[2]
