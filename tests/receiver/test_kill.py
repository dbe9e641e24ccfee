"""A storm of events while receiver and settler are killed at random: each is there, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from archiver.flows.verify import verify
from tests.chaos.truth import Quiet, rows
from tests.edges.store_helpers import memory_folder
from tests.receiver.events import SECRET
from tests.receiver.serving import Served, data, served, stored

if TYPE_CHECKING:
    from pathlib import Path

FIRST_ID = 114_000_000_000_000_000


def storm(place: Served, count: int, clients: int, rate: float) -> subprocess.Popen[str]:
    """Begin to send events, each until it is taken."""
    words = [
        f"127.0.0.1:{place.port}", place.path(), "1", str(count), str(clients), str(rate),
        str(place.folder / "acked"),
    ]  # fmt: skip
    command = [sys.executable, "-m", "tests.receiver.storm", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def harass(place: Served, sending: subprocess.Popen[str], chance: Random, pause: float) -> int:
    """Kill the receiver, or who settles beside it, again and again; return how often."""
    kills = 0
    while sending.poll() is None:
        time.sleep(chance.uniform(0.2, pause))
        if chance.random() < 0.5:
            for settler in place.settlers():
                with suppress(ProcessLookupError):
                    os.kill(settler, signal.SIGKILL)
        else:
            place.stop(signal.SIGKILL)
            place.start("--settle-every", "1")
        kills += 1
    return kills


def assert_whole(place: Served, count: int) -> None:
    """Each event that was answered with 200 is one record, and nothing else is there."""
    acked = [int(line) for line in (place.folder / "acked").read_text("ascii").split()]
    assert sorted(acked) == list(range(1, count + 1))
    found = [row for row in rows(place.archive()) if row["stream"] == "comments"]
    seen = Counter(int(row["native_id"]) - FIRST_ID for row in found)
    assert seen == Counter(range(1, count + 1))
    assert {row["kind"] for row in found} == {"present"}


def run(folder: Path, count: int, clients: int, rate: float, pause: float) -> dict[str, object]:
    """Let it storm, and say what was measured."""
    with served(folder) as place:
        place.start("--settle-every", "1")
        sending = storm(place, count, clients, rate)
        kills = harass(place, sending, Random(count), pause) if pause else 0
        printed, _ = sending.communicate(timeout=3600)
        assert place.stop() == 0
        place.run("webhook", "settle", "--json")
        assert_whole(place, count)
        checked = verify(place.archive(), Quiet(), deep=count < 5_000)
        assert (checked.findings, checked.unreadable) == ([], 0)
        (listed,) = data(place.run("webhook", "list", "--json"))
        assert listed["waiting"] == 0
        for name, content in stored(folder):
            assert SECRET.encode() not in content, name
        return {**json.loads(printed), "kills": kills}


def test_a_short_storm_with_kills() -> None:
    """150 events, and whoever works on them is killed meanwhile."""
    with memory_folder() as folder:
        found = run(folder, 150, 8, 60, 1.5)
        assert found["kills"]


@pytest.mark.soak
def test_a_thousand_a_second_for_a_minute(tmp_path: Path) -> None:
    """Every event is taken at its first try; how long that took is printed."""
    found = run(tmp_path, 60_000, 64, 1_000, 0.0)
    sys.stdout.write(f"{found}\n")
    assert found["answers"] == {"200": 60_000}


@pytest.mark.soak
def test_a_long_storm_with_kills(tmp_path: Path) -> None:
    """None lost and none doubled, whatever was killed when."""
    found = run(tmp_path, 40_000, 64, 700, 6.0)
    sys.stdout.write(f"{found}\n")
    assert found["kills"]
