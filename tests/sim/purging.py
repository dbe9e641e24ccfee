"""A second account of destruction: what an order may take, and what is left of it.

Beside what `tests.sim.compaction` keeps of records it keeps exchanges. Told of every published
entry it raises `Violation` where something goes that no order has, that is on hold by what the
log said before, that nobody has verified the rest of, or that shows a record on hold; and where
something is said gone, or an order done, of which files are there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.sim.compaction import Compaction
from tests.sim.scheduler import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.sim.compaction import Peek

    Thing = int | tuple[str, int]
    """A record by its leaf, or an exchange by lane and number."""

__all__ = ["Destruction", "numbers"]


def numbers(ranges: Iterable[Iterable[int]]) -> set[int]:
    """Return the numbers in ranges."""
    return {n for first, end in ranges for n in range(first, end)}


@dataclass(slots=True)
class Destruction(Compaction):
    """Segments by place as in `Compaction`, of intake too, and the one order that has begun.

    ``holds``: what each segment holds. ``made``: the seal that made each. ``order``: its handle
    and its leaves. ``held``: leaves on hold. ``lost``: when each thing was lawfully taken out.
    ``ended``: places that were. ``shows``: which leaves an exchange shows. ``copies``: what looks
    up an object in each copy, by its handle; ``keys``: what looks up the key of one.
    """

    holds: dict[str, set[Thing]] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    account: dict[str, str] = field(default_factory=dict)
    order: tuple[str, frozenset[int]] = ("", frozenset())
    held: set[int] = field(default_factory=set)
    halted: bool = False
    done: bool = False
    lost: dict[Thing, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    shows: Callable[[tuple[str, int], dict[str, list[int]]], set[int]] | None = None
    copies: dict[str, Peek] = field(default_factory=dict)
    keys: Peek = field(default=lambda _key: None)

    def take(self, at: int, body: dict[str, Any]) -> None:
        """Take in a control entry."""
        kind = body["t"]
        if kind == "seal" and body["stage"] == "destroy":
            self._destroy(at, body)
        elif kind == "seal":
            self._seal(at, body)
        elif kind == "verified":
            self.verified.add(int(body["statement"]["seal"]))
        elif kind == "done-part" and body["work"] == "compact":
            self.fresh += [("gone", n) for n in numbers(body["seals"])]
        elif kind == "done-part":
            self._part(body)
        elif kind in {"hold", "applied"}:
            self._hold(numbers(body["leaves"]))
        elif kind == "done":
            self._done()

    def _seal(self, at: int, body: dict[str, Any]) -> None:
        taking = [one for one in body["segments"] if "supersedes" in one]
        if taking:
            self._superseded(at, taking)
        for one in body["segments"]:
            place = f"{one['unit']}/{one['segment']}"
            self.leaves[place] = sorted(numbers(one["leaves"]))
            self.holds[place] = self._things(body, one)
            self.files[place] = {f"u/{place}.{s}": digest for s, digest in one["objects"].items()}
            self.made[place] = at if taking else -1
            self.account[place] = body["account"]
            self.live.add(place)

    @staticmethod
    def _things(body: dict[str, Any], segment: dict[str, Any]) -> set[Thing]:
        intake = body if body["stage"] == "intake" else segment
        own: set[Thing] = set(numbers(segment["leaves"]))
        return own or {(intake["lane"], n) for n in numbers(intake.get("exchanges", []))}

    def _superseded(self, at: int, made: list[dict[str, Any]]) -> None:
        olds = [f"{made[0]['unit']}/{name}" for name in made[0]["supersedes"]]
        if not self.live.issuperset(olds):
            raise Violation(f"superseded, but not live: {sorted(set(olds) - self.live)}")
        parts = [self._things({"stage": "compact"}, one) for one in made]
        whole = set().union(*(self.holds[old] for old in olds))
        if set().union(*parts) != whole or sum(map(len, parts)) != len(whole):
            raise Violation("what supersedes has not all of what it takes the place of, once")
        self.live.difference_update(olds)
        self.retired |= dict.fromkeys(olds, at)

    def _hold(self, leaves: set[int]) -> None:
        self.held |= leaves
        self.halted |= bool(leaves & self.order[1]) and not self.done

    def _destroy(self, at: int, body: dict[str, Any]) -> None:
        name, leaves = self.order
        if body["order"] != name or self.halted or self.done:
            raise Violation("something was taken out that no order under way has")
        for place in body["destroys"]:
            if place not in self.live:
                raise Violation(f"taken out, but not live: {place}")
            if self.made[place] >= 0 and self.made[place] not in self.verified:
                raise Violation(f"a part was taken out that nobody has verified: {place}")
            for thing in self.holds[place]:
                self._judge(thing, leaves)
                self.lost[thing] = at
            self.live.discard(place)
            self.ended.add(place)

    def _judge(self, thing: Thing, ordered: frozenset[int]) -> None:
        shown = {thing} if isinstance(thing, int) else self._shown(thing)
        if not shown & ordered:
            raise Violation(f"something was taken out that is not of the order: {thing}")
        if shown & self.held:
            raise Violation(f"something was taken out that is on hold, or shows it: {thing}")

    def _shown(self, exchange: tuple[str, int]) -> set[int]:
        assert self.shows is not None
        known = defaultdict[str, list[int]](list)
        for leaf, entry in self.observed.items():
            known[self.told.get(entry, "")].append(leaf)
        return self.shows(exchange, known)

    def _part(self, body: dict[str, Any]) -> None:
        for leaf in numbers(body["leaves"]):
            if leaf not in self.lost:
                raise Violation(f"said gone, but not taken out: {leaf}")
        peek = self.copies[body["copy"]]
        left = self.left(peek, numbers(body["leaves"]))
        if left:
            raise Violation(f"said gone of a copy that has it: {left}")

    def _done(self) -> None:
        if not self.order[1] <= self.lost.keys():
            raise Violation("an order is done of which something is left")
        for peek in self.copies.values():
            left = self.left(peek, set(self.order[1]))
            if left:
                raise Violation(f"an order is done of which there is a file: {left}")
        self.done = True

    def left(self, peek: Peek, some: Iterable[Thing]) -> list[str]:
        """Return which files with one of some things are somewhere."""
        wanted = set(some)
        places = [place for place, own in self.holds.items() if own & wanted]
        return [key for one in places for key in self.files[one] if peek(key) is not None]

    def may_go(self, key: str) -> bool:
        """Tell whether an object is of a segment that was taken out, or whose rest is verified."""
        place = key.removeprefix("u/").partition(".")[0]
        return place in self.ended or self.retired.get(place) in self.verified

    def look(self, peek: Peek, gone: str = "") -> None:
        """Look at what must be there, as `Compaction.look`; what was taken out need not be."""
        own = self.holds.get(gone.removeprefix("u/").partition(".")[0], set())
        wanted = own - self.lost.keys()
        homes = {place for place in self.live if self.holds[place] & wanted} if gone else self.live
        if gone and sum(len(self.holds[one] & wanted) for one in homes) != len(wanted):
            raise Violation("something is in no live segment, or in two")
        self._there(peek, homes)
        while not gone and self.fresh:
            _, seal = self.fresh.pop()
            old = [k for p, at in self.retired.items() if at == seal for k in self.files[p]]
            there = [key for key in old if peek(key) is not None]
            if there or seal not in self.verified:
                raise Violation(f"said gone: {there}")

    def answers(self, size: int) -> list[tuple[int, str]]:
        """Return each record that a settler told of and that a log of that size has not lost."""
        every = Compaction.answers(self, size)
        return [one for one in every if self.lost.get(one[0], size) >= size]

    def rest(self, peek: Peek) -> None:
        """Judge the end, when everybody had time. Raises `Violation`."""
        for name, look in {"the archive": peek, **self.copies, "the key store": self.keys}.items():
            left = self.left(look, self.lost)
            if left:
                raise Violation(f"{name} still has of what was taken out: {left}")
        blocked = any(self._shown(one) & self.held for one in self._exchanges())
        if not (self.done or self.halted or blocked):
            raise Violation("an order that nothing is in the way of was not done")

    def _exchanges(self) -> list[tuple[str, int]]:
        """Return the exchanges that are left and show something of the order."""
        live = [thing for place in self.live for thing in self.holds[place]]
        pairs = [one for one in live if isinstance(one, tuple)]
        return [one for one in pairs if self._shown(one) & self.order[1]]
