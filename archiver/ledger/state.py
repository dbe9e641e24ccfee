"""What the ledger says so far: a fold over its entries. Pure.

It answers the sequencer (may this batch be admitted?), readers (which segments are
live, which leaves are theirs?) and verification (which exchange numbers never came?).
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.errors import FormatError
from archiver.ledger import compaction, entry, placing, ranges
from archiver.ledger.destroying import destroyed_refusal
from archiver.ledger.seal import COMPACT, DESTROY, INTAKE, SETTLE, named_leaves
from archiver.ledger.segment import Segment, segments_of
from archiver.ledger.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.ledger.batch import Batch
    from archiver.ledger.compaction import Refusal, Sealed
    from archiver.ledger.placing import Kind
    from archiver.ledger.ranges import Ranges

__all__ = ["COMPACT", "DESTROY", "INTAKE", "SETTLE", "LedgerState", "Segment"]


@dataclass(slots=True)
class LedgerState:
    """The state of a ledger of ``frontier.size`` entries.

    ``controls``: every control entry with its index. ``covered``: lane -> stage -> admitted
    exchange numbers. ``settled``: account -> its last settling batch. ``sealed``: the ids
    of all batches in the ledger. ``units``: (series, period, sensitivity) -> the unit in use.
    ``kinds``: unit -> series, period, sensitivity of all that is in it.
    ``places``: ``unit/segment`` -> position in ``controls`` of the seal that has it, -1 where
    two have. ``superseded``: the same -> index of the seal that put another in its place;
    ``void``: index -> why a superseding or destroying seal counts for nothing; ``removed``:
    indexes of those whose superseded files are said to be gone. ``destroyed``: the same places
    -> index of the seal that took a segment out, whether or not its order allows it.
    """

    frontier: Frontier = field(default_factory=Frontier.empty)
    controls: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    covered: dict[str, dict[str, Ranges]] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    sealed: set[str] = field(default_factory=set)
    units: dict[Kind, str] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    superseded: dict[str, int] = field(default_factory=dict)
    void: dict[int, str] = field(default_factory=dict)
    removed: Ranges = field(default_factory=list)
    destroyed: dict[str, int] = field(default_factory=dict)

    def copy(self) -> LedgerState:
        """Return a state that can be extended without a trace in this one."""
        return LedgerState(
            self.frontier,
            list(self.controls),
            {lane: dict(stages) for lane, stages in self.covered.items()},
            dict(self.settled),
            set(self.sealed),
            dict(self.units),
            dict(self.kinds),
            dict(self.places),
            dict(self.superseded),
            dict(self.void),
            self.removed,
            dict(self.destroyed),
        )

    @property
    def size(self) -> int:
        """How many entries the ledger has."""
        return self.frontier.size

    def extend(self, entries: Sequence[bytes]) -> None:
        """Take in the entries that follow. Raises `FormatError` for a malformed one."""
        length = entry.OBSERVATION_BYTES
        others = [  # than observations, which nearly all are
            index for index, data in enumerate(entries) if len(data) != length or data[0] != 1
        ]
        for index in others:
            parsed = entry.parse(entries[index])
            if isinstance(parsed, entry.Control):
                self.replay(self.size + index, parsed.body)
        self.frontier = self.frontier.extend(list(map(leaf_hash, entries)))

    def replay(self, index: int, body: dict[str, Any]) -> None:
        """Take in one well-formed control entry at its index.

        Raises `FormatError` where it names leaves that do not come before it: what a reader
        does for each leaf would have no end.
        """
        if any(end > index for _, end in named_leaves(body)):
            raise FormatError("an entry that names leaves after itself", where=f"entry {index}")
        self.controls.append((index, body))
        self.sealed.add(body["id"])
        if body["t"] == "seal" and body["stage"] == COMPACT:
            self._supersede(index, body)
        elif body["t"] == "seal" and body["stage"] == DESTROY:
            self._destroy(index, body)
        elif body["t"] == "seal":
            self._seal(body)
        elif body["t"] == "done-part" and body.get("work") == COMPACT:
            self.removed = ranges.union(self.removed, body["seals"])

    def _seal(self, body: dict[str, Any]) -> None:
        stage, lane = body["stage"], body.get("lane", "")
        if lane:
            stages = self.covered.setdefault(lane, {INTAKE: [], SETTLE: []})
            stages[stage] = ranges.union(stages[stage], body["exchanges"])
        if stage == SETTLE:
            self.settled[body["account"]] = body["batch"]
        for one in body["segments"]:
            kind = placing.kind_of(one)
            self.units.setdefault(kind, one["unit"])
            self.kinds.setdefault(one["unit"], kind)
            self._put(one)

    def _supersede(self, index: int, body: dict[str, Any]) -> None:
        """Take in a superseding seal; one that admission refuses counts for nothing."""
        refused = self._superseding(body)
        if refused is not None:
            self.void[index] = refused.why
            return
        for one in body["segments"]:
            self._put(one)
        places = (f"{one['unit']}/{name}" for name in body["segments"][0]["supersedes"])
        self.superseded |= dict.fromkeys(places, index)

    def _destroy(self, index: int, body: dict[str, Any]) -> None:
        """Take in a destroying seal; one that names what is not live counts for nothing."""
        why = self._destroying(body)
        if why:
            self.void[index] = why
        else:
            self.destroyed |= dict.fromkeys(body["destroys"], index)

    def _put(self, segment: dict[str, Any]) -> None:
        place = f"{segment['unit']}/{segment['segment']}"
        self.places[place] = -1 if place in self.places else len(self.controls) - 1

    def _superseding(self, body: dict[str, Any]) -> Refusal | None:
        return compaction.refusal(body, self._sealed, self._taken)

    def _destroying(self, body: dict[str, Any]) -> str:
        return destroyed_refusal(body, self._sealed, self._taken)

    @property
    def _taken(self) -> ChainMap[str, int]:
        """The places of segments that are not live any more."""
        return ChainMap(self.superseded, self.destroyed)

    def _sealed(self, place: str) -> Sealed | None:
        """Return the seal and the segment of a place; None where there is none, or are two."""
        position = self.places.get(place, -1)
        if position < 0:
            return None
        seal = self.controls[position][1]
        name = place.rpartition("/")[2]
        return seal, next(one for one in seal["segments"] if one["segment"] == name)

    def segments(self) -> Iterator[Segment]:
        """Yield every live segment, in ledger order: not superseded, and not destroyed."""
        taken = self._taken if self.superseded or self.destroyed else ()
        return (one for one in self._every() if one.place not in taken)

    def retired(self) -> Iterator[tuple[Segment, int]]:
        """Yield every superseded segment, and the index of the seal that superseded it."""
        for one in self._every() if self.superseded else ():
            if one.place in self.superseded:
                yield one, self.superseded[one.place]

    def ended(self) -> Iterator[tuple[Segment, int]]:
        """Yield every destroyed segment, and the index of the seal that took it out."""
        for one in self._every() if self.destroyed else ():
            if one.place in self.destroyed:
                yield one, self.destroyed[one.place]

    def is_removed(self, seal: int) -> bool:
        """Tell whether the files that a superseding seal took the place of are said to be gone."""
        return ranges.overlap(self.removed, [[seal, seal + 1]])

    def voided(self) -> Iterator[Segment]:
        """Yield every segment of a superseding seal that counts for nothing."""
        return self._every(void=True) if self.void else iter(())

    def _every(self, *, void: bool = False) -> Iterator[Segment]:
        for index, body in self.controls:
            if body["t"] == "seal" and (index in self.void) is void:
                yield from segments_of(index, body)

    def refusal(self, batch: Batch) -> str:
        """Return why a well-formed batch can't be admitted, or "" where it can.

        A number once admitted for a stage is never admitted again, intake goes on where
        the lane's last ended, only what is in intake is settled, and the settling batches
        of an account follow one another: so two workers that settle the same exchange
        can't make two sets of records, and nobody settles what nobody can look up. A segment
        is superseded once (`archiver.ledger.compaction`), and is in its place
        (`archiver.ledger.placing`).
        """
        return next(self.objections(batch), "")

    def objections(self, batch: Batch) -> Iterator[str]:
        """Yield all that a batch can't be admitted for."""
        yield from self._for_ever(batch)
        for body in _seals(batch):
            # Never for ever: whoever handed in what is ruled out takes its files back, and
            # these are another seal's.
            yield from filter(None, (self._too_early(body), self._named_before(body)))

    def ruled_out(self, batch: Batch) -> str:
        """Return why neither this ledger nor any longer one admits a batch, or ""."""
        return next(self._for_ever(batch), "")

    def _for_ever(self, batch: Batch) -> Iterator[str]:
        if batch.id in self.sealed:
            yield "batch is sealed already"
        for body in _seals(batch):
            found = self._too_late(body), placing.misplaced(body, self.kinds)
            yield from filter(None, found)

    def _named_before(self, body: dict[str, Any]) -> str:
        return (
            "" if body["stage"] in (COMPACT, DESTROY) else placing.named_before(body, self.places)
        )

    def _stages(self, body: dict[str, Any]) -> dict[str, Ranges]:
        return self.covered.get(body.get("lane", ""), {INTAKE: [], SETTLE: []})

    def _too_late(self, body: dict[str, Any]) -> str:
        if body["stage"] == COMPACT:
            refused = self._superseding(body)
            return refused.why if refused and refused.late else ""
        if body["stage"] == DESTROY:
            return self._destroying(body)
        stages, numbers = self._stages(body), body.get("exchanges", [])
        if ranges.overlap(stages[body["stage"]], numbers):
            return "an exchange number was admitted for this stage before"
        if body["stage"] == INTAKE:
            last = stages[INTAKE][-1][1] if stages[INTAKE] else 1
            if not numbers:
                return "an intake seal of no exchanges"
            goes_on = all(first >= last for first, _ in numbers)
            return "" if goes_on else "exchange numbers go back"
        expected = self.settled.get(body["account"], 0) + 1
        return _unexpected(body, expected) if body["batch"] < expected else ""

    def _too_early(self, body: dict[str, Any]) -> str:
        if body["stage"] in (INTAKE, DESTROY):
            return ""
        if body["stage"] == COMPACT:
            refused = self._superseding(body)
            return refused.why if refused and not refused.late else ""
        if ranges.minus(body.get("exchanges", []), self._stages(body)[INTAKE]):
            return "an exchange number is not in intake"
        expected = self.settled.get(body["account"], 0) + 1
        return _unexpected(body, expected) if body["batch"] > expected else ""


def _unexpected(body: dict[str, Any], expected: int) -> str:
    return f"settling batch {body['batch']} of the account came when {expected} was due"


def _seals(batch: Batch) -> Iterator[dict[str, Any]]:
    return (body for body in batch.controls if body["t"] == "seal")
