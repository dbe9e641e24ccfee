"""Very many records in one volume: bounded memory, and carried on after ``kill -9``."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archiver.flows import accounts, connectors
from archiver.flows.produce import produce
from archiver.produce.scope import Scope
from archiver.wire.volumes import volume_folder
from tests.flows.board import URL, Board, Posted, asked
from tests.flows.hall import Hall
from tests.flows.helpers import Quiet
from tests.flows.test_produce import EVERY, how
from tests.house.source import ROOT
from tests.produce.writing import profile

MANY = int(os.environ.get("MANY_PRODUCED", "100000"))
PER_PAGE, PER_FILE = 100, 5000
MOST = 1_000_000
"""Kilobytes that all of it may take, the archive in memory included."""


def line(number: int) -> str:
    """Return a post as the board lists it."""
    return f"posts {number} the council met on the repair of bridge {number} over the river again\n"


def posted(folder: Path, count: int) -> Hall:
    """Return an archive of so many posts."""
    vars(connectors)["CONNECTORS"] = {"stand-in": Board()}
    hall = Hall.made(folder)
    accounts.add(hall.archive, {"name": "city", "platform": "stand-in", "url": URL}, {})
    made = Posted(hall.archive, Board())
    for at in range(0, count, PER_FILE):
        firsts = range(at, min(at + PER_FILE, count), PER_PAGE)
        made.take(*(asked("".join(map(line, range(n, min(n + PER_PAGE, count))))) for n in firsts))
    return hall


def main(folder: Path, count: int, out: Path) -> None:
    """Produce all posts of an archive of so many, made anew with the same chance."""
    channels = tuple(one for one in EVERY if one not in {"pdf", "images"})
    hall, ways = posted(folder, count), how(profile=profile("data", channels=channels))
    with volume_folder(out) as volume:
        done = produce(hall.archive, Scope(streams=("posts",)), hall.size, ways, volume, Quiet())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = {"documents": done.written.documents, "kilobytes": most}
    sys.stdout.write(json.dumps(told) + "\n")


@pytest.mark.soak
def test_very_many_records_are_handed_over(tmp_path: Path) -> None:
    """Killed once on the way; the next run goes on, in bounded memory."""
    words = (sys.executable, "-m", "tests.flows.test_produce_many")
    out = tmp_path / "volume"
    command = [*words, str(tmp_path / "one"), str(MANY), str(out)]
    with subprocess.Popen(command, cwd=ROOT) as first:
        journal = tmp_path / ".volume.part" / "journal"
        while first.poll() is None and (not journal.exists() or journal.stat().st_size < MANY):
            time.sleep(0.2)
        first.send_signal(signal.SIGKILL)
    assert not out.exists()
    command[3] = str(tmp_path / "two")
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["documents"] == MANY
    assert told["kilobytes"] < MOST


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
