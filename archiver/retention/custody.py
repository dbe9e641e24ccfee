"""What is on hold and what may go: a fold over decisions in the order of the log. Pure.

It reads what counts (`archiver.registry.deciding`) and nothing private. Where a set of leaves
can't be had as it was signed, a hold holds everything before it, and an order is none: what is
not known is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.errors import ArchiverError
from archiver.ledger import ranges
from archiver.ledger.anchor import REHASH
from archiver.ledger.deciding import ORDER, check_part
from archiver.ledger.seal import DESTROY
from archiver.registry.deciding import EXTRAORDINARY, ORDERS, SHORTENS
from archiver.registry.people import Refused, moment
from archiver.retention.copies import Copies
from archiver.retention.filed import Filed
from archiver.retention.hold import Held, Release
from archiver.retention.order import SOURCES, Moment, Order, Touched, why_not
from archiver.retention.outside import Outside
from archiver.retention.signed_set import signed_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from archiver.ledger.ranges import Ranges
    from archiver.registry.deciding import Decided

    Resolve = Callable[[object], Ranges]
    """The leaves of a set as an entry has it; raises `ArchiverError` where a file is not there."""

__all__ = ["Custody", "fold_custody"]

_EVERYWHERE = frozenset(("add-schedule", "adopt-schedule", "opt-in", "revoke-schedule", "event"))
"""Acts of which the log does not tell which records they change."""


@dataclass(slots=True)
class Custody:
    """Holds and orders by handle, in the order of the log, and what of them counts for nothing.

    ``refused``: entries, each with why. ``unlawful``: those by which something went, or was to
    go, that the log did not allow; ``destroying``: the destroying seals that it did.
    """

    resolve: Resolve
    holds: dict[str, Held] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    unlawful: list[Refused] = field(default_factory=list)
    destroying: set[int] = field(default_factory=set)
    filed: Filed = field(default_factory=Filed)
    copies: Copies = field(default_factory=Copies)
    _touched: list[Touched] = field(default_factory=list)
    _anchors: dict[int, tuple[int, str]] = field(default_factory=dict)

    def take(self, entry: int, body: Mapping[str, Any], decided: Decided | None) -> None:
        """Take in a control entry. ``decided``: the act in it, where that counts."""
        if body["t"] == "generation":
            self._touched.append(Touched(entry, ranges.union(body["leaves"], body["of"])))
        elif body["t"] == "anchor" and body["kind"] != REHASH and body["size"] <= entry:
            self._anchors[entry] = body["size"], body["sha256"]  # nobody has seen more of the log
        elif body["t"] == "done-part" and body.get("work") == ORDER:
            self._part(entry, body)
        elif body["t"] == "seal" and body["stage"] == DESTROY:
            self._destroy(entry, body)
        elif body["t"] in ("seal", "done-part"):
            self.filed.take(entry, body)
        elif body["t"] == "copy":
            self._refuse(entry, self.copies.tell(entry, body))
        elif decided is not None:
            self._decide(decided)

    def why_not_begin(self, at: Moment, statement: Mapping[str, Any]) -> str:
        """Return why a beginning would not count, were it the next entry, or ""."""
        order = self.orders.get(str(statement["order"]))
        if order is None:
            return "there is no such order"
        if order.overlapped(self.orders.values()):
            return "another order on its records has begun"
        shown = [self._anchors.get(int(one), (-1, "")) for one in str(statement["times"]).split()]
        late = {file for size, file in shown if size > order.entry}
        if len(late) < SOURCES or len(late) < len(shown):
            return "no two time-stamps or cosignatures of the log with the order"
        return why_not(order, statement, at, self.holds.values(), self._touched)

    def _decide(self, one: Decided) -> None:
        how = {
            "hold": self._hold,
            "applied": self._applied,
            **dict.fromkeys(("classify", "review"), self._classify),
            **dict.fromkeys(("release", "hold-event", "notice", "acknowledge"), self._about_hold),
            **dict.fromkeys(ORDERS, self._order),
            "submit": self._submit,
            "outcome": self._outcome,
            "begin": self._begin,
            "halt": self._halt,
            "done": self._done,
            "retire": self.copies.retire,
        }.get(one.act)
        why = how(one) if how else ""
        if one.act in _EVERYWHERE:
            self._touched.append(Touched(one.entry, None))
        self._refuse(one.entry, why)

    def _refuse(self, entry: int, why: str) -> None:
        if why:
            self.refused.append(Refused(entry, why))

    def _set(self, one: Decided) -> Ranges | None:
        """Return the leaves of an act, None where they are not what was signed."""
        return signed_leaves(self.resolve, one)

    def _hold(self, one: Decided) -> str:
        handle = one.statement["hold"]
        if handle in self.holds:
            self.holds[handle].overtake()
            self._holds_everything(one, self.holds[handle])
            return "a hold of that handle was placed before: it holds everything"
        leaves = self._set(one)
        size = min(int(one.statement["size"]), one.entry)
        known = leaves if leaves is not None else [[0, one.entry]]
        subject = one.statement["subject"]
        held = Held(handle, one.entry, subject, known, size, whole=leaves is None)
        self.holds[handle] = held
        self._now_held(one, known)
        return "" if leaves is not None else "its set is not what was signed: it holds everything"

    def _applied(self, one: Decided) -> str:
        held = self.holds.get(one.statement["hold"])
        if held is None or not held.stands(one.sealed):
            return "there is no such hold, or it is released"
        leaves = self._set(one)
        if leaves is None:
            self._holds_everything(one, held)
            return "its set is not what was signed: the hold holds everything"
        held.grow(leaves, int(one.statement["size"]))
        self._now_held(one, leaves)
        return ""

    def _holds_everything(self, one: Decided, held: Held) -> None:
        """Have a hold hold everything so far, whatever else is known of it."""
        held.whole = True
        held.grow([[0, one.entry]], held.applied)
        self._now_held(one, [[0, one.entry]])

    def _now_held(self, one: Decided, leaves: Ranges) -> None:
        """Halt what has begun on what is held now."""
        if leaves:
            self._touched.append(Touched(one.entry, leaves))
            self.filed.held = one.entry
        for order in self.orders.values():
            if order.running and ranges.overlap(order.leaves, leaves):
                order.halt(one.entry, "a hold")

    def _about_hold(self, one: Decided) -> str:
        held = self.holds.get(one.statement["hold"])
        if held is None:
            return "there is no such hold"
        if one.act == "release":
            why = held.why_not_release(moment(one.statement["time"]), one.sealed)
            if not why:
                held.releases.append(Release(one.entry, one.counts))
            return why
        if not held.stands(one.sealed):
            return "the hold is released" if one.act == "hold-event" else ""
        if one.act == "hold-event":
            held.overtake()
            held.told = one.sealed
        return ""

    def _classify(self, one: Decided) -> str:
        leaves = self._set(one)
        if leaves is None:
            self._touched.append(Touched(one.entry, None))
            return "its set is not what was signed"
        self._touched.append(Touched(one.entry, leaves))
        return ""

    def _order(self, one: Decided) -> str:
        handle, leaves = one.statement["order"], self._set(one)
        if handle in self.orders:
            return "an order of that handle was made before"
        if leaves is None:
            return "its set is not what was signed"
        told = one.statement
        self.orders[handle] = Order(
            *(handle, one.entry, told["subject"], leaves, told["covers"]),
            *(int(told["size"]), one.counts),
            Outside(one.act, int(told["days"])) if "days" in told else None,
            one.act == EXTRAORDINARY,
        )
        return ""

    def _submit(self, one: Decided) -> str:
        order = self.orders.get(one.statement["order"])
        if order is None or order.outside is None:
            return "there is no such order that anybody outside is told of"
        order.outside.submitted(one.sealed)
        return ""

    def _outcome(self, one: Decided) -> str:
        """Take in an answer from outside. It can take leaves out of an order, and add none."""
        order, leaves = self.orders.get(one.statement["order"]), self._set(one)
        if order is None or order.outside is None:
            return "there is no such order that anybody outside is asked about"
        if one.statement["effect"] == SHORTENS:
            return order.allow(leaves, one.statement["covers"], one.counts)
        order.refuse(one.entry)  # whatever its set is: nothing more may go
        return ""

    def _begin(self, one: Decided) -> str:
        why = self.why_not_begin(Moment(one.entry, one.sealed), one.statement)
        if not why:
            self.orders[one.statement["order"]].begun = one.entry
        return why

    def _halt(self, one: Decided) -> str:
        order = self.orders.get(one.statement["order"])
        if order is None or order.done is not None or order.halted is not None:
            return "there is no such order, or it has ended"
        order.halt(one.entry, "people")
        return ""

    def _done(self, one: Decided) -> str:
        order = self.orders.get(one.statement["order"])
        if order is None or not order.running or one.statement["covers"] != order.covers:
            return "there is no such order under way"
        if order.left_in(self.copies.asked(str(one.statement["archive"]), one.sealed)):
            return "not all of it is gone of every copy"
        if self.filed.left_over(order.leaves):
            return "files that were superseded still have some of it"
        order.done = one.entry
        return ""

    def _part(self, entry: int, body: Mapping[str, Any]) -> None:
        """Take in which leaves of an order are gone of a copy; name what should not be."""
        try:
            check_part(body)
            order = self.orders.get(body["order"])
            leaves = self.resolve(body["leaves"])
        except ArchiverError as error:
            self.unlawful.append(Refused(entry, f"nobody knows what went: {error.message}"))
            return
        if order is None or order.begun is None:
            self.unlawful.append(Refused(entry, "no order that has begun allows it"))
            return
        self.copies.cleared(entry, body["copy"])
        if order.clear(body["copy"], leaves):
            self.unlawful.append(Refused(entry, "no destroying seal of the order has all of it"))

    def _destroy(self, entry: int, body: Mapping[str, Any]) -> None:
        why = self.why_not_destroy(body)
        if why:
            self.unlawful.append(Refused(entry, why))
        else:
            order = self.orders[body["order"]]
            order.going = ranges.union(order.going, self.filed.leaves_of(body) or [])
            self.destroying.add(entry)

    def why_not_destroy(self, body: Mapping[str, Any]) -> str:
        """Return why a destroying seal would be unlawful, were it the next entry, or ""."""
        order = self.orders.get(body["order"])
        if order is None or not order.running:
            return "the order that it names is not under way"
        return self.filed.refusal(body, order.leaves)


def fold_custody(
    resolve: Resolve,
    controls: Iterable[tuple[int, Mapping[str, Any]]],
    decided: Iterable[Decided],
    void: Container[int] = (),
) -> Custody:
    """Return holds and orders as the ledger has them.

    Args:
        resolve: reads a set of leaves.
        controls: control entries with their indexes, in order.
        decided: the acts among them that count.
        void: indexes of seals that count for nothing (`archiver.ledger.state`).
    """
    acts = {one.entry: one for one in decided}
    found = Custody(resolve)
    for index, body in controls:
        if index not in void:
            found.take(index, body, acts.get(index))
    return found
