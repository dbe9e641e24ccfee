"""The chunks of a Cobblestone-256 file, one at a time, in any order.

The library that encrypts (`cryptography.cobblestone`) only streams; this is the part of
C2SP chunked-encryption that reading at any offset needs: where chunk *k* lies, its nonce,
and the key all chunks share. Tests hold it to the library byte for byte.
"""

from __future__ import annotations

from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from archiver.errors import IntegrityError, KeyStoreError

__all__ = [
    "CHUNK",
    "HEADER",
    "KEY_SIZE",
    "MAX_CHUNKS",
    "SEALED_CHUNK",
    "TAG",
    "ChunkOpener",
    "checked_key",
    "chunk_count",
    "plain_size",
]

KEY_SIZE = 32
SALT = 24
COMMITMENT = 32
HEADER = SALT + COMMITMENT
CHUNK = 16 * 1024
TAG = 16
SEALED_CHUNK = CHUNK + TAG
NONCE = 12
MAX_CHUNKS = 1 << 38
INFO = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"


def checked_key(key: bytes) -> bytes:
    """Return ``key``. Raises `KeyStoreError` unless it has 32 bytes."""
    if len(key) != KEY_SIZE:
        raise KeyStoreError(
            f"a file key has {KEY_SIZE} bytes, not {len(key)}", mend="take it from the key store"
        )
    return key


def chunk_count(stored: int) -> int:
    """Return how many chunks an encrypted file of ``stored`` bytes has.

    Raises:
        IntegrityError: no encryption has that length: the file was cut or added to.
    """
    full, last = divmod(stored - HEADER, SEALED_CHUNK)
    if stored < HEADER or last < TAG or full >= MAX_CHUNKS:
        raise IntegrityError(
            f"no encrypted file has {stored} bytes: it was cut off or added to",
            mend="fetch the object again, or take it from a replica",
            code="integrity-sealed-file",
        )
    return full + 1


def plain_size(stored: int) -> int:
    """Return how many plain bytes an encrypted file of ``stored`` bytes claims to hold.

    Raises:
        IntegrityError: as `chunk_count`.
    """
    return stored - HEADER - TAG * chunk_count(stored)


class ChunkOpener:
    """Opens single chunks of one file (C2SP chunked-encryption, key derivation and AEAD usage).

    Args:
        key: the 32-byte file key.
        context: what the file is bound to.
        header: the first 56 bytes of the file: salt and commitment.

    Raises:
        IntegrityError: the commitment is not that of this key, context and salt.
    """

    def __init__(self, key: bytes, context: bytes, header: bytes) -> None:
        salt, commitment = header[:SALT], header[SALT:]
        derive = HKDFExpand(SHA512(), KEY_SIZE + NONCE + COMMITMENT, INFO + salt + context)
        derived = derive.derive(key)
        if not compare_digest(derived[KEY_SIZE + NONCE :], commitment):
            raise IntegrityError(
                "an encrypted file does not open: key or context are wrong, or its header changed",
                mend="check that the object lies under its own name; `verify` names what differs",
                code="integrity-sealed-file",
            )
        self._aead = AESGCM(derived[:KEY_SIZE])
        self._nonce = int.from_bytes(derived[KEY_SIZE : KEY_SIZE + NONCE], "big")

    def open(self, number: int, sealed: bytes) -> bytes:
        """Return the plain bytes of chunk ``number``, counted from zero.

        Raises:
            IntegrityError: the chunk was changed, cut, or belongs elsewhere.
        """
        nonce = (self._nonce ^ number).to_bytes(NONCE, "big")
        try:
            return self._aead.decrypt(nonce, sealed, None)
        except InvalidTag as error:
            raise IntegrityError(
                f"chunk {number} of an encrypted file was changed, cut or moved",
                mend="fetch the object again, or take it from a replica",
                code="integrity-sealed-file",
            ) from error
