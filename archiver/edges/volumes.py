"""The folder that a volume is written to, and the journal by which a killed process is carried on.

All is written into a folder beside, under the same name with a dot and ``.part``: the bag in it,
and a journal of what is finished. The next that writes there goes on where the journal ends. The
bag takes its name once everything is on disk. Only its owner may enter either.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.edges.claimed import claimed, named
from archiver.errors import FormatError, UsageError

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
        named(self._root, path)
        shutil.rmtree(self._part)

    def _take(self, name: str) -> None:
        if name in self._written:
            raise FormatError("two files of one name", where=name, mend="report this as a defect")
        self._written.add(name)


@contextmanager
def volume_folder(path: Path) -> Iterator[VolumeFolder]:
    """Yield a folder that becomes ``path`` when the context ends without an error.

    After an error, or a kill, what is finished stays beside it for the next to go on with.
    Raises as `archiver.edges.claimed.claimed`.
    """
    path = path.absolute()
    busy = UsageError(
        "another process writes a volume there",
        where=str(path),
        code="volume-busy",
        mend="wait for it, or give --out another name",
    )
    with claimed(path, busy, "volume", "goes on with what is finished") as part:
        folder = VolumeFolder(part)
        try:
            yield folder
            folder.finish(path)
        finally:
            folder.close()
