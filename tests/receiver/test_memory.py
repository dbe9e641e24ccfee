"""A storm of deliveries leaves the receiver as large as it was, and none of them is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.edges.store_helpers import memory_folder
from tests.receiver.serving import Served, served
from tests.receiver.test_kill import assert_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = 1_000
"""Bytes that an event may cost the receiver once it is answered: what tells its double."""
SETTLING = 20_000
"""Bytes that an event costs whoever settles it, until it is sealed with all of its portion."""
PYTHON = 256 << 20
"""Bytes of a process that settles nothing yet, with all that it loads."""


@pytest.fixture
def place() -> Iterator[Served]:
    """A receiver beside which nobody settles."""
    with memory_folder() as folder, served(folder) as made:
        made.start("--no-settle")
        yield made


def peak(place: Served) -> int:
    """Return the most bytes that the receiver has had in memory (proc(5))."""
    assert place.process is not None
    status = Path(f"/proc/{place.process.pid}/status").read_text("ascii")
    return int(next(line.split()[1] for line in status.splitlines() if "VmHWM" in line)) << 10


def send(place: Served, first: int, count: int) -> None:
    """Send events as fast as they are taken, each until it is."""
    words = [f"127.0.0.1:{place.port}", place.path(), str(first), str(count), "32", "0",
             str(place.folder / "acked")]  # fmt: skip
    command = [sys.executable, "-m", "tests.receiver.storm", *words]
    subprocess.run(command, check=True, capture_output=True)


def storm(place: Served, few: int) -> None:
    """Send some events, then ten times as many; settle, and measure who does either."""
    send(place, 1, few)
    before = peak(place)
    send(place, few + 1, 10 * few)
    grown = peak(place) - before
    assert place.stop() == 0
    ran = subprocess.run(
        [sys.executable, "-m", "tests.cli.measured", "archiver.cli.main", "webhook", "settle"],
        env=place.variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    settling = int(ran.stderr.split()[-1]) << 10
    assert_whole(place, 11 * few)
    sys.stdout.write(f"{11 * few} events: grown {grown}, settling {settling}\n")
    assert grown < 10 * few * KEPT + (2 << 20)
    assert settling < PYTHON + 11 * few * SETTLING


def test_a_storm_leaves_the_receiver_as_it_was(place: Served) -> None:
    """200 events, then 2,000."""
    storm(place, 200)


@pytest.mark.soak
def test_a_long_storm_leaves_the_receiver_as_it_was(place: Served) -> None:
    """3,000 events, then 30,000."""
    storm(place, 3_000)
