"""A small file of secrets, encrypted: the id of its key, then a Cobblestone-256 file.

The key is a file key of a key store (`archiver.formats.keyfile`), made for this one writing
of the file. ``docs/formats/keystore.md`` gives every byte.
"""

from __future__ import annotations

import io

from archiver.errors import FormatError, KeyStoreError
from archiver.formats import prefixed
from archiver.formats.cobblestone import context, decrypt_all, encrypt

__all__ = ["key_of", "opened", "sealed"]

TAG = b"civic-archive/sealed-secret/v1\n"
UNIT = "credentials"


def sealed(archive_id: str, object_id: str, key: bytes, secret: bytes) -> bytes:
    """Return the file: tag, id of the key, and the encryption of ``secret`` bound to both."""
    out = io.BytesIO()
    encrypt(secret, key, context(archive_id, UNIT, object_id), out)
    return TAG + prefixed.join(object_id) + out.getvalue()


def key_of(data: bytes) -> str:
    """Return the id of the key of a file. Raises `KeyStoreError` where it is no such file."""
    return _parted(data)[0]


def opened(archive_id: str, key: bytes, data: bytes) -> bytes:
    """Return the secret.

    Raises:
        KeyStoreError: it is no such file.
        IntegrityError: it was changed, or ``key`` or archive are others.
    """
    object_id, rest = _parted(data)
    return decrypt_all(rest, key, context(archive_id, UNIT, object_id))


def _parted(data: bytes) -> tuple[str, bytes]:
    if not data.startswith(TAG):
        raise KeyStoreError("a sealed file of secrets is damaged, or of another version")
    try:
        (object_id,), rest = prefixed.split(data[len(TAG) :], 1)
    except FormatError as error:
        raise KeyStoreError("a sealed file of secrets is damaged") from error
    return object_id, rest
