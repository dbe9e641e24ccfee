"""Bounds of what a platform shows, and by when a stream is due because of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archiver.capture.bounds import Bound, bounds_of, due_by, shown_for
from archiver.capture.coverage import Promise
from archiver.capture.known import Known, KnownRecord
from archiver.capture.platforms.facebook import Facebook
from archiver.capture.platforms.instagram import Instagram
from archiver.capture.platforms.wordpress import WordPress
from archiver.capture.platforms.x import X
from archiver.formats.parquet import canonical_time

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = 86_400.0


def talk(count: int, pause: timedelta, until: datetime) -> Known:
    """Return what is known of a thread in which a message came after each pause."""
    records = {}
    for number in range(count):
        at = canonical_time(until - number * pause)
        records["messages", f"m{number}"] = KnownRecord(
            "present", b"", "uuid", "messages t1", "private", "x/1", "", at, at, ()
        )
    return Known(records, bytes(32))


def test_messages_that_come_fast_shorten_the_bound() -> None:
    """Of twenty that are shown, the first goes when one more has come."""
    found = bounds_of(Facebook(), talk(30, timedelta(minutes=3), NOW), NOW)
    assert found["messages"].seconds == 20 * 180.0
    assert "20 in one thread" in found["messages"].why


def test_a_storm_of_long_ago_hurries_nobody() -> None:
    """What came a week before says nothing of today: the platform's 30 days stay."""
    known = talk(30, timedelta(seconds=1), NOW - timedelta(days=8))
    assert bounds_of(Facebook(), known, NOW)["messages"].seconds == 30 * DAY


def test_what_is_shown_for_a_time_only_is_declared() -> None:
    """Stories for a day, messages for 30; of most platforms there is no such bound."""
    empty = Known({}, bytes(32))
    assert {s: b.seconds for s, b in bounds_of(Instagram(), empty, NOW).items()} == {
        "posts": DAY, "messages": 30 * DAY,
    }  # fmt: skip
    assert bounds_of(X(), empty, NOW)["messages"].seconds == 30 * DAY
    assert bounds_of(WordPress(), talk(30, timedelta(seconds=1), NOW), NOW) == {}


@pytest.mark.parametrize(("seconds", "wait"), [(3600.0, 1800), (1.0, 60)])
def test_due_is_half_of_the_bound_and_never_at_once(seconds: float, wait: int) -> None:
    """One look may fail; and nobody is asked more than once a minute."""
    by = due_by(canonical_time(NOW), Bound(seconds, "so"))
    assert by == canonical_time(NOW + timedelta(seconds=wait))


def test_what_is_shown_for_less_than_was_promised_is_late_sooner() -> None:
    """Nobody waits 28 days and a night for stories that are gone after one."""
    promise = Promise(timedelta(days=28), timedelta(days=1), shown_for(Instagram()))
    assert promise.of("posts")[:2] == (timedelta(days=1), timedelta(0))
    assert promise.of("messages") == promise
    long = promise._replace(longest=timedelta(days=90))
    assert long.of("messages")[:2] == (timedelta(days=30), timedelta(0))
