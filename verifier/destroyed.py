"""Whether all that went of a Civic Archiver archive went by authority of those who decide.

That is what was destroyed, and what was handed over of private streams.

Lies beside verify.py, which asks it; by itself it does nothing. The standard library and
`cryptography`; written from docs/formats/ people.md, deciding.md and ledger.md, without code of
the package. It reads the log's entries and sets of numbers, and no record.

From top to bottom: sets of numbers; what an act looks like; people and their roles; then the log,
entry by entry: decisions, holds, orders and how far they came, matters and what was handed over in
them, segments and what takes them away.
What is not as those pages say counts for nothing, and is a finding.
"""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Callable, Iterable  # noqa: TC003 - one file, read from the top
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path  # noqa: TC003
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from verify import HASH, LOG, MAX_BUNDLE, TIME, UNREADABLE, hashed, read, require, root_of, unbase64
from verify import signers as keys_of

Ranges = list[tuple[int, int]]  # a set of numbers: in order, none empty, none touching the next
Entry = dict[str, Any]
Said = dict[str, str]  # a statement
WAIT = timedelta(hours=72)  # before what lets records go counts
TWO, MOST_SIGNATURES, MOST_DESTROYED = 2, 8, 64
NEVER = datetime.min.replace(tzinfo=UTC)  # before all that was


def ranges(pairs: Iterable[Any]) -> Ranges:
    """Return a set from its one spelling."""
    found = [(first, end) for first, end in pairs]
    flat = [number for pair in found for number in pair]
    require(all(type(n) is int and n >= 0 for n in flat), "no numbers")
    require(flat == sorted({*flat}), "ranges out of order, empty, or touching")
    return found


def page(data: bytes) -> Ranges:
    """Return a set from its file: nonce and padding, then first and end, line by line."""
    head, *lines = data.decode("ascii").split("\n")
    require(re.fullmatch(f"{HASH} [0-9a-f]{{1,4096}}", head), "no file of a set")
    form = re.compile(f"({NUMBER}) ({NUMBER})")
    require(lines.pop() == "" and lines and all(map(form.fullmatch, lines)), "no ranges, or cut")
    return ranges(map(int, line.split(" ")) for line in lines)


def minus(these: Ranges, others: Ranges) -> Ranges:
    """Return the numbers of a set that another has not."""
    left, at = Ranges(), 0
    for first, end in these:
        while first < end:
            while at < len(others) and others[at][1] <= first:
                at += 1
            start, stop = others[at] if at < len(others) else (end, end)
            left += [(first, min(start, end))] if first < start else []
            first = stop if start < end else end  # noqa: PLW2901 - what is left of the range
    return left


def meet(these: Ranges, others: Ranges) -> bool:
    """Tell whether two sets have a number in common."""
    return minus(these, others) != these


def joined(*sets: Ranges) -> Ranges:
    """Return all numbers of some sets as one."""
    found = Ranges()
    for first, end in sorted(pair for one in sets for pair in one):
        last = found.pop() if found and first <= found[-1][1] else (first, end)
        found.append((last[0], max(last[1], end)))
    return found


def count(numbers: Ranges) -> int:
    """Return how many numbers a set has."""
    return sum(end - first for first, end in numbers)


def covers(numbers: Ranges) -> str:
    """Return the digest by which people sign a set."""
    told = "".join(f"{first} {end}\n" for first, end in numbers)
    return hashed(b"civic-archive/set/v1\n", told.encode()).hex()


