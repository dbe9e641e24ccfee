"""Scenarios 14 to 18 and 21, set up by commands in a town of many dates.

Each is a function that has things decided in a town and returns what is to be asked: `Case.ask`
runs commands as of many days and holds every record of every answer against
`tests.retention.oracle`. How far one record is from one such day is one shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.cli.town import PRIVATE, Post, Town
from tests.house.source import ROOT
from tests.retention import oracle
from tests.retention.oracle import Told, chicago

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

__all__ = ["AGE", "ONE", "RULES", "Case", "hold_against", "made", "said", "traced"]

ONE = timedelta(1)
SHIFTS = 50
AGE = "{{trigger: created, period: P{}Y}}"
STATUTE = ROOT / "schemas" / "retention" / "wi-statute.yaml"
LIVE = "{latest_of: [{trigger: posted, period: P2Y}, {trigger: removed-from-public, period: P2Y}]}"


@dataclass(frozen=True)
class Case:
    """What is to be asked of a town. ``ask`` raises `AssertionError` for a wrong answer."""

    ask: Callable[[], None]


def said(one: dict[str, Any]) -> Told:
    """Return of a listed record what an oracle tells."""
    day = date.fromisoformat(one["not_before"]) if one["not_before"] else None
    return Told(one["state"] == "eligible", day, one["then"])


def hold_against(
    town: Town,
    days: Iterable[date],
    expected: Callable[[Post, date], Told],
    *more: str,
) -> None:
    """Ask as of each day; every post must be as expected, some may go, and some may not."""
    known, told = {one.record: one for one in town.posts if more or not one.gone}, []
    for day in sorted(set(days)):
        found = town.due(day, *more)
        assert found.keys() == known.keys()
        for name, one in found.items():
            told.append(expected(known[name], day))
            assert said(one) == told[-1], (name, day, one)
    assert len(told) >= SHIFTS
    assert {one.may_go for one in told} == {True, False}


def traced(town: Town, record: str, day: date, *words: object) -> None:
    """Each word must stand in the trace of a record."""
    trace = town.trace(record, day, *(PRIVATE if town.post(record).gone else ()))
    assert [str(word) for word in words if str(word) not in trace] == [], trace


def _falls_due(chance: Random, town: Town, told: Callable[[Post], Told]) -> date:
    """Return a day that is yet to come, on which a post falls due."""
    firsts = {told(one).first for one in town.posts if not one.gone}
    return chance.choice(sorted(day for day in firsts if day and day > town.today + ONE))


def made(one: Post) -> date:
    """Return the day in the town on which a post was made."""
    return chicago(one.made)


def live_post(town: Town, chance: Random) -> Case:
    """Scenario 14: posts that are still live, and some that were removed."""
    town.adopt("city", "1", town.schedule({"live": LIVE}, then="transfer"))
    town.settle("city/live")
    town.later(5)
    gone = [one for one in town.posts if one.gone]
    first = oracle.live_post(made(gone[0]), chicago(gone[0].gone or town.now), date.max).first
    assert first is not None
    days = (first - ONE, first + timedelta(chance.choice((0, chance.randrange(3000)))))

    def expected(one: Post, day: date) -> Told:
        return oracle.live_post(made(one), chicago(one.gone) if one.gone else None, day)

    def ask() -> None:
        hold_against(town, days, expected, *PRIVATE)
        words = ("transfer it", first, first - ONE, "[Ordinance 7, live]", "removed from public")
        traced(town, gone[0].record, first, "city/live governs", *words)
        traced(town, town.posts[0].record, first, "not removed from public view yet")

    return Case(ask)


def fiscal_year(town: Town, chance: Random) -> Case:
    """Scenario 15: fiscal years that end on 30 April, leap days, and the days of Chicago."""
    rules = {
        "fis": "{trigger: created, cutoff: fiscal-year-end, period: P7Y}",
        "leap": AGE.format(7),
    }
    town.adopt("city", "1", town.schedule(rules))
    town.later(5)

    def fiscal(one: Post, day: date) -> Told:
        return oracle.fiscal(made(one), 4, 30, 7, day)

    def leap(one: Post, day: date) -> Told:
        return oracle.several(made(one), (7,), day)

    spring, march = date(chance.choice((2029, 2030)), 5, 1), date(chance.choice((2027, 2031)), 3, 1)

    def ask() -> None:
        for series, day, expected in (("leap", march, leap), ("fis", spring, fiscal)):
            town.settle(f"city/{series}")
            hold_against(town, (day - ONE, day), expected)
        one = chance.choice([post for post in town.posts if not post.gone])
        first = fiscal(one, date.max).first
        assert first is not None
        end = date(first.year - 7, 4, 30)
        told = (f"made on {made(one)}", f"end of the fiscal year {end}; 7 years", first)
        traced(town, one.record, first, *told, "city/fis governs", "[Ordinance 7, fis]")

    return Case(ask)


def closed_account(town: Town, chance: Random) -> Case:
    """Scenario 16: closures that are recorded at one time, of days before and after."""
    rule = "{trigger: account-closed, period: P2Y}"
    town.adopt("city", "1", town.schedule({"closed": rule}))
    town.settle("city/closed")
    town.later(5)
    closed: dict[str, tuple[date, date]] = {}
    for one in chance.sample([post for post in town.posts if not post.gone], 8):
        day = town.today - timedelta(chance.choice((730, 729, chance.randrange(1200))))
        how = ("--date", str(day), "--evidence", "letter of the platform")
        town.act("event", "record", "account-closed", one.record, *how)
        closed[one.record] = (day, chicago(town.now + timedelta(3)))
        town.later(chance.randrange(3))
    counts = [there for _, there in closed.values()]
    ends = [oracle.anniversary(day, 2) for day, _ in closed.values()]
    days = {max(counts), max(counts) + ONE, max(*ends, *counts) + ONE}

    def expected(one: Post, day: date) -> Told:
        told, there = closed.get(one.record, (None, date.min))
        return oracle.account_closed(told, there, day)

    def ask() -> None:
        hold_against(town, days, expected)
        record, (day, _) = next(iter(closed.items()))
        end = oracle.anniversary(day, 2)
        told = (f"account-closed is recorded on {day}; 2 years to the end of {end}",)
        traced(town, record, max(days), *told, "[Ordinance 7, closed]")
        waits = next(post for post in town.posts if post.record not in closed)
        traced(town, waits.record, max(days), "account-closed is not recorded")

    return Case(ask)


def amendment(town: Town, chance: Random) -> Case:
    """Scenario 17: seven years become three on 1 January; the ordinance is recorded later."""
    changes = date(2027, 1, 1)
    town.adopt("city", "1", town.schedule({"all": AGE.format(7)}))
    later = town.schedule({"all": AGE.format(3)}, "next.yaml", version="2", effective=str(changes))
    town.settle("city/all")
    town.later((changes - town.today).days + chance.randrange(5, 60))
    town.adopt("city", "2", later)
    counts = chicago(town.now + timedelta(3))
    days = {changes - ONE, chance.choice((changes, counts)), counts + ONE}

    def expected(one: Post, day: date) -> Told:
        return oracle.amended(made(one), changes, counts, day)

    def ask() -> None:
        hold_against(town, days, expected)
        one, (years, day) = town.posts[0], chance.choice([(7, changes - ONE), (3, counts + ONE)])
        end = oracle.anniversary(made(one), years)
        traced(town, one.record, day, f"{years} years to the end of {end}", "[Ordinance 7, all]")

    return Case(ask)


def expired(town: Town, chance: Random) -> Case:
    """Scenario 18: a schedule that the town opted in to ends; then the statute has its seven."""
    expires = date(2028, 8, 27)
    more = {"rank": "municipal", "opt_in": "true", "effective": "2018-08-27"}
    own = town.schedule(
        {"short": AGE.format(3)}, schedule="wi-wmrs", version="city", where="US-WI",
        expires=str(expires), **more,
    )  # fmt: skip
    town.adopt("wi-wmrs", "city", own)
    option = ("--instrument", "Ordinance 8", "--effective", "2020-01-01")
    town.act("schedule", "opt-in", "wi-wmrs", "city", *option)
    town.adopt("wi-statute", "19.21", STATUTE, source="statute")
    town.settle("wi-wmrs/short", where="US-WI")
    town.later(5)

    def expected(one: Post, day: date) -> Told:
        return oracle.expiring(made(one), expires, day)

    days = (expires - ONE, expires, _falls_due(chance, town, lambda one: expected(one, date.max)))

    def ask() -> None:
        hold_against(town, days, expected)
        one, end = town.posts[0], oracle.anniversary(made(town.posts[0]), 7)
        cited = (f"7 years to the end of {end}", "[Wis. Stat. 19.21(4)(b)]", "has expired")
        traced(town, one.record, expires, "wi-statute/19.21(4)(b) governs", *cited)

    return Case(ask)


def several_series(town: Town, chance: Random) -> Case:
    """Scenario 21: in no series never; in several the longest."""
    town.adopt("city", "1", town.schedule({f"y{one}": AGE.format(one) for one in (1, 5, 8)}))
    town.later(5)
    chosen = tuple(chance.sample((1, 5, 8), 2))

    def ask() -> None:
        town.settle(*(f"city/y{one}" for one in chosen))

        def expected(one: Post, day: date) -> Told:
            return oracle.several(made(one), chosen, day)

        day = _falls_due(chance, town, lambda one: expected(one, date.max))
        hold_against(town, (day - ONE, day), expected)
        first = expected(town.posts[0], day).first
        assert first is not None
        told = (f"city/y{max(chosen)} governs", f"[Ordinance 7, y{max(chosen)}]", first - ONE)
        traced(town, town.posts[0].record, day, *told)
        town.settle()
        for one in town.due(day).values():
            assert said(one) == oracle.several(day, (), day)

    return Case(ask)


RULES: dict[str, Callable[[Town, Random], Case]] = {
    "14 a post that is still live": live_post,
    "15 fiscal years and leap days": fiscal_year,
    "16 two years after the account was closed": closed_account,
    "17 a schedule that is amended": amendment,
    "18 a schedule that has expired": expired,
    "21 no series, or several": several_series,
}
