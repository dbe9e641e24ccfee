"""Folders of a local archive, held by descriptor and made durably.

Every folder is opened from its parent's descriptor without following links, so a
symbolic link inside an archive never leads a read or a write outside of it.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from archiver.edges.storekeys import clash
from archiver.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Tree", "explained", "fsync", "refuse_link"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_CHILD = _FOLDER | os.O_NOFOLLOW
_MENDS = {
    errno.ENOSPC: "free some space or enlarge the disk, then run the same command again",
    errno.EDQUOT: "free some space or raise the quota, then run the same command again",
    errno.EACCES: "give this user read and write permission on the archive folder",
    errno.EPERM: "give this user permission, and use a file system with hard links",
    errno.EROFS: "the file system is mounted read-only: remount it, or use another folder",
    errno.EIO: "the disk reports errors: read the kernel log and check the disk first",
    errno.EXDEV: "keep the whole archive on one file system, without mounts inside it",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.EOPNOTSUPP: "use a file system with hard links and locks, such as ext4 or xfs",
}


@contextmanager
def explained(doing: str, where: str) -> Iterator[None]:
    """Turn an `OSError` inside into a `StoreError` that says how to mend it."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        mend = _MENDS.get(error.errno or 0, "remove the cause, then run the same command again")
        raise StoreError(f"could not {doing}: {reason}", where=where, mend=mend) from error


def refuse_link(where: str) -> StoreError:
    """Return the error for a link, pipe or device found in place of a file or folder."""
    return StoreError(
        "refused to follow what is neither a plain file nor a folder",
        where=where,
        mend="an archive holds plain files only: find out who put this here, and remove it",
        code="store-link",
    )


def fsync(fd: int) -> None:
    """Make the bytes of a file, or the names in a folder, survive a power cut.

    A file system mounted read-only has nothing to flush, and some refuse to try.
    """
    if not os.fstatvfs(fd).f_flag & os.ST_RDONLY:
        os.fsync(fd)


class Tree:
    """The folders under ``root``.

    Args:
        root: the archive folder, which itself may be reached through a link.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._durable: set[tuple[int, int]] = set()  # device and inode of flushed folders
        self._rooted = False

    @contextmanager
    def folder(self, names: Sequence[str], *, make: bool = False) -> Iterator[int]:
        """Open a folder and yield its descriptor, after making it durably if ``make``.

        Raises `FileNotFoundError` where there is none, `StoreError` for a link.
        """
        fd = self._open_root(make=make)
        try:
            for depth in range(1, len(names) + 1):
                child = self._child(fd, names[:depth], make=make)
                os.close(fd)
                fd = child
            yield fd
        finally:
            os.close(fd)

    def _open_root(self, *, make: bool) -> int:
        if make and not self._rooted:
            self._make_root()
            self._rooted = True
        try:
            return os.open(self.root, _FOLDER)
        except FileNotFoundError:
            if not make:
                raise
        self._make_root()  # somebody removed it
        return os.open(self.root, _FOLDER)

    def _make_root(self) -> None:
        """Make the archive folder and those it is in, and flush their names.

        That of the archive folder also where another process made it, as in `_flush_once`.
        """
        missing = [path for path in (self.root, *self.root.parents) if not path.exists()]
        if not missing and os.access(self.root.parent, os.R_OK):
            missing = [self.root]
        for path in reversed(missing):
            with suppress(FileExistsError):  # somebody else was quicker
                path.mkdir()
            parent = os.open(path.parent, _FOLDER)
            try:
                fsync(parent)
            finally:
                os.close(parent)

    def _child(self, parent: int, names: Sequence[str], *, make: bool) -> int:
        """Open (and make) the last of ``names`` inside the folder ``parent``."""
        made = False
        try:
            try:
                fd = os.open(names[-1], _CHILD, dir_fd=parent)
            except FileNotFoundError:
                if not make:
                    raise
                made = self._made(parent, names[-1])
                fd = os.open(names[-1], _CHILD, dir_fd=parent)
        except OSError as error:
            if error.errno not in {errno.ENOTDIR, errno.ELOOP}:
                raise
            raise self._no_folder(parent, names, make=make) from error
        if make:
            self._flush_once(fd, parent, made=made)
        return fd

    @staticmethod
    def _made(parent: int, name: str) -> bool:
        try:
            os.mkdir(name, dir_fd=parent)
        except FileExistsError:
            return False
        return True

    def _flush_once(self, fd: int, parent: int, *, made: bool) -> None:
        """Flush the name of folder ``fd`` in its parent.

        Also where another process made it: that one may not have come to flushing yet,
        and what we put inside must not vanish with the folder.
        """
        try:
            status = os.fstat(fd)
            identity = (status.st_dev, status.st_ino)
            if made or identity not in self._durable:
                fsync(parent)
                self._durable.add(identity)
        except OSError:
            os.close(fd)
            raise

    def _no_folder(self, parent: int, names: Sequence[str], *, make: bool) -> OSError | StoreError:
        """Return the error for something else that stands where a folder should be."""
        mode = os.stat(names[-1], dir_fd=parent, follow_symlinks=False).st_mode
        if not stat.S_ISREG(mode):
            return refuse_link(str(self.root.joinpath(*names)))
        return clash("/".join(names)) if make else FileNotFoundError(errno.ENOENT, "no folder")
