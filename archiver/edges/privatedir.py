"""A directory for secrets: owner only, durable writes, one writer at a time, shredding.

Directories are 0700, files 0600, and anything more open is refused rather than used.
Writers hold ``lock`` (flock: the kernel frees it when a process dies), so what lies in
``tmp/`` when a writer begins was left by a killed one and is cleared: ``new`` was never
put in its place, ``gone`` was already taken out of it. Needs a local POSIX file system.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "PrivateDirectory",
    "create_text",
    "explained",
    "make_private",
    "read_private",
    "sync_directory",
]

OTHERS = stat.S_IRWXG | stat.S_IRWXO
LARGEST = 1 << 20
"""No file of secrets is larger: reading stops there."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system says about ``path`` into `KeyStoreError`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or errno.errorcode.get(error.errno or 0, "unknown")
        raise KeyStoreError(
            f"a place for secrets cannot be used: {reason}",
            where=str(error.filename or path),
            mend="check owner, mode, free space and that it is a local file system",
        ) from error


def make_private(directory: Path) -> None:
    """Make a directory of mode 0700, durably, or check the one that is there.

    Raises:
        KeyStoreError: others may enter it, or it cannot be made.
    """
    with explained(directory):
        _make_durably(directory, 0o700)
        _refuse_others(directory.stat().st_mode, directory, "700")


def _make_durably(directory: Path, mode: int = 0o777) -> None:
    if not directory.is_dir():
        _make_durably(directory.parent)
        directory.mkdir(mode=mode, exist_ok=True)
    # Also where it is there: whoever made it may have been killed before its name was on disk.
    if os.access(directory.parent, os.R_OK):
        sync_directory(directory.parent)


def read_private(path: Path, *, group: bool = False) -> bytes | None:
    """Return the bytes of a file that nobody but its owner may read; None if it is missing.

    ``group``: its group may read it, too.

    Raises:
        KeyStoreError: others may read it, it is no regular file, or reading fails.
    """
    with explained(path):
        try:
            # Non-blocking, so that a pipe put in the place of a key hangs nobody.
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with open(handle, "rb") as file:  # noqa: PTH123 - an open descriptor has no path
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                raise KeyStoreError("not a regular file", where=str(path), mend="put the file back")
            _refuse_others(mode & ~stat.S_IRGRP if group else mode, path, "600")
            return file.read(LARGEST)


def create_text(path: Path, text: str, *, taken: str = "", mend: str = "") -> None:
    """Put a new file of mode 0600 in place, whole and durable; its folder is made if missing.

    ``taken`` and ``mend`` say what it means, and what to do, where there is one already.

    Raises:
        KeyStoreError: there is a file already (it is untouched), or none can be written.
    """
    if not path.parent.is_dir():
        make_private(path.parent)
    with explained(path):
        try:
            _place_new(path, path.with_name(f".{path.name}.{os.urandom(8).hex()}"), text.encode())
        except FileExistsError as error:
            raise KeyStoreError(
                taken or "there is a file already",
                where=str(path),
                mend=mend or "give another path",
            ) from error


def _place_new(path: Path, scratch: Path, data: bytes) -> None:
    """Put a new file in place by way of ``scratch``. Raises `FileExistsError`."""
    _write_durably(scratch, data)
    try:
        os.link(scratch, path)
    finally:
        scratch.unlink()
    sync_directory(path.parent)


def _write_durably(path: Path, data: bytes) -> None:
    """Create a file of mode 0600 and have its bytes on disk; its name not yet.

    Where that fails (a full disk), no half of it stays behind.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - an open descriptor has no path
            file.write(data)
            file.flush()
            os.fsync(handle)
    except OSError:
        path.unlink()
        raise


def sync_directory(directory: Path) -> None:
    """Have the names in a directory on disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class PrivateDirectory:
    """Durable files of secrets below one directory.

    Args:
        root: the directory; made with mode 0700 when missing.

    Raises:
        KeyStoreError: the directory is open to others, or cannot be used.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._scratch = root / "tmp"
        make_private(root)
        make_private(self._scratch)
        with explained(root):
            left_over = any(self._scratch.iterdir())
        if left_over:
            with self.writing():
                pass

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only writer, in a directory that holds no half-done work.

        Raises:
            KeyStoreError: a file operation failed, here or inside the block.
        """
        with explained(self.root):
            handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._clear()
                yield
            finally:
                os.close(handle)

    def create(self, path: Path, data: bytes) -> None:
        """Put a new file in place, whole and durable. Call it while `writing`.

        Raises:
            FileExistsError: there is one already; it is untouched.
        """
        _place_new(path, self._scratch / "new", data)

    def replace(self, path: Path, data: bytes) -> None:
        """Put a file in place of the one there, whole and durable. Call it while `writing`."""
        new = self._scratch / "new"
        _write_durably(new, data)
        new.replace(path)
        sync_directory(path.parent)

    def shred(self, path: Path) -> bool:
        """Take a file away, overwrite it, unlink it; False where there was none.

        Taking away is one durable rename; what a kill leaves after it is overwritten by
        the next writer. Call it while `writing`. Overwriting reaches the same blocks only
        on media and file systems that write in place (``docs/formats/keystore.md``).
        """
        gone = self._scratch / "gone"
        try:
            path.rename(gone)
        except FileNotFoundError:
            return False
        sync_directory(path.parent)
        sync_directory(self._scratch)
        self._erase(gone)
        return True

    def _clear(self) -> None:
        """Finish what a killed writer left. ``new`` may be a second name of a live file."""
        (self._scratch / "new").unlink(missing_ok=True)
        if (self._scratch / "gone").exists():
            self._erase(self._scratch / "gone")

    def _erase(self, path: Path) -> None:
        """Overwrite with zeros and unlink; unlink also where overwriting fails."""
        try:
            with path.open("r+b", buffering=0) as file:
                file.write(bytes(os.fstat(file.fileno()).st_size))
                os.fsync(file.fileno())
        finally:
            path.unlink()
            sync_directory(path.parent)


def _refuse_others(mode: int, path: Path, wanted: str) -> None:
    if mode & OTHERS:
        raise KeyStoreError(
            f"a place for secrets is open to others (mode {stat.S_IMODE(mode):03o})",
            where=str(path),
            mend=f"ask who had access, then run: chmod {wanted} {path}",
        )
