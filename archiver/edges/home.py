"""Small private files of one archive in this home: trust, journals, caches."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from archiver.edges.privatedir import explained, make_private, sync_directory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["LocalHome"]

CACHE = "cache/"
"""What starts so can be made again: it is written atomically, not durably."""


class LocalHome:
    """Files below one directory of mode 0700 (`archiver.ports.HomeFiles`)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        make_private(root)

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is none."""
        with explained(self.root):
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                return None

    def write(self, name: str, data: bytes) -> None:
        """Create or replace a file; all of it is there after a crash, or none of it."""
        path = self._path(name)
        durable = not name.startswith(CACHE)
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            scratch = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
            handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    if durable:
                        os.fsync(file.fileno())
                scratch.replace(path)
            except OSError:
                scratch.unlink(missing_ok=True)
                raise
            if durable:
                sync_directory(path.parent)

    def remove(self, name: str) -> None:
        """Remove a file. Removing one that is not there is no error."""
        path = self._path(name)
        with explained(path), suppress(FileNotFoundError):
            path.unlink()
            sync_directory(path.parent)

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names of all files that start with ``prefix``, sorted."""
        folder = self._path(prefix)
        with explained(folder):
            if not folder.is_dir():
                return []
            found = [path for path in folder.iterdir() if not path.name.startswith(".")]
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def _path(self, name: str) -> Path:
        return self.root / name
