"""Keys that seal the keys of periods, where no KMS does it.

`PlainKeks`: the period key stands in its file as it is; right where the key store is a
private directory of one home. `HomeKeks`: it is sealed under a key of its due period
that stays in the home, so the key store may lie in a folder that readers share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges.privatedir import PrivateDirectory, read_private
from archiver.errors import KeyStoreError
from archiver.formats import keyfile

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.ports import Randomness

__all__ = ["HomeKeks", "PlainKeks"]

MASTER = "home"


class PlainKeks:
    """Period keys in plain files (`archiver.ports.Keks`)."""

    def seal(self, period: str, key: bytes) -> bytes:
        """Return the file of a period key."""
        return keyfile.encode_period_key(period, key)

    def open(self, period: str, data: bytes) -> bytes:
        """Return the key in the file. Raises `KeyStoreError` on a damaged one."""
        return keyfile.decode_period_key(data, period)

    def destroy(self, due: str) -> str:
        """Return that nothing survives beside copies of the directory: there is no other key."""
        del due
        return ""


class HomeKeks:
    """Keys of due periods in a directory of the home (`archiver.ports.Keks`).

    Args:
        directory: made with mode 0700 when missing.
        chance: where new keys and nonces come from.
    """

    def __init__(self, directory: Path, chance: Randomness) -> None:
        self._files = PrivateDirectory(directory)
        self._chance = chance

    def seal(self, period: str, key: bytes) -> bytes:
        """Return the file of a period key, sealed. The due period's key is made if new."""
        with self._files.writing():
            master = self._master(period, make=True)
        nonce = self._chance.bytes(keyfile.NONCE_SIZE)
        sealed = keyfile.wrap(key, master, nonce, period, keyfile.due_of(period))
        return keyfile.encode_sealed(period, MASTER, sealed)

    def open(self, period: str, data: bytes) -> bytes:
        """Return the period key. Raises `KeyStoreError` where this home can't open it."""
        found, master_name, sealed = keyfile.open_sealed(data)
        if (found, master_name) != (period, MASTER):
            raise KeyStoreError("a period key is another period's, or another keeper sealed it")
        master = self._master(period, make=False)
        return keyfile.open_wrap(sealed, master, period, keyfile.due_of(period))

    def destroy(self, due: str) -> str:
        """Shred the key of a due period."""
        with self._files.writing():
            self._files.shred(self._path(due))
        return ""

    def _path(self, due: str) -> Path:
        return self._files.root / keyfile.period_name(due)

    def _master(self, period: str, *, make: bool) -> bytes:
        due = keyfile.due_of(period)
        path = self._path(due)
        data = read_private(path)
        if data is None and make:
            data = keyfile.encode_period_key(due, self._chance.bytes(keyfile.KEY_SIZE))
            self._files.create(path, data)
        if data is None:
            raise KeyStoreError(
                "this home has not the key of the due period",
                where=due,
                mend="read with the key file of somebody who may, or use the home that seals",
            )
        return keyfile.decode_period_key(data, due)
