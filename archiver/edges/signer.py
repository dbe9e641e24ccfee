"""The key that signs checkpoints, in a file that only its owner may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archiver.edges.privatedir import create_text, read_private
from archiver.errors import KeyStoreError
from archiver.formats.notekey import decode_signer_key, encode_signer_key, verifier_key

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileSigner"]


class FileSigner:
    """An Ed25519 key under a name (`archiver.ports.Signer`).

    The file is one line, a note signer key (`archiver.formats.notekey`). Make one with
    `create` or `load`.
    """

    def __init__(self, name: str, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self._verifier_key = verifier_key(name, private_key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        """Return the public key."""
        return f"FileSigner({self._verifier_key!r})"

    @classmethod
    def create(cls, path: Path, name: str) -> FileSigner:
        """Make a new key and keep it in a new file of mode 0600.

        ``name`` is a schema-less URL such as ``example.gov/archive`` (C2SP signed-note).

        Raises:
            UsageError: the name is empty or holds spaces, control characters or ``+``.
            KeyStoreError: there is a file already (it is untouched), or it cannot be written.
        """
        private_key = Ed25519PrivateKey.generate()
        line = encode_signer_key(name, private_key) + "\n"
        create_text(
            path,
            line,
            taken="there is a signing key already, and a log has one",
            mend="use it, or give another path; never delete it while its log lives",
        )
        return cls(name, private_key)

    @classmethod
    def load(cls, path: Path) -> FileSigner:
        """Return the signer whose key is in ``path``.

        Raises:
            KeyStoreError: there is no file, others may read it, or it is no signing key.
        """
        data = read_private(path)
        if data is None:
            raise KeyStoreError(
                "there is no signing key",
                where=str(path),
                mend="run `archiver init` for a new archive, or restore the file",
            )
        try:
            # Undecodable bytes are replaced, as an error would carry the secret with it.
            name, private_key = decode_signer_key(data.decode(errors="replace").removesuffix("\n"))
        except KeyStoreError as error:
            error.where = str(path)
            raise
        return cls(name, private_key)

    @property
    def verifier_key(self) -> str:
        """The public key in signed-note form, ``name+hash+base64``."""
        return self._verifier_key

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message`` (RFC 8032)."""
        return self._private_key.sign(message)
