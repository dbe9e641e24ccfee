"""``kill -9`` at any moment of a capture: nothing is lost, nothing doubled, the next goes on."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from tests.chaos.helpers import after, changes, found, place_in
from tests.chaos.truth import assert_whole, stir

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.chaos.helpers import Forks, Place

KILLED = -9


def moments(place: Place) -> dict[str, Callable[[Random], Callable[[], bool]]]:
    """Return kinds of moments, each made anew for one run: by the clock, and by what is stored."""
    log, home = place.home.parent / "archive" / "log", place.inside
    watched: dict[str, tuple[Path, int, str, int]] = {
        "spooled": (home / "spool", 1, ".warc", 3),
        "journal": (home / "journal", 1, "", 9),
        "objects": (log.parent / "u", 1, "", 24),
        "pending": (log / "pending", 0, "", 6),
        "staging": (log / "staging", 0, "", 6),
        "head": (log, 0, "head", 4),
        "tiles": (log / "tile", 2, "", 4),
        "checkpoint": (log, 0, "checkpoint", 4),
        "known": (home / "cache" / "known", 0, "", 2),
    }

    def by_change(name: str) -> Callable[[Random], Callable[[], bool]]:
        where, depth, ending, most = watched[name]
        return lambda chance: changes(where, depth, ending, chance.randint(1, most))

    found = {name: by_change(name) for name in watched}
    return {"clock": lambda chance: after(chance.uniform(0, 0.9)), **found}


def series(forks: Forks, folder: Path, seed: int, kills: int) -> dict[str, int]:
    """Kill so many captures while the city changes; return how often each moment struck."""
    chance = Random(seed)
    city, place = City(), place_in(folder)
    struck: dict[str, int] = {}
    with CityServer(city) as server:
        found(forks, place, city, server.url)
        kinds = moments(place)
        names = list(kinds)
        while sum(struck.values()) < kills:
            name = names[chance.randrange(len(names))]
            mode = chance.choice(["incremental", "backfill"])
            ended = forks.kill(place, kinds[name](chance), "capture", "--mode", mode)
            assert ended.code in {0, KILLED}, ended.output
            if ended.code == KILLED:
                struck[name] = struck.get(name, 0) + 1
            if chance.random() < 0.5:
                stir(city, chance)
        for _ in range(2):
            forks.done(place, "capture", "--mode", "backfill")
        assert_whole(place, city, killed=True)
    return struck


@pytest.mark.parametrize("seed", [1, 2])
def test_kills_at_random_moments_lose_and_double_nothing(
    forks: Forks, folder: Path, seed: int
) -> None:
    """Ten kills of each seed, spread over fetching, settling and sealing: all is there, once."""
    struck = series(forks, folder, seed, 10)
    assert sum(struck.values()) == 10
    assert len(struck) > 3


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 108))
def test_many_kills_lose_and_double_nothing(forks: Forks, folder: Path, seed: int) -> None:
    """Two hundred kills in eight series."""
    assert sum(series(forks, folder, seed, 25).values()) == 25
