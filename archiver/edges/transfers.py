"""The folder that a transfer is written to, and the files that are enclosed in each.

All is written into a folder beside, under the same name with a dot and ``.part``, which takes
its name once everything is on disk. So a transfer is there whole or not at all; what a killed
process left is cleared by the next that writes there. Only its owner may enter it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

from archiver.edges.privatedir import sync_directory
from archiver.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["NewFolder", "enclosed", "new_folder"]

_ENCLOSED = {"README.md": "transfer.md.txt", "verify.py": "verify.py.txt", "check.py": "bag.py.txt"}
"""Files of every transfer, and what they are called among the templates."""


def enclosed() -> dict[str, bytes]:
    """Return what is put into each transfer beside records: how to read it, and two programs."""
    folder = files("archiver").joinpath("templates")
    return {name: folder.joinpath(file).read_bytes() for name, file in _ENCLOSED.items()}


class NewFolder:
    """A folder in which each file is written once (`archiver.formats.bag.Folder`)."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: set[Path] = {root}

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """Open a new file by relative name."""
        path = self._root / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        with path.open("xb") as file:
            yield file


@contextmanager
def new_folder(path: Path) -> Iterator[NewFolder]:
    """Yield a folder that becomes ``path`` when the context ends without an error.

    Raises `UsageError` where something is there already (``file-exists``), where another
    process writes there, or where it can't be written; `StoreError` where the disk fails.
    """
    path = path.absolute()
    part = path.with_name(f".{path.name}.part")
    try:
        _require_free(path)
        part.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(
            f"nothing can be written there: {error.strerror}",
            where=str(path),
            mend="give --out a new folder in one that is there, and that you may write to",
        ) from error
    try:
        _alone(lock, part, path)
        yield from _written(part, path)
    except OSError as error:
        raise StoreError(
            f"the transfer could not be written: {error.strerror}",
            where=str(error.filename or part),
            mend="see to it and run the command again: it clears what it had begun",
        ) from error
    finally:
        os.close(lock)


def _written(part: Path, path: Path) -> Iterator[NewFolder]:
    """Clear what a killed process left, yield the folder, and give it its name."""
    for left in part.iterdir():
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    try:
        yield NewFolder(part)
        os.sync()  # once: a flush for each of a million small files would take hours
        _require_free(path)
        part.rename(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)  # private things may be in it
        raise
    sync_directory(path.parent)


def _require_free(path: Path) -> None:
    if os.path.lexists(path):
        raise UsageError(
            "there is something of that name already, and it stays as it is",
            where=str(path),
            code="file-exists",
            mend="give --out another name, or take it away",
        )


def _alone(lock: int, part: Path, path: Path) -> None:
    """Raise `UsageError` unless this process alone writes there."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        alone = os.path.samestat(os.fstat(lock), part.stat())  # else another has just finished
    except (BlockingIOError, FileNotFoundError):
        alone = False
    if not alone:
        raise UsageError(
            "another process writes a transfer there",
            where=str(path),
            code="transfer-busy",
            mend="wait for it, or give --out another name",
        )
