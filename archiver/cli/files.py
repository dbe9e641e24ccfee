"""Small files that commands are given, and those that they write: keys, policies, proofs."""

from __future__ import annotations

import os
from pathlib import Path

from archiver.errors import UsageError

__all__ = [
    "LARGEST_DECISION",
    "LARGEST_KEY",
    "LARGEST_KEYS",
    "LARGEST_POLICY",
    "check_picture",
    "read_small",
    "write_new",
    "write_over",
]

LARGEST_DECISION = 64 * 1024 * 1024
"""Bytes of a decision that is signed by the next: it names each of its records."""
LARGEST_KEY = 64 * 1024
LARGEST_KEYS = 1024 * 1024
LARGEST_POLICY = 256 * 1024


def read_small(file: str, limit: int) -> bytes:
    """Return a file of at most ``limit`` bytes; one without an end is not read to it."""
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        mend = "give a file that is there, and that you may read"
        raise UsageError(f"can't read: {error.strerror}", where=file, mend=mend) from error
    if len(data) > limit:
        raise UsageError("far too large", where=file, mend=f"at most {limit} bytes")
    return data


def write_new(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file whole or not at all. What stands there already is never overwritten.

    ``mode``: who may read it, less what the process keeps from everybody. Raises `UsageError`
    (``file-exists`` where another file is there).
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if path.exists() and not path.is_file():  # a pipe, a terminal
            path.write_bytes(data)
            return
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with os.fdopen(os.open(beside, flags, mode), "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            path.open("xb").close()  # whoever comes second fails; not all disks have links
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except FileExistsError as error:
        _refuse_another(path, data, error)
    except OSError as error:
        raise UsageError(
            f"can't write: {error.strerror}",
            where=str(path),
            mend="give --out a file in a folder that you may write to",
        ) from error


def check_picture(file: str) -> None:
    """Raise `UsageError` for the name of a picture that is none that is drawn; "" is none."""
    if file and Path(file).suffix.lower() != ".svg":
        raise UsageError("no picture of that kind", where=file, mend="name a file .svg")


def write_over(file: str, data: bytes) -> None:
    """Write what can be made again at any time, such as a picture, over what is there."""
    try:
        Path(file).write_bytes(data)
    except OSError as error:
        mend = "name a file in a folder that is there, and that you may write"
        raise UsageError(f"can't write: {error.strerror}", where=file, mend=mend) from error


def _refuse_another(path: Path, data: bytes, error: FileExistsError) -> None:
    """Raise `UsageError` unless the file that is there says the same."""
    if not (path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data):
        raise UsageError(
            "there is another file of that name already, and it stays as it is",
            where=str(path),
            code="file-exists",
            mend="give --out another name, or take the file away",
        ) from error
