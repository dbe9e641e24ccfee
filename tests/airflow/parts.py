"""Airflow in its parts, a queue and a receiver: what a city runs, each to be killed by itself.

``redis-server`` comes from Debian. All of it ends with the test, whatever ends that.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from civic_archiver_airflow.names import POOLS
from civic_archiver_airflow.provider import get_provider_info
from civic_archiver_airflow.standalone import Standalone
from tests.airflow.conftest import unmeasured
from tests.real.daemons import Daemons, free_port
from tests.real.packages import need, program
from tests.receiver.serving import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

__all__ = ["KILLED", "Intake", "Parts", "intake", "redis_server"]

NEVER = "0 0 29 2 *"
MINUTES = "* * * * *"
OURS = ("settle", "webhook")
"""The DAGs that run by themselves: the others have no reason to, and rest."""
COMMANDS = {
    "airflow": "api-server",
    "processor": "dag-processor",
    "scheduler": "scheduler",
    "triggerer": "triggerer",
}
KILLED = ("receiver", "triggerer", "scheduler", "worker", "sequencer")
PATIENCE = 180
SETTLE_EVERY = "2"


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing on disk; yield its address."""
    need(("redis-server",), ("redis-server",))
    daemons, port = Daemons(folder), free_port()
    where = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder))
    daemons.start("redis", program("redis-server"), *where)
    try:
        daemons.wait("redis", lambda: answers(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        daemons.stop()


def answers(port: int) -> bool:
    """Tell whether a Redis answers there."""
    with redis.Redis(port=port) as client, suppress(redis.RedisError):
        return bool(client.ping())
    return False


class Parts(Standalone):
    """An Airflow whose parts are processes of their own, begun again where they were killed."""

    def __init__(self, folder: Path, more: dict[str, str]) -> None:
        super().__init__(folder, more)
        self.environ = unmeasured(self.environ)
        self._folder = folder
        self._airflow = Path(sys.executable).with_name("airflow")
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Make the database, and start all parts."""
        Path(self.environ["AIRFLOW_HOME"]).mkdir(exist_ok=True)
        subprocess.run(
            [self._airflow, "db", "migrate"], env=self.environ, check=True, capture_output=True
        )
        for name in COMMANDS:
            self.begin(name)

    def begin(self, name: str) -> None:
        """Start a part, in a session of its own."""
        self.programs.start(name, [self._airflow, COMMANDS[name]], self.environ)

    def pid(self, name: str) -> int:
        """Return the number of a part's process."""
        known = json.loads((self._folder / "programs.json").read_text("utf-8"))
        return int(known[name][0])

    def prepare(self) -> None:
        """Make the pools, and let the DAGs run."""
        for name, pool in json.loads(POOLS.read_text("utf-8")).items():
            self.api("POST", "pools", {"name": name, **pool})
        for name in OURS:
            self.api("PATCH", f"dags/{name}", {"is_paused": False})


@dataclass(slots=True)
class Intake:
    """A receiver that rings, and an Airflow that settles."""

    served: Served
    parts: Parts
    sessions: set[int]

    def kill(self, what: str, chance: Random) -> bool:
        """Kill one of `KILLED` with SIGKILL, and begin it again; tell whether it was there."""
        if what == "receiver":
            self.served.stop(signal.SIGKILL)
            self.served.start("--no-settle", "--settle-every", SETTLE_EVERY)
        elif what in COMMANDS:
            number = self.parts.pid(what)
            own = [number, *descendants(number)] if what == "triggerer" else [number]
            self.sessions.add(number)  # what it leaves behind goes at the end
            killed(chance.choice(own))
            killed(number)
            self.parts.begin(what)
        else:
            tasks = descendants(self.parts.pid("scheduler"))
            who = chance.choice(tasks) if what == "worker" and tasks else self._sequencer()
            return killed(who)
        return True

    def _sequencer(self) -> int:
        """Wait a little for a process that takes batches in, and return it; 0 where none does."""
        until = time.monotonic() + 15
        while time.monotonic() < until:
            locks = self.served.folder.glob("home/*/sequence.lock")
            inode = tuple(f":{lock.stat().st_ino}" for lock in locks)
            for line in Path("/proc/locks").read_text("ascii").splitlines():
                words = line.split()
                if inode and words[5].endswith(inode) and words[1] == "FLOCK":
                    return int(words[4])
            time.sleep(0.005)
        return 0


def killed(number: int) -> bool:
    """Kill a process; tell whether it was there."""
    if not number:
        return False
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)
        return True
    return False


def left_of(sessions: set[int]) -> list[int]:
    """Return the processes of sessions whose leaders were killed."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            found += [int(stat.parent.name)] if int(fields[3]) in sessions else []
    return found


def descendants(number: int) -> list[int]:
    """Return the processes that a process has begun, and those that these have."""
    found: list[int] = []
    for thread in Path(f"/proc/{number}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, thread.read_text("ascii").split()):
                found += [child, *descendants(child)]
    return found


@contextmanager
def intake(folder: Path, url: str) -> Iterator[Intake]:
    """Run all of it over a new archive with one account; ``url``: of the doorbell."""
    with served(folder) as place:
        place.environ["ARCHIVER_DOORBELL"] = url
        variables = {name: place.variables[name] for name in place.variables if ours(name)}
        cron = {f"AIRFLOW__CIVIC_ARCHIVER__{job}_SCHEDULE": NEVER for job in rest()}
        quick = {
            "AIRFLOW__CIVIC_ARCHIVER__SETTLE_SCHEDULE": MINUTES,
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
        }
        parts = Parts(folder, {**variables, **cron, **quick})
        made = Intake(place, parts, set())
        try:
            parts.start()
            parts.wait(set(OURS), PATIENCE)
            parts.prepare()
            place.start("--no-settle", "--settle-every", SETTLE_EVERY)
            yield made
        finally:
            for number in left_of(made.sessions):
                killed(number)
            parts.programs.stop()


def ours(name: str) -> bool:
    """Tell whether a variable is of the archive."""
    return name.startswith("ARCHIVER_") or name == "HOOK_SECRET"


def rest() -> tuple[str, ...]:
    """Return the jobs that have a schedule and rest."""
    options = get_provider_info()["config"]["civic_archiver"]["options"]
    named = (name.removesuffix("_schedule") for name in options if name.endswith("_schedule"))
    return tuple(name.upper() for name in named if name not in OURS)
