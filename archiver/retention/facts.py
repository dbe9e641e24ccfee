"""What is known of a record, as far as retention asks: days by the city's calendar. Pure.

Times of platforms and captures are moments; law counts days. Each moment is turned into a day
once, in the city's time zone, before any rule is applied (`archiver.retention.calendar`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from archiver.retention.decisions import Leaves

__all__ = ["Dated", "RecordFacts"]


@dataclass(frozen=True, slots=True)
class Dated:
    """A day that something happened, at the latest.

    Where a platform tells no more than a month or a year, it is the last day of that.
    ``claimed``: the platform alone tells it, of a time before the archive saw the stream, or
    so long before the first sighting that no capture bears it out.
    """

    day: date
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """One record.

    ``leaves``: its observations and generations in the ledger. ``content_class``: what
    it is by content (`policy`, `routine`, `complaint` …), empty where nobody said.
    ``created``, ``posted``, ``modified``: None where neither platform nor archive tells.
    ``first_seen``, ``last_seen``: days of its first and latest observation.
    ``public``: whether the archive ever saw it in public. ``removed``: the day since which it
    is seen in public no more, None while it is still published or where that is not known.
    """

    record: str
    platform: str
    account: str
    stream: str
    first_seen: date
    last_seen: date
    leaves: Leaves = ()
    content_class: str = ""
    created: Dated | None = None
    posted: Dated | None = None
    modified: Dated | None = None
    public: bool = False
    removed: date | None = None
