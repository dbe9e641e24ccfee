"""A bag that is there already, as files are read from it: none that lies elsewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archiver.errors import FormatError, UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["BagFiles"]


class BagFiles:
    """The files of a bag, by their names in it. No link is followed.

    Raises `UsageError` where there is no such folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        if not (root / "bagit.txt").is_file():
            raise UsageError(
                "no bag is there",
                where=str(root),
                mend="give the folder of a volume: the one that has bagit.txt",
            )

    @property
    def name(self) -> str:
        """Where it is, for errors."""
        return str(self._root)

    def names(self) -> list[str]:
        """Return the names of all files of the payload, sorted; links included."""
        found = []
        for folder, below, files in os.walk(self._root / "data"):
            prefix = os.path.relpath(folder, self._root)
            links = [one for one in below if os.path.islink(os.path.join(folder, one))]  # noqa: PTH114, PTH118 - a million files
            found += [f"{prefix}/{one}" for one in (*files, *links)]
        return sorted(found)

    def open(self, name: str) -> BinaryIO:
        """Open a file. Raises `FormatError` for one that is no plain file of the bag."""
        path = self._root
        for part in name.split("/"):
            path /= part
            if part in {"", ".", ".."} or path.is_symlink():
                raise _strange(name)
        if not path.is_file():
            raise _strange(name)
        return path.open("rb")


def _strange(name: str) -> FormatError:
    return FormatError(
        "a file of the bag is missing, or leads elsewhere",
        where=name,
        mend="get the volume anew from whoever made it",
    )
