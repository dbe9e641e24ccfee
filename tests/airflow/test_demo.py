"""``make up`` and ``make down``."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from archiver.errors import UsageError
from archiver.flows.search import Query, search
from archiver.flows.verify import verify
from civic_archiver_airflow.demo import down, up
from civic_archiver_airflow.processes import Programs
from tests.airflow.conftest import ROOT, Office, unmeasured
from tests.chaos.truth import Quiet

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-m", "civic_archiver_airflow.demo")


def demo(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program behind ``make up`` and ``make down``."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=ROOT, env=unmeasured(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    """`up` refuses a folder that it has not made, and touches nothing in it."""
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="something else"):
        up(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_down_without_up_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing runs, `down` says so."""
    down(tmp_path)
    assert capsys.readouterr().out == "nothing was running\n"


def test_what_makes_no_sense_is_told(tmp_path: Path) -> None:
    """Wrong words end with status 2 and the usage."""
    done = demo("sideways", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "up|down FOLDER" in done.stderr


DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {DEAF!r}])"


@pytest.fixture
def family(tmp_path: Path) -> Programs:
    """A program that has started another, which does not heed SIGTERM."""
    programs = Programs(tmp_path)
    programs.start("family", [sys.executable, "-c", PARENT], os.environ)
    while "deaf" not in programs.log("family"):
        time.sleep(0.02)
    return programs


def test_programs_are_stopped_with_all_they_started(family: Programs, tmp_path: Path) -> None:
    """A program and its child end, even where the child does not heed SIGTERM."""
    again = Programs(tmp_path)  # as another process sees it
    assert again.running() == ["family"]
    assert family.stop() == ["family"]
    assert again.running() == []
    assert again.stop() == []


def test_what_a_dead_program_left_is_stopped(family: Programs, tmp_path: Path) -> None:
    """Where the program itself was killed, what it had started is still found and ended."""
    (number, _) = json.loads((tmp_path / "programs.json").read_text())["family"]
    os.kill(number, signal.SIGKILL)
    family.reap()
    again = Programs(tmp_path)
    assert again.running() == ["family"]
    assert again.stop() == ["family"]
    assert family.running() == []


@pytest.mark.airflow
@pytest.mark.real
def test_up_archives_a_city_until_down(tmp_path: Path) -> None:
    """After `up` a comment becomes searchable by itself; `down` leaves nothing running."""
    place = tmp_path / "airflow"
    try:
        came = demo("up", place)
        assert came.returncode == 0, came.stdout + came.stderr
        assert "Airflow is healthy" in came.stdout
        assert Programs(place).running() == ["airflow", "city", "witness"]
        again = demo("up", place)
        assert (again.returncode, "still run" in again.stderr) == (2, True)
        (spoken,) = re.findall(r"^  (curl .*)$", came.stdout, re.MULTILINE)
        curl = shlex.split(spoken.replace("lantern", "xylophone"))
        said = dict(part.split("=") for part in curl if "=" in part)
        assert httpx.post(curl[-1], data=said).json() == said
        office = Office(place, {})
        until = time.monotonic() + 600
        while not search(office.archive(), Query(text="xylophone"), private=True).hits:
            assert time.monotonic() < until
            time.sleep(1)
    finally:
        went = demo("down", place)
    assert went.stdout == "stopped: airflow, city, witness\n"
    assert Programs(place).running() == []
    assert verify(office.archive(), Quiet(), deep=True).findings == []
