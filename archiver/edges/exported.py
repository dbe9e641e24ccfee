"""Exports on disk: a folder, a zip, a tar, a compressed or a plain file; looked at before use.

Nothing is ever unpacked to disk: members are read in place, so no name in an archive can lead
anywhere. What is damaged, encrypted or swells beyond all measure is refused before anything is
kept; what is no plain file (a link, a device) is passed over and told.
"""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from archiver.edges.export_members import BLOCK, MEMBERS, PACKED, Member
from archiver.errors import FormatError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from archiver.ports import Progress

__all__ = ["Export", "Looked", "Member", "open_export"]

MOST_MEMBERS = 1_000_000
LARGEST_SWOLLEN = 64 << 20
"""Bytes of a member below which it may be compressed as well as it likes."""
MOST_SWOLLEN = 1_100
"""Times that deflate makes something smaller at most (zlib manual: 1032), and a little."""
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError,
    NotImplementedError, OSError,
)  # fmt: skip


@dataclass(slots=True)
class Looked:
    """What looking at an export found. ``odd``: what was passed over, and why, by path.

    ``digest``: SHA-256 of the file as it is; of a folder, of its paths, sizes and digests.
    ``beginning``: of its first member; ``length``: of all of them together, in bytes.
    """

    size: int = 0
    digest: str = ""
    names: list[str] = field(default_factory=list)
    odd: dict[str, str] = field(default_factory=dict)
    beginning: bytes = b""
    length: int = 0


class Export:
    """An export that was found to be whole. Read it as often as needed; the order is the same."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._kind = kind
        self.name = path.name
        self.looked = Looked()

    def members(self) -> Generator[Member, None, None]:
        """Yield the files of the export; each one's blocks before the next is asked for."""
        seen: dict[str, int] = {}
        with _told(self._path):
            for member in MEMBERS[self._kind](self._path, self.looked.odd):
                again = seen[member.name] = seen.get(member.name, 0) + 1
                name = member.name if again == 1 else f"{member.name}~{again}"
                yield member._replace(name=name, blocks=_guarded(self._path, member.blocks))

    def look(self, progress: Progress) -> None:
        """Read it once to its end. Raises `FormatError`, `RefusedError`."""
        found = self.looked
        found.size = 0 if self._path.is_dir() else self._path.stat().st_size
        whole = sha256()
        with closing(self.members()) as members:
            for member in members:
                digest, size = self._look_at(member)
                found.names.append(member.name)
                found.length += size
                progress.step(found.length, None, "bytes looked at")
                whole.update(f"{digest} {size} {member.name}\n".encode("utf-8", "replace"))
                if len(found.names) > MOST_MEMBERS:
                    raise RefusedError(
                        f"more than {MOST_MEMBERS} files in one export",
                        where=str(self._path), code="import-bomb", mend="import it in pieces",
                    )  # fmt: skip
        if self._path.is_dir():
            found.size, found.digest = found.length, whole.hexdigest()
        else:
            found.digest = _digest(self._path)

    def _look_at(self, member: Member) -> tuple[str, int]:
        """Read one file to its end; return its digest and size."""
        found, digest, size = self.looked, sha256(), 0
        with closing(member.blocks) as blocks:
            for block in blocks:
                if not found.names and len(found.beginning) < BLOCK:
                    found.beginning += block
                digest.update(block)
                size += len(block)
                _bounded(self._path, member.name, found, size)
        return digest.hexdigest(), size

    def check_same(self, progress: Progress) -> None:
        """Raise `RefusedError` where it is not what it was when it was looked at."""
        if self._path.is_dir():
            again = Export(self._path, self._kind)
            again.look(progress)
            digest = again.looked.digest
        else:
            digest = _digest(self._path)
        if digest != self.looked.digest:
            raise RefusedError(
                "the export was changed while it was imported",
                where=str(self._path),
                code="import-changed",
                mend="import it again once nobody writes to it; what was taken is kept",
            )


def open_export(path: Path, progress: Progress) -> Export:
    """Look at an export from beginning to end, and return it.

    Raises:
        UsageError: there is nothing, or no file and no folder.
        FormatError: it is damaged or cut (``import-damaged``).
        RefusedError: it is encrypted, or swells beyond measure (``import-encrypted``,
            ``import-bomb``).
    """
    export = Export(path, _kind(path))
    export.look(progress)
    if not export.looked.names:
        raise UsageError(
            "nothing to import: there is no file in it", where=str(path), code="import-empty",
            mend="give the export as it was downloaded",
        )  # fmt: skip
    return export


def _kind(path: Path) -> str:
    """Return what kind of container a path is."""
    if path.is_symlink():
        raise UsageError("a link is not followed", where=str(path), mend="name what it leads to")
    if path.is_dir():
        return "folder"
    if not path.is_file():
        mend = "give a file or a folder, as it was downloaded"
        raise UsageError("there is no such export", where=str(path), mend=mend)
    with _told(path):
        if zipfile.is_zipfile(path):
            return "zip"
        if path.suffix.lower() == ".zip":
            raise zipfile.BadZipFile("the end of the zip file is missing")
        if _is_tar(path):
            return "tar"
    return "packed" if path.suffix.lower() in PACKED else "file"


def _is_tar(path: Path) -> bool:
    """Tell whether a path is a tar with anything in it; nothing but zeros is an empty one."""
    try:
        with tarfile.open(path) as archive:
            return archive.next() is not None
    except (tarfile.ReadError, EOFError, zlib.error, lzma.LZMAError):
        return False


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say which export it is that can't be read."""
    try:
        yield
    except _DAMAGE as error:
        raise FormatError(
            f"the export is damaged or cut: {error}",
            where=str(path),
            code="import-damaged",
            mend="download it again; nothing of it was taken that is not said to be",
        ) from error
    except RuntimeError as error:  # how zipfile says that it wants a password
        raise RefusedError(
            f"the export can't be opened: {error}",
            where=str(path), code="import-encrypted", mend="decrypt it first",
        ) from error  # fmt: skip


def _guarded(path: Path, blocks: Iterator[bytes]) -> Generator[bytes, None, None]:
    with _told(path):
        yield from blocks


def _bounded(path: Path, name: str, found: Looked, size: int) -> None:
    """Refuse what swells beyond what its container can hold."""
    if path.is_dir() or found.length + size < LARGEST_SWOLLEN:
        return
    if found.length + size > MOST_SWOLLEN * found.size:
        raise RefusedError(
            f"a bomb: {found.size} bytes swell to more than {MOST_SWOLLEN} times as many",
            where=f"{path}: {name!r}",
            code="import-bomb",
            mend="ask whoever sent it what it is; nothing was taken",
        )


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        digest = sha256()
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


class Evidence(Export):
    """One file and a statement about it, as an export of two members."""

    def __init__(self, path: Path, name: str, statement: bytes) -> None:
        super().__init__(path, "file")
        self._prefix = name
        self._statement = statement

    def members(self) -> Generator[Member, None, None]:
        """Yield the statement, then the file."""
        told = (one for one in (self._statement,))
        yield Member(f"{self._prefix}/statement.json", len(self._statement), told)
        for one in super().members():
            yield one._replace(name=f"{self._prefix}/{one.name}")


def seen(path: Path, name: str, statement: bytes, progress: Progress) -> Evidence:
    """Look at a file that a person made, and return it with what he says of it.

    ``name`` is a new handle. Raises as `open_export`.
    """
    if _kind(path) == "folder":
        raise UsageError("evidence is one file", where=str(path), mend="name the picture itself")
    evidence = Evidence(path, name, statement)
    evidence.look(progress)
    return evidence
