"""Reports of retention: which columns each has, how its rows are counted, and CSV. Pure.

Statements read ``fact`` (of each record what `archiver.retention.facts_sql` and
`archiver.retention.sql` say of it), ``leaf`` (each with its record), ``settled`` (``as_of``,
``grace``), and what is named at each. Their rows are in one order, whatever order they were
asked in.
"""

from __future__ import annotations

import csv
from enum import StrEnum
from io import StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "COLUMNS",
    "HELD",
    "STATEMENTS",
    "Report",
    "as_csv",
    "cells",
    "printable",
]


class Report(StrEnum):
    """What is reported."""

    HOLDINGS = "holdings"
    DUE = "due"
    OVERDUE = "overdue"
    BLOCKED = "blocked"
    HELD = "held"
    AWAITING = "awaiting"
    DESTROYED = "destroyed"


_DUE = ("series", "then", "account", "stream", "records", "ordered", "first", "last")
COLUMNS = {
    Report.HOLDINGS: ("account", "stream", "series", "year", "records", "versions", "bytes"),
    Report.DUE: _DUE,
    Report.OVERDUE: _DUE,
    Report.BLOCKED: (
        *("state", "series", "then", "blockers", "account", "stream"),
        *("records", "first", "last"),
    ),
    Report.HELD: ("hold", "kind", "matter", "placed", "lapses", "records", "due", "why"),
    Report.AWAITING: ("series", "then", "awaits", "account", "stream", "records", "first", "last"),
    Report.DESTROYED: (
        *("order", "kind", "series", "title", "state", "ordered", "begun", "ended"),
        *("versions", "gone", "saved", "copies", "copies_clear", "certificate"),
    ),
}
"""The columns of each report, in their order."""

_ELIGIBLE = """
SELECT series, "then", account, stream, CAST(count(*) AS BIGINT) AS records,
       CAST(count(*) FILTER (record IN (
           SELECT record FROM leaf JOIN ordered
             ON leaf.leaf >= ordered.first AND leaf.leaf < ordered.ends
       )) AS BIGINT) AS ordered,
       CAST(min(not_before) AS VARCHAR) AS first, CAST(max(not_before) AS VARCHAR) AS last
FROM fact, settled WHERE state = 'eligible' {}
GROUP BY ALL ORDER BY ALL
"""

STATEMENTS = {
    # size: the stored bytes of each leaf. A record is of the year in which it was made.
    Report.HOLDINGS: """
WITH stored AS (
    SELECT record, count(*) AS versions, sum(bytes) AS bytes
    FROM leaf JOIN size USING (leaf) GROUP BY record
)
SELECT account, stream, series, year(coalesce(created, first_seen)) AS year,
       CAST(count(*) AS BIGINT) AS records, CAST(sum(versions) AS BIGINT) AS versions,
       CAST(sum(bytes) AS BIGINT) AS bytes
FROM fact JOIN stored USING (record)
GROUP BY ALL ORDER BY ALL
""",
    # ordered: stretches of the leaves of orders that have not ended.
    Report.DUE: _ELIGIBLE.format(""),
    Report.OVERDUE: _ELIGIBLE.format("AND not_before < as_of - CAST(grace AS INTEGER)"),
    Report.BLOCKED: """
SELECT state, series, "then", blockers, account, stream, CAST(count(*) AS BIGINT) AS records,
       CAST(min(not_before) AS VARCHAR) AS first, CAST(max(not_before) AS VARCHAR) AS last
FROM fact WHERE state IN ('blocked', 'would-be-due', 'refused')
GROUP BY ALL ORDER BY ALL
""",
    # awaited: what each record waits for, as the reference says it.
    Report.AWAITING: """
SELECT series, "then", awaits, account, stream, CAST(count(*) AS BIGINT) AS records,
       CAST(min(first_seen) AS VARCHAR) AS first, CAST(max(first_seen) AS VARCHAR) AS last
FROM fact JOIN awaited USING (record)
GROUP BY ALL ORDER BY ALL
""",
}

HELD = """
WITH inside AS (
    SELECT place, record FROM member WHERE kind = 'hold'
    UNION
    SELECT place, record
    FROM (SELECT record, stretch, last, leaf.leaf AS leaf
          FROM leaf ASOF JOIN stretches ON leaf.leaf >= stretches.first)
    JOIN covering USING (stretch) WHERE leaf <= last AND kind = 'hold'
)
SELECT place, CAST(count(*) AS BIGINT) AS records,
       CAST(count(*) FILTER (not_before <= as_of) AS BIGINT) AS due
FROM inside JOIN fact USING (record), settled GROUP BY place ORDER BY place
"""
"""How many records each hold is on (by its place in the engine's), and of how many of them the
period is over. It reads the tables of rules too (`archiver.retention.compiled`)."""


def printable(text: str) -> str:
    """Return text without characters that files of text and XML can't have, or that hide."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def cells(report: Report, row: Mapping[str, Any]) -> list[str]:
    """Return a row of a report as text, cell by cell."""
    return [_cell(row[name]) for name in COLUMNS[report]]


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else printable(str(value))


def as_csv(
    columns: Sequence[str], rows: Iterable[Sequence[str]], about: Mapping[str, str]
) -> bytes:
    """Return a table as CSV (RFC 4180, UTF-8), the same bytes for the same rows.

    ``about`` is repeated at the end of each row. A cell that a spreadsheet would take for a
    formula has an apostrophe before it.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*columns, *about])
    writer.writerows([_harmless(cell) for cell in (*row, *about.values())] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
