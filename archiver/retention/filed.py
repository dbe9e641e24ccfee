"""In which segments leaves were filed, as far as an order has to know. Pure.

A fold over the seals that count: what a place has, of which account, and which superseding
seals' old files are said to be gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.ledger import ranges
from archiver.ledger.compaction import COMPACT
from archiver.ledger.segment import segments_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.ledger.ranges import Ranges

__all__ = ["Filed"]


@dataclass(slots=True)
class Filed:
    """``places``: ``unit/segment`` -> its leaves; ``accounts``: account -> all of its own.

    ``held``: the last entry that put anything on hold.
    ``replaced``: index of a superseding seal -> leaves of what it took the place of;
    ``removed``: indexes of those of which the old files are said to be gone.
    """

    places: dict[str, Ranges] = field(default_factory=dict)
    accounts: dict[str, Ranges] = field(default_factory=dict)
    replaced: dict[int, Ranges] = field(default_factory=dict)
    removed: Ranges = field(default_factory=list)
    held: int = -1

    def take(self, index: int, body: Mapping[str, Any]) -> None:
        """Take in a seal that counts, or a part done."""
        if body["t"] == "done-part":
            if body.get("work") == COMPACT:
                self.removed = ranges.union(self.removed, body["seals"])
            return
        for one in segments_of(index, body):
            self.places[one.place] = one.leaves
            if one.supersedes:
                known = self.replaced.get(index, [])
                self.replaced[index] = ranges.union(known, one.leaves)
            elif one.leaves:  # others have leaves that were counted before
                self.accounts.setdefault(one.account, []).extend(one.leaves)

    def refusal(self, body: Mapping[str, Any], leaves: Ranges) -> str:
        """Return why an order on some leaves does not allow a destroying seal, or ""."""
        going = self.leaves_of(body)
        if going is None:
            return "what it names is not in the ledger"
        blind = not all(self.places[place] for place in body["destroys"])
        if blind and body.get("size", 0) <= self.held:  # of these no leaf tells what they show
            return "more is on hold than when it was looked for what they show"
        if ranges.minus(going, leaves):
            return "the order does not have all of its records"
        if not ranges.overlap(ranges.union(self.accounts.get(body["account"], []), []), leaves):
            return "the order has no record of its account"
        return ""

    def leaves_of(self, body: Mapping[str, Any]) -> Ranges | None:
        """Return the leaves that a destroying seal takes out; None where nobody can tell."""
        if not all(place in self.places for place in body["destroys"]):
            return None
        return ranges.union([p for place in body["destroys"] for p in self.places[place]], [])

    def left_over(self, leaves: Ranges) -> bool:
        """Tell whether old files with some of the leaves are not said to be gone."""
        return any(
            ranges.overlap(own, leaves) and not ranges.overlap(self.removed, [[seal, seal + 1]])
            for seal, own in self.replaced.items()
        )
