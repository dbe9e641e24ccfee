"""Settling against what is known: what waited in the spool undoes nothing seen since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.reading import read
from archiver.capture.settling import Settler
from tests.capture.town import SITE, Run, Town, TownConnector, empty, fold, run

if TYPE_CHECKING:
    from archiver.record import Exchange

EARLIER, SINCE = "2026-11-20T09:59:59.999999Z", "2026-11-20T10:00:00.000000Z"
"""Before, and just when, the runs of `tests.capture.town` ask."""


@pytest.fixture
def town() -> Town:
    """A town with three things."""
    town = Town()
    for number in range(3):
        town.put(number, f"text {number}")
    return town


def waiting(town: Town, captured_at: str) -> list[Exchange]:
    """Return what a killed process of another home asked, once all that it saw."""
    asked = run(town, empty()).exchanges
    return [replace(one, captured_at=captured_at) for one in asked]


def settled(
    exchanges: list[Exchange], runs: list[Run], *, late: bool = True
) -> tuple[list[tuple[str, str]], int]:
    """Return ids and kinds of what exchanges settle to after runs, and how many repeats."""
    settler = Settler(TownConnector(), SITE, fold(runs), "again".upper)
    for exchange in exchanges:
        settler.take(exchange, read(TownConnector(), SITE, exchange), late=late)
    observations = [one for _, one in settler.drain().observations]
    return [(one.native_id, one.kind) for one in observations], settler.counts["posts"].repeats


def week(town: Town) -> list[Run]:
    """Capture the town, let things happen, capture it again: what the other home does."""
    known = empty()
    first = run(town, known)
    town.put(0, "another text")
    town.put(1, "text 1", "bin")
    del town.items["2"]
    second = run(town, known)
    assert second.kinds() == [("0", "edited"), ("1", "removed"), ("2", "deleted")]
    return [first, second]


def test_what_was_seen_before_undoes_nothing(town: Town) -> None:
    """An edit, a removal and a deletion stand against what was seen before them."""
    old = waiting(town, EARLIER)
    assert settled(old, week(town)) == ([], 3)


@pytest.mark.parametrize("gone", ["absent", "deleted"])
def test_a_thing_that_is_gone_is_so_since_it_was_missed(town: Town, gone: str) -> None:
    """Not since it was last seen: what saw it in between says nothing new either."""
    known, old = empty(), waiting(town, "2026-11-20T10:00:00.500000Z")
    runs = [run(town, known), run(town, known)]
    thing = "posts", "2"
    lost = replace(
        runs[0].of_kind("present")[2], kind=gone, row={}, captured_at="2026-11-20T10:00:01.000000Z"
    )
    runs.append(replace(runs[1], settled=[("lost", lost)]))
    assert fold(runs).get(thing) is not None
    assert settled(old, runs) == ([], 3)
    assert settled([replace(old[0], captured_at=lost.captured_at)], runs) == (
        [("2", "restored")],
        2,
    )


def test_what_nobody_saw_since_is_observed_as_it_was(town: Town) -> None:
    """A thing that was gone before the other home looked is not lost."""
    town.put(3, "said and taken back")
    old = waiting(town, EARLIER)
    del town.items["3"]
    assert settled(old, week(town)) == ([("3", "present")], 3)


def test_what_was_seen_at_the_same_time_or_later_is_news(town: Town) -> None:
    """Only what is older is past."""
    old = waiting(town, SINCE)
    assert settled(old, week(town)) == (
        [("0", "edited"), ("1", "restored"), ("2", "restored")],
        0,
    )


def test_what_a_run_asks_itself_is_news_whatever_its_clock_says(town: Town) -> None:
    """It was asked after all that is known was sealed: a slow clock hides no change."""
    old = waiting(town, EARLIER)
    assert settled(old, week(town), late=False) == (
        [("0", "edited"), ("1", "restored"), ("2", "restored")],
        0,
    )
