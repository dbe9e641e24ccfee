"""Ed25519 keys as text: verifier keys of C2SP signed-note, and their signing counterpart.

* verifier: ``<name>+<key id in hex>+<base64 of 0x01 and the 32-byte public key>``
* signer: ``PRIVATE+KEY+<name>+<key id in hex>+<base64 of 0x01 and the 32-byte seed>``,
  as `golang.org/x/mod/sumdb/note` and the log tools built on it read and write it

The key id covers name and public key, so a changed signing key file is noticed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archiver.errors import KeyStoreError, UsageError

__all__ = ["decode_signer_key", "encode_signer_key", "key_id", "verifier_key"]

ED25519 = b"\x01"
"""Signature type identifier of signed-note."""
PUBLIC_SIZE = 32
SIGNER_PREFIX = "PRIVATE+KEY+"


def key_id(name: str, public_key: bytes) -> bytes:
    """Return the 4-byte key id of a named Ed25519 key (signed-note, "Ed25519 signatures").

    Raises:
        UsageError: the name is empty or holds white space, control characters or ``+``,
            or the key is not 32 bytes.
    """
    if not name or not name.isprintable() or any(c == "+" or c.isspace() for c in name):
        raise UsageError(
            "not a key name", where=ascii(name), mend="use a name like example.gov/archive"
        )
    if len(public_key) != PUBLIC_SIZE:
        raise UsageError(
            f"an Ed25519 public key has 32 bytes, not {len(public_key)}",
            where=name,
            mend="give the raw public key of RFC 8032",
        )
    return sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes) -> str:
    """Return the public key in signed-note form. Raises `UsageError` as `key_id`."""
    encoded = b64encode(ED25519 + public_key).decode()
    return f"{name}+{key_id(name, public_key).hex()}+{encoded}"


def encode_signer_key(name: str, private_key: Ed25519PrivateKey) -> str:
    """Return the private key as one line of text. Raises `UsageError` as `key_id`."""
    public_key = private_key.public_key().public_bytes_raw()
    encoded = b64encode(ED25519 + private_key.private_bytes_raw()).decode()
    return f"{SIGNER_PREFIX}{name}+{key_id(name, public_key).hex()}+{encoded}"


def decode_signer_key(text: str) -> tuple[str, Ed25519PrivateKey]:
    """Return name and private key of an encoded signing key.

    Raises:
        KeyStoreError: the text is not one, or was changed. It is not quoted.
    """
    try:
        name, _, encoded = text.removeprefix(SIGNER_PREFIX).split("+", 2)
        private_key = Ed25519PrivateKey.from_private_bytes(b64decode(encoded)[len(ED25519) :])
        whole = encode_signer_key(name, private_key)
    except (ValueError, UsageError):
        whole = ""
    if not whole or whole != text:
        raise KeyStoreError(
            "not a signing key, or a changed one", mend="restore the key file from its safe copy"
        )
    return name, private_key
