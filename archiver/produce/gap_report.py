"""The gap report: in which times of a pull something may be missing, and why. Pure.

It is told from the coverage of streams (`archiver.capture.coverage` says what each state and
cause means). Whatever does not stand in it was covered, in the sense of `COVERED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from archiver.capture.connector import Capability
    from archiver.capture.coverage import StreamCoverage
    from archiver.capture.timeline import Span

__all__ = [
    "COLUMNS",
    "COVERED",
    "SCHEMA",
    "GapReport",
    "GapRow",
    "Looked",
    "StreamTold",
    "gap_report",
    "rows_in",
    "undisclosed",
]

SCHEMA = "civic-archive/gap-report/1"
UNEXPLAINED = "unexplained"

COVERED = (
    "Covered: a reading that did not break off looked, after this moment, at all that was new. "
    "What was there then, and still there at that reading, is in the archive. What came and went "
    "between two readings was not seen; the bound says how long that may have been."
)

_WHY = {
    "events-lost": "the platform said that it has the events of this time no more",
    "withheld": "the platform said that it has more than it gives",
    "overdue": "nobody looked for longer than everything may stay unread",
    "not-read-since": "nobody had looked again by the end of the time asked for",
    "broken-off": "the reading did not come to its end",
    "never-read": "no reading has met the stream, though it could be had",
    "before-first-reading": "it was before the first reading: what came and went was not seen",
    "read-with-others": "nothing lists it for itself; it comes with what names it",
    "connector-missing": "what says what can be had of the platform is not installed here",
    "stream-unknown": "neither the connector nor any reading knows this stream",
}


class Looked(NamedTuple):
    """One account of a pull: its name and platform, the time asked for, what is known of streams.

    ``streams`` None: its connector is not here any more, so nobody can tell. ``wanted``: streams
    that are asked for; none: all that are known.
    """

    account: str
    platform: str
    since: str
    until: str
    streams: tuple[StreamCoverage, ...] | None
    wanted: tuple[str, ...] = ()


class GapRow(NamedTuple):
    """A time in which something may be missing, all as text.

    ``state``: ``gap``, ``unobservable``, or ``unexplained`` for counts that differ and nothing
    says why. ``rests``: on what that rests: entries of the ledger, exchanges, the matrix.
    """

    account: str
    platform: str
    stream: str
    since: str
    until: str
    state: str
    cause: str
    why: str
    rests: str


class StreamTold(NamedTuple):
    """What of the time asked for is covered in a stream, in seconds, and its control count.

    ``bound``: the longest time (s) in which something could come and go unseen while covered.
    ``reported``: the platform's own count, None where it has none; ``zero``: by what it is
    proven that there is nothing, or "".
    """

    account: str
    platform: str
    stream: str
    since: str
    until: str
    covered: int
    gap: int
    unobservable: int
    bound: int
    reported: int | None
    seen: int | None
    unexplained: int
    zero: str


COLUMNS = GapRow._fields


@dataclass(frozen=True, slots=True)
class GapReport:
    """What is missing, and what is covered, as of so many entries of the log."""

    size: int
    rows: tuple[GapRow, ...]
    streams: tuple[StreamTold, ...]

    def table(self) -> list[tuple[str, ...]]:
        """Return header and rows as text, for a CSV."""
        return [COLUMNS, *(tuple(row) for row in self.rows)]

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each state."""
        states = sorted({row.state for row in self.rows})
        return {state: sum(row.state == state for row in self.rows) for state in states}

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "schema": SCHEMA,
            "size": self.size,
            "covered": COVERED,
            "rows": [row._asdict() for row in self.rows],
            "streams": [one._asdict() for one in self.streams],
        }


def gap_report(size: int, looked: Iterable[Looked]) -> GapReport:
    """Return the report over some accounts, as of a size of the log."""
    told = sorted(looked, key=lambda one: (one.account, one.since, one.until))
    rows = (row for one in told for row in _of_account(one))
    streams = (_told(one, stream) for one in told for stream in _streams(one))
    return GapReport(size, tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(streams)))


def rows_in(document: object) -> list[GapRow]:
    """Return the rows of a report that was handed over, as JSON; none of what is no report."""
    rows = document.get("rows") if isinstance(document, dict) else None
    found = rows if isinstance(rows, list) else []
    whole = (one for one in found if isinstance(one, dict) and one.keys() == set(COLUMNS))
    return [GapRow(**{name: str(one[name]) for name in COLUMNS}) for one in whole]


def undisclosed(found: GapReport, disclosed: Iterable[GapRow]) -> list[GapRow]:
    """Return the rows of a report that another one has not, letter by letter."""
    known = set(disclosed)
    return [row for row in found.rows if row not in known]


def _streams(one: Looked) -> list[StreamCoverage]:
    """Return the streams of an account that are asked for."""
    return [each for each in one.streams or () if not one.wanted or each.stream in one.wanted]


def _of_account(one: Looked) -> Iterator[GapRow]:
    for stream in _streams(one):
        yield from _rows(one, stream)
    if one.streams is None:
        unknown, cause = one.wanted or ("",), "connector-missing"
    else:
        known = {each.stream for each in one.streams}
        unknown, cause = tuple(each for each in one.wanted if each not in known), "stream-unknown"
    for name in unknown:
        head = (one.account, one.platform, name)
        yield GapRow(*head, one.since, one.until, UNEXPLAINED, cause, _WHY[cause], "")


def _rows(one: Looked, told: StreamCoverage) -> Iterator[GapRow]:
    head = (one.account, one.platform, told.stream)
    for span in told.spans:
        if span.state != "covered":
            yield GapRow(*head, *_of_span(span, told.cell))
    for gap in told.gaps:
        if gap.since == gap.until:  # lost at that look: it has no length in a time line
            rests = gap.exchange or f"entry {gap.entry}"
            yield GapRow(
                *head, gap.since, gap.until, "gap", gap.cause, _why(gap.cause, None), rests
            )
    for alarm in told.alarms:
        yield GapRow(*head, one.since, one.until, UNEXPLAINED, alarm.code, alarm.message, "")


def _of_span(span: Span, cell: Capability | None) -> tuple[str, ...]:
    why = _why(span.cause, cell)
    return (span.since, span.until, str(span.state), span.cause, why, "; ".join(span.cites))


def _why(cause: str, cell: Capability | None) -> str:
    """Return why in words: where the matrix says that nothing brings a stream, its limit."""
    if cause in _WHY:
        return _WHY[cause]
    limit = f": {cell.limit}" if cell is not None and cell.limit else ""
    return f"the platform gives it not, or not so ({cause}){limit}"


def _told(one: Looked, told: StreamCoverage) -> StreamTold:
    control = told.control
    return StreamTold(
        one.account,
        one.platform,
        told.stream,
        one.since,
        one.until,
        _seconds(told, "covered"),
        _seconds(told, "gap"),
        _seconds(told, "unobservable"),
        told.bound,
        control.reported if control else None,
        control.seen if control else None,
        control.unexplained if control else 0,
        told.zero,
    )


def _seconds(told: StreamCoverage, state: str) -> int:
    """Return how many whole seconds of a stream are in a state."""
    lengths = (
        datetime.fromisoformat(one.until) - datetime.fromisoformat(one.since)
        for one in told.spans
        if one.state == state
    )
    return int(sum(lengths, timedelta(0)).total_seconds())
