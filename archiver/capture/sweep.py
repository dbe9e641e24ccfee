"""Sweeps: runs that look back to a moment for each stream, instead of reading everything.

What a sweep says of a stream is: every known thing dated since that moment was looked at,
for a listing showed it or it was asked for itself. Nothing else is concluded of what is
older, and nothing of what no listing showed unless the platform itself says that it is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.cadence import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.connector import Follow, Item, Listing
    from archiver.capture.known import Known, Thing

__all__ = ["MANY", "Sweep"]

MANY = 50
"""Known things that a listing has not shown are asked for one by one up to this number."""


class Sweep:
    """How far back a run looks.

    ``claims``: by stream, the moment since which everything was looked at, where that was
    not everything.

    Args:
        known: what the archive knows.
        reaches: stream -> moment; streams not named are read whole.
    """

    def __init__(self, known: Known, reaches: Mapping[str, str]) -> None:
        self._known = known
        self._reaches = {s: moment for s, moment in reaches.items() if moment != EVERYTHING}
        self.claims: dict[str, str] = {}

    def __bool__(self) -> bool:
        """Tell whether there is anything that need not be read whole."""
        return bool(self._reaches)

    def since(self, listing: Listing) -> str:
        """Return how far back a listing must be looked at, for all streams that it shows."""
        return min(self._reaches.get(stream, EVERYTHING) for stream in listing.streams)

    def is_past(self, listing: Listing, items: Sequence[Item]) -> bool:
        """Tell whether a page of a listing shows only what is older than need be.

        Not where something hangs on it that may be younger.
        """
        since = self.since(listing) if listing.dated else EVERYTHING
        if not since or not items or any(one.ages for item in items for one in item.follow):
            return False
        return all(self._date((item.stream, item.native_id)) < since for item in items)

    def passes_over(self, item: Item, follow: Follow) -> bool:
        """Tell whether neither an item nor what hangs on it is young enough to be asked for."""
        if not follow.ages or follow.listing is None:
            return False
        since = self.since(follow.listing)
        newest = self._known.newest(follow.listing.group)
        return max(newest, self._date((item.stream, item.native_id))) < since

    def claim(self, listing: Listing) -> None:
        """Say of the streams of a listing that they were not read whole."""
        self.claims |= {stream: self._reaches[stream] for stream in listing.streams}

    def _date(self, thing: Thing) -> str:
        """Return a thing's time; nothing known of it counts as young."""
        record = self._known.get(thing)
        return record.dated if record else "9"
