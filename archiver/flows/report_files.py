"""A report of retention for people: as a table, as CSV and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.flows.bars import Kind, bars
from archiver.retention import reporting
from archiver.retention.due import CLAIMED, HELD, State
from archiver.retention.explaining import PROBLEMS
from archiver.retention.reporting import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["as_csv", "as_picture", "heading", "legend", "table"]

TITLES = {
    Report.HOLDINGS: "What the archive holds",
    Report.DUE: "What is due",
    Report.OVERDUE: "What is overdue",
    Report.BLOCKED: "What is kept though its period is over, or no period is known",
    Report.HELD: "What is on hold",
    Report.AWAITING: "What waits for an event",
    Report.DESTROYED: "What was destroyed",
}

_IN_THE_WAY = {
    HELD: "a hold stands on it",
    CLAIMED: "the platform alone tells its date, and nobody has reviewed that",
    **{str(code): words for code, words in PROBLEMS.items()},
}
_ORDERED = (
    Kind("records in no order", "records in no order yet"),
    Kind("in one", "records in an order that has not ended"),
)
_KINDS: dict[Report, tuple[Kind, ...]] = {
    Report.HOLDINGS: (
        Kind("records in a series", "records in a series"),
        Kind("in none", "records in no series"),
    ),
    Report.DUE: _ORDERED,
    Report.OVERDUE: _ORDERED,
    Report.BLOCKED: (
        Kind("records blocked", "records that something blocks"),
        Kind(
            "of which no row in force lets any go", "records of which no row in force lets any go"
        ),
    ),
    Report.HELD: (
        Kind("records whose period is over", "records whose period is over"),
        Kind("others", "other records"),
    ),
    Report.AWAITING: (Kind("records", "records"),),
    Report.DESTROYED: (
        Kind("versions gone", "versions gone"),
        Kind("saved", "versions of the same orders that are not"),
    ),
}


def heading(told: Mapping[str, Any]) -> str:
    """Return what a report (`archiver.flows.reports.report`) is about, in words."""
    return TITLES[Report(told["report"])]


def table(told: Mapping[str, Any]) -> tuple[Sequence[str], list[list[str]]]:
    """Return the columns of a report, and its rows cell by cell."""
    report = Report(told["report"])
    return reporting.COLUMNS[report], [reporting.cells(report, row) for row in told["rows"]]


def legend(told: Mapping[str, Any]) -> list[str]:
    """Return what is in the way of a report's records, each code in words."""
    found = {code for row in told["rows"] for code in row.get("blockers", ())}
    return [f"{code}: {_IN_THE_WAY[code]}" for code in sorted(found)]


def as_csv(told: Mapping[str, Any]) -> bytes:
    """Return a report as a CSV file, each row with the day that it is about."""
    about = {name: str(told[name]) for name in ("as_of", "zone")}
    return reporting.as_csv(*table(told), about)


def as_picture(told: Mapping[str, Any]) -> bytes:
    """Return a report as a picture, an SVG file: one row of bars for each name."""
    report = Report(told["report"])
    counts: dict[str, list[int]] = {}
    for row in told["rows"]:
        name, numbers = _BARS[report](row)
        whole = counts.setdefault(name, [0] * len(numbers))
        counts[name] = [old + new for old, new in zip(whole, numbers, strict=True)]
    title = f"{heading(told)}, as of {told['as_of']} ({told['zone']})"
    return bars(title, _KINDS[report], counts, "Nothing.")


def _holdings(row: Mapping[str, Any]) -> tuple[str, Sequence[int]]:
    numbers = (row["records"], 0) if row["series"] else (0, row["records"])
    return f"{row['account']}: {row['stream']}", numbers


def _eligible(row: Mapping[str, Any]) -> tuple[str, Sequence[int]]:
    numbers = (row["records"] - row["ordered"], row["ordered"])
    return f"{row['series']}: {row['then']}", numbers


def _blocked(row: Mapping[str, Any]) -> tuple[str, Sequence[int]]:
    blocked = row["state"] == State.BLOCKED
    numbers = (row["records"], 0) if blocked else (0, row["records"])
    return f"{row['series']}: {', '.join(row['blockers'])}", numbers


def _held(row: Mapping[str, Any]) -> tuple[str, Sequence[int]]:
    # Two holds of one matter are two: the end of a handle tells them apart.
    name = f"{row['matter'] or row['kind']} ({row['hold'][-6:]})"
    return name, (row["due"], row["records"] - row["due"])


def _awaiting(row: Mapping[str, Any]) -> tuple[str, Sequence[int]]:
    return f"{row['series']}: {', '.join(row['awaits'])}", (row["records"],)


def _destroyed(row: Mapping[str, Any]) -> tuple[str, Sequence[int]]:
    when = row["ended"][:4] if row["ended"] else "not ended"
    return f"{when}: {row['series'] or row['kind']}", (row["gone"], row["saved"])


_BARS: dict[Report, Callable[[Mapping[str, Any]], tuple[str, Sequence[int]]]] = {
    Report.HOLDINGS: _holdings,
    Report.DUE: _eligible,
    Report.OVERDUE: _eligible,
    Report.BLOCKED: _blocked,
    Report.HELD: _held,
    Report.AWAITING: _awaiting,
    Report.DESTROYED: _destroyed,
}
