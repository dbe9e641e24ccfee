"""What the name of a room's listing says: settling has no more of a listing than its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Listing

__all__ = ["NEWEST", "Terms", "terms_of"]

NEWEST = "newest"
"""In the name of a listing: it was asked for because of news, and may stop early."""
_OPEN = "open"


class Terms(NamedTuple):
    """What a listing is asked for.

    ``newest``: because of news; ``latest`` is the id of the event that a sync named as the
    newest. ``open_since``: anybody may read the room, without joining, since the event
    ``opened`` made it ``world_readable``, at that moment (milliseconds) by its sender's
    clock; None where nobody may.
    """

    room: str
    newest: bool = False
    latest: str = ""
    open_since: int | None = None
    opened: str = ""

    def __str__(self) -> str:
        """Return the words as they stand in a name."""
        words = [self.room]
        if self.newest:
            words += [NEWEST, *filter(None, [self.latest])]
        if self.open_since is not None:
            words += [_OPEN, str(self.open_since), self.opened]
        return " ".join(words)


def terms_of(listing: Listing) -> Terms:
    """Read the terms out of a listing's name, which begins with one word for what it is."""
    words = iter(listing.name.split(" ")[1:])
    terms = Terms(next(words, ""))
    for word in words:
        if word == NEWEST:
            terms = terms._replace(newest=True)
        elif word == _OPEN:
            terms = _opened(terms, words)
        elif terms.newest and word[:1] == "$":
            terms = terms._replace(latest=word)
    return terms


def _opened(terms: Terms, words: Iterator[str]) -> Terms:
    since, opened = next(words, ""), next(words, "")
    if not (since.isascii() and since.isdecimal() and opened):
        return terms
    return terms._replace(open_since=int(since), opened=opened)
