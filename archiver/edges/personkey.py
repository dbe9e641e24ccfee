"""A person's own keys in a file: one signs decisions, one opens what readers may read.

Two lines: a note signer key (`archiver.formats.notekey`) under the person's handle, then
``READING+KEY+<handle>+<base64 of the 32-byte X25519 private key>``. Nobody but the person
needs the file; the archive knows the public keys alone.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from archiver.edges.privatedir import create_text, read_private
from archiver.errors import KeyStoreError
from archiver.formats import sealing
from archiver.formats.notekey import decode_signer_key, encode_signer_key, verifier_key
from archiver.formats.tokenuri import SCHEME

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PersonKeyFile", "in_token", "reading_line", "reading_of"]

READING_PREFIX = "READING+KEY+"


class PersonKeyFile:
    """A software key of a person (`archiver.ports.PersonKey`). Make one with `create` or `load`."""

    def __init__(self, name: str, signing: Ed25519PrivateKey, reading: X25519PrivateKey) -> None:
        self.handle = name
        self._signing = signing
        self._reading = reading

    def __repr__(self) -> str:
        """Return the public key."""
        return f"PersonKeyFile({self.verifier_key!r})"

    @classmethod
    def create(cls, path: Path, handle: str) -> PersonKeyFile:
        """Make new keys and keep them in a new file of mode 0600.

        Raises `KeyStoreError` where there is a file already (it is untouched), or none can
        be written.
        """
        made = cls(handle, Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
        lines = (encode_signer_key(handle, made._signing), reading_line(handle, made._reading))
        create_text(path, "".join(f"{line}\n" for line in lines))
        return made

    @classmethod
    def load(cls, path: Path) -> PersonKeyFile:
        """Return the keys in a file.

        Raises `KeyStoreError` where there is none, others may read it, or it is no key file.
        """
        lines = (read_private(path) or b"").decode(errors="replace").splitlines()
        try:
            first, second = lines
            handle, signing = decode_signer_key(first)
            reading = reading_of(second, handle)
        except (ValueError, KeyStoreError) as error:
            raise KeyStoreError(
                "not a person's key file, or a changed one",
                where=str(path),
                mend="give the file that `archiver person enrol` made, or restore its safe copy",
                code="person-key",
            ) from error  # whose text never quotes the file
        return cls(handle, signing, reading)

    @property
    def verifier_key(self) -> str:
        """The public signing key in signed-note form."""
        return verifier_key(self.handle, self._signing.public_key().public_bytes_raw())

    @property
    def reading(self) -> str:
        """The public reading key (X25519) in hexadecimal."""
        return self._reading.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message`` (RFC 8032)."""
        return self._signing.sign(message)

    def unseal(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to the reading key. Raises `KeyStoreError`."""
        return sealing.unseal(sealed, self._reading.private_bytes_raw(), info)


def in_token(name: str) -> bool:
    """Tell whether a name is that of a key in a token (`archiver.edges.token`), not a path."""
    return name.startswith(SCHEME)


def reading_line(handle: str, key: X25519PrivateKey) -> str:
    """Return a reading key as one line of text."""
    return f"{READING_PREFIX}{handle}+{b64encode(key.private_bytes_raw()).decode()}"


def reading_of(line: str, handle: str) -> X25519PrivateKey:
    """Return the reading key in a line. Raises `ValueError` for any other line."""
    prefix = f"{READING_PREFIX}{handle}+"
    if not line.startswith(prefix):
        raise ValueError("another line")
    key = X25519PrivateKey.from_private_bytes(b64decode(line[len(prefix) :], validate=True))
    if reading_line(handle, key) != line:
        raise ValueError("another spelling")
    return key
