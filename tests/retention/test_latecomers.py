"""Versions that come late and are read anew, in the play of holds and orders."""

from __future__ import annotations

import pytest

from tests.retention.custodians import Violation
from tests.retention.latecomers import LatePlayer
from tests.retention.test_custody import STEPS, play
from tests.sim.mutants import Edit, Mutant, planted

CUSTODY, ORDER = "archiver.retention.custody", "archiver.retention.order"

MUTANTS = (
    Mutant("forgets what was read anew", 91, (
        Edit(CUSTODY,
             'self._touched.append(Touched(entry, ranges.union(body["leaves"], body["of"])))',
             "pass"),
    )),
    Mutant("reads anew what goes", 39, (
        Edit(ORDER, "for one in orders if one.running for pair", "for one in () for pair"),
    )),
)  # fmt: skip


def test_nothing_goes_that_may_not() -> None:
    """Of each record exactly the versions that the order has go, and none that is on hold."""
    taken, begun, done, gone = play(range(4), kind=LatePlayer)
    assert taken == 4 * STEPS
    assert min(begun, done, gone) > 0


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_mutant_is_killed(mutant: Mutant) -> None:
    """A planted defect lets something go, or be read, that may not."""
    with planted(mutant), pytest.raises(Violation):
        play(range(mutant.seed, mutant.seed + 1), kind=LatePlayer)
