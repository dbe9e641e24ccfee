"""What somebody outside has to be told, or has to allow, before an order may begin. Pure.

Which authority that is stands in rule packs (`archiver.retention.schedule.Disposal`) and in the
private document of the order. The log has no word of it: how it is asked, how many days are
waited, that it was told, and what may go by its latest answer. Days are counted from the
entry that says it was told, so nobody puts that entry's day back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ASKED", "CERTIFIED", "NOTICED", "Outside"]

CERTIFIED, NOTICED = "order-certified", "order-noticed"
"""Acts: orders that wait for an approved copy, and for the days of a notice."""

ASKED = {"certificate": CERTIFIED, "notice": NOTICED}
"""By the kind of disposal that a pack names."""


@dataclass(slots=True)
class Outside:
    """What an order has to wait for outside, and how far that is.

    ``act``: `CERTIFIED` or `NOTICED`. ``days``: counted from ``told``, the moment of the entry
    that says it was told. ``allowed``: from when its latest answer lets it go; None where there
    is none. ``against``: the latest answer does not let it go.
    """

    act: str
    days: int
    told: datetime | None = None
    allowed: datetime | None = None
    against: bool = False

    def submitted(self, when: datetime) -> None:
        """Take in that it was told at a moment; the first time counts."""
        self.told = self.told or when

    def answered(self, allowed: datetime | None) -> None:
        """Take in an answer: from when it allows, None where it does not. The latest counts."""
        self.allowed, self.against = allowed, allowed is None

    def until(self) -> datetime | None:
        """Return when its days are over; None where it was not told yet."""
        return self.told and self.told + timedelta(days=self.days)

    def why_not(self, when: datetime) -> str:
        """Return why an order may not begin at a moment, or ""."""
        if self.against:
            return "the authority outside does not allow it"
        allowed = self.allowed is not None and self.allowed <= when
        if self.act == NOTICED and allowed:
            return ""  # a waiver
        until = self.until()
        if until is None:
            return "the authority outside was not told of it"
        if when < until:
            return "the days since the authority outside was told are not over"
        if self.act == CERTIFIED and not allowed:
            return "the approved copy of the authority outside is not recorded, or does not count"
        return ""
