"""Background programs of a test that never outlive it, not even when it is killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Daemons", "free_port"]

GUARD = """
import os, shutil, signal, sys
sys.stdin.buffer.read()
shutil.rmtree(sys.argv[1], ignore_errors=True)
os.killpg(os.getpgrp(), signal.SIGKILL)
"""
"""Reads a pipe that only the test process holds: when that ends, so does the whole group."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Daemons:
    """One process group: a guard, and the programs started after it.

    Outputs go to ``<name>.log`` in ``logs``, an existing folder. ``sockets`` is a folder
    with a short path, as a socket's has at most 107 bytes (unix(7)) and test folders lie
    deep; it goes with the programs.
    """

    logs: Path
    sockets: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="archive-")))
    _guard: subprocess.Popen[bytes] | None = None
    _programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str | Path, env: dict[str, str] | None = None) -> None:
        """Start a program in the background; ``env`` is added to this process's own."""
        if self._guard is None:
            self._guard = self._spawn(
                "guard", (sys.executable, "-c", GUARD, self.sockets), env={}, group=0
            )
        self._programs[name] = self._spawn(name, command, env=env or {}, group=self._guard.pid)

    def wait(self, what: str, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait until ``ready()``. Raises `RuntimeError` with the logs where it never is."""
        deadline = time.monotonic() + seconds
        while not ready():
            ended = [name for name, program in self._programs.items() if program.poll() is not None]
            if ended or time.monotonic() > deadline:
                why = f"{', '.join(ended)} ended" if ended else f"not ready in {seconds} s"
                message = f"{what}: {why}\n{self._said()}"
                raise RuntimeError(message)
            time.sleep(0.05)

    def stop(self) -> None:
        """End every program, newest first, and then whatever they left in the group."""
        for program in reversed(self._programs.values()):
            program.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(15)
        shutil.rmtree(self.sockets, ignore_errors=True)
        if self._guard is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._guard.pid, signal.SIGKILL)
        for program in (*self._programs.values(), self._guard):
            program.wait(15)
        if self._guard.stdin:
            self._guard.stdin.close()
        self._programs.clear()
        self._guard = None

    def _spawn(
        self, name: str, command: tuple[str | Path, ...], *, env: dict[str, str], group: int
    ) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL if group else subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, **env},
                process_group=group,
            )

    def _said(self) -> str:
        logs = sorted(self.logs.glob("*.log"))
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-3000:]}" for log in logs)
