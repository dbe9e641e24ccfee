"""What today's parser reads in what an older one left of an answer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.reading import read
from archiver.capture.showing import BROKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archiver.capture.connector import Connector, Site
    from archiver.capture.reading import Sighting
    from archiver.record import Exchange

__all__ = ["claimed"]


def claimed(
    connector: Connector, site: Site, exchange: Exchange, left: Iterable[bytes]
) -> tuple[Sighting, ...] | None:
    """Return the things that have bytes of what was left, as they are read today.

    ``left``: the excerpts of the residue. One that stands in the answer more than once may be
    either. None where nobody can tell: the parser fails, the answer is not what it was cut from,
    or an event stands there that no record may have.
    """
    try:
        reading = read(connector, site, exchange)
    except BROKEN:
        return None
    spans = [list(_places(reading.body, one)) for one in left]
    if not all(spans):
        return None
    taken = [pair for places in spans for pair in places]
    events = (span for one in reading.page.gone for span in one.spans)
    if any(_overlaps(span.start, span.end, taken) for span in events):
        return None
    return tuple(
        one
        for one in reading.sightings
        if any(_overlaps(span.start, span.end, taken) for span in one.item.spans)
    )


def _places(body: bytes, part: bytes) -> Iterator[tuple[int, int]]:
    at = body.find(part) if part else -1
    while at >= 0:
        yield at, at + len(part)
        at = body.find(part, at + 1)


def _overlaps(start: int, end: int, taken: Iterable[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in taken)
