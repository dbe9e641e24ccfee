"""Everything random read from one tape, so that two worlds differ in what people wrote alone.

The library draws the salt of an encrypted file by itself. `Taped` encrypts as
``docs/formats/cobblestone.md`` says with a salt from the tape; the real decryptor reads it.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from archiver.formats import cobblestone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.ports import Randomness

_LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
_CHUNK = 16_384


class Taped:
    """Cobblestone-256 in one go, its salt from a tape (`cryptography.cobblestone`'s methods)."""

    def __init__(self, chance: Randomness, key: bytes, context: bytes) -> None:
        self._salt = chance.bytes(24)
        made = HKDFExpand(SHA512(), 76, _LABEL + self._salt + context).derive(key)
        self._aead, self._nonce = AESGCM(made[:32]), int.from_bytes(made[32:44])
        self._commitment = made[44:]
        self._plain = b""

    def update(self, data: bytes) -> bytes:
        """Take in plain bytes."""
        self._plain += data
        return b""

    def finalize(self) -> bytes:
        """Return the whole file; its last chunk is short."""
        chunks = [
            self._plain[at : at + _CHUNK]
            for at in range(0, len(self._plain) // _CHUNK * _CHUNK + 1, _CHUNK)
        ]
        sealed = [
            self._aead.encrypt((self._nonce ^ number).to_bytes(12), chunk, None)
            for number, chunk in enumerate(chunks)
        ]
        return self._salt + self._commitment + b"".join(sealed)


@contextmanager
def taped(chance: Randomness) -> Iterator[None]:
    """Have files encrypted with salts of a tape."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cobblestone, "Cobblestone256Encryptor", partial(Taped, chance))
        yield
