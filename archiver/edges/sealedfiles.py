"""Small files of secrets that are encrypted at rest, each under a key of its own.

::

    <directory>/<name>.sealed      `archiver.formats.sealedsecret`
    <directory>/keys/              the keys: a key store of one period (`archiver.edges.keys`)

A file is written anew under a new key, and the key of what it took the place of is shredded
then: a copy of an older file that was made without its key opens no more. Whoever stops
anywhere leaves the old or the new file with its key, and perhaps keys of no file; the next
writing of that name takes them away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.edges.keys import LocalKeyStore
from archiver.edges.perioddir import located
from archiver.edges.privatedir import PrivateDirectory, read_private
from archiver.errors import IntegrityError, KeyStoreError
from archiver.formats import sealedsecret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from archiver.edges.keks import ChosenKeks
    from archiver.ports import Randomness

__all__ = ["PERIOD", "SealedFiles"]

PERIOD = "credentials/home/credentials"
"""What the keys lie under, in the words of a key store: they become due together, never."""
SUFFIX, PLAIN = ".sealed", ".json"
_TRIES = 3
"""Readings of a file whose key another process may have replaced in the same instant."""
_KMS = "kms"
"""The code of an error of a KMS, which has been asked several times by then."""


class SealedFiles:
    """Files by name below one directory of mode 0700.

    Files that an older version left there plain (``<name>.json``) are read as well;
    the first `take_in` or `write` of the name puts the sealed one in their place.

    Args:
        directory: made when missing.
        archive_id: each file is bound to it.
        keks: what seals the key that all keys lie under.
        chance: where new keys come from.

    Raises:
        KeyStoreError: the directory is open to others, or cannot be used.
    """

    def __init__(
        self, directory: Path, archive_id: str, keks: ChosenKeks, chance: Randomness
    ) -> None:
        self.root = directory
        self._files = PrivateDirectory(directory)
        self._archive_id = archive_id
        self._keks = keks
        self._chance = chance
        self._store: LocalKeyStore | None = None

    def writing(self) -> AbstractContextManager[None]:
        """Be the only writer."""
        return self._files.writing()

    def path(self, name: str) -> Path:
        """Return where a file is, or will be."""
        return self.root / f"{name}{SUFFIX}"

    def read(self, name: str) -> bytes | None:
        """Return what a file says, None where there is none.

        Raises:
            KeyStoreError: it or its key is damaged, missing, or readable by others.
        """
        for attempt in range(1, _TRIES + 1):
            data = read_private(self.path(name))
            if data is None:
                return read_private(self.root / f"{name}{PLAIN}")
            try:
                with located(self.path(name)):
                    return self._opened(name, data)
            except KeyStoreError as error:
                if attempt == _TRIES or error.code == _KMS:
                    raise
        return None  # not reached: the last try returns or raises

    def is_plain(self, name: str) -> bool:
        """Tell whether an older version's plain file is there, alone or as what a kill left."""
        return (self.root / f"{name}{PLAIN}").exists()

    def plain(self) -> int:
        """Return how many files are there that were never sealed."""
        return sum(1 for _ in self.root.glob(f"*{PLAIN}"))

    def count(self) -> int:
        """Return how many files are there that are sealed."""
        return sum(1 for _ in self.root.glob(f"*{SUFFIX}"))

    def take_in(self, name: str) -> None:
        """Seal an older version's plain file, and take the plain one away. Call while `writing`."""
        data = self.read(name)
        if data is not None and self.is_plain(name):
            self.write(name, data)

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place, whole and durable. Call it while `writing`.

        Raises:
            KeyStoreError: its key can't be made: nothing has changed then.
        """
        keys = self._keys()
        object_id = f"{name}/{self._chance.bytes(16).hex()}"
        key = keys.new_key(object_id, PERIOD)
        made = sealedsecret.sealed(self._archive_id, object_id, key, data)
        self._files.replace(self.path(name), made)
        self._files.shred(self.root / f"{name}{PLAIN}")
        for other in self._others(keys, object_id):
            keys.shred(other)

    def rotate(self) -> int:
        """Give the key of all keys a new one; wrap them again. Returns how many files there are.

        What is plain is sealed first. Stopped at any moment, every file can be read.
        """
        with self.writing():
            for path in sorted(self.root.glob(f"*{PLAIN}")):
                self.take_in(path.stem)
            if self._keys().periods():
                self._rewrap()
        return self.count()

    def try_keeper(self) -> None:
        """Seal a key and open it again. Raises `KeyStoreError` where that fails."""
        key = self._chance.bytes(32)
        if self._keks.open(PERIOD, self._keks.seal(PERIOD, key)) != key:
            raise KeyStoreError("what seals the keys of credentials gives back another key")

    def _opened(self, name: str, data: bytes) -> bytes:
        object_id = sealedsecret.key_of(data)
        if object_id.partition("/")[0] != name:
            raise KeyStoreError("a sealed file lies under another one's name")
        try:
            plain = sealedsecret.opened(self._archive_id, self._keys().key(object_id), data)
        except (IntegrityError, KeyStoreError) as error:
            raise KeyStoreError(
                f"a sealed credential does not open: {error.message}",
                mend="bring back what sealed it (`kms`, `credentials_key`, the home's backup); if "
                f"that is lost, move {self.root / 'keys'} away and give the credentials anew",
                code=error.code,
            ) from error
        if self._keks.outdated:  # somebody has named another keeper since
            self._rewrap()
        return plain

    def _rewrap(self) -> None:
        self._keys().rotate(PERIOD)
        self._keks.outdated = False

    def _others(self, keys: LocalKeyStore, object_id: str) -> Iterator[str]:
        """Yield the keys of what a file took the place of, and of writings that were stopped."""
        name = object_id.partition("/")[0]
        for one in keys.object_ids():
            if one != object_id and one.partition("/")[0] == name:
                yield one

    def _keys(self) -> LocalKeyStore:
        if self._store is None:
            self._store = LocalKeyStore(self.root / "keys", self._chance, self._keks)
        return self._store
