"""Zip files that may be hostile: nothing is unpacked beyond what is asked, and counted. Pure."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from archiver.errors import FormatError

if TYPE_CHECKING:
    from archiver.formats.derived.gathered import Gathered

__all__ = ["ENCRYPTED", "Packed"]

ENCRYPTED = "it is encrypted"
MOST_MEMBERS = 20_000
_CHUNK = 1 << 16
_LOCKED = 1
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
    *(NotImplementedError, RuntimeError, LookupError),
)
"""What `zipfile` raises of files that are damaged, or packed in a way that it does not know."""


class Packed:
    """Reads a zip file. Raises `FormatError` where it is none, is damaged, or has too much."""

    def __init__(self, data: bytes, gathered: Gathered) -> None:
        self._gathered = gathered
        try:
            self._file = zipfile.ZipFile(BytesIO(data))
        except _DAMAGE as error:
            raise FormatError("it is damaged") from error
        if len(self._file.infolist()) > MOST_MEMBERS:
            raise FormatError(f"it has more than {MOST_MEMBERS} files in it")
        self.names = [one.filename for one in self._file.infolist() if not one.is_dir()]
        if len(set(self.names)) < len(self.names):  # which one a program opens, nobody can tell
            raise FormatError("two files in it have one name")

    def read(self, name: str) -> bytes:
        """Return a member. Its name is a key of the file, and no path of ours."""
        found = []
        try:
            info = self._file.getinfo(name)
            if info.flag_bits & _LOCKED:
                raise FormatError(ENCRYPTED)
            with self._file.open(info) as member:
                while chunk := member.read(_CHUNK):
                    self._gathered.unpack(len(chunk))
                    found.append(chunk)
        except _DAMAGE as error:
            raise FormatError("it is damaged") from error
        return b"".join(found)
