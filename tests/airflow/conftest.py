"""An Airflow of its own for the tests, and a demo city that DAGs, commands and people meet."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.live import LiveCity
from archiver.demo.presences import BLOG, NEWS
from archiver.flows.ledger import read_state
from archiver.settings import Settings
from archiver.wire import open_archive
from civic_archiver_airflow.demo import DAGS, connections, found, prepare, witnessed
from civic_archiver_airflow.names import connection_id
from civic_archiver_airflow.processes import Programs
from civic_archiver_airflow.standalone import Standalone, environment
from tests.chaos.truth import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600
"""Seconds after which something counts as never happening, on a busy machine."""

Row = dict[str, str]
OWN = ("observation_id", "captured_at", "exchange", "listed")
"""Columns that differ from archive to archive: identifiers and the clock."""
AGE = re.compile(r'"age":[0-9]+')
"""Of a Matrix event, in milliseconds: how old it is when somebody asks."""
SIGNED = re.compile(r"([?&]o[he]=)\w+")
"""Graph signs the address of a file anew for whoever asks next, and counts otherwise."""


@dataclass(slots=True)
class Office:
    """An archive of a city, its home, and what names them in an environment."""

    folder: Path
    variables: dict[str, str]

    def archive(self) -> Any:  # noqa: ANN401 - spares every test an import
        """Open the archive."""
        return open_archive(Settings(str(self.folder / "archive"), self.folder / "home"))

    def size(self) -> int:
        """Return how many entries the ledger has."""
        return read_state(self.archive()).size

    def rows(self) -> list[Row]:
        """Return what the archive says, without what is its own alone."""
        seen = rows(self.archive())
        names = {row["observation_id"]: row["record_id"] for row in seen}
        return sorted((_said(row, names) for row in seen), key=json.dumps)


def _said(row: Row, names: Mapping[str, str]) -> Row:
    said = {name: value for name, value in row.items() if name not in OWN}
    if row.get("listed"):
        said["listed"] = str(sorted(names.get(one, one) for one in json.loads(row["listed"])))
    if row["platform"] == "matrix" and "volatile" in said:
        said["volatile"] = AGE.sub('"age":0', said["volatile"])
    if row["platform"] in {"facebook", "instagram"}:
        said.pop("volatile", None)
        said = {name: SIGNED.sub(r"\1", value) for name, value in said.items()}
    if row["native_id"] == "account":
        del said["extra"]  # its handle is random
    return said


@dataclass(slots=True)
class Driven:
    """What a job of `tests.airflow.driver` said, and everything it printed."""

    document: dict[str, Any]
    printed: str


def unmeasured(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without coverage: Airflow is slow enough as it is."""
    return {name: value for name, value in environ.items() if not name.startswith("COVERAGE_")}


def drive(environ: Mapping[str, str], *words: str) -> Driven:
    """Have Airflow do a job in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.airflow.driver", *words],
        cwd=ROOT, env=unmeasured(environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-6000:]
    return Driven(json.loads(done.stdout.splitlines()[-1]), printed)


def succeeded(accounts: int) -> dict[tuple[str, int], Any]:
    """Return the task instances of a run that did all at the first try."""
    mapped = {("capture", index): ("success", 1) for index in range(accounts)}
    return {("accounts", -1): ("success", 1), **mapped}


def driven(office: Office, environ: Mapping[str, str], *words: str) -> dict[tuple[str, int], Any]:
    """Run a DAG in one process; return the state of each task instance and its tries."""
    done = drive({**environ, **office.variables}, "run", *words).document
    return {(task, index): (state, tries) for task, index, state, tries in done["tasks"]}


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an Airflow that has no database."""
    return environment(tmp_path_factory.mktemp("bare") / "airflow", 1, {})


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an Airflow that has a database and no processes."""
    environ = environment(tmp_path_factory.mktemp("migrated") / "airflow", 1, {})
    drive(environ, "migrate")
    return environ


@pytest.fixture(scope="session")
def city() -> Iterator[LiveCity]:
    """A city, whole, in which nothing happens by itself."""
    with LiveCity.whole() as server:
        yield server


def variable_of(account: str) -> str:
    """Return the variable in which Airflow looks for an account's connection."""
    return f"AIRFLOW_CONN_{connection_id(account)}".upper()


def connected() -> dict[str, str]:
    """Return the connections as Airflow reads them from variables."""
    return {
        variable_of(account): json.dumps(
            {name: value for name, value in one.items() if name != "connection_id"}
        )
        for account, one in connections().items()
    }


