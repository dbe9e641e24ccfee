"""Timelines: spans of time, each in one state, none missing and none twice. Pure.

Times are canonical, so they compare as text. A timeline is a list of spans, half-open and
sorted, each of which begins where the one before ends.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Span", "State", "cut", "joined", "laid_over", "seconds", "seconds_between"]


class State(StrEnum):
    """What is known of a span of time in a stream."""

    COVERED = "covered"
    GAP = "gap"
    UNOBSERVABLE = "unobservable"


class Span(NamedTuple):
    """A span of time, half-open, and what is known of it.

    ``cause``: why, in one word of `archiver.capture.coverage`. ``bound``: of what is covered,
    the longest time (s) within which something could come and go unseen. ``cites``: on what
    that rests: entries of the ledger, exchanges, cells of the capability matrix.
    """

    since: str
    until: str
    state: State
    cause: str = ""
    bound: int = 0
    cites: tuple[str, ...] = ()


def laid_over(timeline: Iterable[Span], over: Span) -> list[Span]:
    """Return a timeline with a span in the place of whatever it had there.

    What reaches beyond the timeline lengthens it; a span of no length changes nothing.
    """
    if over.since >= over.until:
        return list(timeline)
    found = [over]
    for one in timeline:
        if one.since < over.since:
            found.append(one._replace(until=min(one.until, over.since)))
        if one.until > over.until:
            found.append(one._replace(since=max(one.since, over.until)))
    return sorted(found)


def cut(timeline: Iterable[Span], since: str, until: str) -> list[Span]:
    """Return what of a timeline lies between two moments."""
    within = (
        one._replace(since=max(one.since, since), until=min(one.until, until)) for one in timeline
    )
    return [one for one in within if one.since < one.until]


def joined(timeline: Sequence[Span]) -> list[Span]:
    """Return a timeline in which neighbours of one state and cause are one span.

    Its bound is the largest of theirs; it cites the first and the last that they cite.
    """
    found: list[Span] = []
    for one in timeline:
        before = found[-1] if found else None
        same = before is not None and (before.state, before.cause) == (one.state, one.cause)
        if before is None or not same or before.until != one.since:
            found.append(one)
            continue
        cites = (*before.cites, *one.cites)
        ends = cites if len(cites) < 2 or cites[0] == cites[-1] else (cites[0], cites[-1])  # noqa: PLR2004 - first and last
        found[-1] = before._replace(
            until=one.until, bound=max(before.bound, one.bound), cites=tuple(dict.fromkeys(ends))
        )
    return found


def seconds(timeline: Iterable[Span]) -> dict[str, int]:
    """Return how many whole seconds of a timeline are in each state."""
    found = dict.fromkeys(map(str, State), 0.0)
    for one in timeline:
        found[one.state] += seconds_between(one.since, one.until)
    return {state: int(length) for state, length in found.items()}


def seconds_between(since: str, until: str) -> float:
    """Return the seconds from one moment to another."""
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
