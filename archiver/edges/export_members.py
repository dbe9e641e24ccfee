"""The files in an export of each kind, read in place: their paths, sizes and bytes.

What is no plain file (a link, a device) is named in ``odd`` with what it is, and passed over.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
from functools import partial
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

__all__ = ["BLOCK", "MEMBERS", "PACKED", "Member"]

BLOCK = 1 << 20
PACKED: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
"""Endings of single files that were compressed -> what unpacks them."""
_MAGIC: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}


class Member(NamedTuple):
    """One file of an export: its path in it, its size where that is told, and its bytes."""

    name: str
    size: int
    blocks: Generator[bytes, None, None]


def _blocks(opened: Callable[[], IO[bytes]]) -> Generator[bytes, None, None]:
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
    with _unpacked(path) as whole, tarfile.open(fileobj=whole, mode="r|") as archive:
        for info in archive:
            if info.isfile():
                stream = cast("IO[bytes]", archive.extractfile(info))
                blocks = _whole(_blocks(partial(_same, stream)), info.size)
                yield Member(_name(info.name), info.size, blocks)
            elif not info.isdir():
                odd[_name(info.name)] = "a link" if info.issym() or info.islnk() else "a device"
        while whole.read(BLOCK):  # what stands after the end tells whether it is all there
            pass


def _file(path: Path) -> IO[bytes]:
    return path.open("rb")


def _same(stream: IO[bytes]) -> IO[bytes]:
    return stream


def _unpacked(path: Path) -> IO[bytes]:
    """Return the bytes of a file, unpacked by what its first bytes say of it."""
    with path.open("rb") as stream:
        first = stream.read(6)
    opens = next((one for magic, one in _MAGIC.items() if first.startswith(magic)), None)
    return cast("IO[bytes]", opens(path)) if opens else path.open("rb")


def _whole(blocks: Iterator[bytes], size: int) -> Generator[bytes, None, None]:
    """Yield the blocks of a member of a tar, which says when it is cut by giving fewer."""
    came = 0
    for block in blocks:
        came += len(block)
        yield block
    if came != size:
        raise tarfile.ReadError("a member is cut")


def _of_packed(path: Path, odd: dict[str, str]) -> Iterator[Member]:
    del odd
    yield Member(_name(path.stem), -1, _blocks(partial(PACKED[path.suffix.lower()], path)))


def _of_file(path: Path, odd: dict[str, str]) -> Iterator[Member]:
    del odd
    yield Member(_name(path.name), path.stat().st_size, _blocks(partial(_file, path)))


def _name(name: str) -> str:
    """Return a path as text that every store can hold; it leads nowhere."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


MEMBERS: dict[str, Callable[[Path, dict[str, str]], Iterator[Member]]] = {
    "folder": _of_folder,
    "zip": _of_zip,
    "tar": _of_tar,
    "packed": _of_packed,
    "file": _of_file,
}
