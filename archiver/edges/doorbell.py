"""A doorbell within one machine: a named pipe in the home (`archiver.receiving.Doorbell`).

Ringing never waits: where nobody listens, or the pipe is full, the ring is lost, and who
settles finds what waits when it next looks.
"""

from __future__ import annotations

import os
import select
from contextlib import suppress
from typing import TYPE_CHECKING

from archiver.edges.spool_files import explained

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PipeDoorbell", "PipeListener"]

_PIECE = 65_536


class PipeDoorbell:
    """Rings."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ring(self, account: str) -> None:
        """Say that deliveries to an account wait. Lost where nobody listens."""
        with suppress(OSError):  # ENXIO: nobody reads; ENOENT: nobody ever did; EAGAIN: full
            pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                os.write(pipe, f"{account}\n".encode())
            finally:
                os.close(pipe)


class PipeListener:
    """Hears rings. Raises `StoreError` where the pipe can't be made."""

    def __init__(self, path: Path) -> None:
        with explained(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileExistsError):
                os.mkfifo(path, 0o600)
            # Open for writing as well: it then never comes to its end.
            self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def heard(self, seconds: float) -> set[str]:
        """Wait so long for a ring at most; return the accounts that were rung for."""
        if not select.select([self._pipe], [], [], max(0.0, seconds))[0]:
            return set()
        heard = b""
        with suppress(BlockingIOError):
            heard = os.read(self._pipe, _PIECE)
        return set(heard.decode("ascii", "replace").split())

    def close(self) -> None:
        """Listen no more."""
        os.close(self._pipe)
