"""From what a person asks to one parameterised SQL statement. Pure.

The words are a query of their own (`archiver.search.reading`). The statement is exhaustive: there
is no ranking and no cut-off.
"""

# ruff: noqa: S608 - names and numbers that are made here

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import UsageError
from archiver.record import Stream
from archiver.search.asking import STATES, UNKNOWN
from archiver.search.matching import Matching, compiled
from archiver.search.reading import read_query
from archiver.search.syntax import Node, Or, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AUTHOR",
    "FILE_TEXT",
    "INDEXED",
    "SEARCHED",
    "STATES",
    "UNKNOWN",
    "Asked",
    "Query",
    "compile_query",
    "compile_report",
    "moment_of",
]

AUTHOR = ("author_name", "name", "handle")
SEARCHED = ("title", "text", "summary", "alt_text", "caption", *AUTHOR)
"""Fields of a row that a word is looked for in; the last ones have the name of somebody."""

FILE_TEXT = "file_text"
"""The text of the file that a row is about, as it was derived: no field of the row."""

INDEXED = (*SEARCHED, FILE_TEXT)
"""Whatever a word is looked for in, numbered as posting lists do."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Query:
    """Everything a search asks. Empty text means: no such condition.

    ``since`` and ``until`` are days (``YYYY-MM-DD``), both included; they are held against when a
    thing was made where the platform said so, else when it was captured. ``state`` is a record's
    latest state; ``as_of`` leaves out what was observed later.
    """

    text: str = ""
    account: str = ""
    stream: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    as_of: str = ""


class Asked(NamedTuple):
    """A query as it was read.

    ``sql`` and ``parameters``: the statement. ``matching``: which terms, phrases and fields it
    asks for. ``told``: how the words were understood, as a query. ``tree``: as a tree.
    """

    sql: str
    parameters: list[object]
    matching: Matching
    told: str
    tree: Node


def compile_query(query: Query, zone: str = "UTC") -> Asked:
    """Return SQL over the table ``rows`` and what `archiver.search.matching` names.

    Days are by the calendar of ``zone``.

    ``rows`` has, beside the columns of records, ``leaf``; ``searched``: false in a row that
    counts for the state alone; and ``unread``: the last leaf among those this home can't read
    that may belong to the same stream of the same account, or -1.

    One result row per matching record: its latest state, and the latest observation
    that matches, in its newest generation that does; ``latest`` is null where a later one
    may be unread. Where a state is asked for, records of unknown state are found too, for
    the caller to tell apart.
    Raises `UsageError` for a condition that makes no sense.
    """
    node: Node = read_query(query.text)
    return _asked(query, [node], node, zone, _RECORDS)


def compile_report(query: Query, terms: Sequence[Node], zone: str = "UTC") -> Asked:
    """Return as `compile_query` what several queries find, each under the conditions of one.

    A row for each record and each of ``terms`` that finds it: ``query`` (its number) and
    ``record_id``. The text of ``query`` itself is not asked.
    """
    return _asked(query, terms, Or(tuple(terms)), zone, _PAIRS)


def _asked(query: Query, nodes: Sequence[Node], tree: Node, zone: str, answer: str) -> Asked:
    _check(query)
    matching = compiled(nodes)
    seen, found, latest = "true", ["true"], "true"
    before: list[object] = [zone]
    after: list[object] = []
    if query.as_of:
        seen = "captured_at <= CAST(? AS TIMESTAMPTZ)"
        before.insert(0, moment_of(query.as_of))
    conditions = (
        ("account = ?", query.account),
        ("stream = ?", query.stream),
        ("made_on >= CAST(? AS DATE)", query.since),
        ("made_on <= CAST(? AS DATE)", query.until),
    )
    for condition, value in conditions:
        if value:
            found.append(condition)
            after.append(value)
    if query.state:
        latest = "state_now IN (?, ?)"
        after += [query.state, UNKNOWN]
    sql = (_ROWS + answer).format(
        seen=seen,
        nodes=", ".join(matching.nodes),
        root=_numbered(matching.roots),
        found=" AND ".join(found),
        latest=latest,
    )
    parameters = [*before, *matching.parameters, *after]
    return Asked(sql, parameters, matching, spelled(tree), tree)


def _numbered(roots: Sequence[str]) -> str:
    """Return what has the leaves that each query finds, and its number."""
    each = (f"SELECT {number} AS query, leaf FROM {root}" for number, root in enumerate(roots))
    return f"({' UNION ALL '.join(each)}) AS every"


_ROWS = """
WITH seen AS (SELECT rows.*, coalesce(first.leaf, rows.leaf) AS place
              FROM rows
              LEFT JOIN (SELECT observation_id AS id, leaf FROM rows
                         WHERE observation_id IN (SELECT generation_of FROM rows)) AS first
                     ON generation_of = first.id
              WHERE kind NOT IN ('listing', 'residue') AND {seen}),
     told AS (SELECT record_id,
                     arg_max(CASE kind WHEN 'restored' THEN 'present' ELSE kind END, leaf)
                         FILTER (kind NOT IN ('edited', 'extended')) AS state_told,
                     max(leaf) FILTER (kind NOT IN ('edited', 'extended')) AS told_by,
                     max(leaf) AS last_leaf, max(unread) AS unread, count(*) AS observations
              FROM seen WHERE generation_of IS NULL GROUP BY record_id),
     now AS (SELECT *, CASE WHEN told_by > unread THEN state_told ELSE 'unknown' END AS state_now
             FROM told),
     asked AS (SELECT seen.* EXCLUDE (unread), now.* EXCLUDE (record_id),
                      CAST(timezone(?, coalesce(created_at, captured_at)) AS DATE) AS made_on,
                      media_type IS NOT NULL OR coalesce(attachments, '[]') <> '[]' AS media
               FROM seen JOIN now USING (record_id) WHERE searched),
     {nodes}"""
"""What is asked, of every row that may be found (``asked``), and what of it each tree finds."""

_RECORDS = """,
     found AS (SELECT asked.* FROM asked JOIN {root} USING (leaf) WHERE {found}
               QUALIFY row_number() OVER (PARTITION BY record_id
                                            ORDER BY place DESC, leaf DESC) = 1)
