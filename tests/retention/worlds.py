"""Made-up cities, packs, decisions and records: a whole world from one number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hypothesis import strategies as st

from archiver.retention.calendar import Cutoff, FiscalYear, Period
from archiver.retention.city import City, Default
from archiver.retention.decisions import (
    CLAIMED_DATES,
    EVERYTHING,
    Adoption,
    Classification,
    Decisions,
    Event,
    Hold,
    HoldKind,
    OptIn,
    Reading,
    Records,
    Review,
)
from archiver.retention.facts import Dated, RecordFacts
from archiver.retention.schedule import (
    Combine,
    Confidence,
    Floor,
    Pack,
    Rank,
    Row,
    Source,
    Term,
    Then,
    Trigger,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    _T = TypeVar("_T")

RECORDS = 40
NAMES = ("one/a", "one/b", "two/a", "three/a", "nobody/a")
EVENTS = ("account-closed", "superseded", "told", "obsolete")
START = date(2023, 12, 1)
SPAN = 1600
PERIODS = ("P0D", "P30D", "P1M", "P1Y", "P2Y6M", "P3Y", "P6M")


class World(NamedTuple):
    """Everything that an evaluation takes."""

    records: Sequence[RecordFacts]
    packs: Sequence[Pack]
    decisions: Decisions
    city: City
    as_of: date


class _Maker:
    """Makes the parts of a world out of a seeded chance."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)

    def day(self, most: int = SPAN) -> date:
        """Return a day; month ends and leap days come more often than by chance."""
        if self.chance.random() < 0.15:
            return self.chance.choice(
                [date(2024, 2, 29), date(2024, 12, 31), date(2025, 4, 30), date(2024, 1, 31)]
            )
        return START + timedelta(self.chance.randrange(most))

    def moment(self, most: int = SPAN) -> datetime:
        """Return a moment, also of nights in which the day differs from that of UTC."""
        day = self.day(most)
        hour = self.chance.choice((2, 18))
        return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def now_and_then(self, value: _T, often: float = 0.3) -> _T | None:
        """Return a value, or more often None."""
        return value if self.chance.random() < often else None

    def some(self, values: Sequence[_T], most: int) -> list[_T]:
        """Return a few of some values."""
        return self.chance.sample(values, self.chance.randint(0, most))

    def dated(self) -> Dated | None:
        """Return a day that is told, or none."""
        return self.now_and_then(Dated(self.day(900), self.chance.random() < 0.3), 0.7)

    def facts(self, number: int) -> RecordFacts:
        """Return facts of one record; it has two leaves."""
        first = self.day(900)
        return RecordFacts(
            record=f"p:a:posts:{number:03}",
            platform="p",
            account=self.chance.choice("ab"),
            stream="posts",
            first_seen=first,
            last_seen=first,
            leaves=((number * 3, number * 3 + 2),),
            content_class=self.chance.choice(("", "routine")),
            created=self.dated(),
            posted=self.dated(),
            modified=self.dated(),
            public=self.chance.random() < 0.6,
            removed=self.now_and_then(self.day(1200), 0.5),
        )

    def term(self) -> Term:
        """Return one clock of a rule."""
        often = (Trigger.CREATED, Trigger.POSTED, Trigger.REMOVED, Trigger.LAST_MODIFIED)
        trigger = self.chance.choice((*Trigger, *often, *often))
        return Term(
            trigger=trigger,
            event=self.chance.choice(EVENTS) if trigger == Trigger.EVENT else "",
            cutoff=self.chance.choice((*Cutoff, Cutoff.NONE)),
            period=None
            if self.chance.random() < 0.05
            else Period.parse(self.chance.choice(PERIODS)),
        )

    def row(self, code: str) -> Row:
        """Return one row of a pack."""
        then = self.chance.choice((*Then, Then.DESTROY, Then.DESTROY, Then.DESTROY))
        least = 0 if then == Then.PERMANENT else 1
        return Row(
            code=code,
            title=f"Row {code}",
            scope="anything",
            everything=self.chance.random() < 0.2,
            combine=self.chance.choice(list(Combine)),
            terms=tuple(self.term() for _ in range(self.chance.randint(least, 3))),
            then=then,
            flags=(),
            citation=f"Law {code}",
            source="law",
            confidence=self.chance.choice((Confidence.PRIMARY, Confidence.SECONDARY)),
            note="",
        )

    def pack(self, schedule: str, version: str, codes: str) -> Pack:
        """Return one version of a schedule."""
        floor = Floor(
            Term(
                self.chance.choice((Trigger.REMOVED, Trigger.POSTED)),
                "",
                Cutoff.NONE,
                Period(0, 40),
            ),
            "Policy",
        )
        return Pack(
            schedule=schedule,
            version=version,
            title=schedule,
            jurisdiction=self.chance.choice(("US", "US-XX", "US-XX", "US-XX", "US-YY")),
            rank=self.chance.choice(list(Rank)),
            opt_in=self.chance.random() < 0.3,
            effective=self.now_and_then(self.day(900)),
            expires=self.now_and_then(self.day(), 0.2),
            sources=(Source("law", "Law", self.chance.choice(("", "", "aa"))),),
            rows=tuple(self.row(code) for code in codes),
            floors=(floor,) if self.chance.random() < 0.3 else (),
            digest=f"{schedule} {version}",
            adoption="an ordinance",
        )

    def adoption(self, pack: Pack, entry: int) -> Adoption:
        """Return an adoption of a pack that most often holds."""
        read = Reading("law", self.chance.choice(("aa", "aa", "aa", "bb")), "clerk", START)
        return Adoption(
            entry=entry,
            by=("clerk", "counsel"),
            counts=self.moment(300),
            schedule=pack.schedule,
            version=pack.version,
            digest=self.chance.choice((pack.digest, pack.digest, pack.digest, "another")),
            authority="Common Council",
            instrument="Ordinance 1",
            effective=self.day(300),
            readings=(read,) if self.chance.random() < 0.9 else (),
            confirmed=frozenset(self.some("ab", 2)),
            revoked=self.now_and_then(self.moment(), 0.1),
        )

    def opt_in(self, pack: Pack, entry: int) -> OptIn:
        """Return an opt-in to a pack."""
        return OptIn(
            entry=entry,
            by=("clerk",),
            counts=self.moment(300),
            schedule=pack.schedule,
            version=pack.version,
            instrument="Ordinance 2",
            effective=self.day(300),
            expires=self.now_and_then(self.day()),
            series=frozenset(self.some("ab", 1)),
            revoked=self.now_and_then(self.moment(), 0.1),
        )

    def records(self) -> Records:
        """Return a set of records, by id and by leaf."""
        ids = [f"p:a:posts:{number:03}" for number in range(RECORDS)]
        first = self.chance.randrange(RECORDS * 3)
        leaves = ((first, first + 5), (first + 9, first + 10))
        return Records(frozenset(self.some(ids, 5)), self.now_and_then(leaves) or ())

    def decisions(self, packs: Sequence[Pack]) -> Decisions:
        """Return what people decided."""
        chance, who = self.chance, ("clerk",)
        ids = [f"p:a:posts:{number:03}" for number in range(RECORDS)]
        return Decisions(
            adoptions=tuple(self.adoption(one, n) for n, one in enumerate((*packs, *packs))),
            opt_ins=tuple(self.opt_in(one, n) for n, one in enumerate(packs)),
            classifications=tuple(
                Classification(
                    entry=n, by=who, counts=self.moment(), records=self.records(),
                    series=(*self.some(NAMES, 1), chance.choice(NAMES)),
                    lengthens=chance.random() < 0.4,
                )
                for n in range(10, 13)
            ),
            events=tuple(
                Event(
                    entry=n, by=who, counts=self.moment(), name=chance.choice(EVENTS),
                    subject=chance.choice((*ids[:5], "a", EVERYTHING)), day=self.day(1000),
                    evidence="e", corrects=self.now_and_then(chance.randrange(20, 28), 0.2),
                )
                for n in range(20, 28)
            ),
            reviews=tuple(
                Review(
                    entry=n, by=who, counts=self.moment(),
                    records=self.records(), what=CLAIMED_DATES,
                )
                for n in range(30, 33)
            ),
            holds=tuple(
                Hold(
                    entry=n, by=who, counts=self.moment(), id=f"h{n}", matter="a matter",
                    kind=chance.choice(list(HoldKind)), records=self.records(),
                    matched=frozenset(self.some(ids, 2)),
                    released=self.now_and_then(self.moment(), 0.5),
                    lapses=self.now_and_then(self.day()), lapses_alone=chance.random() < 0.5,
                )
                for n in range(40, 43)
            ),
        )  # fmt: skip


def world(seed: int) -> World:
    """Return the world of a number."""
    make = _Maker(seed)
    packs = [
        make.pack("one", "1", "ab"),
        make.pack("one", "2", "ab"),
        make.pack("two", "1", "a"),
        make.pack("three", "1", "a"),
    ]
    defaults = tuple(
        Default(
            into=make.chance.choice(NAMES),
            account=make.chance.choice("*a"),
            stream=make.chance.choice(("*", "posts", "comments")),
            content_class=make.chance.choice(("*", "routine")),
        )
        for _ in range(make.chance.randint(0, 3))
    )
    years = (FiscalYear(12, 31), FiscalYear(4, 30), FiscalYear(2, 29))
    city = City("US-XX", "America/Chicago", make.chance.choice(years), (), defaults)
    records = [make.facts(number) for number in range(RECORDS)]
    as_of = make.day(SPAN // 2) + timedelta(SPAN // 2)
    return World(records, packs, make.decisions(packs), city, as_of)


worlds = st.integers(0, 2**40).map(world)