# By act: in which entries it stands; who signs; what it says beside `act archive statement time`.
# Who signs: how many people, with one of the roles of a letter; where it has an effect, for one
# that shortens / for one that lengthens; - nobody can. Who requests an order has two others approve
# it, who requests an export one (`People.may`).
TABLE = """
role     enrol               -       person key reading subject
role     grant               -       person role
role     revoke              -       person role
schedule add-schedule        -/1g    subject effect
schedule adopt-schedule      2g/-    subject effect
schedule opt-in              2g/-    subject effect
schedule revoke-schedule     2g/-    subject effect revokes
classify classify            2g/1g   subject effect size covers
classify review              2g/-    subject effect size covers
event    event               2g/1f   subject effect
event    hold-event          2f1g/1f subject effect hold
hold     hold                1h      hold subject size covers
hold     notice              1h      hold subject
hold     acknowledge         1h      hold subject
applied  applied             1h      hold size covers
release  release             2r1h    hold subject from
order    order               1m      order requester subject size root covers from
order    order-certified     1m      order requester subject size root covers from days
order    order-noticed       1m      order requester subject size root covers from days
order    order-extraordinary 1m1c    order requester subject size root covers from
order    submit              1m      order subject
order    outcome             2g/1f   order subject effect size covers
begin    begin               1p      order size root covers times
halt     halt                1s      order subject
done     done                1p      order covers
retire   retire              2g/-    subject effect copy size
matter   open-matter         1f      matter subject
matter   close-matter        1f      matter subject
matter   tag                 1f      matter subject size covers
matter   bates               1f      matter subject series first last
export   export-approve      1f      matter subject size covers requester
export   export              1f      matter subject size covers volume
export   export-replacing    1f      matter subject size covers volume of
export   claw-back           1f      matter subject size covers volume of
verified verified            1v      seal entry
"""
ACTS = {act: (kind, who, more) for kind, act, who, *more in map(str.split, TABLE.split("\n")[1:-1])}
WITH_LEAVES = {act for act, (*_, more) in ACTS.items() if "size" in more} - {"begin", "retire"}
ROLES = {
    "g": {"records-manager", "counsel"},  # who governs
    "h": {"hold", "counsel"},
    "r": {"hold", "counsel", "records-manager"},
    "f": {"hold", "counsel", "records-manager", "foia-officer"},
    "s": {"records-manager", "counsel", "hold", "approver", "purge"},
    "m": {"records-manager"},
    "c": {"counsel"},
    "p": {"purge"},
    "v": {"verifier"},
}
APART = ({"hold", "purge"}, {"settler", "verifier"})  # never one person's
NAME, NUMBER = "[a-z2-7]{26}", "0|[1-9][0-9]{0,18}"
FORMS = {
    **dict.fromkeys(("statement", "person", "revokes", "hold", "order", "requester", "copy"), NAME),
    **dict.fromkeys(("matter", "series"), NAME),
    **dict.fromkeys(("first", "last", "volume", "of"), "[1-9][0-9]{0,11}"),
    **dict.fromkeys(("subject", "covers", "root", "entry"), HASH),
    **dict.fromkeys(("time", "from"), TIME.pattern),
    **dict.fromkeys(("size", "seal"), NUMBER),
    "effect": "shortens|lengthens",
    "days": "0|[1-9][0-9]{0,3}",
    "times": "(0|[1-9][0-9]{0,18})( [1-9][0-9]{0,18})+",
    "reading": f"({HASH})?",
    "role": "records-manager|counsel|foia-officer|approver|hold|purge|settler|verifier|sequencer"
    "|auditor|reader-(posts|comments|reactions|subscribers|messages|media|moderation|profile|pages"
    "|workflow|intake)",
}


def moment(text: str) -> datetime:
    """Return a time. Raises for a day that no month has."""
    return datetime.fromisoformat(text)


