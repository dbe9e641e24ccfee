"""Exports on disk: a folder, a zip, a tar, a compressed or a plain file; looked at before use.

Nothing is ever unpacked to disk: members are read in place, so no name in an archive can lead
anywhere. What is damaged, encrypted or swells beyond all measure is refused before anything is
kept; what is no plain file (a link, a device) is passed over and told.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from archiver.errors import FormatError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.ports import Progress

__all__ = ["Export", "Looked", "Member", "open_export"]

BLOCK = 1 << 20
MOST_MEMBERS = 1_000_000
LARGEST_SWOLLEN = 64 << 20
"""Bytes of a member below which it may be compressed as well as it likes."""
MOST_SWOLLEN = 1_100
"""Times that deflate makes something smaller at most (zlib manual: 1032), and a little."""
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError,
    NotImplementedError, OSError,
)  # fmt: skip
_PACKED: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open,
}  # fmt: skip


class Member(NamedTuple):
    """One file of an export: its path in it, its size where that is told, and its bytes."""

    name: str
    size: int
    blocks: Iterator[bytes]


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

    def members(self) -> Iterator[Member]:
        """Yield the files of the export; each one's blocks before the next is asked for."""
        seen: dict[str, int] = {}
        with _told(self._path):
            for member in _MEMBERS[self._kind](self._path, self.looked.odd):
                again = seen[member.name] = seen.get(member.name, 0) + 1
                name = member.name if again == 1 else f"{member.name}~{again}"
                yield member._replace(name=name, blocks=_guarded(self._path, member.blocks))

    def look(self, progress: Progress) -> None:
        """Read it once to its end. Raises `FormatError`, `RefusedError`."""
        found = self.looked
        found.size = 0 if self._path.is_dir() else self._path.stat().st_size
        whole = sha256()
        for member in self.members():
            digest, size = sha256(), 0
            for block in member.blocks:
                if not found.names and len(found.beginning) < BLOCK:
                    found.beginning += block
                digest.update(block)
                size += len(block)
                _bounded(self._path, member.name, found, size)
            found.names.append(member.name)
            found.length += size
            progress.step(found.length, None, "bytes looked at")
            whole.update(f"{digest.hexdigest()} {size} {member.name}\n".encode("utf-8", "replace"))
            if len(found.names) > MOST_MEMBERS:
                raise RefusedError(
                    f"more than {MOST_MEMBERS} files in one export",
                    where=str(self._path), code="import-bomb", mend="import it in pieces",
                )  # fmt: skip
        if self._path.is_dir():
            found.size, found.digest = found.length, whole.hexdigest()
        else:
            found.digest = _digest(self._path)

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
        if tarfile.is_tarfile(path):
            return "tar"
    return "packed" if path.suffix.lower() in _PACKED else "file"


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


def _guarded(path: Path, blocks: Iterator[bytes]) -> Iterator[bytes]:
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


def _blocks(opened: Callable[[], IO[bytes]]) -> Iterator[bytes]:
    """Yield what a stream has; it is opened once somebody asks for it."""
    with opened() as stream:
        while block := stream.read(BLOCK):
            yield block


def _of_folder(path: Path, odd: dict[str, str]) -> Iterator[Member]:
    for one in sorted(path.rglob("*")):  # rglob follows no links to folders
        name = one.relative_to(path).as_posix()
        mode = one.lstat().st_mode
        if stat.S_ISREG(mode):
            yield Member(_name(name), one.stat().st_size, _blocks(partial(_file, one)))
        elif not stat.S_ISDIR(mode):
            odd[_name(name)] = "a link" if stat.S_ISLNK(mode) else "no plain file"


def _of_zip(path: Path, odd: dict[str, str]) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        _apart(infos)
        for info in infos:
            if info.is_dir():
                continue
            if stat.S_ISLNK(info.external_attr >> 16):
                odd[_name(info.filename)] = "a link"
            yield Member(_name(info.filename), info.file_size, _blocks(partial(archive.open, info)))


def _apart(infos: list[zipfile.ZipInfo]) -> None:
    """Raise `BadZipFile` where members lie over one another, as only bombs have them."""
    last = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < last:
            raise zipfile.BadZipFile("its members lie over one another")
        last = info.header_offset + info.compress_size


def _of_tar(path: Path, odd: dict[str, str]) -> Iterator[Member]:
    with tarfile.open(path, "r|*") as archive:
        for info in archive:
            if info.isfile():
                stream = cast("IO[bytes]", archive.extractfile(info))
                blocks = _whole(_blocks(partial(_same, stream)), info.size)
                yield Member(_name(info.name), info.size, blocks)
            elif not info.isdir():
                odd[_name(info.name)] = "a link" if info.issym() or info.islnk() else "a device"


def _file(path: Path) -> IO[bytes]:
    return path.open("rb")


def _same(stream: IO[bytes]) -> IO[bytes]:
    return stream


def _whole(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the blocks of a member of a tar, which says when it is cut by giving fewer."""
    came = 0
    for block in blocks:
        came += len(block)
        yield block
    if came != size:
        raise tarfile.ReadError("a member is cut")


def _of_packed(path: Path, odd: dict[str, str]) -> Iterator[Member]:
    del odd
    yield Member(_name(path.stem), -1, _blocks(partial(_PACKED[path.suffix.lower()], path)))


def _of_file(path: Path, odd: dict[str, str]) -> Iterator[Member]:
    del odd
    yield Member(_name(path.name), path.stat().st_size, _blocks(partial(_file, path)))


def _name(name: str) -> str:
    """Return a path as text that every store can hold; it leads nowhere."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


_MEMBERS: dict[str, Callable[[Path, dict[str, str]], Iterator[Member]]] = {
    "folder": _of_folder,
    "zip": _of_zip,
    "tar": _of_tar,
    "packed": _of_packed,
    "file": _of_file,
}


class Evidence(Export):
    """One file and a statement about it, as an export of two members."""

    def __init__(self, path: Path, name: str, statement: bytes) -> None:
        super().__init__(path, "file")
        self._prefix = name
        self._statement = statement

    def members(self) -> Iterator[Member]:
        """Yield the statement, then the file."""
        told = iter((self._statement,))
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
