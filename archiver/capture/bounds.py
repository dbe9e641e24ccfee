"""Bounds: how soon a stream must be looked at again, or the platform shows some of it no more.

Two kinds are declared by connectors: a platform shows the newest contents of a thread alone
(`archiver.capture.readable`), so that it depends on how fast things come; or it shows things
for a time only (`Shown`). From a bound and the latest look follows when the next one is due:
after half of it, so that one look may fail. Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from archiver.capture.connector import Connector
from archiver.capture.readable import ShowsNewest, fastest, lacking
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.known import Known
    from archiver.capture.readable import Lacking

__all__ = ["Bound", "Shown", "ShowsForATime", "bounds_of", "due_by", "lacking_of", "shown_for"]

LOOKS = 2
"""Looks within a bound: one may fail."""
SHORTEST = 60.0
"""Seconds between two looks at least, whatever came how fast."""
RECENT = timedelta(days=7)
"""How fast things came longer ago says nothing of how soon the next look is due."""


class Shown(NamedTuple):
    """Things of a stream that a platform shows for a time only. ``why``: what they are."""

    stream: str
    seconds: float
    why: str


@runtime_checkable
class ShowsForATime(Connector, Protocol):
    """A platform that shows some things for a time only."""

    shown_for: tuple[Shown, ...]


class Bound(NamedTuple):
    """Within how many seconds a stream must be looked at again, and why."""

    seconds: float
    why: str


def bounds_of(connector: Connector, known: Known, now: datetime) -> dict[str, Bound]:
    """Return the shortest bound of each stream that has one."""
    found = [(one.stream, Bound(one.seconds, one.why)) for one in _shown(connector)]
    since = canonical_time(now - RECENT)
    for one in connector.readable if isinstance(connector, ShowsNewest) else ():
        seconds = fastest(known, one, since)
        if seconds is not None:
            why = f"as many as can be read ({one.newest} in one thread) came in that time"
            found.append((one.stream, Bound(seconds, why)))
    return dict(sorted(found, reverse=True))  # the shortest is last, and stays


def lacking_of(connector: Connector, known: Known) -> dict[str, list[Lacking]]:
    """Return by stream what is known by its id alone, where the platform has such things."""
    if not isinstance(connector, ShowsNewest):
        return {}
    return {one.stream: lacking(known, one) for one in connector.readable}


def shown_for(connector: Connector) -> Mapping[str, timedelta]:
    """Return by stream for how long the platform shows things, where that has an end."""
    found = sorted(((one.seconds, one.stream) for one in _shown(connector)), reverse=True)
    return {stream: timedelta(seconds=seconds) for seconds, stream in found}


def due_by(looked: str, bound: Bound) -> str:
    """Return the moment by which the next look is due after one at ``looked`` (canonical)."""
    wait = timedelta(seconds=max(bound.seconds / LOOKS, SHORTEST))
    return canonical_time(datetime.fromisoformat(looked) + wait)


def _shown(connector: Connector) -> tuple[Shown, ...]:
    return connector.shown_for if isinstance(connector, ShowsForATime) else ()
