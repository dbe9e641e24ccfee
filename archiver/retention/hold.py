"""Holds as the ledger alone tells them: what each covers, and whether it stands. Pure.

No word of why a hold was placed is in the ledger, and none is needed to keep to it: a set of
leaves, how far its live scope was applied, and who released it. So whoever may read no
record can still tell that nothing on hold went.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from archiver.ledger import ranges

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.ledger.ranges import Ranges

__all__ = ["Held", "Release"]


class Release(NamedTuple):
    """A release: its entry, and from when it counts."""

    entry: int
    counts: datetime


@dataclass(slots=True)
class Held:
    """One hold.

    ``leaves``: what it was placed on, and what was applied to it since; it never shrinks.
    ``applied``: up to which size of the log its live scope was looked for. ``releases`` are
    those that nothing overtook; ``overtaken`` those that an event took back in time.
    ``told``: when the last event of its request was sealed.
    ``whole``: some set of it can't be had as it was signed, so it holds everything before.
    """

    handle: str
    entry: int
    subject: str
    leaves: Ranges
    applied: int
    whole: bool = False
    releases: list[Release] = field(default_factory=list)
    overtaken: list[int] = field(default_factory=list)
    told: datetime | None = None

    def stands(self, when: datetime) -> bool:
        """Tell whether it stands at a moment that is not before its entry."""
        return not any(one.counts <= when for one in self.releases)

    @property
    def released(self) -> datetime | None:
        """From when it is released, as far as is known; None where nobody released it."""
        return min((one.counts for one in self.releases), default=None)

    def covers(self, leaves: Ranges) -> bool:
        """Tell whether one of some leaves is on hold by it."""
        return ranges.overlap(self.leaves, leaves)

    def grow(self, leaves: Ranges, applied: int) -> None:
        """Take in what its live scope found up to a size of the log."""
        self.leaves = ranges.union(self.leaves, leaves)
        self.applied = max(self.applied, applied)

    def why_not_release(self, signed: datetime, sealed: datetime) -> str:
        """Return why a release does not count, or "".

        ``signed``: when it says that it was made; ``sealed``: the ledger's time of it. One that
        was kept back takes nothing back that was recorded since.
        """
        if signed > sealed:
            return "it is dated ahead"
        if self.told is not None and signed < self.told:
            return "something happened to the request since it was made"
        return ""

    def overtake(self) -> None:
        """Take back the releases that do not count yet: something came up since."""
        self.overtaken += [one.entry for one in self.releases]
        self.releases = []
