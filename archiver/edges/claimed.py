"""A new folder that one process writes beside the place where it is to be.

All is written under the same name with a dot and ``.part``, which takes the name once everything
is on disk: it is there whole or not at all. Only its owner may enter it.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.edges.privatedir import sync_directory
from archiver.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["claimed", "named"]


@contextmanager
def claimed(path: Path, busy: UsageError, what: str, again: str) -> Iterator[Path]:
    """Yield the folder beside ``path`` that this process alone writes to.

    Args:
        path: absolute; where the folder is to be.
        busy: raised where another process writes there.
        what: is written, as an error names it.
        again: what the next run does with what is there.

    Raises `UsageError` where something is there already (``file-exists``) or nothing can be
    written, ``busy``, and `StoreError` where the disk fails.
    """
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
        if not _alone(lock, part):
            raise busy
        yield part
    except OSError as error:
        raise StoreError(
            f"the {what} could not be written: {error.strerror}",
            where=str(error.filename or part),
            mend=f"see to it and run the command again: it {again}",
        ) from error
    finally:
        os.close(lock)


def named(folder: Path, path: Path) -> None:
    """Give a finished folder its name, once everything is on disk.

    Raises `UsageError` where something came there meanwhile (``file-exists``).
    """
    os.sync()  # once: a flush for each of a million small files would take hours
    _require_free(path)
    folder.rename(path)
    sync_directory(path.parent)


def _require_free(path: Path) -> None:
    if os.path.lexists(path):
        raise UsageError(
            "there is something of that name already, and it stays as it is",
            where=str(path),
            code="file-exists",
            mend="give --out another name, or take it away",
        )


def _alone(lock: int, part: Path) -> bool:
    """Tell whether this process alone writes there."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(lock), part.stat())  # else another has just finished
    except (BlockingIOError, FileNotFoundError):
        return False
