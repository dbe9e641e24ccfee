"""A remote object as a seekable file that fetches only the ranges which are read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

__all__ = ["open_ranges"]

_BLOCK = 4 << 20  # bytes fetched at a time when reading on


class _RangeReader(io.RawIOBase):
    """Reads through ``fetch(start, count)``, which returns exactly that many bytes."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size = size
        self._fetch = fetch
        self._position = 0

    def readable(self) -> bool:
        """Say yes: reading is all there is."""
        return True

    def seekable(self) -> bool:
        """Say yes: a seek costs nothing."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, as `io.IOBase.seek`. Raises `ValueError` before the start."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        position = origin[whence] + offset
        if position < 0:
            raise ValueError(f"seek to {position}, before the start")
        self._position = position
        return position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill ``buffer`` from the position on; 0 at the end."""
        with memoryview(buffer).cast("B") as view:
            count = max(0, min(len(view), self._size - self._position))
            if count:
                view[:count] = self._fetch(self._position, count)
        self._position += count
        return count


def open_ranges(size: int, fetch: Callable[[int, int], bytes]) -> BinaryIO:
    """Return a buffered, seekable file of ``size`` bytes over ``fetch(start, count)``."""
    return io.BufferedReader(_RangeReader(size, fetch), _BLOCK)
