"""A small city hall that holds, orders and destroys, over the real folds; and what must be true.

Everything that happens is an entry of a log, taken in by the code under test. Beside it a
second account, written from the rules alone, says of each leaf whether it may go: it knows
nothing of how the folds work.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from typing import TYPE_CHECKING, Any

from archiver.ledger.deciding import (
    HERE,
    check_copy,
    check_decision,
    check_part,
    copy_handle,
    set_digest,
)
from archiver.ledger.ranges import Ranges, from_numbers, minus, numbers, overlap
from archiver.ledger.state import LedgerState, Segment
from archiver.ledger.whereabouts import whereabouts
from archiver.registry.acts import Act, message
from archiver.registry.deciding import fold_decisions
from archiver.registry.people import Registry, spelled
from archiver.retention.custody import Custody
from archiver.retention.order import Moment
from tests.ledger.note_signer import MemorySigner
from tests.registry.signers import ARCHIVE, handle, signer

if TYPE_CHECKING:
    from collections.abc import Callable

LEAVES = 10
START = datetime(2026, 11, 1, tzinfo=UTC)
WAIT = timedelta(hours=72)
PEOPLE = {
    "clerk": "records-manager", "counsel": "counsel", "anna": "approver", "bert": "approver",
    "holder": "hold", "purger": "purge", "twin": "approver", "nobody": "auditor",
}  # fmt: skip


COPIES = {
    "here": copy_handle(ARCHIVE, HERE),
    "there": handle("there"),
    "vault": handle("vault"),
}


class Violation(Exception):  # noqa: N818 - what is looked for, no error
    """Something happened that must never happen."""


def key_of(name: str) -> str:
    """Return a person's verifier key; the twin has Anna's key under a handle of its own."""
    if name != "twin":
        return signer(name).verifier_key
    anna = signer("anna")
    return MemorySigner(handle("twin"), anna.verifier_key.split("+")[0]).verifier_key


KEYS = {name: key_of(name) for name in PEOPLE}
KEYS["twin"] = f"{handle('twin')}+00000000+{KEYS['anna'].split('+', 2)[2]}"


def forged_easily(key: str, data: bytes) -> bytes:
    """Return what stands for a signature here: nobody forges in these tests."""
    return sha512(key.encode() + data).digest()


def verifies(key: str, signature: bytes, data: bytes) -> bool:
    """Tell whether a key made such a signature."""
    return signature == forged_easily(key, data)


@dataclass
class Said:
    """Something in the log, as the second account has it: plainly, and only if it is valid."""

    entry: int
    when: datetime
    what: str
    name: str
    leaves: frozenset[int] = frozenset()
    size: int = 0
    start: datetime = START


@dataclass
class Hall:
    """The log so far, through the code under test; and the second account of it."""

    registry: Registry = field(default_factory=lambda: Registry(ARCHIVE))
    custody: Custody = field(default_factory=lambda: Custody(_resolve))
    now: datetime = START
    size: int = LEAVES
    said: list[Said] = field(default_factory=list)
    going: dict[str, set[int]] = field(default_factory=dict)
    gone: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    count: int = 0
    log: LedgerState = field(default_factory=LedgerState)

    def __post_init__(self) -> None:
        for leaf in range(LEAVES):
            self.seal("settle", [[leaf, leaf + 1]], f"S{leaf}")
        for name, role in PEOPLE.items():
            self.role(name, "enrol", key=KEYS[name], reading="", subject="ab" * 32)
            self.role(name, "grant", role=role)
        self.now += WAIT

    def role(self, name: str, act: str, **members: str) -> None:
        """Enrol somebody, or give a role: while founding with the own signature."""
        own = (name,) if act == "enrol" or name in {"clerk", "counsel"} else ("clerk", "counsel")
        statement = self.statement(act, person=handle(name), **members)
        self.put({"t": "role", **self.signed(statement, own)})

    def statement(self, act: str, **members: str) -> dict[str, str]:
        """Return a statement that is used once."""
        self.count += 1
        common = {"act": act, "archive": ARCHIVE, "statement": handle(f"s{self.count}")}
        return {**common, "time": spelled(self.now), **members}

    def signed(self, statement: dict[str, str], signers: tuple[str, ...]) -> dict[str, Any]:
        """Return an act under signatures."""
        data = message(statement)
        act = Act(statement)
        for name in signers:
            act = act.signed(KEYS[name], forged_easily(KEYS[name], data))
        return act.document()

    def put(self, body: dict[str, Any]) -> int:
        """Append an entry, as the log does, whoever wrote it; return its index."""
        entry, self.size = self.size, self.size + 1
        whole = {**body, "id": "b", "time": spelled(self.now)}
        self.registry.take(entry, whole, verifies)
        acts = fold_decisions(self.registry, [(entry, whole)], verifies, (), check_decision)
        self.custody.take(entry, whole, acts.made[0] if acts.made else None)
        self.log.replay(entry, whole)
        return entry

    def seal(self, stage: str, leaves: Ranges, name: str, supersedes: tuple[str, ...] = ()) -> None:
        """Seal a segment, or one in the place of others."""
        one = self._segment(name, leaves)
        body: dict[str, Any] = {"t": "seal", "stage": stage, "account": "a"}
        body |= {"batch": self.size} if stage == "settle" else {}
        one |= {"supersedes": sorted(supersedes)} if supersedes else {}
        self.put({**body, "segments": [one]})

    def split(self, old: str, going: Ranges, staying: Ranges) -> None:
        """Have what goes of a segment stand in one of its own."""
        one = {**self._segment(f"G{self.size}", going), "supersedes": [old]}
        other = {**self._segment(f"K{self.size}", staying), "supersedes": [old]}
        body = {"t": "seal", "stage": "compact", "account": "a", "segments": [one, other]}
        self.put(body)

    def destroy(self, order: str, segment: Segment) -> None:
        """Take a segment out under an order, as the code under test lets a purger."""
        for leaf in numbers(segment.leaves):
            self.judge(order, leaf)
        body: dict[str, Any] = {"t": "seal", "stage": "destroy", "account": "a"}
        body |= {"order": handle(order), "segments": [], "destroys": [segment.place]}
        self.put(body)
        self.going.setdefault(order, set()).update(numbers(segment.leaves))
        if self.custody.unlawful:
            why = self.custody.unlawful[-1].why
            raise Violation(f"the fold calls its own purge unlawful: {why}")
        if any(one.place == segment.place for one in self.log.segments()):
            raise Violation("what was destroyed is live")

    def clear(self) -> None:
        """Remove the old files of what was superseded so far, as a verifier let us."""
        seals = sorted(set(self.log.superseded.values()))
        if seals:
            part = {"t": "done-part", "work": "compact", "seals": from_numbers(seals)}
            self.put(part)

    def _segment(self, name: str, leaves: Ranges) -> dict[str, Any]:
        kind = {"series": "unscheduled", "period": "2026-11", "sensitivity": "public"}
        objects = {"warc.gz": "ab" * 32}
        return {"unit": "U", "segment": name, **kind, "objects": objects, "leaves": leaves}

    def merge(self, count: int) -> None:
        """Have the first live segments made one, and see that no decision lost its records."""
        olds = list(self.log.segments())[:count]
        leaves = from_numbers(leaf for one in olds for leaf in numbers(one.leaves))
        before = {name: one.leaves for name, one in self.custody.holds.items()}
        self.seal("compact", leaves, f"M{self.size}", tuple(one.name for one in olds))
        if self.log.void:
            raise Violation(f"a merge counts for nothing: {self.log.void}")
        if before != {name: one.leaves for name, one in self.custody.holds.items()}:
            raise Violation("a merge changed what is on hold")
        for leaf in range(LEAVES):
            found = whereabouts(self.log, [[leaf, leaf + 1]])
            lost = any(leaf in one for one in self.going.values())
            if len(found.live) != (not lost) or not found.keys:
                raise Violation(f"leaf {leaf} is in {len(found.live)} live segments")

    def decide(
        self,
        kind: str,
        statement: dict[str, str],
        signers: tuple[str, ...],
        leaves: frozenset[int] | None = None,
    ) -> int:
        """Append a decision; return its index."""
        time = spelled(self.now)
        body: dict[str, Any] = {"t": kind, "time": time, **self.signed(statement, signers)}
        if leaves is not None:
            body["leaves"] = from_numbers(leaves)
        check_decision(body)
        return self.put(body)

    def note(self, entry: int, what: str, name: str, **more: Any) -> None:  # noqa: ANN401
        """Write something valid into the second account."""
        self.said.append(Said(entry, self.now, what, name, **more))

    def held(self, leaf: int) -> bool:
        """Tell, by the second account, whether a leaf is on hold at this moment."""
        return any(
            leaf in self.on(one) for one in self.said if one.what == "hold" and self.stands(one)
        )

    def on(self, hold: Said) -> frozenset[int]:
        """Return all that a hold is on by now."""
        more = [s.leaves for s in self.said if (s.what, s.name) == ("applied", hold.name)]
        return hold.leaves.union(*more)

    def stands(self, hold: Said) -> bool:
        """Tell whether a hold stands: no release of it has begun to count undisturbed."""
        for one in self.said:
            if (one.what, one.name) == ("release", hold.name):
                counts = max(one.when + WAIT, one.start)
                events = [
                    s for s in self.said
                    if (s.what, s.name) == ("event", hold.name) and s.entry > one.entry
                    if s.when < counts
                ]  # fmt: skip
                if counts <= self.now and not events:
                    return False
        return True

    def part(self, order: str, copy: str, leaf: int) -> None:
        """Say that a leaf of an order is gone of a copy."""
        body: dict[str, Any] = {"t": "done-part", "work": "order", "order": handle(order)}
        body |= {"copy": COPIES[copy], "leaves": [[leaf, leaf + 1]], "time": spelled(self.now)}
        check_part(body)
        before = len(self.custody.unlawful)
        entry = self.put(body)
        if any((one.what, one.name) == ("begin", order) for one in self.said):
            self.named.setdefault(copy, entry)
        lawful = leaf in self.going.get(order, set())
        if (len(self.custody.unlawful) == before) is not lawful:
            raise Violation(f"a part done of leaf {leaf}, which was {lawful=}")
        if not lawful:
            self.custody.unlawful.pop()
            return
        self.gone.setdefault(order, {}).setdefault(copy, set()).add(leaf)

    def tell(self, copy: str) -> None:
        """Tell of a copy."""
        body = {"t": "copy", "copy": COPIES[copy], "time": spelled(self.now)}
        check_copy(body)
        self.note(self.put(body), "copy", copy)

    def asked(self, copy: str) -> bool:
        """Tell, by the second account, whether an order has to be gone of a copy now."""
        told = [one.entry for one in self.said if (one.what, one.name) == ("copy", copy)]
        over = [
            one for one in self.said
            if (one.what, one.name) == ("retire", copy) and one.when + WAIT <= self.now
            if not any(at > one.entry for at in told)
        ]  # fmt: skip
        return copy == "here" or (bool(told or copy in self.named) and not over)

    def judge(self, order: str, leaf: int) -> None:
        """Raise `Violation` unless, by the second account, a leaf may go by an order now."""
        if self.held(leaf):
            raise Violation(f"leaf {leaf} goes while it is on hold")
        made = [one for one in self.said if (one.what, one.name) == ("order", order)]
        begun = [one for one in self.said if (one.what, one.name) == ("begin", order)]
        if len(made) != 1 or leaf not in made[0].leaves:
            raise Violation(f"leaf {leaf} goes without an approved order that has it")
        if not begun:
            raise Violation(f"leaf {leaf} goes before anything began lawfully")
        start = begun[0]
        if start.when < max(made[0].when + WAIT, made[0].start):
            raise Violation("it began before the waiting time was over")
        for one in self.said:
            self.judge_with(one, made[0], start)

    def judge_with(self, one: Said, made: Said, start: Said) -> None:
        """Raise `Violation` where something that was said forbids that an order goes on."""
        if one.what == "hold" and one.entry < start.entry and not self.looked(one, start):
            raise Violation("it began although a hold had not been applied to what it evaluated")
        changes = one.what in {"hold", "applied", "classify"} and one.leaves & made.leaves
        if start.size <= one.entry < start.entry and (changes or one.what == "schedule"):
            raise Violation("it began although something was decided after it was evaluated")
        stopped = one.what in {"hold", "applied"} and one.leaves & made.leaves
        if one.entry > start.entry and (stopped or (one.what, one.name) == ("halt", made.name)):
            raise Violation("it goes on after it was halted, or after a hold on it")

    def looked(self, hold: Said, begin: Said) -> bool:
        """Tell whether a hold was applied to what a beginning evaluated, or was over by then."""
        later, self.now = self.now, begin.when
        try:
            over = not self._stood(hold, begin.entry)
        finally:
            self.now = later
        sizes = [
            s.size for s in self.said
            if s.what in {"hold", "applied"} and s.name == hold.name and s.entry < begin.entry
        ]  # fmt: skip
        return over or max(sizes) >= begin.size

    def _stood(self, hold: Said, entry: int) -> bool:
        every = self.said
        self.said = [one for one in every if one.entry < entry]
        try:
            return self.stands(hold)
        finally:
            self.said = every


def _resolve(value: object) -> Ranges:
    assert isinstance(value, list)
    return value


class Player:
    """Does one thing after another, chosen by a seed: mostly lawful, sometimes not."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.hall = Hall()
        self.steps = 0
        self.anchors: list[int] = []

    def run(self, steps: int) -> None:
        """Play. Raises `Violation`."""
        actions = [
            self.wait, self.wait, self.hold, self.apply, self.apply, self.release, self.event,
            self.classify, self.order, self.order, self.anchor, self.anchor, self.begin, self.begin,
            self.begin, self.begin, self.begin, *[self.purge] * 6, *[self.part] * 6, self.halt,
            self.done, self.done, self.merge, self.clear, self.purge_wrongly, self.tell,
            self.retire,
        ]  # fmt: skip
        for _ in range(steps):
            self.chance.choice(actions)()
            self.steps += 1

    def some(self) -> frozenset[int]:
        """Return one to three leaves."""
        return frozenset(self.chance.sample(range(LEAVES), self.chance.randint(1, 3)))

    def any_of(self, what: str) -> str:
        """Return the name of something that is there, or of nothing."""
        names = [one.name for one in self.hall.said if one.what == what]
        return self.chance.choice(names) if names else "none"

    def signers(self, right: tuple[str, ...]) -> tuple[str, ...]:
        """Return who signs: usually those who may, else fewer or others."""
        if self.chance.random() < 0.8:
            return right
        return tuple(self.chance.sample(sorted(PEOPLE), self.chance.randint(1, 3)))

    def wait(self) -> None:
        """Let hours or days pass."""
        self.hall.now += timedelta(hours=self.chance.choice((1, 12, 80)))

    def passed(self, _: str) -> None:
        """Let a waiting time pass."""
        self.hall.now += WAIT

    def told(self, leaves: frozenset[int]) -> dict[str, str]:
        """Return what a statement says of its set."""
        return {"size": str(self.hall.size), "covers": set_digest(from_numbers(leaves))}

    def hold(self) -> None:
        """Place a hold."""
        standing = [o for o in self.hall.said if o.what == "hold" and self.hall.stands(o)]
        if len(standing) > 1:
            return
        leaves, who, size = self.some(), self.signers(("holder",)), self.hall.size
        name = f"h{self.hall.count}"
        members = {"hold": handle(name), "subject": "ab" * 32, **self.told(leaves)}
        entry = self.hall.decide("hold", self.hall.statement("hold", **members), who, leaves)
        if {"holder", "counsel"} & set(who):
            self.hall.note(entry, "hold", name, leaves=leaves, size=size)

    def apply(self) -> None:
        """Apply each standing hold to what came since, as of a size that may be old."""
        for one in [one for one in self.hall.said if one.what == "hold"]:
            if self.hall.stands(one) or self.chance.random() < 0.1:
                self.apply_one(one.name)

    def apply_one(self, name: str) -> None:
        """Apply a hold."""
        who = self.signers(("counsel",))
        size = self.hall.size - self.chance.choice((0, 0, 0, 2, 5))
        leaves = self.some() if self.chance.random() < 0.15 else frozenset[int]()
        members = {"hold": handle(name), **self.told(leaves), "size": str(size)}
        stands = any(
            self.hall.stands(one)
            for one in self.hall.said
            if (one.what, one.name) == ("hold", name)
        )
        entry = self.hall.decide("applied", self.hall.statement("applied", **members), who, leaves)
        if stands and {"holder", "counsel"} & set(who):
            self.hall.note(entry, "applied", name, leaves=leaves, size=size)

    def release(self) -> None:
        """Release a hold."""
        name, who = self.any_of("hold"), self.signers(("holder", "clerk"))
        start = self.hall.now + timedelta(hours=self.chance.choice((0, 0, 200)))
        members = {"hold": handle(name), "subject": "ab" * 32, "from": spelled(start)}
        entry = self.hall.decide("release", self.hall.statement("release", **members), who)
        may = {"holder", "counsel", "clerk"} & set(who)
        if name != "none" and len(may) > 1 and may & {"holder", "counsel"}:
            self.hall.note(entry, "release", name, start=start)

    def event(self) -> None:
        """Record that something came up about the request behind a hold."""
        name, who = self.any_of("hold"), self.signers(("clerk",))
        members = {"hold": handle(name), "subject": "ab" * 32, "effect": "lengthens"}
        stands = any(
            self.hall.stands(one)
            for one in self.hall.said
            if (one.what, one.name) == ("hold", name)
        )
        entry = self.hall.decide("event", self.hall.statement("hold-event", **members), who)
        if stands and {"holder", "counsel", "clerk"} & set(who):
            self.hall.note(entry, "event", name)

    def classify(self) -> None:
        """Classify records, or adopt a schedule, which may change any."""
        who = self.signers(("clerk", "counsel"))
        members = {"subject": "ab" * 32, "effect": "shortens"}
        valid = {"clerk", "counsel"} <= set(who)
        if self.chance.random() < 0.3:
            said = self.hall.statement("adopt-schedule", **members)
            entry = self.hall.decide("schedule", said, who)
            if valid:
                self.hall.note(entry, "schedule", "s")
            return
        leaves = self.some()
        said = self.hall.statement("classify", **members, **self.told(leaves))
        entry = self.hall.decide("classify", said, who, leaves)
        if valid:
            self.hall.note(entry, "classify", "c", leaves=leaves)

    def order(self) -> None:
        """Order some leaves to be destroyed."""
        leaves, who = self.some(), self.signers(("clerk", "anna", "bert"))
        if self.chance.random() < 0.15:
            who = self.chance.choice((("clerk", "anna"), ("clerk", "anna", "twin")))
        name, start = f"o{self.hall.count}", self.hall.now + timedelta(hours=10)
        members = {
            "order": handle(name), "subject": "ab" * 32, "requester": handle("clerk"),
            "root": "cd" * 32, "from": spelled(start), **self.told(leaves),
        }  # fmt: skip
        covers = leaves
        if self.chance.random() < 0.1:  # the entry has another set than was signed for
            covers = self.some()
        entry = self.hall.decide("order", self.hall.statement("order", **members), who, covers)
        if "clerk" in who and "bert" in who and {"anna", "twin"} & set(who) and covers == leaves:
            self.hall.note(entry, "order", name, leaves=leaves, start=start)

    def anchor(self) -> None:
        """Have outsiders vouch for the log as it is."""
        body = {"t": "anchor", "kind": "cosigned", "size": self.hall.size}
        body |= {"sha256": str(len(self.anchors))}
        self.anchors.append(self.hall.put(body))

    def begin(self) -> None:
        """Begin an order, if the code under test lets us; evaluated on a log that may be old."""
        name = self.chance.choice([*self._names(), "none"])
        if self.chance.random() < 0.7:  # as one begins who knows how
            self.hall.now += timedelta(hours=self.chance.choice((0, 80)))
            self.anchor()
            self.anchor()
            self.apply()
        size = self.hall.size - self.chance.choice((0, 0, 0, 1, 4))
        order = self.hall.custody.orders.get(handle(name))
        covers = order.covers if order else "ab" * 32
        times = " ".join(str(one) for one in self.anchors[-2:])
        if len(self.anchors) < 2:
            return
        who = self.signers(("purger",))
        members = {"order": handle(name), "size": str(size), "covers": covers, "root": "cd" * 32}
        said = self.hall.statement("begin", **members, times=times)
        at = Moment(self.hall.size, self.hall.now)
        if self.hall.custody.why_not_begin(at, said) and self.chance.random() < 0.8:
            return  # the sequencer declines it; else the key's holder writes it all the same
        before = order.begun if order else None
        entry = self.hall.decide("begin", said, who)
        if order and before is not None and order.begun != before:
            raise Violation("it begins twice")
        if "purger" in who and order and before is None and order.begun == entry:
            self.hall.note(entry, "begin", name, size=size)

    def _names(self) -> list[str]:
        known = self.hall.custody.orders
        return [f"o{n}" for n in range(self.hall.count + 1) if handle(f"o{n}") in known][-4:]

    def purge(self) -> None:
        """Destroy something of whatever the code under test says is under way."""
        for name in self._names():
            order = self.hall.custody.orders[handle(name)]
            live = [o for o in self.hall.log.segments() if overlap(o.leaves, order.leaves)]
            if order.running and live:
                one = self.chance.choice(live)
                rest = minus(one.leaves, order.leaves)
                if rest:
                    self.hall.split(one.name, minus(one.leaves, rest), rest)
                else:
                    self.hall.destroy(name, one)
                return

    def purge_wrongly(self) -> None:
        """Hand in a destruction that nothing allows: the code under test has to say so."""
        name, live = self.chance.choice([*self._names(), "none"]), list(self.hall.log.segments())
        if not live:
            return
        one = self.chance.choice(live)
        body = {"order": handle(name), "destroys": [one.place], "account": "a"}
        allowed = not self.hall.custody.why_not_destroy(body)
        if allowed:
            for leaf in numbers(one.leaves):
                self.hall.judge(name, leaf)

    def part(self) -> None:
        """Say of a leaf that it is gone of a copy: mostly of one that goes."""
        for name in self._names():
            going = sorted(self.hall.going.get(name, ()))
            if going or self.chance.random() < 0.05:
                leaf = self.chance.choice(going or range(LEAVES))
                if self.chance.random() < 0.02:
                    leaf = self.chance.randrange(LEAVES)
                self.hall.part(name, self.chance.choice(("here", "here", "there")), leaf)

    def tell(self, copy: str = "") -> None:
        """Tell of a copy, seldom enough that orders come to an end."""
        if copy or self.chance.random() < 0.2:
            self.hall.tell(copy or self.chance.choice(("there", "vault")))

    def retire(self, copy: str = "") -> None:
        """Retire a copy; on a log that may be older than what was told of it last."""
        copy = copy or self.chance.choice(("there", "vault"))
        who = self.signers(("clerk", "counsel"))
        told = [one.entry for one in self.hall.said if (one.what, one.name) == ("copy", copy)]
        size = max(1, self.hall.size - self.chance.choice((0, 0, 3)))
        members = {"copy": COPIES[copy], "size": str(size), "subject": "ab" * 32}
        said = self.hall.statement("retire", **members, effect="shortens")
        known = told or ([self.hall.named[copy]] if copy in self.hall.named else [])
        entry = self.hall.decide("retire", said, who)
        if {"clerk", "counsel"} <= set(who) and known and copy != "here" and max(known) < size:
            self.hall.note(entry, "retire", copy)

    def clear(self) -> None:
        """Remove what was superseded."""
        self.hall.clear()

    def merge(self) -> None:
        """Merge two segments, while there are enough."""
        if len(list(self.hall.log.segments())) > 2:
            self.hall.merge(2)

    def halt(self) -> None:
        """Halt an order."""
        name, who = self.any_of("begin"), self.signers(("counsel",))
        if self.chance.random() < 0.4 or name == "none":
            return
        members = {"order": handle(name), "subject": "ab" * 32}
        running = self.hall.custody.orders[handle(name)].running
        entry = self.hall.decide("halt", self.hall.statement("halt", **members), who)
        if running and set(who) & {"holder", "counsel", "clerk", "anna", "bert", "twin", "purger"}:
            self.hall.note(entry, "halt", name)

    def _almost(self, name: str) -> None:
        """Do all that has to be done of an order, or all but one thing."""
        order = self.hall.custody.orders[handle(name)]
        left_out = self.chance.choice(("", "", "", "purge", "part", "clear", "copy", "copy"))
        for _ in range(0 if left_out == "purge" else 2 * LEAVES):
            if order.saved:
                self.purge()
        copies = [one for one in COPIES if self.hall.asked(one)]
        if left_out == "copy":
            away = self.chance.choice(copies)
            copies.remove(away)
            steps: dict[str, Callable[[str], None]]
            steps = {"r": self.retire, "t": self.tell, "w": self.passed}
            for step in self.chance.choice(("", "r", "rw", "rtw", "trw", "trw")):
                steps[step](away)
        for copy, leaf in [(c, n) for c in copies for n in sorted(self.hall.going.get(name, ()))]:
            if left_out != "part" or leaf != min(self.hall.going[name]):
                self.hall.part(name, copy, leaf)
        if left_out != "clear":
            self.clear()

    def done(self) -> None:
        """Say that an order is done; it is only where all of it is gone of every copy."""
        name = self.any_of("begin")
        running = [n for n in self._names() if self.hall.custody.orders[handle(n)].running]
        name = self.chance.choice(running) if running and self.chance.random() < 0.8 else name
        order = self.hall.custody.orders.get(handle(name))
        if order is None:
            return
        if order.running and self.chance.random() < 0.8:
            self._almost(name)
        members = {"order": handle(name), "covers": order.covers}
        self.hall.decide("done", self.hall.statement("done", **members), ("purger",))
        if order.done != self.hall.size - 1:
            return
        gone, whole = self.hall.gone.get(name, {}), set(numbers(order.leaves))
        if any(gone.get(one) != whole for one in COPIES if self.hall.asked(one)):
            raise Violation("an order is done of which something is left")
        if self.hall.going.get(name) != whole:
            raise Violation("an order is done of which not everything went")
        old = [one for one, seal in self.hall.log.retired() if not self.hall.log.is_removed(seal)]
        if any(overlap(one.leaves, order.leaves) for one in old):
            raise Violation("an order is done while old files have some of it")
