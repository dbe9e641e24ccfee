"""Scenarios 10 to 12: requests, what comes after them, and records on two holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tests.cli.scenarios import AGE, ONE, Case, hold_against, made, traced
from tests.cli.town import WORDS, Post, Town, blog, publish
from tests.retention import oracle
from tests.retention.oracle import Request, Told, chicago

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from random import Random

__all__ = ["HOLDS"]

FOIA = ("--kind", "foia", "--law", "us-wi")
LAW = "(Wis. Stat. 19.35(5))"


def _governed(town: Town) -> Callable[[Post, date], Told]:
    """Have all posts governed by five years; return what is told of those that nothing holds."""
    town.adopt("city", "1", town.schedule({"y5": AGE.format(5)}))
    town.settle("city/y5")
    town.later(5)
    return lambda one, day: oracle.several(made(one), (5,), day)


def _live(town: Town) -> list[str]:
    return [one.record for one in town.posts if not one.gone]


def _place(town: Town, *words: str) -> str:
    return str(town.act("hold", "place", *words, "--no-snapshot", sign="counsel")["hold"])


def _release(town: Town, hold: str) -> datetime:
    town.act("hold", "release", hold, "--reason", "it is over")
    return town.now


class Asked(NamedTuple):
    """A request: its hold, what happened to it, when that was recorded, when it was released."""

    hold: str
    told: Request
    recorded: datetime
    released: datetime | None

    def keeps(self, day: date) -> bool:
        """Tell whether it keeps on a day: answers, orders and ends of appeals wait for three."""
        known = self.told if chicago(self.recorded + timedelta(3)) < day else Request()
        return oracle.keeps(known, day) or oracle.still_held([self.released], day)


NAMES = {"suit": "suit-filed", "appeals_over": "appeal-over"}


def _asked(town: Town, records: list[str], told: Request) -> Asked:
    """Have a request placed on records, and all that happened to it recorded."""
    received = min(told.denied or town.today, told.granted or town.today) - ONE
    more = ["--confined"] if told.confined else []
    hold = _place(town, *records, *FOIA, "--received", str(received), *more)
    for name, day in told._asdict().items():
        if day and name != "confined":
            event = ("hold", "event", hold, NAMES.get(name, name), "--date", str(day))
            town.act(*event, "--evidence", "letter")
    return Asked(hold, told, town.now, None)


def requests(town: Town, chance: Random) -> Case:
    """Scenario 10: denied, by an inmate, in suit and out of it, granted, and not answered."""
    free, live = _governed(town), _live(town)
    days = [town.today - timedelta(chance.randrange(2, 40)) for _ in range(4)]
    told = (
        Request(days[0]),
        Request(days[1], confined=True),
        Request(days[2], suit=days[2] + ONE, order=days[2] + 2 * ONE, appeals_over=town.today),
        Request(days[3], suit=days[3] + ONE),
        Request(granted=days[3]),
        Request(),
    )
    asked = [_asked(town, live[n :: len(told)], one) for n, one in enumerate(told)]
    town.later(4)
    for place, one in enumerate(asked):
        if one.told.appeals_over or (one.told != Request() and not one.told.suit):
            asked[place] = one._replace(released=_release(town, one.hold))
        else:
            ran = town.ask("hold", "release", one.hold, "--reason", "it is over", "--json")
            assert (ran.finding["code"], LAW in ran.finding["message"]) == ("hold-open", True)
    ends = [oracle.first_free(one.told) for one in asked if one.released]

    def expected(post: Post, day: date) -> Told:
        kept = asked[live.index(post.record) % len(asked)].keeps(day)
        return free(post, day)._replace(may_go=free(post, day).may_go and not kept)

    def ask() -> None:
        hold_against(town, (day for end in ends[:2] for day in (end - ONE, end)), expected)
        lapses = {one["hold"]: one["lapses"] for one in town.told("hold", "list")}
        assert [lapses[one.hold] for one in asked if one.released] == [str(end) for end in ends]
        traced(town, live[0], ends[0] - ONE, f"60 days after the last answer: {ends[0]} {LAW}")

    return Case(ask)


class Searched(NamedTuple):
    """A hold on what a word finds: when it was placed, and whether on what is to come too."""

    hold: str
    word: str
    placed: datetime
    future: bool


def what_comes_after(town: Town, chance: Random) -> Case:
    """Scenario 11: requests at times of chance between captures, some on what is to come."""
    free = _governed(town)
    town.posts = [one for one in town.posts if not one.gone]
    holds = list[Searched]()
    with blog(town, "second") as hamlet:
        for _ in range(3):
            days = [town.now - timedelta(days=chance.randrange(1, 4)) for _ in range(6)]
            publish(town, hamlet, "second", days)
            for future in (False, True):
                town.later(chance.randrange(1, 9))
                word = chance.choice(WORDS)
                how = ["--received", str(town.today - ONE), *(["--future"] if future else [])]
                hold = _place(town, "--query", word, *FOIA, *how)
                holds.append(Searched(hold, word, town.now, future))
    day = town.today + ONE

    def held(post: Post) -> set[str]:
        return {
            one.hold
            for one in holds
            if oracle.found_by(one.word, post.word, post.captured, one.placed, future=one.future)
        }

    def expected(post: Post, day: date) -> Told:
        return free(post, day)._replace(may_go=free(post, day).may_go and not held(post))

    def ask() -> None:
        hold_against(town, [day], expected)
        found = town.due(day)
        assert {one.record: set(found[one.record]["holds"]) for one in town.posts} == {
            one.record: held(one) for one in town.posts
        }
        known = next(one for one in town.posts if held(one))
        told = f"(foia) stands: the request is not answered yet {LAW}"
        traced(town, known.record, day, *(f"Hold {one} {told}" for one in held(known)))

    return Case(ask)


def two_holds(town: Town, chance: Random) -> Case:
    """Scenario 12: each record on one of four audits and one of four suits, released in turn."""
    free, live = _governed(town), _live(town)
    kinds = [("audit", live[n::4]) for n in range(4)]
    kinds += [("litigation", live[n * 12 : n * 12 + 12]) for n in range(4)]
    holds = [
        (_place(town, *records, "--kind", kind, "--matter", f"{kind} of 2026"), set(records))
        for kind, records in kinds
    ]
    released: dict[str, datetime] = {}
    for hold, _ in chance.sample(holds, len(holds) - 1):  # one stands for ever
        town.later(chance.randrange(1, 12))
        released[hold] = _release(town, hold)
    counts = sorted(chicago(when + timedelta(3)) for when in released.values())
    days = {one + chance.choice((0, 1)) * ONE for one in counts[2::2]}

    def expected(post: Post, day: date) -> Told:
        over = [released.get(hold) for hold, records in holds if post.record in records]
        kept = oracle.still_held(over, day)
        return free(post, day)._replace(may_go=free(post, day).may_go and not kept)

    def ask() -> None:
        hold_against(town, days, expected)
        hold = next(hold for hold, _ in holds if hold not in released)
        record = min(dict(holds)[hold])
        kind = next(kind for kind, records in kinds if set(records) == dict(holds)[hold])
        traced(town, record, max(days), f"Hold {hold} ({kind}) stands. [{kind} of 2026]")

    return Case(ask)


HOLDS: dict[str, Callable[[Town, Random], Case]] = {
    "10 a request in Wisconsin": requests,
    "11 what is captured after a request": what_comes_after,
    "12 two holds on one record": two_holds,
}
