"""A witness's folder: its private keys, the logs it knows, the last note of each.

All of it is 0600 in a folder of mode 0700. A note replaces the one before it whole and
durably, under a lock that holds off every other thread and process; the kernel drops the
lock of one that was killed.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.edges.privatedir import PrivateDirectory, explained, read_private
from archiver.errors import KeyStoreError, UsageError
from archiver.formats.cosignerkey import (
    COSIGNER_TYPES,
    SEED_SIZE,
    cosigner_key,
    decode_cosigner,
    encode_cosigner,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from archiver.formats.cosignerkey import CosignerPrivateKey
    from archiver.ports import Randomness

__all__ = ["FileCosigner", "WitnessFolder"]

_KEYS, _LOGS = "keys", "logs"


class FileCosigner:
    """A witness's key of either type (`archiver.ports.Signer`)."""

    def __init__(self, name: str, private_key: CosignerPrivateKey) -> None:
        self._private_key = private_key
        self._verifier_key = cosigner_key(name, private_key)

    def __repr__(self) -> str:
        """Return name and key id."""
        return f"FileCosigner({self._verifier_key.rpartition('+')[0]!r})"

    @property
    def verifier_key(self) -> str:
        """The public key, ``name+hash+base64``."""
        return self._verifier_key

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message`` (RFC 8032, FIPS 204)."""
        return self._private_key.sign(message)


class WitnessFolder:
    """The files of one witness (`archiver.outsiders.WitnessStore`)."""

    def __init__(self, root: Path) -> None:
        self._files = PrivateDirectory(root)

    @classmethod
    def create(
        cls, root: Path, name: str, logs: Sequence[str], chance: Randomness
    ) -> WitnessFolder:
        """Make a witness of that name with new keys of both types, which knows the logs.

        Raises:
            UsageError: the name can't be a witness's, or there is a witness already.
            KeyStoreError: the folder is open to others, or can't be written.
        """
        made = [make(chance.bytes(SEED_SIZE)) for make in COSIGNER_TYPES.values()]
        keys = "".join(encode_cosigner(name, key) + "\n" for key in made)
        folder = cls(root)
        files = folder._files
        with files.writing():
            if (root / _KEYS).exists():
                raise UsageError(
                    "there is a witness here already, and its keys stay as they are",
                    where=str(root),
                    mend="use it, or make the new one in another folder",
                )
            files.replace(root / _LOGS, "".join(f"{log}\n" for log in logs).encode())
            files.create(root / _KEYS, keys.encode())  # last: with it the witness is whole
        return folder

    def signers(self) -> list[FileCosigner]:
        """Return the witness's keys. Raises `KeyStoreError` where they are missing or changed."""
        path = self._files.root / _KEYS
        data = read_private(path)
        if data is None:
            mend = "run `archiver witness init`, or restore the file"
            raise KeyStoreError("the witness has no keys", where=str(path), mend=mend)
        try:
            # Undecodable bytes are replaced, as an error would carry the secret with it.
            lines = data.decode(errors="replace").removesuffix("\n").split("\n")
            return [FileCosigner(*decode_cosigner(line)) for line in lines]
        except KeyStoreError as error:
            error.where = str(path)
            raise

    def logs(self) -> list[str]:
        """Return the verifier keys of the logs that it knows, one a line in the file `logs`."""
        data = read_private(self._files.root / _LOGS) or b""
        lines = (line.strip() for line in data.decode(errors="replace").splitlines())
        return [line for line in lines if line and not line.startswith("#")]

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep every other thread and process out, from reading to keeping."""
        return self._files.writing()

    def latest(self, origin: str) -> bytes | None:
        """Return the last note cosigned for a log, or None."""
        return read_private(self._path(origin))

    def keep(self, origin: str, note: bytes) -> None:
        """Replace it, durably. Call it while `exclusive`."""
        self._files.replace(self._path(origin), note)

    def _path(self, origin: str) -> Path:
        path = self._files.root / "cosigned" / sha256(origin.encode()).hexdigest()
        with explained(path):
            path.parent.mkdir(mode=0o700, exist_ok=True)
        return path
