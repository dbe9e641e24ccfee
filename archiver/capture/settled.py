"""What settling makes: observations with their origins, and counts for each stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archiver.capture.losses import Loss
    from archiver.record import Observation

__all__ = ["Counts", "Settled"]


@dataclass(slots=True)
class Counts:
    """What became of one stream in a run. ``reported`` None: the platform gave no count.

    ``whole``, ``stopped`` and ``broken`` are numbers of listings: read to their end; read
    up to what was known, or not such that an absence means something; not read to an end.
    """

    reported: int | None = None
    seen: int = 0
    new: int = 0
    changed: int = 0
    repeats: int = 0
    residue: int = 0
    unexplained: int = 0
    whole: int = 0
    stopped: int = 0
    broken: int = 0


@dataclass(slots=True)
class Settled:
    """Observations ready to be sealed, each with its own random UUID, and their origins.

    ``origins`` is the settlement map: UUID -> (exchange id, [(role, start, end) …]). It
    goes into encrypted intake only. ``entries``: further control entries that belong to them.
    ``losses``: what the platform said in these exchanges is not to be had. ``sets``: files, by
    key, that those entries name (`archiver.ledger.sets`).
    """

    observations: list[tuple[str, Observation]] = field(default_factory=list)
    origins: dict[str, tuple[str, list[tuple[str, int, int]]]] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    sets: dict[str, bytes] = field(default_factory=dict)
