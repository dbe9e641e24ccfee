"""The reference and the SQL say the same of every record of every world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from archiver.edges.duck import DuckEngine
from archiver.flows.ruling import rulings
from archiver.retention.due import Engine
from tests.retention.worlds import World, worlds

if TYPE_CHECKING:
    from archiver.retention.due import Verdict


def said(verdict: Verdict) -> dict[str, object]:
    """Return of a verdict what the SQL says too."""
    return {
        "record": verdict.record,
        "series": verdict.series,
        "then": verdict.then,
        "not_before": verdict.not_before,
        "blockers": list(verdict.blockers),
        "state": str(verdict.state),
    }


def _compare(world: World) -> None:
    engine = Engine(world.packs, world.decisions, world.city, world.as_of)
    with DuckEngine() as database:
        found = rulings(database, engine, world.records)
    assert found == [said(engine.judge(one)) for one in world.records]


@given(worlds)
@settings(max_examples=12, deadline=None)
def test_reference_and_sql_agree(world: World) -> None:
    """Both evaluate a made-up world alike."""
    _compare(world)


@pytest.mark.soak
@given(worlds)
@settings(max_examples=20000, deadline=None)
def test_reference_and_sql_agree_for_long(world: World) -> None:
    """Both evaluate thousands of made-up worlds alike."""
    _compare(world)
