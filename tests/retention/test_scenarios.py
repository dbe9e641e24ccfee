"""The scenarios, each at fifty moments of chance, and mutants of the engine that they kill."""

from __future__ import annotations

from random import Random

import pytest

from archiver.edges.duck import DuckEngine
from tests.retention.engine_mutants import MUTANTS
from tests.retention.scenarios import SCENARIOS, Case
from tests.sim.mutants import Mutant, planted

SHIFTS = 50


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_hold_at_any_time(name: str) -> None:
    """At fifty moments of chance the engine says what an independent oracle says."""
    for seed in range(SHIFTS):
        SCENARIOS[name](Case(Random(seed)))


def test_the_sql_says_so_too() -> None:
    """At a moment of each scenario the SQL is asked as well."""
    with DuckEngine() as database:
        for scenario in SCENARIOS.values():
            scenario(Case(Random(7), database))


def _all() -> None:
    for seed in range(SHIFTS):
        for scenario in SCENARIOS.values():
            scenario(Case(Random(seed)))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_mutant_of_the_engine_is_killed(mutant: Mutant) -> None:
    """A planted defect makes some scenario say something else than its oracle."""
    with planted(mutant), pytest.raises(AssertionError):
        _all()
