"""Orders to destroy as the ledger tells them: from the request to what is gone. Pure.

An order begins at most once, and nothing may be destroyed before. What stands in the way of
a beginning is asked here, of the very state that the log had before that entry: so of a
hold and a beginning at the same time, the one that is first in the log wins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from archiver.ledger.ranges import Ranges
    from archiver.retention.hold import Held
    from archiver.retention.outside import Outside

__all__ = ["SOURCES", "Moment", "Order", "Touched", "under_way", "why_not", "withheld"]

SOURCES = 2
"""How many pieces of outside evidence must show that the day of an order has come."""


class Touched(NamedTuple):
    """An entry that may change what is decided on some leaves; None: on any."""

    entry: int
    leaves: Ranges | None


class Moment(NamedTuple):
    """Where in the log something would be: the entry, and the ledger's time there."""

    entry: int
    when: datetime


@dataclass(slots=True)
class Order:
    """One order.

    ``size``: the log that it was evaluated on. ``counts``: before that it does not begin.
    ``outside``: whom it has to wait for besides, None where nobody is asked.
    ``extraordinary``: by no schedule, but by an authority of its own; nobody sees it meanwhile.
    ``begun``, ``halted``, ``done``: the entries that say so, None where none does. ``why``: what
    halted it. ``going``: leaves that a destroying seal took out: they are lost, whatever comes.
    ``gone``: by copy, those of which a part done says that they are gone.
    """

    handle: str
    entry: int
    subject: str
    leaves: Ranges
    covers: str
    size: int
    counts: datetime
    outside: Outside | None = None
    extraordinary: bool = False
    begun: int | None = None
    halted: int | None = None
    done: int | None = None
    why: str = ""
    going: Ranges = field(default_factory=list)
    gone: dict[str, Ranges] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it has begun, and neither ended nor was halted."""
        return self.begun is not None and self.halted is None and self.done is None

    @property
    def saved(self) -> Ranges:
        """The leaves that nothing takes out."""
        return ranges.minus(self.leaves, self.going)

    def overlapped(self, others: Iterable[Order]) -> bool:
        """Tell whether another has begun on some of it: nothing goes under two orders."""
        begun = (one for one in others if one is not self and one.begun is not None)
        return any(
            ranges.overlap(self.leaves, one.leaves if one.running else one.going) for one in begun
        )

    def halt(self, entry: int, why: str) -> None:
        """End it where it stands."""
        self.halted, self.why = entry, why

    def allow(self, leaves: Ranges | None, covers: str, counts: datetime) -> str:
        """Be about what the authority outside lets go; return why that counts not, or ""."""
        if leaves is None or ranges.minus(leaves, self.leaves):
            return "its set is not what was signed, or not of the order"
        if self.begun is not None:
            return "the order has begun already"
        if self.outside is not None:
            self.outside.answered(counts)
        self.leaves, self.covers = leaves, covers
        return ""

    def refuse(self, entry: int) -> None:
        """Take in that the authority outside does not let it go."""
        if self.outside is not None:
            self.outside.answered(None)
        if self.running:
            self.halt(entry, "the authority outside")

    def clear(self, copy: str, leaves: Ranges) -> Ranges:
        """Take in that leaves are gone of a copy; return those that nothing takes out."""
        beyond = ranges.minus(leaves, self.going)
        lost = ranges.minus(leaves, beyond)
        self.gone[copy] = ranges.union(self.gone.get(copy, []), lost)
        return beyond

    def left_in(self, copies: Iterable[str]) -> set[str]:
        """Return which of some copies, by handle, are not said to have lost all of it."""
        return {one for one in copies if self.gone.get(one, []) != self.leaves}


def withheld(orders: Iterable[Order]) -> Ranges:
    """Return the leaves that nobody is shown: those of extraordinary orders that stand."""
    standing = (one for one in orders if one.extraordinary and one.halted is None)
    return ranges.union([pair for one in standing for pair in one.leaves], [])


def under_way(orders: Iterable[Order]) -> Ranges:
    """Return the leaves of orders that are under way: nothing of them is copied or read anew."""
    return ranges.union([pair for one in orders if one.running for pair in one.leaves], [])


def why_not(
    order: Order,
    statement: Mapping[str, Any],
    at: Moment,
    holds: Iterable[Held],
    touched: Iterable[Touched],
) -> str:
    """Return why an order does not begin with an act, or "".

    Args:
        order: the order that the act names.
        statement: the act, its form checked.
        at: where it would be.
        holds: all holds before it.
        touched: entries before it that may change a decision.
    """
    size = int(statement["size"])
    if order.begun is not None or order.halted is not None:
        return "the order has begun already" if order.halted is None else "the order was halted"
    if statement["covers"] != order.covers:
        return "it is about another set of records than the order"
    if at.when < order.counts:
        return "the waiting time of the order is not over"
    outside = order.outside.why_not(at.when) if order.outside else ""
    if outside:
        return outside
    if not order.entry < size <= at.entry:
        return "it was not evaluated on a log that has the order"
    return _held(order, size, at, holds) or _changed(order, size, touched)


def _held(order: Order, size: int, at: Moment, holds: Iterable[Held]) -> str:
    for one in holds:
        if one.stands(at.when):
            if one.covers(order.leaves):
                return "a record of it is on hold"
            if one.applied < size:
                return "a hold was not applied to the log that it was evaluated on"
    return ""


def _changed(order: Order, size: int, touched: Iterable[Touched]) -> str:
    for one in touched:
        if one.entry >= size and (one.leaves is None or ranges.overlap(one.leaves, order.leaves)):
            return "something was decided on its records since it was evaluated"
    return ""
