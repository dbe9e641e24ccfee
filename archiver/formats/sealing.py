"""Sealing a period key to somebody's public key: HPKE (RFC 9180), base mode.

Suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. ``info`` binds what is sealed
to its archive-independent place: tag, period, recipient (``docs/formats/keystore.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from archiver.errors import KeyStoreError
from archiver.formats import hpke, prefixed

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["info_of", "new_pair", "seal", "unseal", "unseal_by"]

INFO_TAG = b"civic-archive/sealed-period-key/v1\n"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def info_of(period: str, recipient: str) -> bytes:
    """Return HPKE's ``info`` for the key of a period, sealed to a recipient of that handle."""
    return INFO_TAG + prefixed.join(period, recipient)


def new_pair() -> tuple[bytes, bytes]:
    """Return a new X25519 key pair: private and public, 32 bytes each (RFC 7748)."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def seal(key: bytes, public: bytes, info: bytes) -> bytes:
    """Return ``key`` sealed to an X25519 public key: encapsulated key ‖ ciphertext ‖ tag."""
    try:
        return _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public), info=info)
    except ValueError as error:
        raise KeyStoreError(
            "a period key can't be sealed to this public key", mend="give a real X25519 key"
        ) from error


def unseal(sealed: bytes, private: bytes, info: bytes) -> bytes:
    """Return what was sealed. Raises `KeyStoreError` for another key, place or changed bytes."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=info)
    except (InvalidTag, ValueError) as error:
        raise _closed() from error


def unseal_by(
    exchange: Callable[[bytes], bytes], public: bytes, sealed: bytes, info: bytes
) -> bytes:
    """Return what was sealed to ``public``, whose private key is elsewhere.

    ``exchange`` returns X25519 of that private key and another's public key. Raises
    `KeyStoreError` as `unseal`.
    """
    if len(sealed) <= hpke.ENC_SIZE:
        raise _closed()
    try:
        return hpke.open_base(exchange(sealed[: hpke.ENC_SIZE]), public, sealed, info)
    except (InvalidTag, ValueError) as error:
        raise _closed() from error


def _closed() -> KeyStoreError:
    return KeyStoreError(
        "a sealed period key does not open: another key, or it was changed",
        mend="use the private key made for this period and recipient",
    )
