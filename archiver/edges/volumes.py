"""The folder that a volume is written to, and the journal by which a killed process is carried on.

All is written into a folder beside, under the same name with a dot and ``.part``: the bag in it,
and a journal of what is finished. The next that writes there goes on where the journal ends. The
bag takes its name once everything is on disk. Only its owner may enter either.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.edges.privatedir import sync_directory
from archiver.errors import FormatError, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["VolumeFolder", "volume_folder"]

_BAG, _JOURNAL = "bag", "journal"


class VolumeFolder:
    """A bag while it is written, and its journal (`archiver.flows.volume.Folder`)."""

    def __init__(self, part: Path) -> None:
        self._part, self._root = part, part / _BAG
        self._written: set[str] = set()
        self._folders: set[Path] = set()
        self._root.mkdir(mode=0o700, exist_ok=True)
        self._journal = (part / _JOURNAL).open("a+b")
        self._journal.seek(0)

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """Open a new file by relative name. Raises `FormatError` for one written before."""
        self._take(name)
        path = self._root / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        with path.open("wb") as file:
            yield file

    def keep(self, name: str) -> None:
        """Say that a file which is there belongs to the bag."""
        self._take(name)

    def open(self, name: str) -> BinaryIO | None:
        """Open a file that is there already; None where none is."""
        try:
            return (self._root / name).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def scratch(self) -> BinaryIO:
        """Return a file without a name, which goes with whoever has it open."""
        return tempfile.TemporaryFile(dir=self._part)

    def next(self) -> bytes:
        """Return the next line of the journal; b"" at its end, or where it was cut off."""
        line = self._journal.readline()
        if not line.endswith(b"\n"):
            self._journal.seek(-len(line), os.SEEK_CUR)
            return b""
        return line

    def note(self, line: bytes) -> None:
        """Write a line into the journal, in place of all that was not read of it."""
        self._journal.truncate(self._journal.tell())
        self._journal.write(line)
        self._journal.flush()

    def clear(self) -> None:
        """Forget everything: what is there is of another production."""
        self._journal.seek(0)
        self._journal.truncate(0)
        shutil.rmtree(self._root)
        self._root.mkdir(mode=0o700)

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def finish(self, path: Path) -> None:
        """Take away what does not belong to the bag, and give the bag its name."""
        for folder, _, names in os.walk(self._root, topdown=False):
            below = os.path.relpath(folder, self._root)
            prefix = "" if below == os.curdir else f"{below}{os.sep}"
            for name in names:
                if f"{prefix}{name}" not in self._written:
                    os.unlink(os.path.join(folder, name))  # noqa: PTH108, PTH118 - a million files
            if prefix and not os.listdir(folder):  # noqa: PTH208 - likewise
                os.rmdir(folder)  # noqa: PTH106 - likewise
        os.sync()  # once: a flush for each of a million small files would take hours
        _require_free(path)
        self._root.rename(path)
        sync_directory(path.parent)
        shutil.rmtree(self._part)

    def _take(self, name: str) -> None:
        if name in self._written:
            raise FormatError("two files of one name", where=name, mend="report this as a defect")
        self._written.add(name)


@contextmanager
def volume_folder(path: Path) -> Iterator[VolumeFolder]:
    """Yield a folder that becomes ``path`` when the context ends without an error.

    After an error, or a kill, what is finished stays beside it for the next to go on with.
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
        folder = VolumeFolder(part)
        try:
            yield folder
            folder.finish(path)
        finally:
            folder.close()
    except OSError as error:
        raise StoreError(
            f"the volume could not be written: {error.strerror}",
            where=str(error.filename or part),
            mend="see to it and run the command again: it goes on with what is finished",
        ) from error
    finally:
        os.close(lock)


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
            "another process writes a volume there",
            where=str(path),
            code="volume-busy",
            mend="wait for it, or give --out another name",
        )
