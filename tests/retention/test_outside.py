"""Waiting for an authority outside: every short history, against the rule in its own words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from archiver.retention.disposal import Disposal, demanded
from archiver.retention.outside import CERTIFIED, NOTICED, Outside
from tests.sim.mutants import Edit, Mutant, planted

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS, WAIT = 4, 3
STEPS = ("told", "yes", "no", "nothing")
MODULE = "archiver.retention.outside"
MUTANTS = [
    Mutant(name, 0, (Edit(MODULE, old, new),))
    for name, old, new in (
        ("forgets a refusal", "if self.against:", "if False:"),
        ("goes a day early", "if when < until:", "if when < until - timedelta(days=1):"),
        ("asks for no copy", "if self.act == CERTIFIED and not allowed:", "if False:"),
        ("takes what does not count yet", "self.allowed <= when", "True"),
        ("takes a copy for the days", "if self.act == NOTICED and allowed:", "if allowed:"),
        ("counts from the last telling", "self.told = self.told or when", "self.told = when"),
        ("lets one be untold", 'return "the authority outside was not told of it"', 'return ""'),
        ("keeps the first answer", "self.allowed, self.against = allowed, allowed is None",
         "self.allowed = self.allowed or allowed"),
    )
]  # fmt: skip


def _may(act: str, history: tuple[str, ...], today: int) -> bool:
    """Tell by the words of the law whether an order may begin on a day."""
    told = [day for day, what in enumerate(history) if what == "told"]
    answers = [(day, what) for day, what in enumerate(history) if what in {"yes", "no"}]
    over = bool(told) and today >= told[0] + DAYS
    if answers and answers[-1][1] == "no":
        return False
    yes = bool(answers) and today >= answers[-1][0] + WAIT
    return over and yes if act == CERTIFIED else over or yes


def _play() -> None:
    """Hold every history of four days against the oracle, on each of nine days."""
    for act, history in product((CERTIFIED, NOTICED), product(STEPS, repeat=4)):
        one = Outside(act, DAYS)
        for day, what in enumerate(history):
            if what == "told":
                one.submitted(START + day * DAY)
            elif what != "nothing":
                one.answered(START + (day + WAIT) * DAY if what == "yes" else None)
        for today in range(9):
            free = one.why_not(START + today * DAY) == ""
            assert free == _may(act, history, today), (act, history, today)


def test_every_short_history() -> None:
    """No beginning before the days and answers that the kind of order asks for, and none later."""
    _play()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_mutant_of_it_is_killed(mutant: Mutant) -> None:
    """A planted defect begins something too early, or never."""
    with planted(mutant), pytest.raises(AssertionError):
        _play()


def test_the_strictest_is_asked() -> None:
    """A certificate goes before a notice, more days before fewer; flags make one needless."""

    def one(kind: str, days: int, *unless: str) -> Disposal:
        return Disposal(kind, "x", days, waivable=False, unless=unless, outcomes=(), citation="x",
                        confidence="primary")  # fmt: skip

    notice, longer, certificate = one("notice", 60), one("notice", 90, "w"), one("certificate", 30)
    assert demanded([notice, longer, certificate], []) == certificate
    assert demanded([notice, longer], []) == longer
    assert demanded([notice, longer], ["w"]) == notice
    assert demanded([longer], ["w"]) is None
