"""Scenarios 13, 19 and 20: orders that a hold, a certificate or a notice keeps from beginning."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.edges.personkey import PersonKeyFile
from archiver.flows.custody import custody_of
from archiver.flows.deciding import seal_drafts, told
from archiver.flows.ledger import read_state
from archiver.flows.orders import freeze, ordered
from archiver.formats.parquet import canonical_time
from archiver.registry.people import moment
from tests.cli.scenarios import AGE, Case
from tests.flows.test_orders import vouched
from tests.retention import oracle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from random import Random

    from tests.cli.town import Town

__all__ = ["ORDERS"]

SERIES = "city/y1"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SHIFTS = 50
WHY = {
    "": "",
    "sending": "was not told of it",
    "days": "are not over",
    "copy": "approved copy",
    "leave": "does not allow it",
    "hold": "on hold",
    "wait": "waiting time",
    "apply": "",
}
STATES = {"": ("ready",), "hold": ("held",), "apply": ("ready", "waiting")}
"""What is said of an order by what it waits for. ``apply``: a hold of others has to be applied."""


class Look(NamedTuple):
    """An archive as it was after some act, and when it is asked where its orders stand."""

    town: Town
    moments: list[datetime]


def _groups(town: Town, count: int) -> list[list[str]]:
    """Return the records that are due, shared out."""
    old = [one.record for one in town.posts if not one.gone and one.made.year < town.now.year - 1]
    return [old[place::count] for place in range(count)]


def _proposed(town: Town) -> str:
    """Have all that is due ordered through commands: one asks, two approve; return the order."""
    approve = ("disposition", "approve")
    propose = ("disposition", "propose", SERIES, "--reason", "due", "--out", "one.act")
    town.act(*propose, sign="clerk")
    town.act(*approve, "one.act", "--out", "two.act", sign="anna")
    made = town.act(*approve, "two.act", sign="bert")
    return str(made["act"]["statement"]["order"])


def _orders(town: Town, count: int, where: str) -> list[str]:
    """Have orders made, each on some records: one by commands, the others after it, at once."""
    town.adopt("city", "1", town.schedule({"y1": AGE.format(1)}, where=where))
    town.settle(SERIES, where=where)
    town.later(5)
    first, groups = _proposed(town), _groups(town, count)
    with town.opened() as archive:
        state = read_state(archive)
        document = told(archive, state)[custody_of(archive, state).orders[first].subject]
        clerk, *others = (
            PersonKeyFile.load(town.folder / f"{name}.key") for name in ("clerk", "anna", "bert")
        )
        now = moment(canonical_time(town.now))
        drafts = [
            ordered(archive, freeze(archive, records), document, clerk, now).signed(others)
            for records in groups
        ]
        seal_drafts(archive, drafts)
        vouched(archive)
    return [str(one.act.statement["order"]) for one in drafts]


def _look(town: Town, moments: Iterable[datetime]) -> Look:
    """Keep a town as it is, to be asked at moments of it; each after the last decision."""
    place = sum(one.name.startswith(f"{town.folder.name}-") for one in town.folder.parent.iterdir())
    chosen = sorted(one for one in moments if one > town.now)
    return Look(town.copy(town.folder.with_name(f"{town.folder.name}-{place}")), chosen)


def _near(*days: datetime) -> list[datetime]:
    """Return the minutes before and after."""
    return [day + one for day in days for one in (-MINUTE, MINUTE)]


def _states(looks: list[Look], expected: Callable[[int, datetime], dict[str, str]]) -> None:
    """Ask at each moment: every order must wait for what it is expected to, or be ready."""
    told: list[str] = []
    for number, look in enumerate(looks):
        for now in look.moments:
            look.town.now = now
            found = {one["order"]: one for one in look.town.told("disposition", "list")}
            for name, missing in expected(number, now).items():
                row = found[name]
                assert row["state"] in STATES.get(missing, ("waiting",)), (now, row)
                assert WHY[missing] in row["why"], (now, row)
                told.append(missing)
    assert len(told) >= SHIFTS
    assert "" in told
    _refused(looks[0], expected(0, looks[0].moments[0]))


def _refused(look: Look, expected: dict[str, str]) -> None:
    """Try to carry out an order that has to wait: it is refused, and nothing is destroyed."""
    look.town.now = look.moments[0]
    name = next(name for name, missing in expected.items() if missing)
    ran = look.town.ask("disposition", "execute", name, "--sign", "purger.key", "--json")
    assert (ran.code, ran.finding["code"]) == (1, "order-waits")
    (row,) = (one for one in look.town.told("disposition", "list") if one["order"] == name)
    assert (row["state"], row["gone"]) == ("waiting", 0)


class Letters:
    """What went to an authority outside about orders, and came back; and when it was recorded."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.sent: dict[str, datetime] = {}
        self.answers: dict[str, tuple[datetime, str]] = {}
        (town.folder / "copy.pdf").write_bytes(b"approved")

    def send(self, how: str, name: str) -> None:
        """Record that the authority was told of an order."""
        told = ("--date", str(self.town.today), "--evidence", "letter")
        self.town.act("disposition", how, name, *told, sign="clerk")
        self.sent[name] = self.town.now

    def answer(self, name: str, what: str, *records: str) -> None:
        """Record an answer; of what lets records go, its copy."""
        words = (name, what, *records, "--date", str(self.town.today))
        copy = () if what in {"deferred", "acquire"} else ("--copy", "copy.pdf")
        self.town.act("disposition", "outcome", *words, *copy)
        self.answers[name] = (self.town.now, what)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return by order what is listed in the end."""
        return {one["order"]: one for one in self.town.told("disposition", "list")}


def certificates(town: Town, chance: Random) -> Case:
    """Scenario 19: not sent, not answered, approved, amended, and approved after a deferral."""
    names, post = _orders(town, 5, "US-IL"), Letters(town)
    _, silent, approved, amended, deferred = names
    for name in names[1:]:
        town.later(chance.randrange(5))
        post.send("submit", name)
    town.later(chance.randrange(1, 9))
    post.answer(deferred, "deferred")
    known = [dict(post.answers)]
    looks = [_look(town, (post.sent[silent] + chance.randrange(29, 46) * DAY for _ in range(3)))]
    post.answer(approved, "approved")
    post.answer(amended, "as-amended", chance.choice(_groups(town, 5)[3]))
    known.append(dict(post.answers))
    looks.append(_look(town, _near(*(post.sent[one] + 30 * DAY for one in (approved, amended)))))
    town.now = max(town.now, post.sent[deferred] + chance.randrange(30, 60) * DAY)
    post.answer(deferred, "approved")
    known.append(dict(post.answers))
    far = town.now + chance.randrange(4, 99) * DAY
    looks.append(_look(town, [*_near(town.now + 3 * DAY), far]))

    def expected(number: int, now: datetime) -> dict[str, str]:
        waits, told = oracle.certificate_waits, known[number]
        return {name: waits(post.sent.get(name), told.get(name), now) for name in names}

    def ask() -> None:
        _states(looks, expected)
        rows = post.rows()
        assert (rows[amended]["versions"], rows[approved]["versions"] > 1) == (1, True)
        cited = "44 Ill. Adm. Code 4000.40(c), 4500.40(c)"
        assert {rows[name]["outside"]["citation"] for name in names} == {cited}

    return Case(ask)


def notices(town: Town, chance: Random) -> Case:
    """Scenario 20: no notice, notice, a waiver after one and without one, and an acquisition."""
    names, post = _orders(town, 5, "US-WI"), Letters(town)
    untold, noticed, waived, early, acquired = names
    for name in (noticed, waived, acquired):
        town.later(chance.randrange(5))
        post.send("notice", name)
    sixty = [post.sent[one] + 60 * DAY for one in (noticed, acquired)]
    looks = [_look(town, _near(*sixty))]
    for name, what in ((early, "waived"), (acquired, "acquire"), (waived, "waived")):
        town.later(chance.randrange(9))
        post.answer(name, what)
    far = town.now + chance.randrange(60, 400) * DAY
    looks.append(_look(town, [*_near(town.now + 3 * DAY, *sixty), far]))

    def expected(number: int, now: datetime) -> dict[str, str]:
        waits, told = oracle.notice_waits, post.answers if number else {}
        return {name: waits(post.sent.get(name), told.get(name), now) for name in names}

    def ask() -> None:
        _states(looks, expected)
        rows = post.rows()
        (answer,) = rows[acquired]["outside"]["answers"]
        assert (answer["answer"], answer["then"]) == ("acquire", "transfer")
        assert rows[untold]["outside"]["citation"] == "Wis. Stat. 19.21(4)(a)"

    return Case(ask)


def held_meanwhile(town: Town, chance: Random) -> Case:
    """Scenario 13: a hold between listing and execution, at times of chance; and its release."""
    names, groups = _orders(town, 5, "US-XX"), _groups(town, 5)
    ordered_at = town.now
    looks = [
        _look(town, [*_near(ordered_at + 3 * DAY), ordered_at + chance.randrange(4, 99) * DAY])
    ]
    town.later(chance.randrange(9))
    held, hit = chance.choice(groups[1]), names[1]
    place = ("hold", "place", held, "--kind", "audit", "--matter", "A-7", "--no-snapshot")
    made = town.act(*place, sign="counsel")
    assert {one["order"] for one in made["in_flight"]} & set(names) == {hit}, "it is told at once"
    looks.append(_look(town, (town.now + chance.randrange(1, 99) * DAY for _ in range(4))))
    town.later(chance.randrange(1, 9))
    town.act("hold", "release", made["hold"], "--reason", "it is over")
    over = town.now + 3 * DAY
    looks.append(_look(town, [*_near(over), over + DAY, over + 9 * DAY]))

    def expected(number: int, now: datetime) -> dict[str, str]:
        stands = number == 1 or (number == 2 and now < over)
        wait = "wait" if now < ordered_at + 3 * DAY else "apply" if stands else ""
        return {name: "hold" if stands and name == hit else wait for name in names}

    def ask() -> None:
        _states(looks, expected)
        town = looks[1].town
        plan = town.told("disposition", "propose", SERIES, "--plan")["proposal"]
        live = {one.record for one in town.posts if not one.gone}
        due = {name for name, one in town.due(town.today).items() if one["state"] == "eligible"}
        assert held not in plan["records"]
        assert set(plan["records"]) == due <= live - {held}
        assert {tuple(one["blockers"]) for one in plan["left_out"]} >= {("hold",)}

    return Case(ask)


ORDERS: dict[str, Callable[[Town, Random], Case]] = {
    "13 a hold between listing and execution": held_meanwhile,
    "19 a certificate in Illinois": certificates,
    "20 a notice in Wisconsin": notices,
}
