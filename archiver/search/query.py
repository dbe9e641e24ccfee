"""From what a person asks to one parameterised SQL statement. Pure.

Words must all occur; ``"quoted words"`` must occur next to each other (`archiver.search.terms`).
The statement is exhaustive: there is no ranking and no cut-off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.errors import UsageError
from archiver.record import Kind, Stream
from archiver.search.terms import parse_terms, pattern

__all__ = ["SEARCHED", "STATES", "UNKNOWN", "Query", "compile_query", "moment_of"]

SEARCHED = ("title", "text", "summary", "alt_text", "caption", "author_name", "name", "handle")
"""Fields a word is looked for in."""

UNKNOWN = "unknown"
"""State of a record of which later observations may be where this home can't read."""

_NO_STATE = (Kind.EDITED, Kind.EXTENDED, Kind.RESTORED, Kind.LISTING, Kind.RESIDUE)
STATES = (*(kind.value for kind in Kind if kind not in _NO_STATE), UNKNOWN)
"""What a record's latest state can be; an edit is no state, what is restored is present."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Query:
    """Everything a search asks. Empty text means: no such condition.

    ``since`` and ``until`` are days (``YYYY-MM-DD``, UTC), both included; they are held
    against when a thing was made where the platform said so, else when it was captured.
    ``state`` is a record's latest state; ``as_of`` leaves out what was observed later.
    """

    text: str = ""
    account: str = ""
    stream: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    as_of: str = ""


def compile_query(query: Query) -> tuple[str, list[object]]:
    """Return SQL over the table ``rows`` and its parameters.

    ``rows`` has, beside the columns of records, ``leaf``; ``folded``: the searched fields
    (`archiver.search.terms.searchable`), null in a row that counts for the state alone; and
    ``unread``: the last leaf among those this home can't read that may belong to the same
    stream of the same account, or -1.

    One result row per matching record: its latest state, and the latest observation
    that matches, in its newest generation that does; ``latest`` is null where a later one
    may be unread. Where a state is asked for, records of unknown state are found too, for
    the caller to tell apart.
    Raises `UsageError` for a condition that makes no sense.
    """
    _check(query)
    parameters: list[object] = []
    seen, found, latest = ["true"], ["folded IS NOT NULL"], ["true"]
    if query.as_of:
        seen.append("captured_at <= CAST(? AS TIMESTAMPTZ)")
        parameters.append(moment_of(query.as_of))
    for column, value in (("account", query.account), ("stream", query.stream)):
        if value:
            found.append(f"{column} = ?")
            parameters.append(value)
    when = "coalesce(created_at, captured_at)"
    if query.since:
        found.append(f"{when} >= CAST(? AS TIMESTAMPTZ)")
        parameters.append(f"{query.since} 00:00:00+00")
    if query.until:
        found.append(f"{when} < CAST(? AS TIMESTAMPTZ) + INTERVAL 1 DAY")
        parameters.append(f"{query.until} 00:00:00+00")
    for words in parse_terms(query.text):
        found.append("regexp_matches(folded, ?)")
        parameters.append(pattern(words))
    if query.state:
        latest.append("state_now IN (?, ?)")
        parameters += [query.state, UNKNOWN]
    return _STATEMENT.format(
        seen=" AND ".join(seen), found=" AND ".join(found), latest=" AND ".join(latest)
    ), parameters


_STATEMENT = """
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
     found AS (SELECT * EXCLUDE (unread) FROM seen WHERE {found}
               QUALIFY row_number() OVER (PARTITION BY record_id
                                            ORDER BY place DESC, leaf DESC) = 1)
SELECT found.record_id, found.account, found.stream, state_now AS state, found.kind,
       found.observation_id, found.leaf,
       CASE WHEN place < last_leaf THEN false WHEN last_leaf > unread THEN true END AS latest,
       observations,
       strftime(found.captured_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS captured_at,
       strftime(found.created_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS created_at,
       coalesce(found.author_name, found.name) AS author, found.title, found.text, found.url
FROM found JOIN now USING (record_id)
WHERE {latest}
ORDER BY coalesce(found.created_at, found.captured_at), found.record_id
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
