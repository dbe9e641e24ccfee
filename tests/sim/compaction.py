"""A second account of compaction: which segment each record is in, and what may go.

Told of every published entry (`Compaction.take`), it raises `Violation` where a record would
be in no live segment or in two, where files of a live one are not there with the right bytes,
and where something is said gone that is there.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tests.sim.scheduler import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Peek = Callable[[str], bytes | None]

__all__ = ["Compaction"]


@dataclass(slots=True)
class Compaction:
    """Segments of records by place (``unit/name``): their leaves, their files, who is live.

    ``observed``: entries of records by leaf. ``told``: what each says, as its settler knows.
    ``retired``: place -> the seal that superseded it; ``verified``: seals that were verified.
    """

    observed: dict[int, bytes] = field(default_factory=dict)
    told: dict[bytes, str] = field(default_factory=dict)
    leaves: dict[str, list[int]] = field(default_factory=dict)
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    live: set[str] = field(default_factory=set)
    retired: dict[str, int] = field(default_factory=dict)
    verified: set[int] = field(default_factory=set)
    fresh: list[tuple[str, int]] = field(default_factory=list)

    def copy(self) -> Compaction:
        """Return one that can go on by itself."""
        return deepcopy(self)

    def take(self, at: int, body: dict[str, Any]) -> None:
        """Take in a control entry."""
        if body["t"] == "seal" and body["stage"] != "intake":
            for one in body["segments"]:
                place = f"{one['unit']}/{one['segment']}"
                leaves = [n for first, end in one["leaves"] for n in range(first, end)]
                self._supersede(at, one, leaves)
                self.leaves[place], self.files[place] = (
                    leaves,
                    {f"u/{place}.{suffix}": digest for suffix, digest in one["objects"].items()},
                )
                self.live.add(place)
        elif body["t"] == "verified":
            self.verified.add(int(body["statement"]["seal"]))
        elif body["t"] == "done-part":
            self.fresh += [("gone", n) for first, end in body["seals"] for n in range(first, end)]

    def _supersede(self, at: int, segment: dict[str, Any], leaves: list[int]) -> None:
        olds = [f"{segment['unit']}/{name}" for name in segment.get("supersedes", ())]
        if not olds:
            return
        if not self.live.issuperset(olds):
            raise Violation(f"superseded, but not live: {sorted(set(olds) - self.live)}")
        if sorted(leaf for old in olds for leaf in self.leaves[old]) != leaves:
            raise Violation("a segment has not the leaves of those whose place it takes")
        self.live.difference_update(olds)
        self.retired |= dict.fromkeys(olds, at)

    def may_go(self, key: str) -> bool:
        """Tell whether an object is of a segment whose successor is verified."""
        place = key.removeprefix("u/").partition(".")[0]
        return self.retired.get(place) in self.verified

    def look(self, peek: Peek, gone: str = "") -> None:
        """Look at what must be there. ``gone``: an object that goes; its records' homes alone.

        Else at all live segments, and at what is said gone since the last time.
        """
        own = self.leaves.get(gone.removeprefix("u/").partition(".")[0], [])
        self._there(peek, self.live if not gone else self._homes(own))
        while not gone and self.fresh:
            _, seal = self.fresh.pop()
            left = [k for p, at in self.retired.items() if at == seal for k in self.files[p]]
            there = [key for key in left if peek(key) is not None]
            if there or seal not in self.verified:
                raise Violation(f"said gone: {there}")

    def _there(self, peek: Peek, places: Iterable[str]) -> None:
        """Raise `Violation` where segments are without one of their files."""
        for place in places:
            for key, digest in self.files[place].items():
                if sha256(peek(key) or b"").hexdigest() != digest:
                    raise Violation(f"a live segment without its file: {key}")

    def _homes(self, leaves: list[int]) -> set[str]:
        wanted = set(leaves)
        homes = {place for place in self.live if wanted & set(self.leaves[place])}
        if sum(len(wanted & set(self.leaves[place])) for place in homes) != len(wanted):
            raise Violation("a record is in no live segment, or in two")
        return homes

    def rest(self, peek: Peek) -> None:
        """Judge the end, when everybody had time: here there is nothing that has to be gone."""

    def answers(self, size: int) -> list[tuple[int, str]]:
        """Return each record that a settler told of, in the first ``size`` entries."""
        known = ((leaf, self.told.get(entry, "")) for leaf, entry in self.observed.items())
        return sorted((leaf, told) for leaf, told in known if told and leaf < size)
