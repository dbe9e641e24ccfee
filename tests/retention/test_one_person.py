"""Attacks on the engine by one person alone: what only lengthens brings no end nearer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.edges.duck import DuckEngine
from archiver.flows.ruling import rulings
from archiver.retention.decisions import Classification, Decisions, Event, Records
from archiver.retention.due import Engine
from tests.retention.scenarios import adopted, city, city_pack, post

if TYPE_CHECKING:
    from archiver.retention.due import Verdict

MADE = date(2020, 1, 1)
LATER = date(2021, 6, 1)
LOCAL = city_pack({
    "day": "{trigger: created, period: P1D}",
    "ten": "{trigger: created, period: P10Y}",
    "case": "{trigger: case-closed, period: P1D}",
})  # fmt: skip
STATE = city_pack({"ten": "{trigger: created, period: P10Y}"}, schedule="state", rank="statutory")
PACKS = (LOCAL, STATE)


def judged(
    *series: str, longer: tuple[str, ...] = (), adopt: tuple[object, ...] = PACKS
) -> Verdict:
    """Judge a post of series by default, and of others by one person, in both engines."""
    alone = Classification(
        entry=9, by=("clerk",), counts=datetime(2020, 2, 1, tzinfo=UTC),
        records=Records(frozenset({"p:a:posts:1"})), series=longer, lengthens=True,
    )  # fmt: skip
    decided = Decisions(
        adoptions=tuple(adopted(one) for one in PACKS if one in adopt),
        classifications=(alone,) if longer else (),
    )
    engine = Engine(PACKS, decided, city("US-XX", *series), LATER)
    verdict = engine.judge(post(MADE))
    with DuckEngine() as database:
        (row,) = rulings(database, engine, [post(MADE)])
    assert (row["state"], row["not_before"], row["series"]) == (
        verdict.state,
        verdict.not_before,
        verdict.series,
    )
    return verdict


def test_one_person_schedules_nothing() -> None:
    """What is in no series is kept, whatever one person calls longer."""
    assert judged("city/day").state == "eligible"
    assert judged(longer=("city/day",)).state == "unscheduled"


@pytest.mark.parametrize("first", ["state/ten", "city/ten"])
def test_a_higher_rank_with_a_shorter_period_lengthens_nothing(first: str) -> None:
    """A local item of a day does not go before ten years by a statute, where one person says so."""
    before, after = judged(first), judged(first, longer=("city/day",))
    assert (before.state, before.not_before) == (after.state, after.not_before)
    assert before.series == after.series


def test_a_longer_period_of_a_lower_rank_does_lengthen() -> None:
    """What keeps longer keeps, of whatever rank; an event that nobody recorded keeps too."""
    assert judged("city/day").not_before == date(2020, 1, 3)
    longer = judged("city/day", longer=("state/ten",))
    assert (longer.state, longer.series) == ("not-due", "state/ten")
    assert judged("city/day", longer=("city/case",)).state == "awaiting-event"


def test_what_is_not_in_force_is_not_put_into_force() -> None:
    """Beside a schedule that nobody adopted, an adopted one lets nothing go by one person."""
    assert judged("state/ten", longer=("city/day",), adopt=(LOCAL,)).state == "not-due"
    assert judged("state/ten", "nowhere/1", longer=("city/day",), adopt=()).state != "eligible"


def event(entry: int, day: date, *, alone: bool = False, corrects: int | None = None) -> Event:
    """Return that a case was closed; ``alone``: one person says so, at once."""
    sealed = datetime(2020, 3, entry, tzinfo=UTC)
    return Event(
        entry=entry, by=("x",), counts=sealed if alone else sealed + timedelta(days=3),
        name="case-closed", subject="p:a:posts:1", day=day, evidence="docket",
        corrects=corrects, lengthens=alone,
    )  # fmt: skip


def closed(as_of: date, *events: Event) -> str:
    """Return how a record of closed cases stands on a day."""
    decided = Decisions(adoptions=(adopted(LOCAL),), events=events)
    return str(Engine(PACKS, decided, city("US-XX", "city/case"), as_of).judge(post(MADE)).state)


def test_one_person_ends_no_wait_of_an_event() -> None:
    """To put off an event that does not count yet does not make it count."""
    first, alone = event(1, date(2020, 2, 1)), event(2, date(2020, 2, 2), alone=True)
    assert closed(date(2020, 3, 3), first, alone) == "awaiting-event"
    assert closed(date(2020, 3, 6), first, alone) == "eligible"


def test_what_put_off_a_corrected_event_goes_with_it() -> None:
    """Once two people took an event back, nothing stands by one person's word."""
    first, alone = event(1, date(2020, 2, 1)), event(2, date(2020, 2, 2), alone=True)
    elsewhere = event(3, date(2020, 2, 1), corrects=1)
    moved = replace(elsewhere, subject="p:a:posts:2")
    assert closed(date(2020, 4, 1), first, alone, moved) == "awaiting-event"
