"""Short histories of holds, orders and destructions, mostly lawful; both folds read each.

One is the archiver's own, in four parts; the other `verifier/destroyed.py`, which knows none of
them. Signatures are stood in for by digests: who forges one is asked elsewhere.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger.deciding import HERE, check_decision, copy_handle, set_digest
from archiver.ledger.ranges import Ranges, from_numbers, numbers
from archiver.ledger.state import LedgerState
from archiver.registry.acts import Act, message
from archiver.registry.deciding import fold_decisions
from archiver.registry.people import Registry, fold, spelled
from archiver.registry.verifying import seal_hash, verifications
from archiver.retention.custody import Custody, fold_custody
from tests.registry.signers import ARCHIVE, handle, signer

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

START = datetime(2026, 11, 1, tzinfo=UTC)
ROOT, OTHER = "00" * 32, "ab" * 32
FIRST, LEAVES = 1, 9  # observations
PEOPLE = {
    "clerk": "records-manager", "counsel": "counsel", "anna": "approver", "bert": "approver",
    "holder": "hold", "purger": "purge", "reader": "verifier", "foia": "foia-officer",
    "twin": "approver", "own": "hold",
}  # fmt: skip
KEYS = {name: signer(name).verifier_key for name in PEOPLE}
KEYS["twin"] = f"{handle('twin')}+{KEYS['anna'].split('+', 1)[1]}"
OWN = [f"archive+00000000+{KEYS['own'].split('+', 2)[2]}"]
COPIES = {"archive": copy_handle(ARCHIVE, HERE), **{x: handle(x) for x in ("there", "vault")}}
ORDERS = ("order", "order-certified", "order-noticed", "order-extraordinary")
NOISE = (
    "wait", "hold", "apply", "release", "event", "classify", "schedule", "halt", "again",
    "people", "generation", "anchor", "order", "submit", "outcome", "begin", "destroy", "part",
    "done", "merge", "told", "tell", "tell", "retire", "retire",
)  # fmt: skip


def stamp(key: str, data: bytes) -> bytes:
    """Return what stands for a signature."""
    return sha512(key.encode() + data).digest()


def verifies(key: str, signature: bytes, data: bytes) -> bool:
    """Tell whether a key made what stands for a signature."""
    return signature == stamp(key, data)


def resolve(value: object) -> Ranges:
    """Return a set that stands in its entry; a file of one is never there."""
    if not isinstance(value, list):
        raise FormatError("gone")
    return value


class History:
    """A log that a seed makes."""

    def __init__(self, seed: int) -> None:
        self.chance, self.now, self.size, self.count = random.Random(seed), START, LEAVES, 0
        self.noise = self.chance.random() < 0.1  # in the beginning, mostly none
        self.controls: list[tuple[int, dict[str, Any]]] = []
        self.state = LedgerState()
        self.said: list[dict[str, Any]] = []  # acts, to be sealed once more
        self.evaluated = 0  # the size that a beginning is evaluated on
        self.named: dict[str, set[int]] = {}  # leaves of orders
        for place, leaves in enumerate(([[1, 3]], [[3, 4]], [[4, 6]], [[6, 9]])):
            self.seal(
                "settle", "ab"[place // 3], [self.segment(f"S{place}", leaves)], batch=place + 1
            )
        self.seal("intake", "b", [self.segment("I", [], "private")], lane="l", exchanges=[[1, 6]])
        for name, role in PEOPLE.items():
            self.role(name, "enrol", (name,), key=KEYS[name], reading="", subject=OTHER)
            first = name in {"clerk", "counsel"}
            self.role(name, "grant", (name,) if first else ("clerk", "counsel"), role=role)
        self.noise = True
        self.now += timedelta(hours=80)

    def odd(self, of: float = 0.03) -> bool:
        """Tell whether something is to be otherwise than it should."""
        return self.chance.random() < of * self.noise

    def put(self, body: dict[str, Any]) -> int:
        """Append an entry; return its index."""
        entry, self.size = self.size, self.size + 1
        whole = {**body, "id": f"b{entry}", "time": spelled(self.now - timedelta(hours=self.odd()))}
        self.controls.append((entry, whole))
        self.state.replay(entry, whole)
        return entry

    def segment(
        self, name: str, leaves: Ranges, kind: str = "public", **more: object
    ) -> dict[str, Any]:
        """Return a segment."""
        suffix = "warc.gz" if kind == "public" else "warc.gz.c256"
        one = {"unit": f"U{kind}", "segment": name, "series": "unscheduled", "period": "2026-11"}
        objects = {suffix: OTHER}
        return {**one, "sensitivity": kind, "objects": objects, "leaves": leaves, **more}

    def seal(self, stage: str, account: str, segments: list[dict[str, Any]], **more: object) -> int:
        """Append a seal."""
        body = {"t": "seal", "stage": stage, "account": account, "segments": segments}
        return self.put({**body, **more})

    def act(
        self, kind: str, act: str, who: tuple[str, ...], leaves: object = None, **more: str
    ) -> int:
        """Append an act that people signed."""
        self.count += 1
        made = spelled(self.now - timedelta(hours=self.chance.choice((0, 0, 0, 5))))
        statement = {
            "act": act,
            "archive": ARCHIVE,
            "statement": handle(f"s{self.count}"),
            "time": made,
        }
        statement |= more
        if self.odd(0.01) and act != "verified":  # whose members its fold leaves to others
            statement |= self.chance.choice(({"archive": "other"}, {"effect": "shortens"}))
        if self.odd(0.04):
            who = tuple(self.chance.sample(sorted(PEOPLE), self.chance.randint(1, 3)))
        signed = Act(statement)
        for name in who:
            data = message(statement) + b"x" * self.odd(0.01)
            signed = signed.signed(KEYS[name], stamp(KEYS[name], data))
        body = {"t": kind, **signed.document(), **({} if leaves is None else {"leaves": leaves})}
        self.said.append(body)
        return self.put(body)

    def role(self, name: str, act: str, who: tuple[str, ...], **more: str) -> None:
        """Append an act about a person."""
        self.act("role", act, who, person=handle(name), **more)

    def with_set(
        self, kind: str, act: str, who: tuple[str, ...], leaves: set[int], **more: str
    ) -> int:
        """Append an act about some leaves; the entry may have others, or a file that is gone."""
        size = self.size + (self.chance.choice((-5, -1, 1)) if self.odd() else 0)
        told = from_numbers(leaves)
        shown: object = from_numbers({*leaves, 3}) if self.odd() else told
        if self.odd(0.03):
            shown = {"set": "01KAGT1EB0E0F4QZB3N5T7R9XW", "sha256": OTHER}
        more = {"size": str(size), **more}
        return self.act(kind, act, who, shown, covers=set_digest(told), **more)

    def some(self) -> set[int]:
        """Return one to three leaves."""
        return {*self.chance.sample(range(FIRST, LEAVES), self.chance.randint(1, 3))}

    def play(self) -> History:
        """Order, wait, begin, split, destroy, tell and end, with much that comes between."""
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            self.held()
        if self.odd(0.2):
            self.role(
                *self.chance.choice([("foia", "grant"), ("holder", "grant")]),
                ("clerk", "counsel"),
                role="purge",
            )
        self.order()
        name = [*self.named][-1] if self.named else "none"
        script = ["submit", "outcome", "wait", "wait", "anchor", "anchor", "free", "begin"]
        script += ["split", "verify", "removed", "destroy", "copied", "destroy", "parts", "done"]
        for step in script:
            while self.odd(0.15):
                getattr(self, self.chance.choice(NOISE))()
            if not self.odd(0.04):
                getattr(self, step)(*[name] * (step in {"begin", "destroy", "parts", "done"}))
        while self.odd(0.6):
            getattr(self, self.chance.choice(NOISE))()
        return self

    def held(self) -> None:
        """Place a hold, and often see that it ends, or not."""
        self.hold()
        for step in (("release",), ("release", "wait"), ("release", "event", "wait"), (), ())[
            self.chance.randint(0, 4)
        ]:
            getattr(self, step)()

    def any_order(self) -> str:
        """Return the name of an order, or of none."""
        return self.chance.choice([*self.named, "none"]) if self.odd() else [*self.named, "none"][0]

    def wait(self) -> None:
        """Let hours or days pass."""
        self.now += timedelta(hours=self.chance.choice((1, 71, 72, 73, 150, 150, 300)))

    def hold(self) -> None:
        """Place a hold."""
        who = self.chance.choice((("holder",), ("counsel",)))
        name = handle(f"h{self.chance.randint(0, 3)}")
        leaves = self.some() if self.odd(0.2) else {8}
        self.with_set("hold", "hold", who, leaves, hold=name, subject=OTHER)

    def apply(self, hold: str = "") -> None:
        """Apply a hold to what came since."""
        leaves = self.some() if self.odd(0.15) else set[int]()
        hold = hold or handle(f"h{self.chance.randint(0, 3)}")
        self.with_set("applied", "applied", ("holder",), leaves, hold=hold)

    def free(self) -> None:
        """Apply every hold, as one does before one begins."""
        self.evaluated = self.size
        for name in sorted({one["statement"]["hold"] for one in self.said if one["t"] == "hold"}):
            size = str(self.evaluated - (1 if self.odd() else 0))
            self.with_set("applied", "applied", ("holder",), set(), hold=name, size=size)

    def release(self) -> None:
        """Release a hold."""
        start = self.now + timedelta(hours=self.chance.choice((0, 200)))
        who = self.chance.choice((("holder", "clerk"), ("counsel", "clerk"), ("clerk", "foia")))
        holds = [one["statement"]["hold"] for one in self.said if one["t"] == "hold"]
        hold = holds[-1] if holds and self.odd(0.8) else handle("h0")
        more = {"from": spelled(start)}
        self.act("release", "release", who, hold=hold, subject=OTHER, **more)

    def event(self) -> None:
        """Tell of something that came up about a hold, or a record."""
        effect = self.chance.choice(("shortens", "lengthens"))
        who = ("foia",) if effect == "lengthens" else ("foia", "clerk")
        more = {"subject": OTHER, "effect": effect}
        if self.odd(0.8):
            holds = [one["statement"]["hold"] for one in self.said if one["t"] == "hold"]
            hold = holds[-1] if holds and self.odd(0.8) else handle("h0")
            self.act("event", "hold-event", who, hold=hold, **more)
        else:
            self.act("event", "event", (*who, "counsel"), **more)

    def told(self) -> None:
        """Note who was told of a hold."""
        self.act(
            "hold",
            "notice",
            ("holder",),
            hold=handle(f"h{self.chance.randint(0, 3)}"),
            subject=OTHER,
        )

    def classify(self) -> None:
        """Classify records."""
        effect = self.chance.choice(("shortens", "lengthens"))
        act = self.chance.choice(("classify", "review"))
        who = ("clerk",) if effect == "lengthens" else ("clerk", "counsel")
        self.with_set("classify", act, who, self.some(), subject=OTHER, effect=effect)

    def schedule(self) -> None:
        """Decide on schedules."""
        act, effect = self.chance.choice(
            (("add-schedule", "lengthens"), ("adopt-schedule", "shortens"), ("opt-in", "lengthens"))
        )
        self.act("schedule", act, ("clerk", "counsel"), subject=OTHER, effect=effect)

    def order(self) -> None:
        """Order that leaves go."""
        name = f"o{self.chance.randint(0, 1)}"
        act, leaves = (
            self.chance.choice(ORDERS),
            self.chance.choice(({1}, {1, 3}, {4, 5}, {1, 2, 3})),
        )
        who: tuple[str, ...] = self.chance.choice(
            (("clerk", "anna", "bert"),) * 12 + (("clerk", "anna", "twin"),)
        )
        more = {"days": self.chance.choice("35")} if act in ORDERS[1:3] else {}
        who = (*who, "counsel") if act == ORDERS[3] and not self.odd(0.1) else who
        start = self.now + timedelta(hours=self.chance.choice((0, 0, 0, 100)))
        more |= {"from": spelled(start), "requester": handle("clerk"), "root": ROOT}
        self.with_set("order", act, who, leaves, order=handle(name), subject=OTHER, **more)
        self.named[name] = leaves

    def submit(self) -> None:
        """Tell an authority outside of an order."""
        self.act("order", "submit", ("clerk",), order=handle(self.any_order()), subject=OTHER)

    def outcome(self) -> None:
        """Tell what an authority outside answered."""
        name, effect = self.any_order(), "lengthens" if self.odd(0.2) else "shortens"
        leaves = {1, 3} if self.odd() else self.named.get(name, {1})
        if len(leaves) > 1 and self.odd(0.2):
            leaves = leaves - {max(leaves)}
            self.named |= {name: leaves}
        who = ("foia",) if effect == "lengthens" else ("clerk", "counsel")
        more = {"subject": OTHER, "effect": effect}
        self.with_set("order", "outcome", who, leaves, order=handle(name), **more)

    def anchor(self) -> None:
        """Have an outsider vouch for the log."""
        kind = self.chance.choice(("cosigned", "timestamp")) if not self.odd() else "rehash"
        size = self.size + (self.chance.choice((-30, 1)) if self.odd() else 0)
        digest = "1" if self.odd() else str(self.size)
        self.put({"t": "anchor", "kind": kind, "size": size, "file": "f", "sha256": digest})

    def begin(self, name: str = "") -> None:
        """Begin an order."""
        name = name or self.any_order()
        anchors = [at for at, one in self.controls if one["t"] == "anchor"]
        times = " ".join(map(str, anchors[-2:] if len(anchors) > 1 else (0, 1)))
        size = self.evaluated - (self.chance.choice((-9, -1, 1, 9, 40)) if self.odd(0.1) else 0)
        covers = set_digest(from_numbers(self.some() if self.odd() else self.named.get(name, {1})))
        who = {"order": handle(name), "size": str(size), "covers": covers, "root": ROOT}
        by = self.chance.choice(("foia", "holder")) if self.odd(0.1) else "purger"
        self.act("begin", "begin", (by,), times=times, **who)

    def halt(self) -> None:
        """Halt an order."""
        who = self.chance.choice(("clerk", "holder", "anna", "purger", "foia"))
        self.act("halt", "halt", (who,), order=handle(self.any_order()), subject=OTHER)

    def live(self) -> list[Any]:
        """Return the segments that are live."""
        return list(self.state.segments())

    def split(self) -> None:
        """Split each live segment of which only a part is of the first order."""
        wanted = self.named.get(self.any_order(), {1})
        for one in self.live():
            own = {*numbers(one.leaves)}
            parts = [own & wanted, own - wanted] if not self.odd() else [own, wanted]
            if one.leaves and all(parts):
                made = [
                    self.segment(f"{one.name}{n}", from_numbers(x)) for n, x in enumerate(parts)
                ]
                self.supersede(one.account, made, [one.name])
            elif one.lane and self.odd(0.5):
                sets = self.chance.choice(
                    ([[[1, 3]], [[3, 6]]], [[[1, 3]], [[2, 6]]], [[[1, 3]], [[4, 6]]])
                )
                lane = "l" if not self.odd() else "m"
                made = [
                    self.segment(f"{one.name}{n}", [], "private", lane=lane, exchanges=x)
                    for n, x in enumerate(sets)
                ]
                self.supersede(one.account, made, [one.name])

    def merge(self) -> None:
        """Merge live segments."""
        some = self.chance.sample(self.live(), min(2, len(self.live())))
        leaves = from_numbers(n for one in some for n in numbers(one.leaves))
        if leaves:
            made = [self.segment(f"M{self.size}", leaves)]
            self.supersede(some[0].account, made, sorted(one.name for one in some))

    def supersede(self, account: str, made: list[dict[str, Any]], names: list[str]) -> None:
        """Append a superseding seal; sometimes otherwise than it may be."""
        names = names if not self.odd(0.02) else ["S0", "S9"]
        if self.odd(0.05):  # what is not live any more
            names = sorted({*names, "S0"})
        for one in made:
            one["supersedes"] = names
            one.update({"period": "2026-12"} if self.odd(0.02) else {})
            one.update({"segment": "S0"} if self.odd(0.02) else {})
        self.seal("compact", account if not self.odd(0.03) else "b", made)

    def verify(self) -> None:
        """Sign for what superseded others."""
        for at, body in [*self.controls]:
            if body["t"] == "seal" and body["stage"] == "compact" and not self.odd():
                entry = seal_hash(body) if not self.odd(0.03) else OTHER
                self.act("verified", "verified", ("reader",), seal=str(at), entry=entry)

    def removed(self) -> None:
        """Tell that what was superseded is gone."""
        seals = [at for at, x in self.controls if x["t"] == "seal" and x["stage"] == "compact"]
        if seals and not self.odd():
            self.put({"t": "done-part", "work": "compact", "seals": from_numbers(seals)})

    def destroy(self, name: str = "") -> None:
        """Destroy live segments that are wholly of an order."""
        name = name or self.any_order()
        wanted = {1, 2, 3, 4} if self.odd() else self.named.get(name, {1})
        places = sorted(
            (one.account, one.place) for one in self.live()
            if {*numbers(one.leaves)} <= wanted and (one.leaves or self.odd(0.3))
        )  # fmt: skip
        account = "b" if self.odd(0.1) else "a"
        found = [place for own, place in places if own == account or self.odd(0.1)]
        found = found or [place for _, place in places][:1]
        if self.odd(0.1):
            every = [f"{x['unit']}/{x['segment']}" for _, one in self.controls if one["t"] == "seal"
                     for x in one["segments"]]  # fmt: skip
            found = sorted({*found, self.chance.choice([*every, "Upublic/none"])})
        more: dict[str, object] = {"order": handle(name), "destroys": found}
        if self.count % 5:
            more["size"] = self.size if self.count % 4 else 20
        if found:
            self.seal("destroy", account if not self.odd() else "a", [], **more)

    def part(self, name: str = "", copy: str = "") -> None:
        """Tell that leaves of an order are gone of a copy."""
        name = name or self.any_order()
        leaves = self.some() if self.odd() else self.named.get(name, {1})
        if len(leaves) > 1 and self.odd(0.2):
            leaves = leaves - {min(leaves)}
        copy = COPIES[copy or self.chance.choice(("archive", "archive", "there"))]
        body = {"t": "done-part", "work": "order", "order": handle(name), "copy": copy}
        self.put({**body, "leaves": from_numbers(leaves) if not self.odd(0.02) else {}})

    def parts(self, name: str) -> None:
        """Tell it, mostly, of the archive and of every copy that was told of."""
        known = {one["copy"] for _, one in self.controls if one["t"] == "copy"}
        for copy, spelt in COPIES.items():
            if (copy == "archive" or spelt in known) and not self.odd(0.2):
                self.part(name, copy)
        if self.odd():
            self.retire("archive")

    def tell(self, copy: str = "") -> None:
        """Tell of a copy."""
        more = {"place": "cellar"} if self.odd() else {}
        copy = COPIES[copy or self.chance.choice(("there", "vault"))]
        self.put({"t": "copy", "copy": copy if not self.odd(0.01) else "x", **more})

    def retire(self, copy: str = "") -> None:
        """Retire a copy, or the archive itself; perhaps on a log that is older than the copy."""
        copy = copy or self.chance.choice(("there", "vault"))
        size = self.size + (self.chance.choice((-4, -1, 1)) if self.odd(0.2) else 0)
        who = {"copy": COPIES[copy], "size": str(size), "subject": OTHER}
        effect = "lengthens" if self.odd() else "shortens"
        self.act("retire", "retire", ("clerk", "counsel"), effect=effect, **who)

    def copied(self) -> None:
        """Tell of a copy, and perhaps retire it, in good time or too late."""
        for copy in ("there", "vault"):
            for step in self.chance.choice(("", "", "", "t", "tr", "trw", "trtw")):
                {"t": self.tell, "r": self.retire, "w": lambda _: self.wait()}[step](copy)

    def done(self, name: str = "") -> None:
        """Tell that an order is done."""
        name = name or self.any_order()
        covers = set_digest(from_numbers(self.some() if self.odd() else self.named.get(name, {1})))
        self.act("done", "done", ("purger",), order=handle(name), covers=covers)

    def again(self) -> None:
        """Seal an act once more, as it was or under other leaves."""
        body = dict(self.chance.choice(self.said))
        self.put(body | ({"leaves": [[2, 3]]} if "leaves" in body and self.odd(0.3) else {}))

    def people(self) -> None:
        """Give or take a role."""
        who = ("clerk", "counsel") if not self.odd(0.2) else ("clerk",)
        role, name = self.chance.choice(sorted(PEOPLE.items()))
        if self.odd(0.3):
            role = self.chance.choice(("purge", "hold", "settler", "counsel", "no-role"))
        self.role(
            name,
            self.chance.choice(("grant", "revoke", "revoke")),
            who,
            role=PEOPLE.get(role, role),
        )

    def generation(self) -> None:
        """Read records anew."""
        of = min(self.some())
        self.put(
            {
                "t": "generation",
                "account": "a",
                "leaves": [[self.size - 1, self.size]],
                "of": [[of, of + 1]],
            }
        )


def expected(history: History) -> dict[str, Any]:
    """Return what the archiver's own folds make of a history."""
    controls, void = history.controls, history.state.void
    registry = fold(Registry(ARCHIVE), controls, verifies)
    acts = fold_decisions(registry, controls, verifies, OWN, check_decision)
    custody: Custody = fold_custody(resolve, controls, acts.made, void)
    read = verifications(ARCHIVE, controls, void, verifies, OWN)
    refused = [*registry.refused, *acts.refused, *custody.refused]
    now = max(one["time"] for _, one in controls)
    retired = {name: custody.copies.retired(name) for name in custody.copies.told}
    return {
        "refused": {one.entry for one in refused if not one.idle},
        "unlawful": {one.entry for one in custody.unlawful},
        "void": {*void},
        "verified": {*read.seals},
        "copies": custody.copies.told,
        "retired": {name: one.counts for name, one in retired.items() if one},
        "holds": {
            name: (one.leaves, one.applied, one.stands(datetime.fromisoformat(now)))
            for name, one in custody.holds.items()
        },
        "orders": {
            name: (
                *(one.leaves, one.begun is not None, one.going, one.gone),
                "halted" if one.halted is not None else "done" if one.done is not None else "",
            )
            for name, one in custody.orders.items()
        },
    }  # fmt: skip


