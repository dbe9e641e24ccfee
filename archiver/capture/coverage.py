"""Coverage: of what time a stream is in the archive, of what it is not, and why. Pure.

A moment is *covered* if a reading that did not break off looked after it at all that was
new: what was there then, and still there at that reading, is in the archive. What came and
went between two such readings was not seen: their distance is the *bound*. All else is a
gap, or cannot be observed. Nothing is explained but by what can be looked up: an exchange,
an entry of the ledger, a cell of the capability matrix. What nobody knows alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from archiver.capture.coverage_facts import Alarm, Control, Events, Gap, Promise, Run
from archiver.capture.timeline import (
    Span,
    State,
    cut,
    joined,
    laid_over,
    seconds_between,
)
from archiver.formats.parquet import canonical_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archiver.capture.connector import Capability

__all__ = [
    "Alarm",
    "Control",
    "Events",
    "Gap",
    "Promise",
    "Run",
    "StreamCoverage",
    "coverage",
]

BEFORE = "before-first-reading"
BROKEN = "broken-off"
OVERDUE = "overdue"
UNREAD = "not-read-since"
NEVER = "never-read"
WITH_OTHERS = "read-with-others"
"""Nothing lists it for itself: it is read once, with what names it."""

_OPEN = frozenset({BROKEN, NEVER, UNREAD})
"""Causes of a time up to now that nobody has read: a later reading may cover it."""

_SHOWN = ("seen", "new", "changed", "repeats", "residue", "unexplained")
"""Counts of a reading that showed something."""

_CLOSED = frozenset({"partial", "webhook-only", "export-only", "forbidden"})
"""Verdicts of the capability matrix that say why no reading brings a stream."""


@dataclass(frozen=True, slots=True)
class StreamCoverage:
    """What is known of a stream in a window of time.

    ``zero``: that there is nothing in it is proven, and by what; "" where it is not.
    ``gaps`` are those of the ledger that touch the window.
    """

    stream: str
    cell: Capability | None
    spans: tuple[Span, ...]
    control: Control | None
    zero: str
    gaps: tuple[Gap, ...]
    alarms: tuple[Alarm, ...]

    @property
    def bound(self) -> int:
        """The longest time (s) in which something could come and go unseen while covered."""
        return max((one.bound for one in self.spans if one.state == State.COVERED), default=0)

    @property
    def open_since(self) -> str:
        """Since when nobody has read it, or told why not, up to the window's end; "" if somebody.

        What of that is overdue comes last, and is a gap on record only once a run has said so.
        """
        tail = self.spans[-2:]
        if not tail or tail[-1].cause not in _OPEN | {OVERDUE}:
            return ""
        if any(one.since <= tail[-1].since and one.until >= tail[-1].until for one in self.gaps):
            return ""
        return tail[0].since if tail[0].cause in _OPEN else tail[-1].since


def coverage(
    runs: Sequence[Run],
    gaps: Sequence[Gap],
    cells: Sequence[Capability],
    window: tuple[str, str],
    promise: Promise,
) -> list[StreamCoverage]:
    """Return the coverage of each stream that a platform has or a run has met.

    Args:
        runs: over one account.
        gaps: of that account.
        cells: the capability matrix of its platform.
        window: first and end of the time asked for; runs that began later count for nothing.
        promise: of how often everything is looked at.
    """
    since, until = window
    known = sorted((one for one in runs if one.began <= until), key=lambda one: one.began)
    found = {cell.stream: cell for cell in cells}
    streams = sorted({*found, *(stream for one in known for stream in one.counts)})
    return [
        _Fold(stream, found.get(stream), known, [one for one in gaps if one.stream == stream])
        .coverage(since, until, promise.of(stream))
        for stream in streams
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Fold:
    """What runs, oldest first, and gaps say of one stream."""

    stream: str
    cell: Capability | None
    runs: Sequence[Run]
    gaps: Sequence[Gap]

    def coverage(self, since: str, until: str, promise: Promise) -> StreamCoverage:
        """Return the coverage from one moment to another."""
        first = self.runs[0].began if self.runs else until
        whole = self._timeline(min(since, first), until, promise)
        for gap in self.gaps:
            cites = (gap.exchange,) if gap.exchange else (_entry(gap.entry),)
            told = Span(gap.since, min(gap.until, until), State.GAP, gap.cause, 0, cites)
            whole = laid_over(whole, told)
        control = self._control()
        return StreamCoverage(
            self.stream, self.cell, tuple(joined(cut(whole, since, until))), control,
            self._zero(),
            tuple(one for one in self.gaps if one.until >= since and one.since < until),
            tuple(_alarms(whole, control)),
        )  # fmt: skip

    def _met(self) -> list[Run]:
        return [one for one in self.runs if self.stream in one.counts]

    def _looks(self) -> list[Run]:
        """Return the runs that looked at all that was new, and did not break off."""
        return [one for one in self._met() if one.ended and _read(one.counts[self.stream])]

    def _timeline(self, since: str, until: str, promise: Promise) -> list[Span]:
        """Return what readings cover, from the first of them to the last, and after it."""
        looks = self._looks()
        if not looks:
            return [self._unread(since, until)]
        first, last = looks[0], looks[-1]
        found = [
            Span(since, first.began, State.UNOBSERVABLE, BEFORE, 0, (_entry(first.entry),)),
            *_late(last.began, until, promise, self._after(last)),
        ]
        for one, other in pairwise(looks):
            bound = round(seconds_between(one.began, other.began))
            cites = (_entry(other.entry),)
            covered = Span(one.began, other.began, State.COVERED, "", bound, cites)
            found += _late(one.began, other.began, promise, covered)
        return sorted(one for one in found if one.since < one.until)

    def _unread(self, since: str, until: str) -> Span:
        """Return the whole time as that of a stream that no run has read."""
        met = self._met()
        if met and not any(one.counts[self.stream]["broken"] or not one.ended for one in met):
            cites = (_entry(met[-1].entry),)
            return Span(since, until, State.UNOBSERVABLE, WITH_OTHERS, 0, cites)
        if met:
            return Span(since, until, State.GAP, BROKEN, 0, (_entry(met[-1].entry),))
        if self.cell is not None and self.cell.verdict in _CLOSED:
            return Span(since, until, State.UNOBSERVABLE, self.cell.verdict, 0, (_cell(self.cell),))
        return Span(since, until, State.GAP, NEVER)

    def _after(self, last: Run) -> Span:
        """Return what the time after the last look is: not read since, or not to an end."""
        later = [one for one in self._met() if one.began > last.began]
        torn = [one for one in later if one.counts[self.stream]["broken"] or not one.ended]
        if torn:
            return Span("", "", State.GAP, BROKEN, 0, (_entry(torn[-1].entry),))
        return Span("", "", State.GAP, UNREAD, 0, (_entry(last.entry),))

    def _control(self) -> Control | None:
        """Return the platform's count at the latest reading that had one, or read all."""
        for one in reversed(self._met()):
            counts = one.counts[self.stream]
            if counts["reported"] is not None or (counts["whole"] and not counts["broken"]):
                reported, seen = counts["reported"], counts["seen"] or 0
                return Control(one.entry, one.began, reported, seen, counts["unexplained"] or 0)
        return None

    def _zero(self) -> str:
        """Return by what it is proven that there is nothing in the stream, or "".

        By the latest reading of all of it; none since may have shown anything.
        """
        for one in reversed(self._met()):
            counts = one.counts[self.stream]
            if any(counts[name] for name in _SHOWN):
                return ""
            whole = counts["whole"] and not counts["broken"] and self.stream not in one.since
            if whole and one.ended:
                how = "the platform counts none" if counts["reported"] == 0 else "read to its end"
                return f"{how}: {_entry(one.entry)}"
        return ""


