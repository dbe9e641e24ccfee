"""The scenarios of retention, each at a moment of chance, held against `tests.retention.oracle`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.flows.ruling import rulings
from archiver.flows.schedules import packs_of
from archiver.retention.calendar import FiscalYear, day_of
from archiver.retention.city import City, Default
from archiver.retention.decisions import (
    CLAIMED_DATES,
    Adoption,
    Decisions,
    Event,
    Hold,
    HoldKind,
    OptIn,
    Reading,
    Records,
    Review,
)
from archiver.retention.due import Engine
from archiver.retention.facts import Dated, RecordFacts
from archiver.settings import Settings
from archiver.wire import rule_packs
from tests.retention import oracle
from tests.retention.oracle import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

    from archiver.ports import Engine as Database
    from archiver.retention.due import Verdict
    from archiver.retention.schedule import Pack

__all__ = ["SCENARIOS", "adopted", "city_pack", "own_pack", "pack_text", "shipped"]

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


@cache
def shipped() -> tuple[Pack, ...]:
    """Return the packs that are shipped."""
    return tuple(packs_of(rule_packs(Settings("", Path()))))


@cache
def own_pack(text: str) -> Pack:
    """Return the pack of a YAML text, held against the schema."""
    files = rule_packs(Settings("", Path()))
    (pack,) = packs_of(files._replace(files=(("own.yaml", text.encode()),)))
    return pack


_OWN = """
schema: civic-archive/retention/1
schedule: {schedule}
version: "{version}"
title: A schedule of the city
jurisdiction: {where}
rank: {rank}
opt_in: {opt_in}
effective: "{effective}"
expires: "{expires}"
adoption: an ordinance
sources:
  - {{id: ordinance, citation: Ordinance 7, sha256: not held}}
