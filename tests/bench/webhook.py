"""Receiving deliveries against a bare receiver, and how long one takes until it is sealed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from archiver.flows.ledger import read_state
from tests.bench.measure import Row
from tests.receiver.events import event
from tests.receiver.serving import Served, served

__all__ = ["webhook_rows"]

CLIENTS = 32
LOOK = 0.02
GATHER = 1.0
"""Seconds between two rounds of settling."""


def webhook_rows(folder: Path, repetitions: int, count: int) -> tuple[list[Row], str]:
    """Compare CPU seconds of receiving so many events, and wall seconds until one is sealed.

    The latter with the second for which settling waits so as to gather more; also in words.
    """
    ours, bare, speeds = [], [], []
    for number in range(repetitions):
        with served(folder / f"ours {number}") as place:
            place.start("--no-settle")
            assert place.process is not None
            before = _cpu(place.process.pid)
            told = _sent(place.port, place.path(), count, folder / f"acked {number}")
            ours.append(_cpu(place.process.pid) - before)
            speeds.append(count / told["seconds"])
        bare.append(_bare(count, folder / f"bare {number}"))
    row = Row("receiving deliveries", "FastAPI and a signature", ours, bare, None, count)
    with served(folder / "sealing") as place:
        waits = _waits(place, 20)
    p50, p95 = median(waits), waits[-(-len(waits) * 95 // 100) - 1]
    sealing = [
        Row(f"webhook to sealed, {name} (wall)", "1 s to gather more", [wait], [GATHER], None, 0)
        for name, wait in (("p50", p50), ("p95", p95))
    ]
    return [row, *sealing], (
        f"{median(speeds):.0f} deliveries a second were taken (wall, {CLIENTS} connections); "
        f"one was sealed {p50:.1f} s after it was sent (wall, p50; p95 {p95:.1f} s), "
        f"1 s of it to gather more"
    )


def _cpu(process: int) -> float:
    """Return the CPU seconds of a running process, with its threads."""
    words = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _bare(count: int, acked: Path) -> float:
    command = [sys.executable, "-m", "tests.bench.barehook"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        before = _cpu(process.pid)
        _sent(port, "/hooks/x", count, acked)
        spent = _cpu(process.pid) - before
        process.send_signal(signal.SIGTERM)
        return spent


def _sent(port: int, path: str, count: int, acked: Path) -> dict[str, Any]:
    """Send events as fast as they are taken; return what the storm tells of it."""
    words = [f"127.0.0.1:{port}", path, "1", str(count), str(CLIENTS), "0", str(acked)]
    command = [sys.executable, "-m", "tests.receiver.storm", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["answers"] == {"200": count}
    return told


def _waits(place: Served, count: int) -> list[float]:
    """Return how many seconds deliveries took until they were sealed, least first."""
    place.start("--settle-every", f"{GATHER:g}")
    archive, handle = place.archive(), place.path().rpartition("/")[2]
    waits = []
    for number in range(count + 1):
        before = read_state(archive).settled.get(handle, 0)
        began = time.monotonic()
        assert place.post(place.path(), event(number)) == 200
        while read_state(archive).settled.get(handle, 0) == before:
            time.sleep(LOOK)
        waits.append(time.monotonic() - began)
    return sorted(waits[1:])  # the first one waits until both processes have loaded everything
