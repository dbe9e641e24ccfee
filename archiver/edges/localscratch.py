"""Unfinished files of a local archive, and the lock that orders its swaps.

An unfinished file lives in ``.tmp/`` as ``<random>.part`` under an exclusive `flock`
of its writer. The kernel drops that lock when the writer ends, however it ends: who
gets the lock knows that the owner is gone, and never has to guess by age.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from archiver.edges.localdir import fsync
from archiver.edges.storekeys import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.edges.localdir import Tree

__all__ = ["Scratch", "publish", "scratch", "swap_lock", "sweep"]

_CHUNK = 1 << 20  # bytes read from a source at a time
_MODE = 0o666  # less the umask: who may read an archive is its owner's choice
_LOCK = "lock"
_PART = ".part"


class Scratch(NamedTuple):
    """A written and flushed file without a key yet: its folder's descriptor and its name."""

    folder: int
    name: str


def _open(name: str, flags: int, folder: int) -> int:
    return os.open(name, flags | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE, dir_fd=folder)


@contextmanager
def _locked(fd: int) -> Iterator[None]:
    """Hold an exclusive lock; give it up even where a forked child inherited it."""
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def _still(name: str, folder: int, fd: int) -> bool:
    """Tell whether ``name`` still leads to the open file ``fd``."""
    with suppress(FileNotFoundError):
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        return os.path.samestat(os.fstat(fd), found)
    return False


@contextmanager
def swap_lock(tree: Tree) -> Iterator[None]:
    """Hold the one lock under which mutable objects of the archive change.

    A regular file, because network file systems lock no folders. It is never removed;
    should somebody do that by hand, whoever waited on the old one starts over.
    """
    with tree.folder([RESERVED], make=True) as folder:
        while True:
            fd = _open(_LOCK, os.O_RDWR | os.O_CREAT, folder)
            try:
                with _locked(fd):
                    if _still(_LOCK, folder, fd):
                        yield
                        return
            finally:
                os.close(fd)


def _new_part(folder: int) -> tuple[str, int]:
    """Create an empty file under our lock; return its name and its locked descriptor."""
    while True:
        name = secrets.token_hex(16) + _PART
        fd = _open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, folder)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
        except OSError:
            os.close(fd)
            raise
        if _still(name, folder, fd):
            return name, fd
        os.close(fd)  # swept in the instant before it was locked


def _write(fd: int, data: bytes | BinaryIO) -> None:
    chunks = (data,) if isinstance(data, bytes) else iter(lambda: data.read(_CHUNK), b"")
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:  # the kernel may take less than all
            rest = rest[os.write(fd, rest) :]
    fsync(fd)


@contextmanager
def scratch(tree: Tree, data: bytes | BinaryIO) -> Iterator[Scratch]:
    """Write ``data`` to an unfinished file, flush it, and remove its name at the end."""
    with tree.folder([RESERVED], make=True) as folder:
        name, fd = _new_part(folder)
        try:
            try:
                _write(fd, data)
                yield Scratch(folder, name)
            finally:
                with suppress(FileNotFoundError):  # renamed when it was published
                    os.unlink(name, dir_fd=folder)
        finally:
            os.close(fd)


def publish(part: Scratch, folder: int, name: str, *, replace: bool) -> None:
    """Give a finished file its name in ``folder``, at once and durably.

    Raises `FileExistsError` where the name is taken and not to be replaced. The folder
    is flushed then as well: whoever is told that an object exists may rely on it.
    """
    try:
        if replace:
            os.rename(part.name, name, src_dir_fd=part.folder, dst_dir_fd=folder)
        else:
            os.link(
                part.name,
                name,
                src_dir_fd=part.folder,
                dst_dir_fd=folder,
                follow_symlinks=False,
            )
    finally:
        fsync(folder)


def _swept(name: str, folder: int) -> bool:
    try:
        fd = _open(name, os.O_RDWR, folder)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(name, dir_fd=folder)
    except (BlockingIOError, FileNotFoundError):
        return False  # its owner lives, or has just finished with it
    finally:
        os.close(fd)
    return True


def sweep(tree: Tree) -> int:
    """Remove unfinished files whose owners are gone; return how many there were."""
    with tree.folder([RESERVED]) as folder:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(_PART))
        return sum(_swept(name, folder) for name in names)