def spelt(said: Said) -> bytes:
    """Return a statement in its one spelling."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def statement(entry: Entry, archive: str) -> Said:
    """Return what an act states. Raises unless it has the form of one, of this archive."""
    said: Said = entry["statement"]
    kind, _, members = ACTS[said["act"]]
    require(kind == entry["t"], "an act in an entry of another type")
    require({*said} == {"act", "archive", "statement", "time", *members}, "other members")
    require(all(re.fullmatch(FORMS.get(name, ".*"), x) for name, x in said.items()), "other forms")
    require(said["archive"] == archive, "of another archive")
    for name in {"time", "from"} & {*said}:
        moment(said[name])
    more = {"leaves"} if said["act"] in WITH_LEAVES else set()
    whole = {"t", "id", "time", "statement", "signatures"} | more
    require(kind in ("role", "verified") or {*entry} == whole, "an entry of other members")
    return said


def signers(entry: Entry) -> set[str]:
    """Return the keys that signed an act. Raises if one of the signatures does not hold."""
    message = b"civic-archive/act/v1\n" + spelt(entry["statement"])
    require(1 <= len(entry["signatures"]) <= MOST_SIGNATURES, "not signed, or by too many")
    for one in entry["signatures"]:
        keys_of(b"", [one["key"]])  # raises if it is none
        key = unbase64(half(one["key"]))
        require(key[0] == LOG and re.fullmatch("[0-9a-f]{128}", one["signature"]), "another form")
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(bytes.fromhex(one["signature"]), message)
    return {one["key"] for one in entry["signatures"]}


def half(key: str) -> str:
    """Return the public key itself: the same one is the same person, under whatever name."""
    return key.split("+", 2)[-1]


class People:
    """Who was enrolled, and what roles they have, by the entries so far."""

    def __init__(self) -> None:
        self._keys = dict[str, str]()  # of persons
        self._since = dict[str, dict[str, datetime]]()  # of persons: when a role counts
        self._governed = set[str]()  # who ever held a role that governs

    def having(self, roles: set[str], now: datetime, by: set[str] | None = None) -> dict[str, str]:
        """Return who has one of these roles now, and the public key; of signers, where given."""
        return {
            person: half(key)
            for person, key in self._keys.items()
            if by is None or key in by
            if any(role in roles and since <= now for role, since in self._since[person].items())
        }

    def enrol(self, said: Said, by: set[str]) -> None:
        """Take in somebody's key. It gives no right."""
        person, key = said["person"], said["key"]
        require(key in by and key.startswith(f"{person}+"), "not signed by that very key")
        if person not in self._keys:
            self._keys[person], self._since[person] = key, {}

    def change(self, said: Said, by: set[str], now: datetime) -> None:
        """Take in that a role was given or taken. What is so already changes nothing."""
        person, role, founding = said["person"], said["role"], len(self._governed) < TWO
        own, giving = self._since[person], said["act"] == "grant"
        if giving == (role in own):
            return
        two = len({*self.having(ROLES["g"], now, by).values()}) >= TWO
        alone = giving and self._keys[person] in by
        require(alone if founding else two, "not signed by those who have to")
        if giving:
            require(not any({role, other} in APART for other in own), "two roles kept apart")
            own[role] = now if founding else now + WAIT
            self._governed |= {person} if role in ROLES["g"] else set()
            return
        since = own.pop(role)
        if role in ROLES["g"] and len({*self.having(ROLES["g"], now).values()}) < TWO:
            own[role] = since
            require(None, "two people who govern must remain")

    def may(self, said: Said, by: set[str], now: datetime) -> bool:
        """Tell whether those who signed an act are those who have to."""
        who = ACTS[said["act"]][1].split("/")[said.get("effect") == "lengthens"]
        for least, roles in re.findall(r"(\d)(\w)", who):
            if len({*self.having(ROLES[roles], now, by).values()}) < int(least):
                return False
        if "requester" not in said:
            return who != "-"
        order = said["act"] != "export-approve"
        asks = self.having(ROLES["m" if order else "f"], now, by).get(said["requester"])
        others = {*self.having({"approver"}, now, by).values()} - {asks}
        return len(others) >= (TWO if order else 1) and bool(asks)


@dataclass
class Segment:
    """What was sealed under a place, ``unit/segment``."""

    like: tuple[str, ...]  # what takes its place has the same account, unit, series and so on
    suffixes: set[str]
    leaves: Ranges
    lane: str  # of intake: whose exchanges
    exchanges: Ranges
    once: bool = True  # not sealed twice
    live: bool = True  # neither superseded nor destroyed


@dataclass
class Hold:
    """What may not go, and up to which size of the log its scope was looked for."""

    leaves: Ranges
    size: int
    ends: list[datetime] = field(default_factory=list)  # when releases count
    told: datetime = NEVER  # the latest event of its request

    def stands(self, now: datetime) -> bool:
        """Tell whether no release counts."""
        return not any(end <= now for end in self.ends)


@dataclass
class Order:
    """What people want to go, and how far that came."""

    index: int
    act: str
    leaves: Ranges
    since: datetime  # it counts
    days: timedelta | None  # none where no authority outside is asked
    told: datetime | None = None  # when an authority outside was
    answer: datetime | None = None  # since when its latest answer lets it go
    refused: bool = False  # by the latest answer
    begun: bool = False
    ended: str = ""  # halted, or done
    going: Ranges = field(default_factory=list)
    places: set[str] = field(default_factory=set)  # of segments that it destroys
    lost: dict[str, Ranges] = field(default_factory=dict)  # of copies

    @property
    def under_way(self) -> bool:
        """Whether something may be destroyed by it."""
        return self.begun and not self.ended

    def waits(self, now: datetime) -> bool:
        """Tell whether its time has not come, or an authority outside is in its way."""
        lets = self.answer is not None and self.answer <= now
        over = bool(self.told and self.days is not None and self.told + self.days <= now)
        free = {"order-certified": over and lets, "order-noticed": over or lets}.get(self.act, True)
        return now < self.since or self.refused or not free


