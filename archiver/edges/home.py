"""Small private files of one archive in this home: trust, journals, caches.

A file is written to ``tmp/`` under its writer's `flock` and then takes its place. The
kernel drops that lock when the writer ends, so whoever opens the home next can tell what
a killed one left and clears it.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from mmap import PROT_READ, mmap
from typing import TYPE_CHECKING

from archiver.edges.privatedir import explained, make_private, sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["LocalHome"]

CACHE = "cache/"
"""What starts so can be made again: it is written atomically, not durably."""


class LocalHome:
    """Files below one directory of mode 0700 (`archiver.ports.HomeFiles`)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._scratch = root / "tmp"
        self._durable: set[Path] = {root}
        make_private(root)
        make_private(self._scratch)
        with explained(self._scratch):
            for left in self._scratch.iterdir():
                _clear(left)

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is none."""
        with explained(self.root):
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                return None

    def view(self, name: str) -> memoryview | None:
        """Return a file's bytes, mapped: only what is looked at is read. None without a file.

        They stay as they are where the file is replaced or removed meanwhile.
        """
        with explained(self.root):
            try:
                with self._path(name).open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    whole = mmap(file.fileno(), 0, prot=PROT_READ) if size else b""
            except FileNotFoundError:
                return None
            return memoryview(whole)

    def write(self, name: str, data: bytes) -> None:
        """Create or replace a file; all of it is there after a crash, or none of it."""
        path = self._path(name)
        durable = not name.startswith(CACHE)
        with explained(path):
            self._make(path.parent)
            with self._part() as (part, handle):
                with open(handle, "wb", closefd=False) as file:
                    file.write(data)
                if durable:
                    os.fsync(handle)
                part.replace(path)
            if durable:
                sync_directory(path.parent)

    def remove(self, name: str) -> None:
        """Remove a file. Removing one that is not there is no error."""
        path = self._path(name)
        with explained(path), suppress(FileNotFoundError):
            path.unlink()
            if not name.startswith(CACHE):
                sync_directory(path.parent)

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names of all files that start with ``prefix``, sorted."""
        folder = self._path(prefix)
        with explained(folder):
            if not folder.is_dir():
                return []
            found = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")]
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Wait for the lock of that name, and hold it; the kernel frees it when we end."""
        path = self._path(f"{name}.lock")
        with explained(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with explained(path):
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _part(self) -> Iterator[tuple[Path, int]]:
        """Yield an empty file of ours alone and its descriptor; its name is gone at the end."""
        while True:
            part = self._scratch / os.urandom(16).hex()
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if part.exists():  # else it was cleared in the instant before it was locked
                    yield part, handle
                    return
            finally:
                part.unlink(missing_ok=True)
                os.close(handle)

    def _path(self, name: str) -> Path:
        return self.root / name

    def _make(self, folder: Path) -> None:
        """Make a folder of mode 0700 and the ones it is in; their names are on disk then.

        Also where another process made it: that one may have been killed before.
        """
        if folder not in self._durable or not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            sync_directory(folder.parent)
            self._durable.add(folder)


def _clear(left: Path) -> None:
    """Remove an unfinished file unless its writer still lives."""
    with suppress(FileNotFoundError, BlockingIOError):
        handle = os.open(left, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
        finally:
            os.close(handle)