def found(module: ModuleType, history: History) -> dict[str, Any]:
    """Return what a `destroyed.py` makes of a history."""
    tree = [[bytes(32)] * history.size]
    for at, body in history.controls:
        if body["t"] == "seal" and body["stage"] == "compact":
            tree[0][at] = bytes.fromhex(seal_hash(body))
    one = module.Fold(ARCHIVE, OWN, tree, _gone)
    for at, body in history.controls:
        one.read(at, body)
    by = {
        code: {int(where[6:]) for name, where, _ in one.findings if name == code} for code in CODES
    }
    unread = {at for at, body in history.controls if body["t"] in {"verified", "done-part"}}
    return {
        "refused": by[CODES[0]] - unread,
        "unlawful": by[CODES[1]],
        "void": by[CODES[2]],
        "verified": {*one._verified},
        "copies": one._copies,
        "retired": one._retired,
        "holds": {
            name: ([*map(list, hold.leaves)], hold.size, hold.stands(one._now))
            for name, hold in one.holds.items()
        },
        "orders": {
            name: (
                *([*map(list, order.leaves)], order.begun, [*map(list, order.going)]),
                *({copy: [*map(list, x)] for copy, x in order.lost.items()}, order.ended),
            )
            for name, order in one.orders.items()
        },
    }


CODES = ("act-without-authority", "destroyed-unlawfully", "seal-unlawful")


def _gone(_: object) -> Path:
    raise FileNotFoundError


def stood_in(entry: dict[str, Any]) -> set[str]:
    """Return who signed an entry, as `signers` does of true signatures."""
    keys = Act.of({name: entry[name] for name in ("statement", "signatures")}).signers(verifies)
    if not keys:
        raise ValueError("a signature does not hold")
    return {*keys}
