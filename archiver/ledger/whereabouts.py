"""In which files some leaves stand: what has to go so that their records are gone. Pure.

A record that was merged stands in several segments: in the live one, in those that it
superseded until they are erased, and perhaps in one whose superseding seal counts for
nothing. Exchanges and settlement maps are found by exchange, not by leaf; a file that no
seal names (a batch that never ended) is in no ledger: the inventory finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archiver.layout import unit_object_key
from archiver.ledger import ranges
from archiver.record import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["Whereabouts", "every", "exchanges_of", "private_leaves", "whereabouts"]


class Whereabouts(NamedTuple):
    """Segments in which one of some leaves stands, each list in ledger order.

    ``live``: whose other records must be copied. ``superseded``: whose others are in live
    segments, also where their files are said to be gone: a late write may have put one there
    again. ``void``: of superseding seals that count for nothing, whatever they claim to hold.
    ``ended``: which were destroyed, also where their files are said to be gone.
    """

    live: Sequence[Segment]
    superseded: Sequence[Segment]
    void: Sequence[Segment]
    ended: Sequence[Segment]

    @property
    def keys(self) -> list[str]:
        """The storage keys of all their files; in every version, none may stay."""
        return [
            unit_object_key(one.unit, one.name, suffix)
            for one in (*self.live, *self.superseded, *self.void, *self.ended)
            for suffix in one.objects
        ]


def whereabouts(state: LedgerState, leaves: Ranges) -> Whereabouts:
    """Return where leaves stand, live and superseded, verified or not, erased or not.

    What a void seal says of its leaves is nobody's word: all those in a unit of the others
    are taken along. One that names a segment which counts is not: its files are that one's.
    """
    live = [one for one in state.segments() if ranges.overlap(one.leaves, leaves)]
    superseded = [one for one, _ in state.retired() if ranges.overlap(one.leaves, leaves)]
    ended = [one for one, _ in state.ended() if ranges.overlap(one.leaves, leaves)]
    units = {one.unit for one in (*live, *superseded, *ended)}
    void = [one for one in state.voided() if one.unit in units and one.place not in state.places]
    return Whereabouts(live, superseded, void, ended)


def every(state: LedgerState) -> Iterator[Segment]:
    """Yield every segment that counts or did: live, superseded, destroyed."""
    yield from state.segments()
    yield from (one for one, _ in (*state.retired(), *state.ended()))


def exchanges_of(state: LedgerState, leaves: Ranges) -> dict[str, Ranges]:
    """Return the exchanges, by lane, in which the records of some leaves may occur.

    They are all that the seals of these leaves cover: more than those that show them. One that saw
    a record again unchanged is not among them.
    """
    found: dict[str, Ranges] = {}
    for one in every(state):
        if one.lane and ranges.overlap(one.leaves, leaves):
            found[one.lane] = ranges.union(found.get(one.lane, []), one.exchanges)
    return found


def private_leaves(state: LedgerState) -> Ranges:
    """Return all leaves that were sealed as private ones, live or not: by the seals alone."""
    found = [
        pair
        for _, body in state.controls
        if body["t"] == "seal"
        for one in body["segments"]
        if one["sensitivity"] == Sensitivity.PRIVATE
        for pair in one["leaves"]
    ]
    return ranges.union(found, [])
