"""What a city settles for its archive: where it is, its calendar, what goes into which series.

Pure. Classes and defaults are asked in their order; ``*`` stands for any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.retention.calendar import FiscalYear

if TYPE_CHECKING:
    from archiver.retention.facts import RecordFacts

__all__ = ["ANY", "City", "Default"]

ANY = "*"
CALENDAR_YEAR = FiscalYear(12, 31)


@dataclass(frozen=True, slots=True)
class Default:
    """Records of an account, a stream and a content class are put into a series or class."""

    into: str
    account: str = ANY
    stream: str = ANY
    content_class: str = ANY

    def matches(self, account: str, stream: str, content_class: str) -> bool:
        """Tell whether it is about such a record."""
        pairs = (
            (self.account, account),
            (self.stream, stream),
            (self.content_class, content_class),
        )
        return all(asked in (ANY, found) for asked, found in pairs)


@dataclass(frozen=True, slots=True)
class City:
    """A city. ``jurisdiction``: ISO 3166-2, such as ``US-XX``; packs of it apply.

    ``zone``: its IANA time zone; ``fiscal_year``: on which day its fiscal years end.
    ``classes`` say of which content class records are (the first that matches),
    ``defaults`` in which series they are (all that match: the longest governs).
    """

    jurisdiction: str = ""
    zone: str = "UTC"
    fiscal_year: FiscalYear = CALENDAR_YEAR
    classes: tuple[Default, ...] = ()
    defaults: tuple[Default, ...] = ()

    def series(self, facts: RecordFacts) -> frozenset[str]:
        """Return the series (``schedule/code``) that a record is in by default."""
        return frozenset(
            one.into
            for one in self.defaults
            if one.matches(facts.account, facts.stream, facts.content_class)
        )

    def follows(self, jurisdiction: str) -> bool:
        """Tell whether packs of a jurisdiction, or of the country it is in, apply."""
        own = self.jurisdiction
        return bool(own) and (own == jurisdiction or own.startswith(f"{jurisdiction}-"))
