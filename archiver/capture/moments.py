"""Whether what an answer says is past: older than what is known of the thing by now. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archiver.capture.connector import Item
    from archiver.capture.known import KnownRecord, Thing

__all__ = ["Moments"]


class Moments:
    """The moments of which a run's events tell, by thing.

    An event from before a capture began may be replayed in it. It is news where it comes
    after the event before it, and past where the archive has seen the thing since.
    """

    def __init__(self) -> None:
        self._told: dict[Thing, str] = {}

    def is_past(self, item: Item, before: KnownRecord | None, captured_at: str) -> bool:
        """Tell whether an item says what was so before what is known.

        Args:
            item: as it was read; `Item.at` is when an event happened.
            before: what is known of its record.
            captured_at: of its exchange, where that waited in the spool; else "".
        """
        thing, seen = (item.stream, item.native_id), item.at or captured_at
        since = before.captured_at if before else ""
        if item.at:
            since = self._told.get(thing, since)
        past = "" < seen < since
        if item.at and not past:
            self._told[thing] = item.at
        elif not item.at:
            self._told.pop(thing, None)
        return past