SELECT record_id, account, stream, state_now AS state, kind, observation_id, leaf,
       CASE WHEN place < last_leaf THEN false WHEN last_leaf > unread THEN true END AS latest,
       observations,
       strftime(captured_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS captured_at,
       strftime(created_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS created_at,
       coalesce(author_name, name) AS author, title, text, url, file_name
FROM found WHERE {latest}
ORDER BY coalesce(created_at, captured_at), record_id
"""

_PAIRS = """
SELECT DISTINCT query, record_id, account, stream, state_now AS state
FROM asked JOIN {root} USING (leaf) WHERE {found} AND {latest}
ORDER BY query, record_id
"""


def moment_of(text: str) -> str:
    """Return a moment in the archive's one spelling of times. Raises `UsageError`.

    A day alone means its end, in UTC; a time needs its zone.
    """
    try:
        moment = datetime.fromisoformat(f"{text}T23:59:59.999999Z" if _is_day(text) else text)
        told = moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # not a time, or in UTC before year 1 or after 9999
        told = None
    if told is None:
        raise UsageError(
            "not a moment",
            where=text,
            mend="write it as 2026-11-20 or 2026-11-20T13:00:00Z, with a time zone",
        )
    return f"{told.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _check(query: Query) -> None:
    for name, value in (("--from", query.since), ("--to", query.until)):
        if value and not _is_day(value):
            raise UsageError(
                f"{name} is not a day", where=value, mend="write it as 2026-11-20 (UTC)"
            )
    if query.stream and query.stream not in set(Stream):
        raise UsageError("no such stream", where=query.stream, mend=f"streams: {', '.join(Stream)}")
    if query.state and query.state not in STATES:
        raise UsageError("no such state", where=query.state, mend=f"states: {', '.join(STATES)}")


def _is_day(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    year, month, day = map(int, text.split("-"))
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= _days(year, month)  # noqa: PLR2004 - months


def _days(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
