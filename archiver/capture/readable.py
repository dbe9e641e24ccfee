"""Threads of which a platform shows the newest contents alone: what was missed, and how soon.

Such a platform lists everything by id and time, so the archive knows which contents it lacks.
From the times it also tells how often a thread has to be looked at so that none slips by
(`archiver.capture.bounds` has it as the moment of the next look). Pure; a view of what is known.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from archiver.capture.connector import Connector
from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.known import Known

__all__ = [
    "Lacking",
    "Readable",
    "ShowsNewest",
    "Unread",
    "fastest",
    "lacking",
    "unread",
    "unread_of",
]

_SHOWN = frozenset({Kind.PRESENT})
"""A refusal to show a content is `hidden`."""


class Readable(NamedTuple):
    """What a connector says of such threads.

    Things of ``stream`` whose group begins with the word ``group`` are those of a thread.
    ``newest``: of so many the content is shown. It is the part ``ID/content`` of a thing;
    what was told of it as it happened is in parts ``ID/event/…``, named by these words.
    """

    stream: str
    group: str
    newest: int
    content: str = "content"
    event: str = "event"


@runtime_checkable
class ShowsNewest(Connector, Protocol):
    """A platform that shows the newest contents of threads alone."""

    readable: tuple[Readable, ...]


class Unread(NamedTuple):
    """What is known of the threads of a stream.

    ``lacking``: of so many listed things no content is known, in ``threads`` of them.
    ``seconds``: the shortest time in which as many came in one thread as can be read, None
    where that never happened: looking more rarely than that may miss some.
    """

    listed: int
    lacking: int
    threads: int
    seconds: float | None


def unread_of(connector: Connector, known: Known) -> dict[str, dict[str, Any]]:
    """Return that by stream, empty for a platform that shows everything."""
    if not isinstance(connector, ShowsNewest):
        return {}
    return {one.stream: unread(known, one)._asdict() for one in connector.readable}


class Lacking(NamedTuple):
    """A thing of which no more than its id and its time (canonical) is known."""

    at: str
    id: str


def unread(known: Known, readable: Readable) -> Unread:
    """Return what the archive lacks of the contents of such threads."""
    threads, read = _threads(known, readable)
    counts = [sum(name not in read for _, name in things) for things in threads.values()]
    return Unread(
        listed=sum(map(len, threads.values())),
        lacking=sum(counts),
        threads=sum(count > 0 for count in counts),
        seconds=_shortest(threads, readable, ""),
    )


def lacking(known: Known, readable: Readable) -> list[Lacking]:
    """Return the things of such threads whose content the archive lacks, oldest first."""
    threads, read = _threads(known, readable)
    return sorted(
        Lacking(at, name) for things in threads.values() for at, name in things if name not in read
    )


def fastest(known: Known, readable: Readable, since: str) -> float | None:
    """Return `Unread.seconds` of what came in after ``since`` (canonical time)."""
    return _shortest(_threads(known, readable)[0], readable, since)


def _threads(
    known: Known, readable: Readable
) -> tuple[Mapping[str, list[tuple[str, str]]], set[str]]:
    """Return the time and id of all that threads list, and the ids of what was read of it."""
    threads: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    read: set[str] = set()
    for (stream, name), record in known.items():
        if stream != readable.stream:
            continue
        whole, _, part = name.partition("/")
        shown = part == readable.content and record.state in _SHOWN
        if record.group.partition(" ")[0] == readable.group:
            threads[record.group].append((record.dated, name))
        elif shown or part.startswith(f"{readable.event}/"):
            read.add(whole)
    return threads, read


def _shortest(
    threads: Mapping[str, list[tuple[str, str]]], readable: Readable, since: str
) -> float | None:
    """Return the shortest time until a thing could be read no more, after some moment."""
    spans = (
        (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
        for things in threads.values()
        for dates in (sorted(date for date, _ in things),)
        for first, last in zip(dates, dates[readable.newest :], strict=False)
        if last > since
    )
    return min(spans, default=None)
