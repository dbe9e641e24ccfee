"""File encryption: Cobblestone-256 of C2SP chunked-encryption, streamed or at any offset.

A file is a 56-byte header and chunks of 16 KiB, each sealed with AES-256-GCM; the last
one is always shorter, so a file cut at a chunk's edge is seen. ``docs/formats/cobblestone.md``
gives every byte. What is known when:

* A piece from `decrypt`, or bytes from `CobblestoneReader`, were authenticated before they
  were handed out: right key, right context, right place in the file.
* That the *file* is whole is known when the iterator of `decrypt` ends without an error,
  when `decrypt_all` returns, or (its length only) when a `CobblestoneReader` has opened.
  A reader says nothing of chunks that nobody has read.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from archiver.errors import IntegrityError
from archiver.formats import prefixed
from archiver.formats.cobblestone_chunks import checked_key
from archiver.formats.cobblestone_reader import CobblestoneReader, open_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CobblestoneReader", "context", "decrypt", "decrypt_all", "encrypt", "open_sealed"]

CONTEXT_TAG = b"civic-archive/c256/v1\n"
PIECE = 1 << 20
"""Bytes read at a time: the most that streaming holds, twice over."""


def context(archive_id: str, unit: str, object_id: str) -> bytes:
    r"""Return what a file is bound to: its archive, its unit and its own id.

    ``civic-archive/c256/v1\n``, then each name as UTF-8 behind its 16-bit big-endian
    length. A file moved to another archive, unit or name does not open.

    Raises:
        UsageError: a name is empty, longer than 65,535 bytes or not Unicode.
    """
    return CONTEXT_TAG + prefixed.join(archive_id, unit, object_id)


def encrypt(plain: BinaryIO | bytes, key: bytes, context: bytes, out: BinaryIO) -> None:
    """Write the encryption of all of ``plain`` to ``out``, holding 2 MiB at most.

    ``key`` is 32 random bytes, used for this file alone. The salt is drawn by the library,
    so the same input gives other bytes each time. Until this returns, ``out`` holds a part
    that `decrypt` rejects as truncated.

    Raises:
        KeyStoreError: ``key`` is not 32 bytes.
    """
    encryptor = Cobblestone256Encryptor(checked_key(key), context)
    for piece in _pieces(plain):
        _write(out, encryptor.update(piece))
    _write(out, encryptor.finalize())


def decrypt(sealed: BinaryIO | bytes, key: bytes, context: bytes) -> Iterator[bytes]:
    """Yield the plain bytes in order, holding 2 MiB at most.

    Every piece is authenticated before it is yielded; that none is missing at the end is
    known only when the iterator ends. Whoever acts on pieces before that must be able to
    undo it if `IntegrityError` follows.

    Raises:
        KeyStoreError: ``key`` is not 32 bytes.
        IntegrityError: a byte was changed, dropped, moved or added, or this is not the
            key or the context of the file.
    """
    decryptor = Cobblestone256Decryptor(checked_key(key), context)
    return _opened(decryptor, sealed)


def _opened(decryptor: Cobblestone256Decryptor, sealed: BinaryIO | bytes) -> Iterator[bytes]:
    try:
        for piece in _pieces(sealed):
            if plain := decryptor.update(piece):
                yield plain
        if plain := decryptor.finalize():
            yield plain
    except InvalidTag as error:
        raise IntegrityError(
            "an encrypted file does not open: it was changed or cut, or key or context are wrong",
            mend="fetch the object again or take it from a replica; `verify` names what differs",
            code="integrity-sealed-file",
        ) from error


def decrypt_all(sealed: BinaryIO | bytes, key: bytes, context: bytes) -> bytes:
    """Return all plain bytes, once the whole file has proved authentic.

    Raises:
        KeyStoreError: ``key`` is not 32 bytes.
        IntegrityError: as `decrypt`.
    """
    return b"".join(decrypt(sealed, key, context))


def _pieces(source: BinaryIO | bytes) -> Iterator[bytes]:
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    return iter(lambda: file.read(PIECE), b"")


def _write(out: BinaryIO, data: bytes) -> None:
    """Write all of ``data``: an unbuffered file may take less at a time."""
    view = memoryview(data)
    while view:
        view = view[out.write(view) :]
