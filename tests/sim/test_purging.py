"""An order that is carried on in simulated weather, with holds, merges and copies that are away."""

from __future__ import annotations

from functools import cache, lru_cache

import pytest

from archiver.ledger.checkpoint import VerifierKey
from tests.sim.episode import Episode
from tests.sim.mutants import Mutant, planted
from tests.sim.purge_mutants import MUTANTS, QUICK
from tests.sim.purging import Destruction
from tests.sim.scheduler import Violation, Weather

BAD = Weather(kill=0.01, error=0.01, stale=0.05, late=0.05, power=0.001, burst=0.7)


@pytest.fixture(autouse=True)
def _remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify each signature once, as `tests.sim.__main__` does."""
    cached = lru_cache(maxsize=8192)(VerifierKey.verifies)
    monkeypatch.setattr(VerifierKey, "verifies", cached)


@pytest.mark.parametrize(
    ("cast", "seed", "bucket"),
    [
        ("purging at home", 3, False),
        pytest.param("purging", 1, True, marks=pytest.mark.soak),
    ],
)
def test_exactly_what_was_ordered_goes(cast: str, seed: int, *, bucket: bool) -> None:
    """Killed, raced and locked: nothing else goes, what is done is gone, and all comes to rest."""
    episode = Episode(seed, cast=cast, weather=BAD, bucket=bucket)
    assert episode.run(3000).crashes > 0
    account = episode.watch.history.compaction
    assert isinstance(account, Destruction)
    assert account.done
    assert account.lost.keys() >= account.order[1]


@cache
def clean(unharmed: Mutant) -> None:
    """Play what several defects are found by, without any of them."""
    unharmed.play()


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(one, id=one.name, marks=() if one.seed == QUICK else pytest.mark.soak)
        for one in MUTANTS
    ],
)
def test_every_mutant_is_killed(mutant: Mutant) -> None:
    """Each planted defect is found by the seed listed for it, which is clean without it."""
    clean(mutant._replace(name="", edits=()))
    with planted(mutant), pytest.raises(Violation):
        mutant.play()
