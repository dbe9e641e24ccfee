"""Times: what is certain becomes canonical, everything else stays as it is spelt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.times import UNKNOWN, Reading, internet_time, mail_time, read_time, utc_time
from archiver.formats.parquet import is_canonical_time

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("text", "precision", "at"),
    [
        ("2026-03-01T10:00:00Z", "second", "2026-03-01T10:00:00.000000Z"),
        ("2026-03-01t10:00:00.5+01:00", "fraction", "2026-03-01T09:00:00.500000Z"),
        ("2026-03-01T10:00:00.1234567Z", "fraction", "2026-03-01T10:00:00.123456Z"),
        ("2026-03-01 10:00:00-0500", "second", "2026-03-01T15:00:00.000000Z"),
        ("2026-03-01T10:00+00:00", "minute", "2026-03-01T10:00:00.000000Z"),
        ("2026-03-01T10:00:00", "second", ""),
        ("2026-03-01", "day", ""),
        ("2026-03", "month", ""),
        ("2026", "year", ""),
        ("Tue, 03 Mar 2026 09:30:00 -0500", "second", "2026-03-03T14:30:00.000000Z"),
        ("3 March 26 9:30 EST", "minute", "2026-03-03T14:30:00.000000Z"),
        ("Tue, 03 Mar 1998 09:30:00 GMT (comment)", "second", "1998-03-03T09:30:00.000000Z"),
        ("03 Mar 99 09:30:00 UT", "second", "1999-03-03T09:30:00.000000Z"),
        ("Tue, 03 Mar 2026 09:30:00 -0000", "second", "2026-03-03T09:30:00.000000Z"),
        ("Tue, 03 Mar 2026 09:30:00", "second", ""),
        ("Tue, 03 Mar 2026 09:30:00 CEST", "second", ""),
        ("03 Mar 2026", "day", ""),
        ("2026-02-30T00:00:00Z", "", ""),
        ("2026-02-30", "", ""),
        ("30 Feb 2026", "", ""),
        ("2026-03-01T10:00:60Z", "", ""),
        ("0000-00-00T00:00:00Z", "", ""),
        ("last Tuesday", "", ""),
        ("03 Foo 2026 10:00 GMT", "", ""),
        ("", "", ""),
        ("2026-03-01T10:00:00Z" + " " * 500, "", ""),
    ],
)
def test_times_are_read_as_far_as_they_go(text: str, precision: str, at: str) -> None:
    """No zone, no instant; no such day, no reading."""
    assert read_time(text) == Reading(precision, at)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-05:00"])
def test_instants_outside_the_calendar_have_no_canonical_form(text: str) -> None:
    """A time that UTC can't spell keeps its precision only."""
    assert internet_time(text) == Reading("second", "")


def test_platform_gmt_needs_no_zone() -> None:
    """WordPress writes its GMT times without a zone; its empty time is none."""
    assert utc_time("2026-03-01T10:00:00") == Reading("second", "2026-03-01T10:00:00.000000Z")
    for text in ("0000-00-00T00:00:00", "2026-13-01T10:00:00", "2026-03-01T10:00:00Z", "", "now"):
        assert utc_time(text) == UNKNOWN


@given(TIMES)
def test_both_families_give_the_instant(moment: datetime) -> None:
    """Whatever the zone, the canonical spelling is the same moment in UTC."""
    expected = moment.astimezone(UTC).replace(tzinfo=None)
    assert internet_time(moment.isoformat(timespec="microseconds")).at == (
        expected.isoformat(timespec="microseconds") + "Z"
    )
    whole = expected.replace(microsecond=0).isoformat(timespec="microseconds") + "Z"
    assert mail_time(format_datetime(moment)).at == whole


@given(st.text() | st.text("0123456789-+:TZ. "))
def test_any_text_gives_a_canonical_instant_or_none(text: str) -> None:
    """Nothing raises, and what is given can be stored as a timestamp."""
    for reading in (read_time(text), utc_time(text), mail_time(text)):
        assert reading.at == "" or is_canonical_time(reading.at)
