"""The lock of one account's spool: its holder alone writes exchanges there."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from archiver.edges.privatedir import sync_directory
from archiver.edges.spool_files import explained
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.ports import Clock

__all__ = ["is_taken", "locked", "take"]

_WAIT = 0.2


def locked(directory: Path, account_handle: str) -> tuple[Path, int]:
    """Return the folder of an account, made where it is not there, and its lock, not taken."""
    if not account_handle.strip("."):
        raise UsageError(
            "not a name for an account", where=repr(account_handle), mend="give its name"
        )
    own = directory / quote(account_handle, safe="")
    with explained(own):
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_directory(directory)
        return own, os.open(own / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def is_taken(lock: int) -> bool:
    """Take an account's lock unless another has it; the kernel frees it when its process dies."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def take(lock: int, own: Path, clock: Clock, waiting: Callable[[str], None] | None) -> None:
    """Take the account's lock, as soon as it is free, and say whose it is."""
    while not is_taken(lock):
        if waiting is not None:
            holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
            waiting(f"waiting for process {holder}, which is capturing {own.name}")
            waiting = None
        clock.sleep(_WAIT)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
