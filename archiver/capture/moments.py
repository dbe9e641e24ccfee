"""Whether what an answer says is past: older than what is known of the thing by now. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.known import IMPORTED, mark_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.capture.connector import Item
    from archiver.capture.known import Known, KnownRecord, Thing
    from archiver.capture.reading import Sighting

__all__ = ["Moments"]


class Moments:
    """The moments of which a run's events tell, by thing.

    An event from before a capture began may be replayed in it. It is news where it comes
    after the event before it, and past where the archive has seen the thing since.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._told: dict[Thing, str] = {}
        self._overtaken: set[tuple[Thing, str]] = set()

    def begin(self, sightings: Sequence[Sighting], captured_at: str) -> None:
        """Look at all that one answer shows, before it is settled item by item.

        A listing's answer may be newer than the moment it was asked for. So of replayed
        events (from before ``captured_at``) those are past, too, after which another one
        says just what is known.
        """
        self._overtaken = set()
        after: set[Thing] = set()
        for sighting in reversed(sightings):
            item = sighting.item
            thing = item.stream, item.native_id
            if not "" < item.at < captured_at:
                continue
            if thing in after:
                self._overtaken.add((thing, item.at))
            before = self._known.get(thing)
            if before and before.mark == mark_of(item.kind, sighting.row, self._known.key):
                after.add(thing)

    def is_over(self, thing: Thing, seen: str, before: KnownRecord) -> bool:
        """Tell whether a deletion that happened at ``seen`` ("": now) came before what is known."""
        return "" < seen < self._told.get(thing, before.captured_at)

    def is_past(self, item: Item, before: KnownRecord | None, captured_at: str) -> bool:
        """Tell whether an item says what was so before what is known.

        Args:
            item: as it was read; `Item.at` is when an event happened.
            before: what is known of its record.
            captured_at: of its exchange, where that waited in the spool; else "".
        """
        if item.group == IMPORTED and before is not None and before.group != IMPORTED:
            return True  # its platform was read: whatever an export says stands beside that
        thing, seen = (item.stream, item.native_id), item.at or captured_at
        since = before.captured_at if before else ""
        if item.at:
            since = self._told.get(thing, since)
        past = "" < seen < since or (thing, item.at) in self._overtaken
        if item.at and not past:
            self._told[thing] = item.at
        elif not item.at:
            self._told.pop(thing, None)
        return past