@dataclass
class Matter:
    """What is handed over in, volume by volume."""

    over: bool = False
    approved: list[Ranges] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)  # acts, in the order of their numbers


def copy_name(archive: str, name: str) -> str:
    """Return the handle of a copy."""
    digest = hashed(b"civic-archive/copy/v1\n", f"{archive}\n{name}".encode())
    return b32encode(digest[:16]).decode().lower().rstrip("=")


class Fold:
    """Reads the log from its first entry to its last. ``findings`` say what was without authority.

    ``archive``: its id; ``own``: its keys; ``tree``: levels of hashes; ``path`` tells where an
    object lies.
    """

    def __init__(
        self, archive: str, own: Iterable[str], tree: list[list[bytes]], path: Callable[[str], Path]
    ) -> None:
        self._archive, self._tree, self._path = archive, tree, path
        self._own = {*map(half, own)}  # these keys decide nothing
        self.findings = list[tuple[str, str, str]]()
        self._now = NEVER  # the moment of the entry that is read
        self._people, self._used = People(), set[bytes]()
        self.segments, self._accounts = dict[str, Segment](), dict[str, Ranges]()
        self._superseded = dict[int, list[str]]()  # places, by the seal that took theirs
        self._verified, self._erased = set[int](), Ranges()  # superseding seals
        self.holds, self.orders = dict[str, Hold](), dict[str, Order]()
        self._held = -1  # the last entry that put leaves on hold
        self._anchors = dict[int, Entry]()
        self._copies = dict[str, int]()  # handles, and the entries that told of them last
        self._retired = dict[str, datetime]()  # copies, and when that counts
        self._touched = list[tuple[int, Ranges]]()  # leaves, and the entry that was about them
        self.matters, self.numbers = dict[str, Matter](), dict[str, int]()  # last ones of series
        self._private = Ranges()  # leaves that were sealed so
        any_, order, hold = self._anything, self._order, self._told
        self._takes: dict[str, Callable[[int, Said, Ranges | None], None]] = {
            "add-schedule": any_, "adopt-schedule": any_, "opt-in": any_, "revoke-schedule": any_,
            "event": any_, "hold-event": self._event, "notice": hold, "acknowledge": hold,
            "classify": self._classify, "review": self._classify, "hold": self._hold,
            "applied": self._applied, "release": self._release, "order": order,
            "order-certified": order, "order-noticed": order, "order-extraordinary": order,
            "submit": self._submit,
            "outcome": self._outcome, "begin": self._begin, "halt": self._halt,
            "done": self._done, "verified": self._verify, "retire": self._retire,
            "open-matter": self._matter, "close-matter": self._matter, "tag": self._tag,
            "bates": self._bates, "export-approve": self._approve, "export": self._volume,
            "export-replacing": self._volume, "claw-back": self._volume,
        }  # fmt: skip

    def read(self, index: int, entry: Entry) -> None:
        """Take in a control entry."""
        self._now, kind = max(self._now, moment(entry["time"])), entry["t"]
        how = {"anchor": self._anchor, "generation": self._generation, "seal": self._seal}
        how |= {"done-part": self._part, "copy": self._copy}
        how |= {kind: self._act for kind, *_ in ACTS.values()}
        code = {"seal": "seal-unlawful", "done-part": "destroyed-unlawfully"}.get(kind)
        try:
            if kind in how and index:
                how[kind](index, entry)
        except UNREADABLE as error:
            why = str(error) or type(error).__name__
            self._named(code or "act-without-authority", index, why)

    def _named(self, code: str, index: int, what: str) -> None:
        self.findings.append((code, f"entry {index}", what))

    def _anchor(self, index: int, entry: Entry) -> None:
        if entry["kind"] in ("cosigned", "timestamp") and entry["size"] <= index:
            self._anchors[index] = entry

    def _generation(self, index: int, entry: Entry) -> None:
        self._touched.append((index, joined(ranges(entry["leaves"]), ranges(entry["of"]))))

    # Acts: of what form, by whom, and what follows. One that does not count raises.

    def _act(self, index: int, entry: Entry) -> None:
        said = statement(entry, self._archive)
        of_people = entry["t"] in ("role", "verified")
        once = said["statement"].encode() + entry["t"].encode() if of_people else spelt(said)
        if once in self._used:
            return  # two may seal the same act
        by, act = signers(entry), said["act"]
        if act == "enrol":
            self._people.enrol(said, by)
        elif entry["t"] == "role":
            self._people.change(said, by, self._now)
        else:
            by = {key for key in by if half(key) not in self._own}
            require(self._people.may(said, by, self._now), "not signed by those who have to")
            leaves = self._signed(index, entry) if act in WITH_LEAVES else []
            self._used.add(once)
            self._takes[act](index, said, leaves)
        self._used.add(once)

    def _signed(self, index: int, entry: Entry) -> Ranges | None:
        """Return the set of an act, or nothing where nobody can tell what was signed for."""
        said, found = entry["statement"], self._leaves(entry)
        require(found != [] or said["act"] in ("hold", "applied"), "about nothing")
        size = int(said["size"])
        inside = found is not None and size <= index and not meet(found, [(size, 1 << 64)])
        return found if inside and covers(found or []) == said["covers"] else None

    def _leaves(self, entry: Entry) -> Ranges | None:
        """Return an entry's set, or nothing where its file is gone, or another."""
        named = entry["leaves"]
        if isinstance(named, list):
            return ranges(named)
        require({*named} == {"set", "sha256"}, "no set")
        with suppress(OSError, *UNREADABLE):
            data = read(self._path(f"sets/{named['set']}"), MAX_BUNDLE)
            require(sha256(data).hexdigest() == named["sha256"], "another file")
            return page(data)
        return None

    def _anything(self, index: int, _said: Said, _leaves: Ranges | None) -> None:
        """Read an act of which nobody can tell what records it is about."""
        self._touched.append((index, [(0, index)]))

    def _classify(self, index: int, _said: Said, leaves: Ranges | None) -> None:
        self._touched.append((index, [(0, index)] if leaves is None else leaves))
        require(leaves is not None, "another set than was signed for")

    def _hold(self, index: int, said: Said, leaves: Ranges | None) -> None:
        name, size, hold = said["hold"], int(said["size"]), self.holds.get(said["hold"])
        held = [(0, index)] if hold or leaves is None else leaves  # what is not known is kept
        self.holds[name] = hold or Hold([], min(size, index))
        self.holds[name].ends = []
        self._keep(index, self.holds[name], held)
        require(not hold, "a hold of that name was there: now it holds everything")
        require(leaves is not None, "another set than was signed for: it holds everything")

    def _applied(self, index: int, said: Said, leaves: Ranges | None) -> None:
        hold = self._standing(said)
        self._keep(index, hold, [(0, index)] if leaves is None else leaves)
        require(leaves is not None, "another set than was signed for: it holds everything")
        hold.size = max(hold.size, int(said["size"]))

    def _keep(self, index: int, hold: Hold, held: Ranges) -> None:
        hold.leaves = joined(hold.leaves, held)
        self._touched.append((index, held))
        self._held = index if held else self._held
        for order in self.orders.values():
            if order.under_way and meet(order.leaves, held):
                order.ended = "halted"

    def _standing(self, said: Said) -> Hold:
        hold = self.holds[said["hold"]]
        require(hold.stands(self._now), "a hold that was released")
        return hold

    def _told(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        require(said["hold"] in self.holds, "no such hold")

    def _event(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        hold = self._standing(said)
        hold.ends, hold.told = [], self._now  # releases that do not count yet are taken back

    def _release(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        hold, made = self.holds[said["hold"]], moment(said["time"])
        require(hold.told <= made <= self._now, "made before an event of it, or dated ahead")
        hold.ends.append(max(self._now + WAIT, moment(said["from"])))

    def _order(self, index: int, said: Said, leaves: Ranges | None) -> None:
        require(said["order"] not in self.orders, "an order of that name was there")
        self._log_of(index, said)
        if leaves is None:
            raise ValueError("another set than was signed for")
        since = max(self._now + WAIT, moment(said["from"]))
        days = timedelta(int(said["days"])) if "days" in said else None
        self.orders[said["order"]] = Order(index, said["act"], leaves, since, days)

    def _log_of(self, index: int, said: Said) -> None:
        size = int(said["size"])
        if size <= index and root_of(self._tree, size).hex() != said["root"]:
            self._named("act-without-authority", index, "signed over another log")

    def _submit(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        order = self.orders[said["order"]]
        require(order.days is not None, "an order that asks nobody outside")
        order.told = order.told or self._now

    def _outcome(self, _index: int, said: Said, leaves: Ranges | None) -> None:
        order = self.orders[said["order"]]
        require(order.days is not None, "an order that asks nobody outside")
        order_lets = said["effect"] == "shortens"
        if order_lets and (leaves is None or minus(leaves, order.leaves)):
            raise ValueError("with leaves that were not signed for, or are not of its order")
        require(not (order_lets and order.begun), "after it began")
        order.refused, order.answer = not order_lets, self._now + WAIT if order_lets else None
        order.leaves = leaves if order_lets and leaves is not None else order.leaves
        order.ended = "halted" if order.under_way and not order_lets else order.ended

    def _begin(self, index: int, said: Said, _leaves: Ranges | None) -> None:
        order, size = self.orders[said["order"]], int(said["size"])
        self._log_of(index, said)
        require(not order.begun and not order.ended, "it has begun, or was halted")
        require(not order.waits(self._now), "its time has not come, or outsiders have to answer")
        require(covers(order.leaves) == said["covers"], "about other leaves than its order")
        require(order.index < size <= index, "evaluated on a log without its order")
        told = [self._anchors[int(at)] for at in said["times"].split(" ")]
        late = {one["sha256"] for one in told if one["size"] > order.index}
        require(TWO <= len(told) == len(late), "no two outsiders saw a log with it")
        for hold in self.holds.values():
            if hold.stands(self._now):
                require(not meet(order.leaves, hold.leaves), "a leaf of it is on hold")
                require(hold.size >= size, "a hold was not applied to what was evaluated")
        begun = [one for one in self.orders.values() if one.begun and one is not order]
        lost = [one.leaves if one.under_way else one.going for one in begun]
        require(not any(meet(order.leaves, one) for one in lost), "another order has begun on it")
        later = [leaves for at, leaves in self._touched if at >= size]
        require(not any(meet(order.leaves, one) for one in later), "decided on since evaluated")
        order.begun = True

    def _halt(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        order = self.orders[said["order"]]
        require(not order.ended, "it had ended")
        order.ended = "halted"

    def _done(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        order = self.orders[said["order"]]
        require(order.under_way, "not under way")
        require(covers(order.leaves) == said["covers"], "about other leaves than its order")
        require(not minus(order.leaves, order.going), "before all of it was destroyed")
        over = {name for name, since in self._retired.items() if since <= self._now}
        copies = {*self._copies} - over | {copy_name(self._archive, "archive")}
        left = any(minus(order.leaves, order.lost.get(name, [])) for name in copies)
        require(not left, "before all of it was lost of each copy")
        for seal, places in self._superseded.items():
            old = joined(*(self.segments[place].leaves for place in places))
            left = meet(old, order.leaves) and not meet([(seal, seal + 1)], self._erased)
            require(not left, "superseded files with leaves of it are left")
        order.ended = "done"

    def _copy(self, index: int, entry: Entry) -> None:
        require({*entry} == {"t", "id", "time", "copy"}, "an entry of other members")
        require(re.fullmatch(NAME, entry["copy"]), "of no copy")
        self._copies[entry["copy"]] = index
        self._retired.pop(entry["copy"], None)  # it is there again

    def _retire(self, index: int, said: Said, _leaves: Ranges | None) -> None:
        name = said["copy"]
        require(name != copy_name(self._archive, "archive"), "the archive itself is no copy")
        require(self._copies[name] < int(said["size"]) <= index, "told of since it was signed")
        self._retired.setdefault(name, self._now + WAIT)

    def _verify(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        seal = int(said["seal"])
        require(seal in self._superseded, "of no seal that superseded anything")
        require(self._tree[0][seal].hex() == said["entry"], "of another seal")
        self._verified.add(seal)

    # Matters: who may hand over what, and which numbers that has.

    def _matter(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        if said["act"] == "open-matter":
            require(said["matter"] not in self.matters, "a matter of that name was there")
            self.matters[said["matter"]] = Matter()
        else:
            self._open(said).over = True

    def _open(self, said: Said) -> Matter:
        matter = self.matters[said["matter"]]
        require(not matter.over or said["act"] == "claw-back", "the matter is closed")
        return matter

    def _tag(self, _index: int, said: Said, leaves: Ranges | None) -> None:
        self._open(said)
        require(leaves is not None, "another set than was signed for")

    def _bates(self, _index: int, said: Said, _leaves: Ranges | None) -> None:
        self._open(said)
        series, first, last = said["series"], int(said["first"]), int(said["last"])
        require(first <= last and self.numbers.get(series, first - 1) == first - 1, "not the next")
        self.numbers[series] = last

    def _approve(self, _index: int, said: Said, leaves: Ranges | None) -> None:
        if leaves is None:
            raise ValueError("another set than was signed for")
        self._open(said).approved.append(leaves)

    def _volume(self, _index: int, said: Said, leaves: Ranges | None) -> None:
        matter, back = self._open(said), said["act"] == "claw-back"
        if leaves is None:
            raise ValueError("another set than was signed for")
        require(int(said["volume"]) == len(matter.volumes) + 1, "not the next volume")
        if "of" in said:
            require(int(said["of"]) <= len(matter.volumes), "of no volume")
            require(
                matter.volumes[int(said["of"]) - 1] != "claw-back", "of what hands nothing over"
            )
        private = minus(leaves, minus(leaves, self._private))
        require(back or not private or private in matter.approved, "nobody approved that of it")
        matter.volumes.append(said["act"])

    # Files: what was sealed, what took its place, what is destroyed, what is told to be gone.

    def _seal(self, index: int, seal: Entry) -> None:
        for one in seal["segments"]:
            if one["sensitivity"] == "private":
                self._private = joined(self._private, ranges(one["leaves"]))
        if seal["stage"] == "destroy":
            self._destroy(index, seal)
        elif seal["stage"] == "compact":
            self._supersede(index, seal)
        else:
            for one in seal["segments"]:
                place, segment = self._segment(seal, one)
                segment.once = place not in self.segments
                self.segments[place] = segment
                self._accounts.setdefault(seal["account"], []).extend(segment.leaves)

    def _segment(self, seal: Entry, one: Entry) -> tuple[str, Segment]:
        """Return place and segment, as a seal has them."""
        like = (seal["account"], one["unit"], one["series"], one["period"], one["sensitivity"])
        own = seal if seal["stage"] == "intake" else one
        intake = own.get("lane", ""), ranges(own.get("exchanges", []))
        segment = Segment(like, {*one["objects"]}, ranges(one["leaves"]), *intake)
        return f"{one['unit']}/{one['segment']}", segment

    def _supersede(self, index: int, seal: Entry) -> None:
        """Let one segment take the place of others, or the two parts of a split."""
        first, made = seal["segments"][0], [self._segment(seal, one) for one in seal["segments"]]
        names, new, split = first["supersedes"], dict(made), len(made) == TWO
        places = [f"{first['unit']}/{name}" for name in names]
        old, parts = [self.segments[place] for place in places], [*new.values()]
        require(len(new) == len(made) <= TWO and not {*new} & {*self.segments}, "names of before")
        require(old and names == sorted({*names}), "names out of order, or none")
        require(all(one["supersedes"] == names for one in seal["segments"]), "of others each")
        require(all(one.live and one.once for one in old), "in the place of what is not live")
        require(len({one.like for one in (*old, *parts)}) == 1, "of another account, or kind")
        alike = all(one.suffixes == old[0].suffixes for one in (*old, *parts))
        require(alike or not split, "parts with other files")
        bare = split and len(old) == 1 and not old[0].leaves
        require(bare or all(one.leaves for one in (*old, *parts)), "without records")
        same([one.leaves for one in old], [one.leaves for one in parts])
        if bare:
            require(len({one.lane for one in (*old, *parts)}) == 1, "of another lane")
            require(not old[0].lane or all(one.exchanges for one in parts), "without exchanges")
            same([old[0].exchanges], [one.exchanges for one in parts])
        for one in old:
            one.live = False
        self.segments |= new
        self._superseded[index] = places

    def _destroy(self, index: int, seal: Entry) -> None:
        places, order = seal["destroys"], self.orders.get(seal["order"])
        require(not seal["segments"] and places == sorted({*places}), "places out of order")
        require(1 <= len(places) <= MOST_DESTROYED, "none or too many")
        old = [self.segments[place] for place in places]
        require(all(one.live and one.once for one in old), "what it names is not live")
        require(all(one.like[0] == seal["account"] for one in old), "of another account")
        for one in old:
            one.live = False
        leaves, account = joined(*(one.leaves for one in old)), seal["account"]
        own = self._accounts[account] = joined(self._accounts.get(account, []))
        if not (order and order.under_way and meet(order.leaves, own)):
            self._named("destroyed-unlawfully", index, "by no order under way, or of others")
        elif not all(one.leaves for one in old) and seal.get("size", 0) <= self._held:
            self._named("destroyed-unlawfully", index, "on what may show what is on hold since")
        elif minus(leaves, order.leaves):
            self._named("destroyed-unlawfully", index, "with leaves that are not of its order")
        else:
            order.going = joined(order.going, leaves)
            order.places |= {*places}

    def _part(self, index: int, entry: Entry) -> None:
        """Take in that files are gone: of what was superseded, or of an order's leaves."""
        if entry["work"] == "compact":
            seals = ranges(entry["seals"])
            self._erased = joined(self._erased, seals)
            if minus(seals, joined([(n, n + 1) for n in self._verified])):
                self._named("act-without-authority", index, "nobody had verified what went")
        elif entry["work"] == "order":
            order, leaves = self.orders[entry["order"]], self._leaves(entry)
            require(order.begun, "by an order that had not begun")
            require(leaves and re.fullmatch(NAME, entry["copy"]), "nobody knows what went where")
            beyond = minus(leaves or [], order.going)
            lost = minus(leaves or [], beyond)
            self._copies.setdefault(entry["copy"], index)
            order.lost[entry["copy"]] = joined(order.lost.get(entry["copy"], []), lost)
            require(not beyond, "no seal that counts destroyed all of that")

    def told(self) -> tuple[set[str], set[str], list[str]]:
        """Return what was destroyed by authority, of what no file may be left, and words."""
        orders = {name: one for name, one in self.orders.items() if one.begun}
        gone = {place for one in orders.values() for place in one.places}
        absent = set[str]()
        for one in orders.values():
            left = [lost for lost in one.lost.values() if minus(one.going, lost)]
            absent |= one.places if one.lost and not left else set()
        for seal in self._verified:
            absent |= {*self._superseded[seal]} if meet([(seal, seal + 1)], self._erased) else set()
        words = list[str]()
        for name, one in orders.items():
            how, of = one.ended or "under way", f"{count(one.going)} of {count(one.leaves)}"
            words.append(f"order {name} {how}: {of} observations destroyed")
        if blank := sum(not self.segments[place].leaves for place in gone):
            words.append(f"{blank} files of exchanges or maps gone: of which records, no log tells")
        return gone, absent, words


def same(old: list[Ranges], new: list[Ranges]) -> None:
    """Raise unless sets are together the same numbers, each once."""
    require(joined(*old) == joined(*new), "with more or less than what it is of")
    require(sum(map(count, old)) == count(joined(*old)) == sum(map(count, new)), "something twice")


def judge(
    archive: str,
    tree: list[list[bytes]],
    acts: dict[int, Entry],
    path: Callable[[str], Path],
    findings: list[tuple[str, str, str]],
    notes: list[str],
) -> tuple[set[str], set[str], str]:
    """Return the places destroyed by authority, those of which no file may be left, and why.

    ``acts``: control entries by their index; the others are those of `Fold`. What is found, and
    what is to be told besides, is added to the last two.
    """
    own = acts.get(0, {}).get("keys", ())
    fold = Fold(archive, [*map(str, own)] if isinstance(own, list) else [], tree, path)
    for index, entry in acts.items():
        fold.read(index, entry)
    gone, absent, words = fold.told()
    findings += fold.findings
    notes += words
    return gone, absent, "by orders that had authority"
