"""The files of a key store: a period key, plain or sealed, and a file key wrapped under it.

A period key wraps every file key that becomes due together. A wrap is AES-256-GCM with
the object's id and the period as associated data, so it opens for no other object and no
other period. ``docs/formats/keystore.md`` gives every byte.
"""

from __future__ import annotations

from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archiver.errors import FormatError, KeyStoreError
from archiver.formats import prefixed

__all__ = [
    "KEY_SIZE",
    "NONCE_SIZE",
    "decode_period_key",
    "due_of",
    "encode_period_key",
    "encode_sealed",
    "object_name",
    "open_sealed",
    "open_wrap",
    "period_name",
    "period_of",
    "wrap",
    "wrapped_names",
]

KEY_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16
CHECK_SIZE = 32
PERIOD_TAG = b"civic-archive/period-key/v1\n"
SEALED_TAG = b"civic-archive/sealed-period-key/v1\n"
WRAP_TAG = b"civic-archive/key-wrap/v1\n"


def due_of(period: str) -> str:
    """Return what becomes due together: ``series/month`` of ``series/month/stream``."""
    return "/".join(period.split("/")[:2])


def period_name(period: str) -> str:
    """Return the directory name of a period: 64 hex digits, nothing of its own text."""
    return sha256(PERIOD_TAG + prefixed.join(period)).hexdigest()


def object_name(object_id: str) -> str:
    """Return the file name of an object's wrap: 64 hex digits."""
    return sha256(WRAP_TAG + prefixed.join(object_id)).hexdigest()


def encode_period_key(period: str, key: bytes) -> bytes:
    """Return the file of a period key: tag, period, key, and SHA-256 of all three.

    Without the checksum a damaged key would go on wrapping new file keys.
    """
    body = PERIOD_TAG + prefixed.join(period) + _sized(key)
    return body + sha256(body).digest()


def period_of(data: bytes) -> str:
    """Return which period a period key file is for. Raises `KeyStoreError` on a damaged one."""
    if data.startswith(SEALED_TAG):
        return open_sealed(data)[0]
    return _period_key(data)[0]


def encode_sealed(period: str, master: str, sealed: bytes) -> bytes:
    """Return the file of a period key that ``master``, a key kept elsewhere, has sealed."""
    return SEALED_TAG + prefixed.join(period, master) + sealed


def open_sealed(data: bytes) -> tuple[str, str, bytes]:
    """Return period, name of the key that sealed it, and the sealed bytes.

    Raises:
        KeyStoreError: the file is none of a sealed period key.
    """
    (period, master), sealed = _named(data, SEALED_TAG, 2)
    return period, master, sealed


def decode_period_key(data: bytes, period: str) -> bytes:
    """Return the 32-byte key of ``period``.

    Raises:
        KeyStoreError: the file is damaged, or of another period.
    """
    found, key = _period_key(data)
    if found != period:
        raise _damaged("a period key lies under the name of another period")
    return key


def _period_key(data: bytes) -> tuple[str, bytes]:
    body, check = data[:-CHECK_SIZE], data[-CHECK_SIZE:]
    if sha256(body).digest() != check:
        raise _damaged("a period key file is damaged")
    (period,), key = _named(body, PERIOD_TAG, 1)
    return period, _sized(key)


def wrap(file_key: bytes, period_key: bytes, nonce: bytes, object_id: str, period: str) -> bytes:
    """Return the wrap of a file key: tag, object id, period, nonce, sealed key.

    ``nonce`` is 12 random bytes, fresh for each wrap.
    """
    head = WRAP_TAG + prefixed.join(object_id, period)
    return head + nonce + AESGCM(_sized(period_key)).encrypt(nonce, _sized(file_key), head)


def wrapped_names(data: bytes) -> tuple[str, str]:
    """Return the object id and the period that a wrap states; only `open_wrap` proves them.

    Raises:
        KeyStoreError: the bytes are not a wrap.
    """
    (object_id, period), _ = _named(data, WRAP_TAG, 2)
    return object_id, period


def open_wrap(data: bytes, period_key: bytes, object_id: str, period: str) -> bytes:
    """Return the 32-byte file key.

    Raises:
        KeyStoreError: the wrap is damaged, or of another object, period or period key.
    """
    names, sealed = _named(data, WRAP_TAG, 2)
    if names != (object_id, period):
        raise _damaged("a wrap lies under the name of another object or period")
    if len(sealed) != NONCE_SIZE + KEY_SIZE + TAG_SIZE:
        raise _damaged("a wrap is cut off or added to")
    head, nonce = data[: -len(sealed)], sealed[:NONCE_SIZE]
    try:
        return AESGCM(_sized(period_key)).decrypt(nonce, sealed[NONCE_SIZE:], head)
    except InvalidTag as error:
        raise _damaged("a wrap does not open: it was changed, or its period key was") from error


def _named(data: bytes, tag: bytes, count: int) -> tuple[tuple[str, ...], bytes]:
    """Return the names behind ``tag`` and the bytes after them."""
    if not data.startswith(tag):
        raise _damaged("not a file of this key store, or a damaged one")
    try:
        return prefixed.split(data[len(tag) :], count)
    except FormatError as error:
        raise _damaged("a file of the key store is damaged") from error


def _sized(key: bytes) -> bytes:
    if len(key) != KEY_SIZE:
        raise _damaged(f"a key has {len(key)} bytes instead of {KEY_SIZE}")
    return key


def _damaged(message: str) -> KeyStoreError:
    return KeyStoreError(message, mend="restore the key store from its backup, then try again")