series: [{rows}]
"""
_ROW = (
    "{{code: {code}, title: {code}, scope: all, rule: {rule}, then: {then},"
    ' citation: "Ordinance 7, {code}", source: ordinance, confidence: primary}}'
)


def pack_text(  # noqa: PLR0913 - a pack has these parts
    rows: dict[str, str],
    *,
    schedule: str = "city",
    version: str = "1",
    where: str = "US-XX",
    rank: str = "local",
    opt_in: str = "false",
    effective: str = "unknown",
    expires: str = "unknown",
    then: str = "destroy",
) -> str:
    """Return a pack of rows (code: rule), all with the same end, as it is written."""
    told = ", ".join(_ROW.format(code=code, rule=rule, then=then) for code, rule in rows.items())
    return _OWN.format(
        schedule=schedule, version=version, where=where, rank=rank, opt_in=opt_in,
        effective=effective, expires=expires, rows=told,
    )  # fmt: skip


def city_pack(rows: dict[str, str], **more: str) -> Pack:
    """Return a pack of rows (code: rule), as `pack_text` writes it."""
    return own_pack(pack_text(rows, **more))


def adopted(pack: Pack, counts: datetime = LONG_AGO) -> Adoption:
    """Return the adoption of a pack, its sources read and its rows confirmed."""
    return Adoption(
        entry=1,
        by=("clerk", "counsel"),
        counts=counts,
        schedule=pack.schedule,
        version=pack.version,
        digest=pack.digest,
        authority="Common Council",
        instrument="Ordinance 7",
        effective=counts.date(),
        readings=tuple(Reading(one.id, "aa", "clerk", counts.date()) for one in pack.sources),
        confirmed=frozenset(row.code for row in pack.rows),
    )


def post(made: date, **more: Any) -> RecordFacts:  # noqa: ANN401 - members of the facts
    """Return facts of a post that was seen on the day it was made."""
    plain: dict[str, Any] = {"first_seen": made, "last_seen": made, "created": Dated(made)}
    return RecordFacts("p:a:posts:1", "p", "a", "posts", leaves=((5, 6),), **(plain | more))


def city(where: str, *series: str, fiscal: str = "12-31") -> City:
    """Return a city whose records are all in these series."""
    defaults = tuple(Default(one) for one in series)
    return City(where, "America/Chicago", FiscalYear.parse(fiscal), (), defaults)


def says(verdict: Verdict) -> Told:
    """Return of a verdict what an oracle tells."""
    return Told(verdict.eligible, verdict.not_before, verdict.then)


class Case:
    """Evaluates records of one scenario; in SQL too where there is a data base."""

    def __init__(self, chance: Random, database: Database | None = None) -> None:
        self.database, self.chance = database, chance

    def day(self, first: int = 1995, last: int = 2045) -> date:
        """Return a day; leap days and ends of months come often."""
        year = self.chance.randrange(first, last)
        if self.chance.random() < 0.2:
            year -= year % 4
            return date(year, 2, 29)
        return date(year, 1, 1) + timedelta(self.chance.randrange(365))

    def near(self, *days: date | None) -> date:
        """Return a day near one of some days, or any after."""
        known = [day for day in days if day is not None]
        if known and self.chance.random() < 0.8:
            return self.chance.choice(known) + timedelta(self.chance.choice((-1, 0, 1)))
        return self.day(2000, 2060)

    def judge(
        self,
        facts: RecordFacts,
        packs: Iterable[Pack],
        decisions: Decisions,
        where: City,
        as_of: date,
    ) -> Verdict:
        """Return the verdict, once the SQL, if it is asked, has said the same."""
        engine = Engine(tuple(packs), decisions, where, as_of)
        verdict = engine.judge(facts)
        if self.database is None:
            return verdict
        (row,) = rulings(self.database, engine, [facts])
        told = (row["state"], row["not_before"], row["series"], row["blockers"])
        blockers = list(verdict.blockers)
        assert told == (verdict.state, verdict.not_before, verdict.series, blockers)
        return verdict


def live_post(case: Case) -> None:
    """Scenario 14: still live for years, then removed; and never destroyed by itself."""
    pack = next(one for one in shipped() if one.schedule == "wa-core")
    decided = Decisions(adoptions=(adopted(pack),))
    where = city("US-WA", "wa-core/GS50-01-12")
    posted = case.day()
    removed = case.chance.choice((None, posted + timedelta(case.chance.randrange(4000))))
    first = oracle.live_post(posted, removed, posted).first
    as_of = max(posted, case.near(first, oracle.anniversary(posted, 9)))
    verdict = case.judge(
        post(posted, public=True, removed=removed), shipped(), decided, where, as_of
    )
    assert says(verdict) == oracle.live_post(posted, removed, as_of)
    assert (verdict.state == "awaiting-event") == (removed is None)


def fiscal_year(case: Case) -> None:
    """Scenario 15: fiscal years, leap days, and the day of the city and not of UTC."""
    pack = city_pack({"fis": "{trigger: created, cutoff: fiscal-year-end, period: P3Y}"})
    decided = Decisions(adoptions=(adopted(pack),))
    where = city("US-XX", "city/fis", fiscal="04-30")
    year = case.day().year
    last = datetime.combine(date(year, 5, 1), time(4, 59, 59), UTC)  # 30 April in Chicago
    made, after = day_of(last, where.zone), day_of(last + timedelta(seconds=1), where.zone)
    assert (made, after) == (
        oracle.day_in_summer_chicago(last),
        oracle.day_in_summer_chicago(last + timedelta(seconds=1)),
    )
    winter = datetime.combine(date(year, 1, 1), time(5, 59, 59), UTC)
    assert day_of(winter, where.zone) == oracle.day_in_chicago(winter)
    for day in (made, after, case.day()):
        as_of = case.near(oracle.fiscal(day, 4, 30, 3, day).first)
        verdict = case.judge(post(day), [pack], decided, where, as_of)
        assert says(verdict) == oracle.fiscal(day, 4, 30, 3, as_of)
    firsts = [
        case.judge(post(day), [pack], decided, where, made).not_before for day in (made, after)
    ]
    assert firsts == [date(year + 3, 5, 1), date(year + 4, 5, 1)]


def closed_account(case: Case) -> None:
    """Scenario 16: nothing before the closure is recorded; a back-dated one counts later."""
    pack = city_pack({"closed": "{trigger: account-closed, period: P2Y}"})
    where = city("US-XX", "city/closed")
    closed = case.day()
    counts = closed + timedelta(case.chance.randrange(5, 1500))
    happened = Event(
        entry=9, by=("clerk", "counsel"), counts=datetime.combine(counts, time(18), UTC),
        name="account-closed", subject=case.chance.choice(("a", "*", "p:a:posts:1")),
        day=closed, evidence="letter",
    )  # fmt: skip
    other = happened if case.chance.random() < 0.7 else None
    decided = Decisions(adoptions=(adopted(pack),), events=(other,) if other else ())
    told = closed if other else None
    as_of = case.near(counts, oracle.account_closed(closed, closed, date.max).first)
    verdict = case.judge(post(closed), [pack], decided, where, as_of)
    assert says(verdict) == oracle.account_closed(told, counts, as_of)
    if verdict.not_before is None:
        assert (verdict.state, verdict.awaits) == ("awaiting-event", ("account-closed",))


def amendment(case: Case) -> None:
    """Scenario 17: seven years become three: the day decides, and an adoption."""
    changes = case.day()
    old = city_pack({"all": "{trigger: created, period: P7Y}"})
    new = city_pack({"all": "{trigger: created, period: P3Y}"}, version="2", effective=str(changes))
    where = city("US-XX", "city/all")
    made = changes - timedelta(case.chance.randrange(3000))
    later = changes + timedelta(case.chance.randrange(400))
    adoption = case.chance.choice((None, later))
    decided = Decisions(adoptions=(adopted(old),))
    if adoption:
        second = adopted(new, datetime.combine(adoption, time(18), UTC))
        decided = Decisions(adoptions=(adopted(old), second))
    as_of = case.near(changes, adoption, oracle.anniversary(made, 7), oracle.anniversary(made, 3))
    facts = post(made)
    expected = oracle.amended(made, changes, adoption, as_of)
    for _ in range(2):  # and again: what was decided later changes nothing
        verdict = case.judge(facts, [old, new], decided, where, as_of)
        assert says(verdict) == expected
    day_before = max(made, changes - timedelta(1))
    if day_before < changes:
        before = [
            case.judge(facts, some, decided, where, day_before) for some in ([old], [old, new])
        ]
        assert says(before[0]) == says(before[1])


def expired(case: Case) -> None:
    """Scenario 18: a schedule past its end gives way to the statute, and is to be renewed."""
    expires = date(2028, 8, 27)
    (statute,) = (one for one in shipped() if one.schedule == "wi-statute")
    own = city_pack(
        {"short": "{trigger: created, period: P3Y}"}, schedule="wi-wmrs", where="US-WI",
        rank="municipal", opt_in="true", effective="2018-08-27", expires=str(expires),
    )  # fmt: skip
    joined = OptIn(
        entry=2, by=("clerk", "counsel"), counts=LONG_AGO, schedule="wi-wmrs", version="1",
        instrument="Ordinance 8", effective=date(2019, 1, 1),
    )  # fmt: skip
    decided = Decisions(adoptions=(adopted(statute), adopted(own)), opt_ins=(joined,))
    made = case.day(2019, 2030)
    firsts = (oracle.anniversary(made, 3), oracle.anniversary(made, 7))
    as_of = max(date(2019, 1, 2), case.near(expires, *firsts))
    packs = [*(one for one in shipped() if one.schedule != "wi-wmrs"), own]
    verdict = case.judge(post(made), packs, decided, city("US-WI", "wi-wmrs/short"), as_of)
    assert says(verdict) == oracle.expiring(made, expires, as_of)
    lapsed = [one.standing.problem for one in verdict.candidates if one.standing.problem]
    assert lapsed == (["lapsed"] if as_of >= expires else [])


def several_series(case: Case) -> None:
    """Scenario 21: in no series never destroyed; in several the longest governs."""
    rules = {f"y{years}": f"{{trigger: created, period: P{years}Y}}" for years in (1, 2, 5)}
    pack = city_pack(rules)
    decided = Decisions(adoptions=(adopted(pack),))
    chosen = case.chance.sample(sorted(rules), case.chance.randrange(4))
    years = tuple(int(one[1:]) for one in chosen)
    made = case.day()
    first = oracle.several(made, years, made).first
    as_of = case.near(first)
    where = city("US-XX", *(f"city/{one}" for one in chosen))
    verdict = case.judge(post(made), [pack], decided, where, as_of)
    assert says(verdict) == oracle.several(made, years, as_of)
    assert (verdict.state == "unscheduled") == (not years)
    lost = case.judge(post(made), [pack], decided, city("US-XX", "city/none"), as_of)
    assert (lost.eligible, lost.blockers) == (False, ("unknown-series",))


def in_the_way(case: Case) -> None:
    """Holds and claimed dates block and move no date; ranks, floors and what keeps go before."""
    made = case.day(2000, 2030)
    local = city_pack({"short": "{trigger: created, period: P1Y}"})
    statute = city_pack(
        {"long": "{trigger: created, period: P7Y}"}, schedule="statute", rank="statutory"
    )
    decided = Decisions(adoptions=(adopted(local), adopted(statute)))
    where = city("US-XX", "city/short", "statute/long")
    first = oracle.several(made, (1,), made).first
    assert first is not None
    verdict = case.judge(post(made), [local, statute], decided, where, first)
    assert (says(verdict), verdict.series) == (Told(True, first, "destroy"), "city/short")  # noqa: FBT003
    only = Decisions(adoptions=(adopted(statute),))
    unadopted = case.judge(post(made), [local, statute], only, where, first)
    assert (unadopted.eligible, unadopted.series) == (False, "statute/long")
    _blocked(case, first, made, (local, statute), decided, where)
    floored = post(made, public=True, removed=first)
    kept = case.judge(floored, [*shipped(), local, statute], decided, where, first)
    assert kept.not_before == first + timedelta(31)
    nothing = case.judge(post(made), [local, statute], Decisions(), where, first)
    assert (nothing.state, nothing.blockers) == ("would-be-due", ("not-adopted",))


def _blocked(
    case: Case, first: date, made: date, packs: tuple[Pack, ...], decided: Decisions, where: City
) -> None:
    claimed = post(made, created=Dated(made, claimed=True))
    everything = Records(frozenset({"p:a:posts:1"}))
    verdict = case.judge(claimed, packs, decided, where, first)
    assert (verdict.state, verdict.blockers) == ("blocked", ("claimed-date",))
    review = Review(entry=3, by=("clerk",), counts=LONG_AGO, records=everything, what=CLAIMED_DATES)
    looked = Decisions(adoptions=decided.adoptions, reviews=(review,))
    assert case.judge(claimed, packs, looked, where, first).eligible
    released = datetime.combine(first, time(18), UTC)
    two = [
        Hold(
            entry=4, by=("counsel",), counts=LONG_AGO, id=name, kind=HoldKind.LITIGATION,
            matter="a suit", records=Records(leaves=((5, 9),)), released=when,
        )
        for name, when in (("a", released), ("b", released + timedelta(days=1)))
    ]  # fmt: skip
    held = Decisions(adoptions=decided.adoptions, holds=tuple(two))
    said = [
        case.judge(post(made), packs, held, where, first + timedelta(days)) for days in range(3)
    ]
    assert [one.eligible for one in said] == [False, False, True]
    assert {one.not_before for one in said} == {first}


SCENARIOS: dict[str, Callable[[Case], None]] = {
    "14 a post that is still live": live_post,
    "15 fiscal years and leap days": fiscal_year,
    "16 two years after the account was closed": closed_account,
    "17 a schedule that is amended": amendment,
    "18 a schedule that has expired": expired,
    "21 no series, or several": several_series,
    "what stands in the way": in_the_way,
}
