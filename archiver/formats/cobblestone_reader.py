"""Reading an encrypted file at any offset (C2SP chunked-encryption, random access)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from archiver.formats.cobblestone_chunks import (
    CHUNK,
    HEADER,
    SEALED_CHUNK,
    ChunkOpener,
    checked_key,
    chunk_count,
    plain_size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

__all__ = ["CobblestoneReader", "open_sealed"]

SPAN = 64
"""Chunks fetched with one read of the underlying file (1 MiB)."""


def open_sealed(sealed: BinaryIO, key: bytes, context: bytes) -> BinaryIO:
    """Return a buffered `CobblestoneReader`: an ordinary binary file, for several threads too.

    Raises:
        KeyStoreError: ``key`` is not 32 bytes.
        IntegrityError: on opening or reading, as `archiver.formats.cobblestone.decrypt`.
    """
    return io.BufferedReader(CobblestoneReader(sealed, key, context), CHUNK)


class CobblestoneReader(io.RawIOBase):
    """Random access to the plain bytes of an encrypted, seekable file.

    Opening checks key, context, and by opening the last chunk the file's length. Each read
    authenticates the chunks it touches, every time they are fetched; it returns all the
    bytes asked for, fewer only at the end. The reader owns ``sealed`` and closes it with
    itself, also when opening fails. One thread at a time.

    Args:
        sealed: the encrypted file, seekable and binary.
        key: its 32-byte key.
        context: its `context`.

    Raises:
        KeyStoreError: ``key`` is not 32 bytes.
        IntegrityError: on opening or reading, as `archiver.formats.cobblestone.decrypt`.
    """

    def __init__(self, sealed: BinaryIO, key: bytes, context: bytes) -> None:
        super().__init__()
        self._sealed = sealed
        self._position = 0
        stored = sealed.seek(0, io.SEEK_END)
        self._length = plain_size(stored)
        self._opener = ChunkOpener(checked_key(key), context, self._fetch(0, HEADER))
        last = chunk_count(stored) - 1
        self._held = (last, self._opener.open(last, self._fetch_chunks(last, 1)))

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the offset, in plain bytes, of the next read."""
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset in plain bytes; past the end is allowed and reads as empty.

        Raises:
            ValueError: the target lies before the start, or ``whence`` is unknown (`io`).
        """
        self._check_open()
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}
        if whence not in bases or bases[whence] + offset < 0:
            raise ValueError(f"no place to seek to: offset {offset}, whence {whence}")
        self._position = bases[whence] + offset
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next ``size`` bytes, or all that remain for a negative size or None."""
        self._check_open()
        remaining = max(0, self._length - self._position)
        count = remaining if size is None or size < 0 else min(size, remaining)
        data = b"".join(self._take(count))
        self._position += count
        return data

    def readall(self) -> bytes:
        """Return all bytes from here to the end."""
        return self.read(-1)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill ``buffer`` as far as the file reaches and return how many bytes that was."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close this and the encrypted file below."""
        if not self.closed:
            self._sealed.close()
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def _take(self, count: int) -> Iterator[bytes]:
        """Yield the next ``count`` bytes, all of which the file has, piece by piece."""
        number, skip = divmod(self._position, CHUNK)
        while count > 0:
            wanted = min(SPAN, -(-(skip + count) // CHUNK))
            for chunk in self._chunks(number, wanted):
                part = chunk[skip : skip + count]
                yield part
                count -= len(part)
                skip = 0
            number += wanted

    def _chunks(self, first: int, wanted: int) -> Iterator[bytes]:
        """Yield plain chunks; the last one is kept, so small reads in a row open it once."""
        if wanted == 1 and self._held[0] == first:
            yield self._held[1]
            return
        stored = self._fetch_chunks(first, wanted)
        for index in range(wanted):
            sealed = stored[index * SEALED_CHUNK : (index + 1) * SEALED_CHUNK]
            self._held = (first + index, self._opener.open(first + index, sealed))
            yield self._held[1]

    def _fetch_chunks(self, first: int, wanted: int) -> bytes:
        return self._fetch(HEADER + first * SEALED_CHUNK, wanted * SEALED_CHUNK)

    def _fetch(self, offset: int, size: int) -> bytes:
        """Return stored bytes, fewer only at the end: raw files may return less per read."""
        self._sealed.seek(offset)
        parts = []
        while size > 0 and (part := self._sealed.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
