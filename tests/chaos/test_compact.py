"""``kill -9`` at any moment of a compaction: no answer changes, the next run goes on."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows.search import Query, search
from archiver.flows.verify import verify
from tests.chaos.helpers import after, changes, found, place_in
from tests.chaos.truth import Quiet, stir

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.chaos.helpers import Forks, Place

KILLED = -9


def answers(place: Place) -> list[dict[str, Any]]:
    """Return everything that a search finds."""
    return search(place.opened(), Query()).hits


def moments(place: Place, chance: Random) -> list[Callable[[], bool]]:
    """Return moments of one run: by the clock, and by what it has stored or removed."""
    log = place.home.parent / "archive" / "log"
    return [
        after(chance.uniform(0, 0.5)),
        changes(log.parent / "u", 1, "", chance.randint(1, 9)),
        changes(log / "pending", 0, "", chance.randint(1, 3)),
        changes(log, 0, "checkpoint", chance.randint(1, 3)),
        changes(place.inside / "journal", 1, "", chance.randint(1, 4)),
    ]


def series(forks: Forks, folder: Path, seed: int, kills: int) -> int:
    """Kill so many compactions and verifications of a city; return how many were killed."""
    chance, city, place = Random(seed), City(), place_in(folder)
    key, killed = str(folder / "vera.key"), 0
    with CityServer(city) as server:
        found(forks, place, city, server.url)
        forks.done(place, "person", "enrol", "Vera", "--key", key, "--role", "verifier")
        for _ in range(2):
            forks.done(place, "capture")
            stir(city, chance)
        expected = answers(place)
        while killed < kills:
            words = ("compact",) if killed % 3 < 2 else ("compact", "--verify", "--key", key)
            moment = chance.choice(moments(place, chance))
            ended = forks.kill(place, moment, *words)
            assert ended.code in {0, KILLED}, ended.output
            assert answers(place) == expected
            killed += 1 if ended.code == KILLED else 0
            if ended.code == 0:  # nothing is left to do: there is more
                stir(city, chance)
                forks.done(place, "capture")
                expected = answers(place)
        for words in (("compact",), ("compact", "--verify", "--key", key), ("compact",)):
            forks.done(place, *words)
        assert answers(place) == expected
        archive = place.opened()
        assert verify(archive, Quiet(), deep=True).findings == []
        assert not [path for path in (place.inside / "journal").rglob("*") if path.is_file()]
    return killed


def test_kills_of_compactions_change_no_answer(forks: Forks, folder: Path) -> None:
    """Three kills: of merging, and of verifying and removing."""
    assert series(forks, folder, 1, 3) == 3


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 104))
def test_many_kills_of_compactions_change_no_answer(forks: Forks, folder: Path, seed: int) -> None:
    """A hundred kills in four series."""
    assert series(forks, folder, seed, 25) == 25
