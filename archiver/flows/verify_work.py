"""What there is to check of a seal, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.ledger.finding import Finding
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import Segment

__all__ = ["Checked", "Work"]


class Work(NamedTuple):
    """One seal to be checked, with all that its check has to know of the ledger.

    ``leaves``: leaf hashes by index. ``intake``: segments that hold its exchanges. ``told``:
    its newer generations (`told_generations`). ``old``: segments of it that others superseded,
    and whether they may be gone; ``merged``: how many records were in these. ``maps``, of what
    superseded others, or whose map was split: the maps of its records (none: there is none),
    each time with their leaves. ``gone``: exchanges that went with what was destroyed, by lane.
    """

    seal: int
    segments: Sequence[Segment]
    leaves: Mapping[int, bytes]
    intake: Sequence[Segment]
    told: Mapping[int, tuple[int, Segment | None]]
    old: Sequence[tuple[Segment, bool]] = ()
    merged: int = 0
    maps: Sequence[tuple[Sequence[Segment], Ranges]] = ()
    gone: Mapping[str, Ranges] = {}


class Checked(NamedTuple):
    """What came of checking a seal: its findings, and how much was looked at.

    ``unreadable`` counts files whose key is not here. ``decisions``: accounts' documents by leaf;
    ``looks``: those about looks. ``leaves``: of what records it has, if all were read.
    """

    seal: int
    findings: list[Finding]
    decisions: list[tuple[int, bytes]]
    looks: list[tuple[int, bytes]]
    leaves: Ranges
    objects: int = 0
    records: int = 0
    rederived: int = 0
    unreadable: int = 0
