"""Airflow in parts, as a server runs it: a worker is killed as it seals, the other finishes."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.demo.presences import BLOG
from civic_archiver_airflow.demo import found, prepare
from civic_archiver_airflow.server import WORKERS, Server
from tests.airflow.conftest import (
    PATIENCE,
    ROOT,
    Office,
    Running,
    command,
    connected,
    unmeasured,
    variable_of,
)
from tests.real.packages import need, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.demo.live import LiveCity

pytestmark = [pytest.mark.airflow, pytest.mark.real, pytest.mark.more]

NEVER = "0 0 29 2 *"
JOBS = ("capture", "reconcile", "operations", "anchor")


@pytest.fixture(scope="module")
def packages() -> Path:
    """What a server needs beside the environment."""
    need(("postgresql", "redis-server"), ("redis-server",))
    run("make", ".server/.ready", cwd=ROOT)
    return ROOT / ".server" / "packages"


@pytest.fixture
def server(
    city: LiveCity, tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    """An Airflow in parts that keeps an archive of the city's blog, when it is asked to."""
    monkeypatch.setenv("PYTHONPATH", str(packages))
    monkeypatch.syspath_prepend(packages)
    office = Office(tmp_path, found(tmp_path, city.url, (BLOG,)))
    schedules = {f"AIRFLOW__CIVIC_ARCHIVER__{one.upper()}_SCHEDULE": NEVER for one in JOBS}
    lost = {
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    }
    login = {variable_of(BLOG): connected()[variable_of(BLOG)]}
    airflow = Server(tmp_path, {**office.variables, **schedules, **lost, **login})
    airflow.environ = unmeasured(airflow.environ)
    try:
        airflow.start()
        airflow.wait(set(JOBS), PATIENCE)
        prepare(airflow)
        yield Running(airflow, office)
    finally:
        airflow.programs.stop()


def objects(office: Office) -> set[str]:
    """Return the names of files in units, sealed or not."""
    return {path.name for path in (office.folder / "archive" / "u").rglob("*") if path.is_file()}


def session_of(number: int) -> int:
    """Return the session of a process (proc(5)), 0 where it has ended."""
    with suppress(OSError):
        text = Path(f"/proc/{number}/stat").read_text("utf-8", "replace")
        return int(text.rpartition(")")[2].split()[3])
    return 0


def killed(leader: int) -> None:
    """Kill a worker with everything that it has started."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    for number in numbers:
        if session_of(number) == leader:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


def sealing(server: Running, captured: Mapping[str, object]) -> int:
    """Wait until a capture has stored what nobody sealed yet; return its process at once."""
    before, size = objects(server.office), server.office.size()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if objects(server.office) - before:
            (task,) = [one for key, one in server.tasks(captured).items() if key[0] == "capture"]
            assert server.office.size() - size < 3
            return int(task["pid"])
        time.sleep(0.001)
    pytest.fail("nothing was ever stored")


def test_a_worker_is_killed_while_it_seals_and_the_other_finishes(
    server: Running, city: LiveCity, tmp_path: Path
) -> None:
    """Nothing is lost and nothing twice: the same rows as of a capture that nobody killed."""
    numbers = server.airflow.programs.numbers()
    made = server.airflow.api("POST", "dags/capture/dagRuns", {"logical_date": None})
    worker = session_of(sealing(server, made))
    names = [name for name in WORKERS if numbers[name] == worker]
    assert len(names) == 1, (worker, numbers)
    killed(worker)
    left = {*WORKERS} - {*names}
    assert left <= set(server.airflow.programs.running())
    until = time.monotonic() + PATIENCE  # a signal takes its time on a machine at work
    while set(names) & set(server.airflow.programs.running()):
        assert time.monotonic() < until
        time.sleep(0.1)
    ended = server.ended(made)
    assert ended["state"] == "success"
    (task,) = [one for key, one in server.tasks(ended).items() if key[0] == "capture"]
    assert task["try_number"] == 2
    assert task["hostname"]
    twin = tmp_path / "twin"
    twin.mkdir()
    other = Office(twin, found(twin, city.url, (BLOG,)))
    command(other, "capture", CITY_BLOG_PASSWORD=city.city.secret)
    assert server.office.rows() == other.rows()
    assert '"findings": []' in command(server.office, "verify", "--deep", "--json")
