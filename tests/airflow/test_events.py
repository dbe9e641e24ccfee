"""From a signed webhook to a sealed record that is found and proven: how long, and whole.

``ARCHIVER_EVENTS`` says how many events the long tests send; what they measure is printed.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from itertools import count as count_from
from random import Random
from typing import TYPE_CHECKING

import pytest

from archiver.flows.prove import prove
from archiver.flows.search import Query, search
from archiver.flows.verify import verify
from tests.airflow.parts import KILLED, Intake, intake, redis_server
from tests.chaos.truth import Quiet
from tests.receiver.events import event
from tests.receiver.serving import data
from tests.receiver.test_kill import assert_whole, storm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.airflow, pytest.mark.soak]

GOAL = 15.0
"""Seconds from a delivery's acknowledgement to its record being found and proven: 95 of 100."""
PATIENCE = 300.0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Intake]:
    """A receiver, Redis and Airflow."""
    with ExitStack() as stack:
        url = stack.enter_context(redis_server(tmp_path))
        yield stack.enter_context(intake(tmp_path, url))


def found(running: Intake, word: str) -> list[str]:
    """Return the records that have a word, each of them proven."""
    archive = running.served.archive()
    hits = search(archive, Query(text=word), private=True).hits
    return [prove(archive, str(one["record_id"]))["record"] for one in hits]


def test_a_delivery_is_proven_within_seconds(running: Intake) -> None:
    """Events come one by one; how long each took until it could be proven is printed."""
    count, chance = int(os.environ.get("ARCHIVER_EVENTS", "30")), Random(8)
    seconds: list[float] = []
    for number in range(count + 1):
        word = f"xylophone{number}"
        assert running.served.post(running.served.path(), event(number, word)) == 200
        began = time.monotonic()
        while not found(running, word):
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.25)
        if number:  # the first one finds Airflow cold
            seconds.append(time.monotonic() - began)
        time.sleep(chance.uniform(0.0, 20.0))
    seconds.sort()
    p95 = seconds[int(0.95 * len(seconds))]
    told = {"events": count, "p50": seconds[len(seconds) // 2], "p95": p95, "most": seconds[-1]}
    sys.stdout.write(f"{ {name: round(value, 1) for name, value in told.items()} }\n")
    assert p95 <= GOAL


def test_a_storm_while_everything_is_killed(running: Intake) -> None:
    """Whatever is killed when: each acknowledged event is one record, and the archive is whole."""
    count, chance = int(os.environ.get("ARCHIVER_EVENTS", "1000")), Random(88)
    began, place = time.monotonic(), running.served
    sending = storm(place, count, 4, float(os.environ.get("ARCHIVER_RATE", "2")))
    kills = dict.fromkeys(KILLED, 0)
    for number in count_from(0):
        if sending.poll() is not None:
            break
        time.sleep(chance.uniform(0.5, 8.0))
        what = KILLED[number % len(KILLED)]
        kills[what] += running.kill(what, chance)
    printed, _ = sending.communicate(timeout=60)
    stormed = time.monotonic() - began
    while waiting(running):
        assert time.monotonic() - began < stormed + PATIENCE
        time.sleep(2.0)
    sealed = time.monotonic() - began
    assert place.stop() == 0
    assert_whole(place, count)
    checked = verify(place.archive(), Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)
    told = {"events": count, "kills": kills, "stormed": round(stormed), "sealed": round(sealed)}
    sys.stdout.write(f"{told} {printed}\n")


def waiting(running: Intake) -> int:
    """Return how many deliveries wait to be settled."""
    return sum(one["waiting"] for one in data(running.served.run("webhook", "list", "--json")))
