"""The archive in a local folder: the embedded default store, safe against crashes.

A new object is written to ``.tmp/``, flushed, given its key by a hard link (which
fails where the key is taken, whoever races for it), and its folder is flushed. A
mutable object is replaced by a rename under one lock. So a key leads to a whole
object or to none, after a crash at any instant (POSIX ``link``, ``rename``, ``fsync``).

Empty folders stay: removing one cannot be told apart from a concurrent create in it.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import ExitStack, suppress
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from archiver.edges import localprobe, localscratch
from archiver.edges.localdir import Tree, explained, fsync, refuse_link
from archiver.edges.storekeys import RESERVED, check_key, check_prefix, check_size, clash
from archiver.edges.storeprobe import preflight
from archiver.errors import AlreadyExistsError, ConflictError, MissingObjectError
from archiver.ports import ObjectVersion, StoredObject, Versioned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from archiver.ports import Check

__all__ = ["LocalStore"]

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe must not block us


def _is_folder(folder: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _unlink(folder: int, name: str) -> None:
    with suppress(FileNotFoundError, IsADirectoryError):  # no object under that key
        os.unlink(name, dir_fd=folder)


def _listed(entry: os.DirEntry[str]) -> tuple[bytes, str, int | None]:
    """Return place in key order, where a folder is ``name/``, name, and size; None: a folder."""
    name = entry.name
    if entry.is_dir(follow_symlinks=False):
        return os.fsencode(name) + b"/", name, None
    return os.fsencode(name), name, entry.stat(follow_symlinks=False).st_size


class LocalStore:
    """A store in the folder ``root``, for any number of threads and processes.

    Implements `archiver.ports.Store`. The version token of a mutable object is the
    SHA-256 of its content, in hex. A folder that is not there reads as an empty store
    and is made by the first write.

    Args:
        root: the archive folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tree = Tree(root)
        self._durable: dict[str, str] = {}  # key and version of objects whose folder was flushed

    def describe(self) -> str:
        """Return the path of the folder."""
        return str(self.root)

    def _where(self, key: str) -> str:
        return f"{self.root}/{key}"

    def get(self, key: str) -> bytes:
        """Return the whole object. Raises `MissingObjectError`, `StoreError`."""
        with self.open(key) as file, explained("read an object", self._where(key)):
            check_size(os.fstat(file.fileno()).st_size, key, self._where(key))
            return file.read()

    def open(self, key: str) -> BinaryIO:
        """Open the object for reading. Raises `MissingObjectError`, `StoreError`."""
        *folders, name = check_key(key)
        with explained("read an object", self._where(key)):
            try:
                with self._tree.folder(folders) as folder:
                    return self._open_file(folder, name, key)
            except FileNotFoundError as error:
                raise MissingObjectError(
                    "no such object", where=self._where(key), mend="run `archiver verify`"
                ) from error

    def _open_file(self, folder: int, name: str, key: str) -> BinaryIO:
        """Open a plain file in ``folder``; a folder of that name counts as no object."""
        try:
            fd = os.open(name, _READ, dir_fd=folder)
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENXIO}:  # a link; a socket
                raise refuse_link(self._where(key)) from error
            raise
        mode = os.fstat(fd).st_mode
        if stat.S_ISREG(mode):
            return os.fdopen(fd, "rb")
        os.close(fd)
        if stat.S_ISDIR(mode):
            raise FileNotFoundError(errno.ENOENT, "a folder")
        raise refuse_link(self._where(key))

    def create(self, key: str, data: bytes | BinaryIO) -> None:
        """Store a new object, a file object in chunks of 1 MiB.

        Raises `AlreadyExistsError`, `StoreError`.
        """
        *folders, name = check_key(key)
        with (
            explained("store an object", self._where(key)),
            localscratch.scratch(self._tree, data) as part,
            self._tree.folder(folders, make=True) as folder,
        ):
            try:
                localscratch.publish(part, folder, name, replace=False)
            except FileExistsError as error:
                if _is_folder(folder, name):
                    raise clash(key) from error
                raise AlreadyExistsError(
                    "an object is stored under this key already",
                    where=self._where(key),
                    mend="objects are never overwritten: compare, or use a new key",
                ) from error

    def load(self, key: str) -> Versioned | None:
        """Return a mutable object and its version token, or None. Raises `StoreError`.

        The folder is flushed first, so that nobody acts on (or signs) a state that a
        power cut could still undo; once for each version, as an archive's objects never
        return to one they left.
        """
        *folders, name = check_key(key)
        with explained("read an object", self._where(key)):
            try:
                with self._tree.folder(folders) as folder:
                    return self._load(folder, name, key)
            except FileNotFoundError:
                return None

    def _load(self, folder: int, name: str, key: str) -> Versioned:
        with self._open_file(folder, name, key) as file:
            check_size(os.fstat(file.fileno()).st_size, key, self._where(key))
            data = file.read()
        version = sha256(data).hexdigest()
        if self._durable.get(key) != version:
            fsync(folder)
            self._durable[key] = version
        return Versioned(data, version)

    def swap(self, key: str, data: bytes, expected: str | None) -> str:
        """Replace an object whose version is still ``expected``; return the new version.

        Raises `ConflictError`, `StoreError`.
        """
        *folders, name = check_key(key)
        with (
            explained("replace an object", self._where(key)),
            localscratch.swap_lock(self._tree),
            self._tree.folder(folders, make=True) as folder,
        ):
            self._expect(folder, name, key, expected)
            with localscratch.scratch(self._tree, data) as part:
                try:  # `create` takes no lock: a new object is linked here, too
                    localscratch.publish(part, folder, name, replace=expected is not None)
                except FileExistsError as error:
                    raise clash(key) if _is_folder(folder, name) else self._conflict(key) from error
        self._durable[key] = sha256(data).hexdigest()
        return self._durable[key]

    def _expect(self, folder: int, name: str, key: str, expected: str | None) -> None:
        found = None
        with suppress(FileNotFoundError), self._open_file(folder, name, key) as file:
            found = sha256(file.read()).hexdigest()
        if found != expected:
            raise self._conflict(key)

    def _conflict(self, key: str) -> ConflictError:
        return ConflictError(
            "the object is no longer the version that was expected",
            where=self._where(key),
            mend="somebody else was quicker: load it again and start over",
        )

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with ``prefix``, in byte order of keys.

        One folder at a time is read. What is deleted meanwhile is left out. Links and
        other things that are no plain files are listed (nothing hides), but not opened.
        Raises `StoreError` for a folder that cannot be read.
        """
        folders, stem = check_prefix(prefix)
        return self._walk(folders, stem)

    def _walk(self, folders: Sequence[str], stem: str) -> Iterator[StoredObject]:
        before = "".join(f"{folder}/" for folder in folders)
        for _, name, size in self._entries(folders, stem):
            if size is None:
                yield from self._walk([*folders, name], "")
            else:
                yield StoredObject(before + name, size)

    def _entries(
        self, folders: Sequence[str], stem: str
    ) -> Sequence[tuple[bytes, str, int | None]]:
        """Return what `_listed` says of a folder's entries, in key order."""
        found: list[tuple[bytes, str, int | None]] = []
        with (
            explained("list a folder", str(self.root.joinpath(*folders))),
            suppress(FileNotFoundError),
            self._tree.folder(folders) as folder,
            os.scandir(folder) as entries,
        ):
            for entry in entries:
                if entry.name.startswith(stem) and (folders or entry.name != RESERVED):
                    with suppress(FileNotFoundError):  # deleted since the folder was read
                        found.append(_listed(entry))
        return sorted(found)

    def versions(self) -> Iterator[ObjectVersion]:
        """Yield nothing: a folder keeps no versions."""
        return iter(())

    def delete(self, key: str) -> None:
        """Remove an object durably; one that is not there is no error. Raises `StoreError`."""
        *folders, name = check_key(key)
        with explained("delete an object", self._where(key)), ExitStack() as stack:
            try:
                folder = stack.enter_context(self._tree.folder(folders))
            except FileNotFoundError:
                return
            with localscratch.swap_lock(self._tree):  # never between a swap's look and its rename
                _unlink(folder, name)
            fsync(folder)  # also where nothing was left: whoever removed it may have died

    def erase(self, key: str) -> Sequence[str]:
        """Remove an object: a folder keeps no versions. Raises `StoreError`."""
        self.delete(key)
        return ()

    def lock(self, key: str, until: datetime, *, held: bool | None) -> datetime | None:
        """Return None: a folder locks nothing."""
        del key, until, held
        return None

    def sweep(self) -> int:
        """Remove unfinished files of writers that are gone; return how many.

        Safe at any time: files that somebody is writing are left alone.
        """
        with explained("remove unfinished files", self._where(RESERVED)):
            try:
                return localscratch.sweep(self._tree)
            except FileNotFoundError:
                return 0

    def preflight(self) -> Sequence[Check]:
        """Prove by trying what this file system enforces (`archiver.edges.storeprobe`)."""
        return preflight(self, partial(localprobe.checks, self._tree))
