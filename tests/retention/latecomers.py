"""Records that come late, and newer generations, in the play of holds and orders.

A record has more than one leaf then: a version that is captured after the order, or the hold, on
it; and what a newer parser reads. Orders and holds are about whole records, as their flows make
them. An exchange and a segment whose month is over take in what comes late as any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archiver.ledger.ranges import overlap
from archiver.ledger.whereabouts import whereabouts
from archiver.retention.order import under_way
from tests.registry.signers import handle
from tests.retention.custodians import LEAVES, Hall, Player, Said, Violation

__all__ = ["LatePlayer"]

MOST = LEAVES + 6
_MEANWHILE = 0.2
EVERY = 10
"""Steps of a play among which one is of those that are new here."""


@dataclass
class LateHall(Hall):
    """A hall to which more comes. ``records``: leaf -> the record that it is a version of."""

    records: dict[int, int] = field(default_factory=lambda: {n: n for n in range(LEAVES)})

    def come(self, record: int) -> int:
        """Have a version of a record come; return its leaf."""
        leaf, self.size = self.size, self.size + 1
        self.records[leaf] = record
        self.seal("settle", [[leaf, leaf + 1]], f"L{leaf}")
        return leaf

    def live(self) -> list[int]:
        """Return all leaves that nothing took out."""
        gone = set().union(*self.going.values())
        return [leaf for leaf in self.records if leaf not in gone]

    def whole(self, some: frozenset[int]) -> frozenset[int]:
        """Return all live versions of the records of some leaves."""
        wanted = {self.records[leaf] for leaf in some}
        return frozenset(leaf for leaf in self.live() if self.records[leaf] in wanted)

    def under(self, leaf: int) -> bool:
        """Tell, by the second account, whether a leaf is of an order under way."""
        for made in (one for one in self.said if one.what == "order" and leaf in one.leaves):
            begun = [one for one in self.said if (one.what, one.name) == ("begin", made.name)]
            ended = self.custody.orders[handle(made.name)].done is not None
            if begun and not ended and not any(self._stops(s, made, begun[0]) for s in self.said):
                return True
        return False

    @staticmethod
    def _stops(one: Said, made: Said, start: Said) -> bool:
        held = one.what in {"hold", "applied"} and one.leaves & made.leaves
        halted = (one.what, one.name) == ("halt", made.name)
        return one.entry > start.entry and bool(held or halted)

    def judge(self, order: str, leaf: int) -> None:
        """Raise `Violation` also where another version of the record is on hold."""
        super().judge(order, leaf)
        versions = {one for one, record in self.records.items() if record == self.records[leaf]}
        for one in self.said:
            if one.what == "hold" and versions & self.on(one) and self.stands(one):
                raise Violation(f"leaf {leaf} goes while a version of its record is on hold")

    def judge_with(self, one: Said, made: Said, start: Said) -> None:
        """Raise `Violation` also where something was read anew after it was evaluated."""
        super().judge_with(one, made, start)
        anew = one.what == "generation" and one.leaves & made.leaves
        if anew and start.size <= one.entry < start.entry:
            raise Violation("it began although a record of it was read anew since")

    def merge(self, count: int) -> None:
        """Merge, and find what came late in one live segment as well."""
        super().merge(count)
        for leaf in (one for one in self.live() if one >= LEAVES):
            if len(whereabouts(self.log, [[leaf, leaf + 1]]).live) != 1:
                raise Violation(f"leaf {leaf}, which came late, is not in one live segment")


class LatePlayer(Player):
    """Plays as `Player`, and has versions come late and be read anew."""

    hall: LateHall

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.hall = LateHall()

    def run(self, steps: int) -> None:
        """Play. Raises `Violation`."""
        for _ in range(steps // EVERY):
            super().run(EVERY - 1)
            self.chance.choice((self.come, self.come, self.read_anew))()
            self.steps += 1

    def some(self) -> frozenset[int]:
        """Return all versions of one to three records; of what is gone, where nothing is left."""
        live = self.hall.live()
        if not live:
            return frozenset((self.chance.choice(sorted(self.hall.records)),))
        chosen = self.chance.sample(live, min(len(live), self.chance.randint(1, 3)))
        return self.hall.whole(frozenset(chosen))

    def apply(self) -> None:
        """Apply holds, as whoever begins an order does; at times something is read anew then."""
        super().apply()
        if self.chance.random() < _MEANWHILE:
            self.read_anew()

    def come(self) -> None:
        """Have a version come, of a record that is there or was destroyed."""
        if len(self.hall.records) < MOST:
            self.hall.come(self.chance.randrange(LEAVES))

    def read_anew(self) -> None:
        """Have a newer generation of a version sealed, where that is admitted."""
        live = self.hall.live()
        if not live or len(self.hall.records) >= MOST:
            return
        old = self.chance.choice(live)
        if overlap(under_way(self.hall.custody.orders.values()), [[old, old + 1]]):
            return
        if self.hall.under(old):
            raise Violation(f"leaf {old} is read anew while an order on it is under way")
        new = self.hall.come(self.hall.records[old])
        told = {"leaves": [[new, new + 1]], "of": [[old, old + 1]]}
        entry = self.hall.put({"t": "generation", "account": "a", **told})
        self.hall.note(entry, "generation", "g", leaves=frozenset((new, old)))
