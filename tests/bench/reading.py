"""What reading costs: CPU and memory of commands on an archive of many records.

``python -m tests.bench.reading --pages 1000 FOLDER`` seals 100 comments a page into a new
archive in FOLDER, unless it is there, and prints one JSON document: of each command its CPU
seconds and its peak memory in MB, in a process of its own that first read the ledger and
all stored files into its cache. The archive's key stands in FOLDER's home.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.capture.settled import Settled
from archiver.flows.accounts import add, approve, find
from archiver.flows.known import known_of
from archiver.flows.ledger import read_state
from archiver.flows.search import Query, search
from archiver.flows.settle import seal_settled
from archiver.flows.show import show
from archiver.flows.status import status
from archiver.ids import new_uuid
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.bench.measure import timed
from tests.bench.pages import PER_PAGE
from tests.bench.parts import records

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.flows.archive import Archive

__all__ = ["COMMANDS", "build", "measured"]

BATCH = 10_000


def _settings(folder: Path) -> Settings:
    return Settings(str(folder / "archive"), folder / "home")


def build(folder: Path, pages: int) -> None:
    """Seal the comments of so many pages, as a capture would; they repeat after 20 pages."""
    archive = create_archive(_settings(folder))
    add(archive, {"name": "bench", "platform": "wordpress", "url": "http://city.example"}, {})
    approve(archive, "bench", "Bench, Clerk")
    said = [one.observation for one in records(min(pages, 20))]
    handle = find(archive, "bench").handle
    for first in range(0, pages * PER_PAGE, BATCH):
        numbers = range(first + 1, min(first + BATCH, pages * PER_PAGE) + 1)
        made = [
            (new_uuid(archive.chance), replace(said[one % len(said)], native_id=str(one)))
            for one in numbers
        ]
        seal_settled(archive, read_state(archive), handle, Settled(observations=made))


def _known(archive: Archive) -> int:
    return len(list(known_of(archive, read_state(archive), find(archive, "bench").handle).items()))


COMMANDS: dict[str, Callable[[Archive], int]] = {
    "nothing": lambda archive: read_state(archive).size,
    "search words": lambda one: len(search(one, Query("culvert basement"), private=True).hits),
    "search all": lambda one: len(search(one, Query(""), private=True).hits),
    "show": lambda one: len(show(one, "wordpress:bench:comments:1")),
    "known": _known,
    "status": lambda one: len(status(one)["accounts"]),
}


def measured(folder: Path, command: str) -> dict[str, float]:
    """Return what one command costs in a process of its own, and how much it found."""
    program = [sys.executable, "-m", "tests.bench.reading", "--command", command, str(folder)]
    done = subprocess.run(program, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _run(folder: Path, command: str) -> dict[str, float]:
    archive = open_archive(_settings(folder))
    seconds, found = timed(lambda: COMMANDS[command](archive))
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return {"seconds": round(seconds, 2), "peak MB": peak >> 10, "found": found}


def main() -> None:
    """Build what is not there, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--command", choices=COMMANDS)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    if given.command:
        sys.stdout.write(json.dumps(_run(given.folder, given.command)) + "\n")
        return
    if not given.folder.exists():
        build(given.folder, given.pages)
    measured(given.folder, "search all")  # now the files are in the home's cache
    told = {command: measured(given.folder, command) for command in COMMANDS}
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
