"""Facts of records as they are derived from rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from archiver.edges.duck import DuckEngine
from archiver.retention.calendar import day_of
from archiver.retention.facts_sql import COLUMNS, SQL

TIMES = ("captured_at", "created_at", "modified_at")


CLASSES = pa.table(
    {
        "place": [0, 1],
        "account": ["a", "*"],
        "stream": ["comments", "posts"],
        "content_class": ["complaint", "routine"],
    }
)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _row(leaf: int, kind: str, captured: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - columns
    plain: dict[str, Any] = dict.fromkeys(COLUMNS)
    plain |= {"record_id": "p:a:posts:1", "platform": "p", "account": "a", "stream": "posts"}
    return plain | {"leaf": leaf, "kind": kind, "captured_at": _at(captured)} | more


def facts(*rows: dict[str, Any], as_of: str = "2030-01-01") -> dict[str, Any]:
    """Return the facts of the one record that rows are about."""
    schema = pa.schema(
        [(name, pa.timestamp("us", "UTC") if name in TIMES else pa.string()) for name in COLUMNS]
        + [("leaf", pa.int64())]
    )
    settled = pa.table(
        {
            "zone": ["America/Chicago"],
            "as_of": pa.array([date.fromisoformat(as_of)]),
            "sweep_days": [28],
        }
    )
    with DuckEngine() as database:
        table = pa.Table.from_pylist(list(rows), schema)
        asked = {"rows": table, "settled": settled, "classes": CLASSES}
        found = database.query(asked, SQL, ()).to_pylist()
    return next((one for one in found if one["record"] == "p:a:posts:1"), {})


def test_days_are_those_of_the_city() -> None:
    """A post of the night in UTC is of the day before in Chicago."""
    created = {"created_at": _at("2026-05-01T04:59:59")}
    found = facts(
        _row(0, "present", "2026-05-01T04:59:59"), _row(3, "present", "2026-05-02T12:00", **created)
    )
    assert (found["created"], found["first_seen"]) == (date(2026, 4, 30), date(2026, 4, 30))
    assert (found["leaves"], found["public"], found["removed"]) == ([0, 3], True, None)


@pytest.mark.parametrize(
    ("text", "precision", "day"),
    [
        ("2024", "year", date(2024, 12, 31)),
        ("2024-02", "month", date(2024, 2, 29)),
        ("2024-02-03", "day", date(2024, 2, 3)),
        ("2024-02-03T10:00:00", "second", date(2024, 2, 3)),
        ("2024-13", "month", None),
        ("last week", "", None),
    ],
)
def test_a_coarse_date_is_its_last_day(text: str, precision: str, day: date | None) -> None:
    """Of a year or month alone the last day counts: the latest that it can have been."""
    row = _row(0, "present", "2026-05-01T12:00", created=text, created_precision=precision)
    assert facts(row)["created"] == day


@pytest.mark.parametrize(
    ("created", "seen", "claimed"),
    [
        ("2026-01-01T12:00", "2026-03-01T12:00", True),  # before the first capture
        ("2026-03-05T12:00", "2026-03-06T12:00", False),
        ("2026-03-05T12:00", "2026-04-02T12:00", False),  # a sweep later
        ("2026-03-05T12:00", "2026-04-03T12:00", True),  # longer than any sweep
    ],
)
def test_what_no_capture_bears_out_is_claimed(created: str, seen: str, *, claimed: bool) -> None:
    """A date from before the first capture, or long before the first sighting, is claimed."""
    other = _row(0, "present", "2026-03-01T12:00", record_id="p:a:posts:0")
    found = facts(other, _row(1, "present", seen, created_at=_at(created)))
    assert found["created_claimed"] is claimed


def test_the_latest_date_that_is_told_counts() -> None:
    """Whoever dates a post back makes nothing due sooner."""
    rows = [
        _row(number, "edited", f"2026-05-0{number + 1}T12:00", created_at=_at(created))
        for number, created in enumerate(("2026-05-01T10:00", "2016-05-01T10:00"))
    ]
    found = facts(*rows)
    assert (found["created"], found["modified"]) == (date(2026, 5, 1), date(2026, 5, 2))


@pytest.mark.parametrize(
    ("kinds", "removed"),
    [
        ("present hidden", date(2026, 5, 2)),
        ("present hidden deleted", date(2026, 5, 2)),
        ("present absent", None),
        ("present absent deleted", date(2026, 5, 3)),
        ("present hidden restored", None),
        ("present hidden restored deleted", date(2026, 5, 4)),
        ("held", None),
        ("held deleted", None),
        ("removed deleted", date(2026, 5, 1)),
    ],
)
def test_removed_is_what_was_proven_to_be(kinds: str, removed: date | None) -> None:
    """The clock runs from the first proven sighting out of public view after the last in it."""
    rows = [
        _row(number, kind, f"2026-05-0{number + 1}T12:00")
        for number, kind in enumerate(kinds.split())
    ]
    assert facts(*rows)["removed"] == removed
    assert facts(*rows)["public"] is ("held" not in kinds)


def test_what_came_later_is_not_known() -> None:
    """As of a day nothing counts that was seen after it; listings and residue are no records."""
    rows = [_row(0, "present", "2026-05-01T12:00"), _row(1, "deleted", "2026-06-01T12:00")]
    assert facts(*rows, as_of="2026-05-31")["removed"] is None
    assert facts(*rows, as_of="2026-06-01")["removed"] == date(2026, 6, 1)
    assert facts(*rows, as_of="2026-04-30") == {}
    assert facts(_row(0, "listing", "2026-05-01T12:00")) == {}


def test_content_classes_go_by_account_and_stream() -> None:
    """The first class that matches counts; where none does there is none."""
    row = _row(0, "present", "2026-05-01T12:00")
    assert facts(row)["content_class"] == "routine"
    assert facts(row | {"stream": "comments"})["content_class"] == "complaint"
    assert facts(row | {"stream": "pages"})["content_class"] == ""


@pytest.mark.parametrize("zone", ["America/Chicago", "America/Los_Angeles", "Pacific/Auckland"])
def test_sql_and_python_know_the_same_days(zone: str) -> None:
    """Over two thousand moments of thirty years, many of them near midnight, days are the same."""
    chance = Random(zone)
    start = datetime(2005, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(minutes=chance.randrange(30 * 365 * 24 * 60)) for _ in range(2000)]
    table = pa.table({"moment": pa.array(moments, pa.timestamp("us", "UTC"))})
    told = "SELECT CAST(timezone(?, moment) AS DATE) AS day FROM moments"
    with DuckEngine() as database:
        found = database.query({"moments": table}, told, [zone])["day"].to_pylist()
    assert found == [day_of(moment, zone) for moment in moments]
