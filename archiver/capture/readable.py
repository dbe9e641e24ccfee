"""Threads of which a platform shows the newest contents alone: what was missed, and how soon.

Such a platform lists everything by id and time, so the archive knows which contents it lacks.
From the times it also tells how often a thread has to be looked at so that none slips by.
Pure; a view of what is known.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from archiver.capture.connector import Connector
from archiver.record import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archiver.capture.known import Known

__all__ = ["Readable", "ShowsNewest", "Unread", "unread", "unread_of"]

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


def unread(known: Known, readable: Readable) -> Unread:
    """Return what the archive lacks of the contents of such threads."""
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
    lacking = {
        group: sum(name not in read for _, name in things) for group, things in threads.items()
    }
    shortest = [
        span
        for things in threads.values()
        for span in _spans(sorted(date for date, _ in things), readable.newest)
    ]
    return Unread(
        listed=sum(map(len, threads.values())),
        lacking=sum(lacking.values()),
        threads=sum(count > 0 for count in lacking.values()),
        seconds=min(shortest, default=None),
    )


def _spans(dates: Sequence[str], newest: int) -> Iterable[float]:
    """Yield how long it took each time until a thing could be read no more."""
    for first, last in zip(dates, dates[newest:], strict=False):
        yield (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
