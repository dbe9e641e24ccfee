"""The gap report: every time that is not covered stands in it, with why and on what that rests."""

from __future__ import annotations

import json

from archiver.capture.connector import Capability
from archiver.capture.coverage import StreamCoverage
from archiver.capture.coverage_facts import Alarm, Control, Gap
from archiver.capture.timeline import Span, State
from archiver.produce.gap_report import (
    COLUMNS,
    GapRow,
    Looked,
    gap_report,
    rows_in,
    undisclosed,
)

A, B, C, D = (f"2026-11-{day}T00:00:00.000000Z" for day in (20, 21, 22, 24))
CELL = Capability("posts", "partial", "the newest 3,200 alone", "https://x", "simulator only")
POSTS = StreamCoverage(
    "posts",
    CELL,
    (
        Span(A, B, State.UNOBSERVABLE, "before-first-reading", 0, ("entry 3",)),
        Span(B, C, State.COVERED, "", 600, ("entry 5",)),
        Span(C, D, State.GAP, "events-lost", 0, ("lane/4", "entry 9")),
    ),
    Control(5, B, 7, 6, 1),
    "",
    (Gap(9, "posts", "withheld", C, C, "lane/4"), Gap(8, "posts", "events-lost", C, D)),
    (Alarm("count-unexplained", "1 things are not explained", "capture"),),
)
REACTIONS = StreamCoverage(
    "reactions",
    CELL,
    (Span(A, D, State.UNOBSERVABLE, "partial", 0, ("capability reactions: https://x",)),),
    None,
    "",
    (),
    (),
)
LOOKED = Looked("city-blog", "wordpress", A, D, (POSTS, REACTIONS))


def test_all_that_is_not_covered_has_a_row() -> None:
    """Spans, losses without a length, and what nothing explains; what is covered has none."""
    report = gap_report(40, [LOOKED])
    told = [(row.stream, row.since, row.until, row.state, row.cause) for row in report.rows]
    assert told == [
        ("posts", A, B, "unobservable", "before-first-reading"),
        ("posts", C, D, "gap", "events-lost"),
        ("posts", C, C, "gap", "withheld"),
        ("posts", A, D, "unexplained", "count-unexplained"),
        ("reactions", A, D, "unobservable", "partial"),
    ]
    assert [row.rests for row in report.rows][:3] == ["entry 3", "lane/4; entry 9", "lane/4"]
    assert report.rows[-1].why.endswith("(partial): the newest 3,200 alone")
    assert report.counts() == {"gap": 2, "unexplained": 1, "unobservable": 2}


def test_what_is_covered_is_told_in_seconds() -> None:
    """Each stream says how long it is covered, with which bound, and the platform's own count."""
    one, other = gap_report(40, [LOOKED]).streams
    assert (one.covered, one.gap, one.unobservable, one.bound) == (86_400, 2 * 86_400, 86_400, 600)
    assert (one.reported, one.seen, one.unexplained) == (7, 6, 1)
    assert (other.covered, other.reported, other.seen) == (0, None, None)


def test_what_nobody_can_tell_is_a_row_too() -> None:
    """A stream that is asked for and unknown, and an account without its connector."""
    strange = LOOKED._replace(wanted=("posts", "dances"))
    gone = Looked("old", "gone", A, D, None)
    report = gap_report(40, [strange, gone])
    told = [(row.account, row.stream, row.cause) for row in report.rows if not row.rests]
    assert told == [
        ("city-blog", "posts", "count-unexplained"),
        ("city-blog", "dances", "stream-unknown"),
        ("old", "", "connector-missing"),
    ]
    assert {one.stream for one in report.streams} == {"posts"}


def test_a_row_that_was_not_handed_over_is_undisclosed() -> None:
    """Whatever was left out, or told otherwise, of a report that was handed over is named."""
    report = gap_report(40, [LOOKED])
    given = json.loads(json.dumps(report.document()))
    assert undisclosed(report, rows_in(given)) == []
    lost = given["rows"].pop(1)
    given["rows"][0]["until"] = C
    found = undisclosed(report, rows_in(given))
    assert [row.cause for row in found] == ["before-first-reading", lost["cause"]]
    others: list[object] = [None, [], {"rows": 3}, {"rows": [{"account": "a"}, 4]}]
    for other in others:
        assert undisclosed(report, rows_in(other)) == list(report.rows)


def test_the_order_of_accounts_makes_no_difference() -> None:
    """The same accounts in another order, or twice, are the same report; the table is text."""
    other = LOOKED._replace(account="airport")
    report = gap_report(40, [LOOKED, other])
    assert report == gap_report(40, [other, LOOKED, LOOKED])
    assert report.table()[0] == COLUMNS == GapRow._fields
    assert all(isinstance(cell, str) for row in report.table() for cell in row)
