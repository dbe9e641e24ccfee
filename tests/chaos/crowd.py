"""Eight processes at work in one archive, killed at random: who comes next finishes it."""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows.ledger import read_state
from tests.chaos.helpers import BLOG, NEWS, found, second_home
from tests.chaos.truth import assert_whole, stir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.helpers import Ended, Forks, Place

PROCESSES = 8
LONGEST = 3.0
"""Seconds after the start of a round until when a process is killed, if it still runs."""


def _kill_at_random(children: Sequence[int], chance: Random) -> None:
    """Kill half of the processes with SIGKILL, each at a moment of its own."""
    begun = time.monotonic()
    doomed = chance.sample(list(children), len(children) // 2)
    for after, child in sorted((chance.uniform(0, LONGEST), child) for child in doomed):
        time.sleep(max(0.0, begun + after - time.monotonic()))
        with suppress(ProcessLookupError):  # it has ended, and its parent has looked
            watched = os.pidfd_open(child)
            try:
                if not select.select([watched], [], [], 0)[0]:
                    signal.pidfd_send_signal(watched, signal.SIGKILL)
            finally:
                os.close(watched)


def _settles(forks: Forks, home: Place) -> None:
    """Have a home finish what is left; what another settled first, it is told and asks again."""
    for _ in range(2):
        ended = forks.run(home, "capture", "--mode", "backfill")
        if ended.code == 0:
            return
        assert _lost_the_race(ended), ended.output
    assert forks.run(home, "capture").code == 0


def _lost_the_race(ended: Ended) -> bool:
    return "the ledger refused a batch" in ended.output


def crowded(forks: Forks, place: Place, seed: int, kills: int) -> int:
    """Kill so many of eight processes, in homes two by two, while the city changes.

    Asserts that every home sees one whole history. Returns how many entries that has.
    """
    chance, city = Random(seed), City()
    struck = 0
    with CityServer(city) as server:
        found(forks, place, city, server.url)
        homes = [place]
        for number in range(1, PROCESSES // 2):
            beside = place.home.with_name(f"home-{number}")
            homes.append(second_home(place, beside, shared=("keystore",)))
        while struck < kills:
            jobs = [
                (home, ("capture", account, "--mode", chance.choice(["incremental", "backfill"])))
                for home in homes
                for account in (BLOG, NEWS)
            ]
            _kill_at_random(forks.start(*jobs), chance)
            for ended in forks.wait():
                struck += ended.code == -signal.SIGKILL
                finished = ended.code in {0, -signal.SIGKILL} or _lost_the_race(ended)
                assert finished, ended.output
            stir(city, chance)
        for home in homes:
            _settles(forks, home)
        for home in homes:
            _settles(forks, home)
            assert_whole(home, city, killed=True)
    sizes = {read_state(home.opened()).size for home in homes}
    assert len(sizes) == 1
    return sizes.pop()