@pytest.fixture
def office(city: LiveCity, tmp_path: Path) -> Office:
    """A new archive of blog and news; the blog's credential is a variable of Airflow's."""
    variables = found(tmp_path, city.url, (BLOG, NEWS))
    return Office(tmp_path, variables | {variable_of(BLOG): connected()[variable_of(BLOG)]})


@pytest.fixture
def whole(city: LiveCity, tmp_path: Path) -> Office:
    """A new archive of all that the city has; the credentials are variables of Airflow's."""
    return Office(tmp_path, found(tmp_path, city.url) | connected())


@dataclass(slots=True)
class Running:
    """An Airflow that is running, the archive it keeps, and how."""

    airflow: Standalone
    office: Office

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """Return the runs of a DAG, newest first."""
        found = self.airflow.api("GET", f"dags/{dag}/dagRuns?order_by=-run_after&limit=50")
        return list(found["dag_runs"])

    def finished(self, dag: str, since: str = "") -> dict[str, Any]:
        """Wait for a run of the schedule that was begun after ``since`` to succeed; return it.

        One that other tests spoilt, as all share the city, is passed over.
        """
        for _ in self.patiently(f"a run of {dag}"):
            for run in self.runs(dag):
                good = run["run_type"] == "scheduled" and run["state"] == "success"
                if good and run["partition_key"] > since:
                    return run
        raise AssertionError

    def ended(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """Wait until a run has ended, well or not; return it as it then is."""
        path = f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}"
        for _ in self.patiently(f"an end of {run['dag_run_id']}"):
            now: dict[str, Any] = self.airflow.api("GET", path)
            if now["state"] in {"success", "failed"}:
                return now
        raise AssertionError

    @contextmanager
    def going(self) -> Iterator[None]:
        """Have the schedule capture meanwhile.

        At other times it rests: where one has a login, another's may end it.
        """
        self.pause(capture=False)
        try:
            yield
        finally:
            self.rest()

    def rest(self) -> None:
        """Have nothing captured by schedule; what has begun ends first, as a paused DAG stops."""
        for _ in self.patiently("an end of the captures"):
            if self._idle():
                self.pause(capture=True)
                if self._idle():
                    return
                self.pause(capture=False)  # one began at that very moment

    def _idle(self) -> bool:
        return all(one["state"] in {"success", "failed"} for one in self.runs("capture"))

    def pause(self, *, capture: bool) -> None:
        """Pause the DAG that captures, or let it run."""
        self.airflow.api("PATCH", "dags/capture", {"is_paused": capture})

    def tasks(self, run: Mapping[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the task instances of a run."""
        path = f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances"
        found = self.airflow.api("GET", path)["task_instances"]
        return {(one["task_id"], one["map_index"]): one for one in found}

    def patiently(self, what: str) -> Iterator[None]:
        """Yield twice a second until it is no use to wait for ``what`` any more."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            yield
            time.sleep(0.5)
        pytest.fail(f"{what} never came\n{self.airflow.programs.log('airflow', 6000)}")


@pytest.fixture(scope="session")
def running(city: LiveCity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An Airflow that has captured the city, and does so every minute where it is `going`."""
    folder = tmp_path_factory.mktemp("standalone")
    programs = Programs(folder)
    variables = witnessed(folder, found(folder, city.url), programs)
    schedules = {
        "AIRFLOW__CIVIC_ARCHIVER__CAPTURE_SCHEDULE": "* * * * *",
        "AIRFLOW__CIVIC_ARCHIVER__ANCHOR_SCHEDULE": "0 0 29 2 *",  # when a test asks for it
        "AIRFLOW__CIVIC_ARCHIVER__OPERATIONS_SCHEDULE": "0 0 29 2 *",
    }
    airflow = Standalone(folder, variables | schedules)
    airflow.environ = unmeasured(airflow.environ)
    try:
        airflow.start()
        airflow.wait(set(DAGS), PATIENCE)
        prepare(airflow)
        made = Running(airflow, Office(folder, variables))
        made.finished("capture")
        made.rest()
        yield made
    finally:
        airflow.programs.stop()
        programs.reap()


def command(office: Office, *words: str, **more: str) -> str:
    """Run the command line on an archive; return what it printed."""
    done = subprocess.run(
        [Path(sys.executable).with_name("archiver"), *words],
        env={**os.environ, **office.variables, **more},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
