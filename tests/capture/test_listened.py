"""Spans of listening, as the ledger has room for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archiver.capture.listened import MOST_SPANS, Listened

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_windows_that_follow_each_other_are_one_span() -> None:
    """A new request of an open line is no interruption; a pause is."""
    listened = Listened()
    for start in (0, 30, 61, 100):
        listened.note(["posts", "comments"], NINE + start * SECOND, NINE + (start + 30) * SECOND)
    spans = [
        ["2026-11-20T09:00:00.000000Z", "2026-11-20T09:01:31.000000Z"],
        ["2026-11-20T09:01:40.000000Z", "2026-11-20T09:02:10.000000Z"],
    ]
    assert listened.document() == {"comments": spans, "posts": spans}
    listened.clear()
    assert listened.document() == {}


def test_there_are_never_more_spans_than_an_entry_has_room_for() -> None:
    """The shortest are left out: nothing is claimed that was not."""
    listened = Listened()
    for number in range(MOST_SPANS + 20):
        since = NINE + number * 60 * SECOND
        listened.note(["posts"], since, since + (number % 9) * SECOND)
    spans = listened.document()["posts"]
    assert len(spans) == MOST_SPANS
    assert spans == sorted(spans)
    lengths = [datetime.fromisoformat(b) - datetime.fromisoformat(a) for a, b in spans]
    assert min(lengths) > SECOND
