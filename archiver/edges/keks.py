"""Keys that seal the keys of periods, where no KMS does it.

`PlainKeks`: the period key stands in its file as it is; right where the key store is a
private directory of one home. `HomeKeks`: it is sealed under a key of its due period
that stays in the home, so the key store may lie in a folder that readers share.
`FileKeks`: under a key that somebody else puts into a file, such as a credential of
systemd. `ChosenKeks`: under that of one of them, opened by whichever sealed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges.privatedir import PrivateDirectory, read_private
from archiver.errors import KeyStoreError
from archiver.formats import keyfile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from archiver.keyring import Keks
    from archiver.ports import Randomness

__all__ = ["FILE", "MASTER", "ChosenKeks", "FileKeks", "HomeKeks", "PlainKeks"]

MASTER, FILE = "home", "file"


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


class FileKeks:
    """One key in a file that is given to us, for all periods (`archiver.ports.Keks`).

    Args:
        path: 32 bytes, or 64 hexadecimal digits, that nobody but owner and group may read.
        chance: where nonces come from.
    """

    def __init__(self, path: Path, chance: Randomness) -> None:
        self._path = path
        self._chance = chance

    def seal(self, period: str, key: bytes) -> bytes:
        """Return the file of a period key, sealed. Raises `KeyStoreError` without the key file."""
        nonce = self._chance.bytes(keyfile.NONCE_SIZE)
        sealed = keyfile.wrap(key, self._key(), nonce, period, keyfile.due_of(period))
        return keyfile.encode_sealed(period, FILE, sealed)

    def open(self, period: str, data: bytes) -> bytes:
        """Return the period key. Raises `KeyStoreError` where the key file is not the one."""
        found, master, sealed = keyfile.open_sealed(data)
        if (found, master) != (period, FILE):
            raise KeyStoreError("a period key is another period's, or another keeper sealed it")
        return keyfile.open_wrap(sealed, self._key(), period, keyfile.due_of(period))

    def destroy(self, due: str) -> str:
        """Return what survives: the file is not ours to destroy."""
        del due
        return f"the key in {self._path}, which whoever put it there must destroy"

    def _key(self) -> bytes:
        # systemd gives a service its credentials by an access list, which shows as group's.
        data = read_private(self._path, group=True) or b""
        if len(data) == keyfile.KEY_SIZE:
            return data
        try:
            key = bytes.fromhex(data.decode("ascii").strip())
        except ValueError:
            key = b""
        if len(key) != keyfile.KEY_SIZE:
            raise KeyStoreError(
                "there is no key in the file that credentials_key names",
                where=str(self._path),
                mend="give it 32 random bytes, as `openssl rand -hex 32` writes them",
            )
        return key


class ChosenKeks:
    """Keys sealed by one of several keepers, and opened by whichever sealed them.

    ``outdated``: something was opened that another keeper than ``chosen`` had sealed.

    Args:
        keepers: by the name that sealed files give them; made when first asked.
        chosen: the one that seals.
    """

    def __init__(self, keepers: Mapping[str, Callable[[], Keks]], chosen: str) -> None:
        self._keepers = keepers
        self._made: dict[str, Keks] = {}
        self.chosen = chosen
        self.outdated = False

    def seal(self, period: str, key: bytes) -> bytes:
        """Return the file of a period key, sealed by the one that is chosen."""
        return self._keeper(self.chosen).seal(period, key)

    def open(self, period: str, data: bytes) -> bytes:
        """Return the period key. Raises `KeyStoreError` where none of ours sealed it."""
        _, master, _ = keyfile.open_sealed(data)
        key = self._keeper(master).open(period, data)
        self.outdated |= master != self.chosen
        return key

    def destroy(self, due: str) -> str:
        """Destroy the chosen one's key of a due period."""
        return self._keeper(self.chosen).destroy(due)

    def _keeper(self, name: str) -> Keks:
        if name not in self._keepers:
            raise KeyStoreError(
                f"a key was sealed by another keeper ({name}), which the settings do not name",
                mend="name it again (`kms`, `credentials_key`), or give the credentials anew",
            )
        if name not in self._made:
            self._made[name] = self._keepers[name]()
        return self._made[name]
