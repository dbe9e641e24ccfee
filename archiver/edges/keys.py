"""The local key store: file keys wrapped under keys of the period they become due in.

::

    <directory>/lock                       held by whoever writes
    <directory>/tmp/                       half-done work, cleared by the next writer
    <directory>/periods/<period>/key       the key of a period
    <directory>/periods/<period>/<object>  a file key, wrapped under it

Names are hashes, files 0600, directories 0700; ``docs/formats/keystore.md`` gives every
byte. Keep this directory out of every backup of content, and give it a short-lived one
of its own: a backup of a shredded key is the key.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from archiver.edges.credentials import CredentialStore
from archiver.edges.privatedir import (
    PrivateDirectory,
    explained,
    make_private,
    read_private,
    sync_directory,
)
from archiver.edges.signer import FileSigner
from archiver.errors import KeyStoreError
from archiver.formats import keyfile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.ports import Randomness

T = TypeVar("T")

__all__ = ["CredentialStore", "FileSigner", "LocalKeyStore", "Shredded"]

PERIOD_KEY = "key"


class Shredded(NamedTuple):
    """What one shredding took away; empty where nothing was left to take.

    ``objects`` are object ids (the file name of a wrap too damaged to state one),
    ``periods`` the periods whose own key went.
    """

    objects: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()


class LocalKeyStore:
    """File keys in a directory of this machine (`archiver.ports.KeyStore`).

    Any number of processes may use one directory. A kill at any instant leaves it whole:
    a key that was returned is there, one that was not returned may be.

    Args:
        directory: where the keys live; made with mode 0700 when missing.
        chance: where new keys and nonces come from.

    Raises:
        KeyStoreError: the directory is open to others, or cannot be used.
    """

    def __init__(self, directory: Path, chance: Randomness) -> None:
        self._files = PrivateDirectory(directory)
        self._periods = directory / "periods"
        self._chance = chance
        make_private(self._periods)

    def __repr__(self) -> str:
        """Return where the store is, without keys."""
        return f"LocalKeyStore({str(self._files.root)!r})"

    def new_key(self, object_id: str, period: str) -> bytes:
        """Return the 32-byte key of a new object, durably kept under the key of ``period``.

        Asked again, by whomever, it returns the same key.

        Raises:
            UsageError: a name is empty or too long.
            KeyStoreError: the object has a key of another period already, or the period's
                key is missing or damaged, or the directory cannot be used.
        """
        with self._files.writing():
            found = self._find(object_id)
            path = found or self._directory(period) / keyfile.object_name(object_id)
            if path.parent != self._directory(period):
                raise KeyStoreError(
                    f"the object has a key already, due in another period than {period}",
                    where=object_id,
                    mend="ask with its first period, or store the content as a new object",
                )
            if found is None:
                self._add(path, object_id, period)
            else:  # whoever put it there may have been killed before its name was on disk
                sync_directory(path.parent)
            return self._open(path, object_id)

    def key(self, object_id: str) -> bytes:
        """Return the 32-byte key of an object.

        Raises:
            KeyStoreError: it has none, or the wrap or its period's key is missing, damaged
                or readable by others.
        """
        with explained(self._periods):
            path = self._find(object_id)
        return self._open(path, object_id)

    def shred(self, object_id: str) -> Shredded:
        """Destroy the key of one object; nothing happens where it has none.

        Raises:
            KeyStoreError: the directory cannot be used.
        """
        with self._files.writing():
            found = False
            # A store put together from two backups may have a wrap under two periods.
            while path := self._find(object_id):
                found = self._files.shred(path)
        return Shredded(objects=(object_id,) if found else ())

    def shred_period(self, period: str) -> Shredded:
        """Destroy the key of a period, and with it every file key wrapped under it.

        The period's own key goes first; without it the wraps are noise, so they are only
        unlinked. After a kill, calling it again finishes.

        Raises:
            KeyStoreError: the directory cannot be used.
        """
        directory = self._directory(period)
        with self._files.writing():
            if not directory.is_dir():
                return Shredded()
            found = self._files.shred(directory / PERIOD_KEY)
            wraps = sorted(directory.iterdir())
            objects = tuple(_stated_object(path) for path in wraps)
            for path in wraps:
                path.unlink()
            directory.rmdir()
            sync_directory(self._periods)
        return Shredded(objects, (period,) if found else ())

    def periods(self) -> tuple[str, ...]:
        """Return all periods that have a key, sorted.

        Raises:
            KeyStoreError: a period key is damaged or readable by others.
        """
        with self._files.writing():
            files = [path / PERIOD_KEY for path in self._periods.iterdir()]
            found = [_stated(path, keyfile.period_of) for path in files if path.exists()]
        return tuple(sorted(found))

    def object_ids(self) -> tuple[str, ...]:
        """Return the ids of all objects whose wrap and period key are there, sorted.

        Raises:
            KeyStoreError: a wrap is damaged or readable by others.
        """
        with self._files.writing():
            live = [path for path in self._periods.iterdir() if (path / PERIOD_KEY).exists()]
            wraps = [path for d in live for path in d.iterdir() if path.name != PERIOD_KEY]
            found = [_stated(path, keyfile.wrapped_names)[0] for path in wraps]
        return tuple(sorted(found))

    def _directory(self, period: str) -> Path:
        return self._periods / keyfile.period_name(period)

    def _find(self, object_id: str) -> Path | None:
        """Return where the wrap of an object lies: there are few periods, so all are asked."""
        name = keyfile.object_name(object_id)
        paths = (directory / name for directory in sorted(self._periods.iterdir()))
        return next((path for path in paths if path.exists()), None)

    def _add(self, path: Path, object_id: str, period: str) -> None:
        period_key = self._period_key(period)
        nonce = self._chance.bytes(keyfile.NONCE_SIZE)
        file_key = self._chance.bytes(keyfile.KEY_SIZE)
        self._files.create(path, keyfile.wrap(file_key, period_key, nonce, object_id, period))

    def _period_key(self, period: str) -> bytes:
        """Return the key of a period, made if the period is new."""
        directory = self._directory(period)
        make_private(directory)
        data = read_private(directory / PERIOD_KEY)
        if data is None:
            if any(directory.iterdir()):
                raise _orphaned(period, directory)
            data = keyfile.encode_period_key(period, self._chance.bytes(keyfile.KEY_SIZE))
            self._files.create(directory / PERIOD_KEY, data)
        with _located(directory / PERIOD_KEY):
            return keyfile.decode_period_key(data, period)

    def _open(self, path: Path | None, object_id: str) -> bytes:
        wrapped = None if path is None else read_private(path)
        if path is None or wrapped is None:
            raise _missing(object_id)
        period_data = read_private(path.parent / PERIOD_KEY)
        if period_data is None:
            raise _orphaned(object_id, path.parent)
        with _located(path):
            _, period = keyfile.wrapped_names(wrapped)
            period_key = keyfile.decode_period_key(period_data, period)
            return keyfile.open_wrap(wrapped, period_key, object_id, period)


def _stated(path: Path, reader: Callable[[bytes], T]) -> T:
    """Return what a file says about itself; a file that has gone counts as damaged."""
    with _located(path):
        return reader(read_private(path) or b"")


def _stated_object(path: Path) -> str:
    """Return the object id a wrap states, or its file name where it states none."""
    try:
        return _stated(path, keyfile.wrapped_names)[0]
    except KeyStoreError:
        return path.name


@contextmanager
def _located(path: Path) -> Iterator[None]:
    """Say of an error in a file's bytes which file it is."""
    try:
        yield
    except KeyStoreError as error:
        error.where = error.where or str(path)
        raise


def _missing(object_id: str) -> KeyStoreError:
    return KeyStoreError(
        "there is no key for this object: it was shredded, or this is not its key store",
        where=object_id,
        mend="look in the log for a disposition; else use the home that wrote it, or its backup",
    )


def _orphaned(name: str, directory: Path) -> KeyStoreError:
    return KeyStoreError(
        f"the period key that opens {name} is gone",
        where=str(directory),
        mend="restore it from the backup; if the period was due, shred the period again",
    )