def _read(counts: Mapping[str, int | None]) -> bool:
    return bool((counts["whole"] or counts["stopped"]) and not counts["broken"])


def _late(since: str, until: str, promise: Promise, what: Span) -> list[Span]:
    """Return a span between two looks; what of it is later than was promised is overdue."""
    due = datetime.fromisoformat(since) + promise.longest
    if datetime.fromisoformat(until) <= due + promise.late:
        return [what._replace(since=since, until=until)]
    moment = canonical_time(due)
    late = Span(moment, until, State.GAP, OVERDUE, 0, what.cites)
    return [what._replace(since=since, until=moment), late]


def _alarms(whole: Sequence[Span], control: Control | None) -> list[Alarm]:
    """Return what nothing explains: counts that differ, and a time that nobody has read."""
    found = []
    if control is not None and control.unexplained:
        told = "" if control.reported is None else f" of {control.reported} that it counts"
        found.append(
            Alarm(
                "count-unexplained",
                f"{control.unexplained} things{told} are not explained",
                "capture with --mode backfill; if it stays, look at the platform",
            )
        )
    last = whole[-1] if whole else None
    if last is not None and last.state == State.GAP and last.cause in _UNKNOWN:
        code, why, mend = _UNKNOWN[last.cause]
        found.append(Alarm(code, f"{why} since {last.since}", mend))
    return found


_UNKNOWN = {
    BROKEN: ("coverage-broken", "no reading came to its end", "capture again"),
    OVERDUE: ("coverage-overdue", "nobody has read it", "capture with --mode reconcile"),
    NEVER: ("coverage-never", "nobody has read it", "capture with --mode backfill"),
}
"""Causes of a gap that is still open -> code, what is wrong, and how to mend it."""


def _entry(index: int) -> str:
    return f"entry {index}"


def _cell(cell: Capability) -> str:
    return f"capability {cell.stream}: {cell.citation}"
