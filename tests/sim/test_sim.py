"""The seal protocol in simulated weather: a sample of seeds, and that they replay exactly."""

from __future__ import annotations

from functools import cache

import pytest

from tests.sim.episode import CASTS, COMPACTING, PURGING, WEATHERS, Episode
from tests.sim.mutants import MUTANTS, Mutant, planted
from tests.sim.scheduler import Violation, Weather

BAD = Weather(kill=0.02, error=0.02, stale=0.1, late=0.05, power=0.002, burst=0.7)


@pytest.mark.parametrize("bucket", [False, True])
@pytest.mark.parametrize("cast", [cast for cast in CASTS if cast not in PURGING])
def test_every_cast_in_bad_weather(cast: str, *, bucket: bool) -> None:
    """Whoever takes part, on a folder and a bucket: nothing is lost, doubled or forked."""
    for seed in range(1 if cast in COMPACTING else 2):
        done = Episode(seed, cast=cast, weather=BAD, bucket=bucket).run()
        assert done.crashes > 0
        assert done.entries >= done.acknowledged > 0


@pytest.mark.parametrize("weather", WEATHERS)
def test_every_weather(weather: Weather) -> None:
    """Whatever goes wrong: nothing is lost, doubled or forked, and it comes to rest."""
    for seed in range(10, 13):
        assert Episode(seed, weather=weather).run().acknowledged > 0


def test_a_seed_replays_exactly() -> None:
    """The same seed takes the same steps, whatever ran before it."""
    runs = []
    for _ in range(2):
        episode = Episode(7, weather=BAD, trace=True)
        outcome = episode.run(600)
        runs.append((outcome, episode.trace))
    assert runs[0] == runs[1]
    assert len(runs[0][1] or ()) > 300


@cache
def clean(unharmed: Mutant) -> None:
    """Play what several defects are found by, without any of them."""
    unharmed.play()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_every_mutant_is_killed(mutant: Mutant) -> None:
    """Each planted defect is found by the seed listed for it, which is clean without it."""
    clean(mutant._replace(name="", edits=()))
    with planted(mutant), pytest.raises(Violation):
        mutant.play()


def test_there_are_mutants_enough() -> None:
    """At least twenty defects are planted, each another one."""
    assert len({mutant.edits for mutant in MUTANTS}) == len(MUTANTS) >= 20
