"""Holds and orders raced against each other: nothing goes that may not, whatever the order."""

from __future__ import annotations

import pytest

from tests.retention.custodians import Player, Violation
from tests.retention.mutants import MUTANTS
from tests.sim.mutants import Mutant, planted

STEPS = 400


def play(
    seeds: range, steps: int = STEPS, kind: type[Player] = Player
) -> tuple[int, int, int, int]:
    """Play each seed; return steps, orders that began, that were done, leaves that went."""
    taken = begun = done = gone = 0
    for seed in seeds:
        player = kind(seed)
        player.run(steps)
        taken += player.steps
        orders = player.hall.custody.orders.values()
        begun += sum(one.begun is not None for one in orders)
        done += sum(one.done is not None for one in orders)
        gone += sum(len(one) for every in player.hall.gone.values() for one in every.values())
    return taken, begun, done, gone


def test_nothing_goes_that_may_not() -> None:
    """In every play, what goes was ordered, waited for and on no hold; and much does go."""
    taken, begun, done, gone = play(range(16, 24))
    assert taken == 8 * STEPS
    assert begun > 10
    assert done > 5
    assert gone > 20


@pytest.mark.soak
def test_nothing_goes_in_a_million_states() -> None:
    """The same for a million steps, each from a state of its own."""
    taken, begun, done, gone = play(range(1000, 3500))
    assert taken >= 1_000_000
    assert min(begun, gone) > 5000
    assert done > 1000


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_mutant_is_killed(mutant: Mutant) -> None:
    """A planted defect lets something go that may not, or calls something done that is not."""
    with planted(mutant), pytest.raises(Violation):
        play(range(mutant.seed, mutant.seed + 1))
