"""The folder that a transfer is written to, and the files that are enclosed in each.

All is written into a folder beside, under the same name with a dot and ``.part``, which takes
its name once everything is on disk. So a transfer is there whole or not at all; what a killed
process left is cleared by the next that writes there. Only its owner may enter it.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

from archiver.edges.claimed import claimed, named
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["NewFolder", "enclosed", "new_folder", "programs"]

_ENCLOSED = {"README.md": "transfer.md.txt", "verify.py": "verify.py.txt", "check.py": "bag.py.txt"}
"""Files of every transfer, and what they are called among the templates."""
_PROGRAMS = {one: f"{one}.txt" for one in ("verify.py", "shown.py", "held.py")} | {
    "check.py": "bag.py.txt"
}
"""Those of every volume."""


def enclosed() -> dict[str, bytes]:
    """Return what is put into each transfer beside records: how to read it, and two programs."""
    return _read(_ENCLOSED)


def programs() -> dict[str, bytes]:
    """Return the programs that come with each volume: they verify it, with the network off."""
    return _read(_PROGRAMS)


def _read(named: Mapping[str, str]) -> dict[str, bytes]:
    folder = files("archiver").joinpath("templates")
    return {name: folder.joinpath(file).read_bytes() for name, file in named.items()}


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

    Raises as `archiver.edges.claimed.claimed`.
    """
    path = path.absolute()
    busy = UsageError(
        "another process writes a transfer there",
        where=str(path),
        code="transfer-busy",
        mend="wait for it, or give --out another name",
    )
    with claimed(path, busy, "transfer", "clears what it had begun") as part:
        for left in part.iterdir():  # of a killed process
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        try:
            yield NewFolder(part)
            named(part, path)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)  # private things may be in it
            raise
