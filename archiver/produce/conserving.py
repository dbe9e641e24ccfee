"""Conservation: what was captured is produced, withheld, held back, gone, or not asked for. Pure.

What was captured is counted by the ledger, and each part by whoever made it: nothing is what is
left over. So a record that a production forgot is seen, and one that it counted twice, and one
that nobody asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.ledger import ranges
from archiver.produce.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.ledger.ranges import Ranges

__all__ = ["KINDS", "Captured", "Conservation", "Given", "Line", "conserve"]

PRODUCED, WITHHELD, NON_RESPONSIVE = "produced", "withheld", "non-responsive"
HELD_BACK, DESTROYED = "held-back", "destroyed"
KINDS = (PRODUCED, WITHHELD, NON_RESPONSIVE, HELD_BACK, DESTROYED)
"""What may have become of what was captured, in the order of the table."""

MOST_NAMED = 5
"""Places in the log that a fault names."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What the ledger has of a scope.

    ``leaves``: all observations of its accounts, whether they are there or destroyed; those that a
    newer parser read anew count once. ``outside``: those of other streams or days, as far as rows
    tell. ``destroyed``: by order, those that it took out. ``records``: of each leaf that can be
    read here, whose it is.
    """

    leaves: Ranges
    outside: Ranges
    destroyed: Mapping[str, Ranges]
    records: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Given:
    """What became of what is there: leaves.

    By exemption, by why they are not asked for, by why they are held back.
    """

    produced: Ranges
    withheld: Mapping[str, Ranges] = field(default_factory=dict)
    non_responsive: Mapping[str, Ranges] = field(default_factory=dict)
    held_back: Mapping[str, Ranges] = field(default_factory=dict)


class Line(NamedTuple):
    """A line of the table.

    ``versions``: observations. ``records``: None where nobody can tell any more, or here. One of
    which versions are in several lines counts in the first.
    """

    kind: str
    detail: str
    versions: int
    records: int | None


@dataclass(frozen=True, slots=True)
class Conservation:
    """The table, and what is wrong with it.

    ``ledger``: observations of the accounts; ``outside`` of the scope by stream or day; what is
    left was ``captured``, of so many ``records`` as can be read here. ``size``: of the log.
    """

    size: int
    ledger: int
    outside: int
    captured: int
    records: int
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]

    @property
    def whole(self) -> bool:
        """Whether it adds up."""
        return not self.faults

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "size": self.size,
            "ledger": self.ledger,
            "outside": self.outside,
            "captured": self.captured,
            "records": self.records,
            "lines": [line._asdict() for line in self.lines],
            "whole": self.whole,
        }

    def count(self, kind: str) -> int:
        """Return how many observations are of a kind."""
        return sum(line.versions for line in self.lines if line.kind == kind)


def conserve(size: int, captured: Captured, given: Given) -> Conservation:
    """Return what became of all that was captured, and whether it adds up."""
    inside = ranges.minus(captured.leaves, captured.outside)
    sets: dict[tuple[str, str], Ranges] = {(PRODUCED, ""): given.produced}
    for kind, parts in (
        (WITHHELD, given.withheld),
        (NON_RESPONSIVE, given.non_responsive),
        (HELD_BACK, given.held_back),
        (DESTROYED, captured.destroyed),
    ):
        sets |= {(kind, name): leaves for name, leaves in _apart(parts).items()}
    records = {captured.records[n] for n in ranges.numbers(inside) if n in captured.records}
    return Conservation(
        size=size,
        ledger=ranges.count(captured.leaves),
        outside=ranges.count(captured.leaves) - ranges.count(inside),
        captured=ranges.count(inside),
        records=len(records),
        lines=tuple(_lines(sets, captured.records)),
        faults=tuple(_faults(inside, sets)),
    )


def _apart(parts: Mapping[str, Ranges]) -> dict[str, Ranges]:
    """Return sets that have nothing in common: what has several names has all of them as one."""
    found: dict[str, Ranges] = {}
    for name, leaves in sorted(parts.items()):
        left = leaves
        for other, own in list(found.items()):
            both = ranges.minus(own, ranges.minus(own, left))
            if both:
                found[other] = ranges.minus(own, both)
                together = f"{other}; {name}"
                found[together] = ranges.union(found.get(together, []), both)
                left = ranges.minus(left, both)
        found[name] = ranges.union(found.get(name, []), left)
    return {name: leaves for name, leaves in sorted(found.items()) if leaves}


def _lines(sets: Mapping[tuple[str, str], Ranges], records: Mapping[int, str]) -> Iterator[Line]:
    seen = set[str]()
    for (kind, detail), leaves in sets.items():
        own = {records[leaf] for leaf in ranges.numbers(leaves) if leaf in records}
        known = all(leaf in records for leaf in ranges.numbers(leaves))
        yield Line(kind, detail, ranges.count(leaves), len(own - seen) if known else None)
        seen |= own


def _faults(inside: Ranges, sets: Mapping[tuple[str, str], Ranges]) -> Iterator[Fault]:
    every: Ranges = []
    for (kind, detail), leaves in sets.items():
        twice = ranges.minus(leaves, ranges.minus(leaves, every))
        if twice:
            where = f"{kind} {detail}".strip()
            what = f"{_told(twice)} counted before, as something else"
            yield Fault("conservation-twice", where, what, "decide what becomes of each, once")
        every = ranges.union(every, leaves)
    beyond, left = ranges.minus(every, inside), ranges.minus(inside, every)
    if beyond:
        what = f"{_told(beyond)} not captured in the scope"
        mend = "produce what is in the scope, or open a matter with a wider one"
        yield Fault("conservation-beyond", "scope", what, mend)
    if left:
        what = f"captured {ranges.count(inside)}, accounted for {ranges.count(every)}: "
        mend = "see what became of these records; hand nothing over before that is known"
        what += f"{_told(left)} nowhere"
        yield Fault("conservation-unaccounted", "scope", what, mend)


def _told(leaves: Sequence[Sequence[int]]) -> str:
    """Return how many leaves these are, and the first of them."""
    count = ranges.count(leaves)
    first = ", ".join(str(a) if b == a + 1 else f"{a} to {b - 1}" for a, b in leaves[:MOST_NAMED])
    more = "" if len(leaves) <= MOST_NAMED else " and more"
    return f"{count} versions (entries {first}{more}) are"
