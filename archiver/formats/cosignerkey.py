"""Private keys of witnesses as text, in the form of signed-note signing keys.

``PRIVATE+KEY+<name>+<key id in hex>+<base64 of type and seed>``, where the type is 0x04
(Ed25519 cosignatures) or 0x06 (ML-DSA-44), and a seed has 32 bytes. The key id covers name
and public key, so a changed file is noticed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from archiver.errors import KeyStoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "COSIGNER_TYPES",
    "CosignerPrivateKey",
    "cosigner_key",
    "decode_cosigner",
    "encode_cosigner",
]

CosignerPrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey

COSIGNER_TYPES: dict[int, Callable[[bytes], CosignerPrivateKey]] = {
    0x04: Ed25519PrivateKey.from_private_bytes,
    0x06: MLDSA44PrivateKey.from_seed_bytes,
}
"""Signature type -> what makes a private key of a 32-byte seed."""
SEED_SIZE = 32
_PREFIX = "PRIVATE+KEY+"
_LONGEST_NAME = 255


def cosigner_key(name: str, private_key: CosignerPrivateKey) -> str:
    """Return the public key as ``name+hash+base64``. Raises `UsageError` for a bad name."""
    if (
        not name.isprintable()
        or not 0 < len(name.encode()) <= _LONGEST_NAME
        or any(c == "+" or c.isspace() for c in name)
    ):
        raise UsageError(
            "not a name for a witness",
            where=ascii(name)[:80],
            mend="use a name like witness.example/w1: no spaces, no plus, at most 255 bytes",
        )
    public = bytes([_type(private_key)]) + private_key.public_key().public_bytes_raw()
    named = sha256(name.encode() + b"\n" + public).digest()[:4]
    return f"{name}+{named.hex()}+{b64encode(public).decode()}"


def encode_cosigner(name: str, private_key: CosignerPrivateKey) -> str:
    """Return the private key as one line of text. Raises `UsageError` as `cosigner_key`."""
    named = cosigner_key(name, private_key).split("+")[1]
    seed = bytes([_type(private_key)]) + private_key.private_bytes_raw()
    return f"{_PREFIX}{name}+{named}+{b64encode(seed).decode()}"


def decode_cosigner(text: str) -> tuple[str, CosignerPrivateKey]:
    """Return name and private key of an encoded key.

    Raises:
        KeyStoreError: the text is not one, or was changed. It is not quoted.
    """
    try:
        name, _, encoded = text.removeprefix(_PREFIX).split("+", 2)
        raw = b64decode(encoded)
        private_key = COSIGNER_TYPES[raw[0]](raw[1:])
        whole = encode_cosigner(name, private_key)
    except (ValueError, KeyError, IndexError, UsageError):
        whole = ""
    if not whole or whole != text:
        raise KeyStoreError(
            "not a witness's key, or a changed one",
            mend="restore the key file from its safe copy",
        )
    return name, private_key


def _type(private_key: CosignerPrivateKey) -> int:
    return 0x04 if isinstance(private_key, Ed25519PrivateKey) else 0x06
