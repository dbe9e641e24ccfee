"""Reports of an archive in memory: what is there, on hold and destroyed, as of any day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.errors import UsageError
from archiver.flows.ledger import read_state
from archiver.flows.record_leaves import stored_sizes
from archiver.flows.report_files import as_csv, as_picture, table
from archiver.flows.reports import report
from archiver.ledger import ranges
from archiver.retention.reporting import Report
from tests.flows.ended import done, gone, state_of, taken_out, under_way
from tests.flows.hall import Hall, comment
from tests.flows.test_orders import hold


def rows(hall: Hall, name: Report, days: int = 0) -> list[dict[str, Any]]:
    """Return the rows of a report as of so many days from today."""
    day = str(hall.now.date() + timedelta(days=days))
    told = report(hall.archive, name, day, private=True)
    assert told == report(hall.archive, name, day, private=True)
    assert as_csv(told).count(b"\r\n") == 1 + len(told["rows"])
    assert as_picture(told) == as_picture(told)
    found: list[dict[str, Any]] = told["rows"]
    return found


def test_holdings_are_all_that_is_stored(hall: Hall) -> None:
    """Records, versions and bytes of all rows are those of the records that live segments have."""
    found = rows(hall, Report.HOLDINGS)
    state = read_state(hall.archive)
    own = [one for one in state.segments() if one.has_records and one.sensitivity == "public"]
    leaves = ranges.union([pair for one in own for pair in one.leaves], [])
    public = [one for one in found if one["stream"] == "comments"]
    assert sum(one["versions"] for one in public) == ranges.count(leaves)
    sizes = stored_sizes(hall.archive, state, leaves)["bytes"].to_pylist()
    assert sum(one["bytes"] for one in public) == sum(filter(None, sizes))
    assert {one["series"] for one in found} == {""}
    assert rows(hall, Report.HOLDINGS, -20000) == []


def test_holds_stand_from_their_day_on(hall: Hall) -> None:
    """A hold is reported from the day on which it was placed, with what it is on."""
    name = hold(hall, comment(1), comment(2))
    (found,) = rows(hall, Report.HELD)
    assert (found["hold"], found["placed"]) == (name, str(hall.now.date()))
    assert (found["records"], found["due"]) == (2, 0)
    assert rows(hall, Report.HELD, -1) == []


def test_what_went_is_reported_from_its_day_on(hall: Hall) -> None:
    """An order is there once something went; its certificate once it ended; not the day before."""
    name = under_way(hall, comment(1), comment(2))
    assert rows(hall, Report.DESTROYED) == []
    gone(hall, name, taken_out(hall, name, 1))
    (found,) = rows(hall, Report.DESTROYED)
    assert (found["state"], found["gone"], found["certificate"]) == ("under-way", 1, "not-yet")
    assert (found["copies"], found["copies_clear"], found["ended"]) == (1, 1, None)
    hall.later(1)
    done(hall, name)
    (found,) = rows(hall, Report.DESTROYED)
    assert (found["state"], found["saved"], found["certificate"]) == ("done", 0, "ready")
    assert found["gone"] == ranges.count(state_of(hall, name).leaves)
    assert (found["series"], found["ended"]) == ("il-city/talk", str(hall.now.date()))
    (before,) = rows(hall, Report.DESTROYED, -1)
    assert (before["state"], before["ended"]) == ("under-way", None)
    assert rows(hall, Report.DESTROYED, -2) == []


def test_what_was_saved_is_told(hall: Hall) -> None:
    """A hold halts an order after some of it went: how much is gone, and how much is saved."""
    name = under_way(hall, comment(1), comment(2))
    taken_out(hall, name, 1)
    hold(hall, comment(2))
    (found,) = rows(hall, Report.DESTROYED)
    assert (found["state"], found["gone"], found["certificate"]) == ("halted", 1, "ready")
    assert found["saved"] == found["versions"] - 1 > 0
    assert found["copies"] == found["copies_clear"] == 0


def test_words_of_people_drive_nothing(hall: Hall) -> None:
    """A series, a matter or a name is no formula in a spreadsheet, and breaks no picture."""
    told = report(hall.archive, Report.DESTROYED, "")
    row = dict.fromkeys(table(told)[0], "=1+1") | {"gone": 1, "saved": 0, "ended": None}
    told["rows"] = [row | {"series": 'a\x1b\u202eb,"c"\n' + "d" * 99}]
    written = as_csv(told)
    assert written.count(b"'=1+1") == written.count(b"=1+1") > 0
    assert written.count(b"\n") == 2
    assert b"\x1b" not in written + as_picture(told)
    assert "dd…".encode() in as_picture(told)


def test_no_such_report(hall: Hall) -> None:
    """It is said which there are."""
    with pytest.raises(UsageError, match="no such report"):
        report(hall.archive, "everything", "")
