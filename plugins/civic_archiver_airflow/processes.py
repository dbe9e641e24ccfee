"""Programs that outlive the one that started them, each in a session of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Programs"]

PATIENCE = 8.0
"""Seconds that programs have to end by themselves."""


class _Process(NamedTuple):
    """What the kernel says of a process (proc(5)); ``started`` in ticks since boot."""

    number: int
    state: str
    session: int
    started: int


class Programs:
    """Background programs, remembered in a folder beside their logs.

    A program is known by its number and the moment it was started, so that no other one
    that has come by its number is taken for it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "programs.json"
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, command: Sequence[str | Path], environ: Mapping[str, str]) -> None:
        """Start a program; what it prints goes to ``<name>.log``."""
        with (self._folder / f"{name}.log").open("ab") as log:
            program = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(environ),
                cwd=self._folder,
                start_new_session=True,
            )
        self._children.append(program)
        process = _look(program.pid)
        started = process.started if process else 0
        self._file.write_text(json.dumps({**self._known(), name: [program.pid, started]}), "utf-8")

    def running(self) -> list[str]:
        """Return the names of the programs that still run, if only in what they started."""
        known = self._known().items()
        return sorted(name for name, (number, at) in known if self._runs(number, at))

    def numbers(self) -> dict[str, int]:
        """Return the number of each program's first process, which is that of its session."""
        return {name: number for name, (number, _) in self._known().items()}

    def log(self, name: str, size: int = 3000) -> str:
        """Return the end of what a program has printed."""
        path = self._folder / f"{name}.log"
        return path.read_text("utf-8", "replace")[-size:] if path.is_file() else ""

    def stop(self) -> list[str]:
        """End all programs and whatever they started. Returns the names of those that ran."""
        names = self.running()
        sessions = {number for name, (number, _) in self._known().items() if name in names}
        for sent in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + PATIENCE
            for process in _members(sessions):
                with suppress(ProcessLookupError):
                    os.kill(process.number, sent)
            while _members(sessions) and time.monotonic() < deadline:
                time.sleep(0.1)
        self.reap()
        self._file.unlink(missing_ok=True)
        return names

    def reap(self) -> None:
        """Wait for programs that this process started and that are ending."""
        for child in self._children:
            child.wait(PATIENCE)

    def _runs(self, number: int, started: int) -> bool:
        """Tell whether a program runs, or has left processes of its session behind."""
        leader = _look(number)
        if leader is not None and leader.state != "Z":
            return leader.started == started
        return any(_folder(one.number) == self._folder.resolve() for one in _members({number}))

    def _known(self) -> dict[str, tuple[int, int]]:
        if not self._file.is_file():
            return {}
        return {name: (one[0], one[1]) for name, one in json.loads(self._file.read_text()).items()}


def _members(sessions: set[int]) -> list[_Process]:
    """Return the processes of sessions, but for those that have ended already."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    found = [process for number in numbers if (process := _look(number))]
    return [one for one in found if one.session in sessions and one.state != "Z"]


def _folder(number: int) -> Path | None:
    """Return the folder that a process works in, None where it has ended."""
    try:
        return Path(f"/proc/{number}/cwd").readlink()
    except OSError:
        return None


def _look(number: int) -> _Process | None:
    """Return what the kernel says of a process, None where there is none."""
    try:
        text = Path(f"/proc/{number}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return _Process(number, fields[0], int(fields[3]), int(fields[19]))
