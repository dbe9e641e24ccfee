"""The scenarios through the command line, each at more than fifty distances from its days."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.cli.scenario_holds import HOLDS
from tests.cli.scenario_orders import ORDERS
from tests.cli.scenarios import RULES
from tests.cli.town import Town, founded
from tests.retention.engine_mutants import MUTANTS
from tests.sim.mutants import Edit, Mutant, planted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.scenarios import Case

SCENARIOS = HOLDS | RULES | ORDERS
REQUEST, DECISIONS = "archiver.retention.request", "archiver.flows.decisions"
LIST, OUTSIDE = "archiver.flows.order_list", "archiver.retention.outside"
ENGINE = {one.name: one.edits for one in MUTANTS}
PLANTED: dict[tuple[str, str], tuple[Edit, ...]] = {
    ("10", "waits no longer for an inmate"): (
        Edit(REQUEST, 'wait["days_confined"] if confined else wait["days"]', 'wait["days"]'),
    ),
    ("10", "takes the first of all ends"): (
        Edit(REQUEST, "day, why = max(ends)", "day, why = min(ends)"),
    ),
    ("11", "looks for nothing that comes"): (
        Edit(DECISIONS, "live = scope.future and", "live = False and"),
    ),
    ("13", "lists what is on hold as ready"): (
        Edit(LIST, "one.stands(now) and one.covers(order.leaves)", "False"),
        Edit("archiver.retention.order", "if one.stands(at.when):", "if False:"),
    ),
    ("19", "counts no days"): (Edit(OUTSIDE, "if when < until:", "if False:"),),
    ("19", "needs no copy"): (
        Edit(OUTSIDE, "if self.act == CERTIFIED and not allowed:", "if False:"),
    ),
    ("20", "destroys what is acquired"): (Edit(OUTSIDE, "if self.against:", "if False:"),),
    ("15", "goes by days of UTC"): (
        Edit("archiver.flows.record_facts", '"zone": [city.zone]', '"zone": ["UTC"]'),
    ),
    ("20", "waits though it is waived"): (
        Edit(OUTSIDE, "if self.act == NOTICED and allowed:", "if False:"),
    ),
    ("20", "needs no notice"): (
        Edit(OUTSIDE, 'return "the authority outside was not told of it"', 'return ""'),
    ),
    **{
        (scenario, name): ENGINE[name]
        for scenario, name in (
            ("11", "lets go what is on hold"),
            ("12", "frees a record with the first release"),
            ("14", "starts the clock of a live post"),
            ("15", "makes 1 March of a leap day"),
            ("15", "ends a fiscal year too soon"),
            ("16", "counts a decision on the day it was made"),
            ("17", "keeps to an old version"),
            ("17", "asks nobody who adopted"),
            ("18", "goes by a schedule that has expired"),
            ("21", "takes the shortest of equals"),
        )
    },
}
"""By scenario and what it does wrong."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town before anything was decided; not to be changed."""
    return founded(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def case(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """Returns what is to be asked of a scenario, set up once in a copy of the town."""
    folder = tmp_path_factory.mktemp("scenarios")

    @cache
    def made(name: str) -> Case:
        return SCENARIOS[name](town.copy(folder / name[:2]), Random(name))

    return made


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_hold_at_any_time(name: str, case: Callable[[str], Case]) -> None:
    """Whatever day is asked, every record stands as an independent oracle says."""
    case(name).ask()


@pytest.mark.parametrize(("scenario", "wrong"), PLANTED)
def test_each_defect_is_found(scenario: str, wrong: str, case: Callable[[str], Case]) -> None:
    """With a rule broken, the scenario that is about it says something else than its oracle."""
    (name,) = (one for one in SCENARIOS if one.startswith(scenario))
    asked, mutant = case(name), Mutant(wrong, 0, PLANTED[scenario, wrong])
    with planted(mutant), pytest.raises(AssertionError):
        asked.ask()
