"""From a person's words to one parameterised SQL statement. Pure.

Words must all occur; ``"quoted words"`` must occur next to each other. Matching ignores
case and Unicode composition and looks at whole words in title, text, summary, alt text,
caption, author and name. The statement is exhaustive: there is no ranking and no cut-off.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.errors import UsageError
from archiver.record import Kind, Stream

__all__ = ["SEARCHED", "Query", "Terms", "compile_query", "moment_of", "parse_terms"]

SEARCHED = ("title", "text", "summary", "alt_text", "caption", "author_name", "name", "handle")
"""Fields a word is looked for in."""

MOST_TERMS = 100
LONGEST_QUERY = 10_000
"""Each term is a scan of its own over every row, so there is an end to how many."""

_PART = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EDGE = r"(?:^|$|[^\p{L}\p{M}\p{N}_])"
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no space between words (Thai to Khmer, kana, Han)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What must occur: each term is the words of a phrase, in order."""

    terms: tuple[tuple[str, ...], ...]


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


def parse_terms(text: str) -> Terms:
    """Return the words and phrases of a query. Raises `UsageError` where it is ambiguous."""
    if text.count('"') % 2:
        caret = " " * text.rindex('"') + "^"
        raise UsageError(
            "a quotation mark is not closed",
            where=f"{text}\n{caret}",
            code="query-quote",
            mend='put the phrase between two marks: "town hall"',
        )
    terms: list[tuple[str, ...]] = []
    for phrase, word in _PART.findall(text):
        words = tuple(unicodedata.normalize("NFC", part) for part in _WORD.findall(phrase or word))
        if words:
            terms.append(words)
    if len(terms) > MOST_TERMS or len(text) > LONGEST_QUERY:
        raise UsageError(
            "the query is too long",
            where=f"{len(terms)} words and phrases, {len(text)} characters",
            code="query-too-long",
            mend=f"at most {MOST_TERMS} words and phrases, {LONGEST_QUERY} characters",
        )
    return Terms(tuple(terms))


def _pattern(words: tuple[str, ...]) -> str:
    """Return an RE2 pattern for the words next to each other, as whole words."""
    body = r"[^\p{L}\p{M}\p{N}_]+".join(_escaped(word) for word in words)
    before = "" if _SPACELESS.match(words[0][0]) else _EDGE
    after = "" if _SPACELESS.match(words[-1][-1]) else _EDGE
    return f"(?i){before}{body}{after}"


def _escaped(word: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else f"\\x{{{ord(c):x}}}" for c in word)


def compile_query(query: Query) -> tuple[str, list[object]]:
    """Return SQL over the table ``rows`` and its parameters.

    One result row per matching record: its latest state, and the latest observation
    that matches. Raises `UsageError` for a condition that makes no sense.
    """
    _check(query)
    parameters: list[object] = []
    seen, found, latest = ["true"], ["kind NOT IN ('listing', 'residue')"], ["true"]
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
    # A NUL would end the text for the normaliser.
    searched = f"nfc_normalize(replace(concat_ws(chr(10), {', '.join(SEARCHED)}), chr(0), ' '))"
    for words in parse_terms(query.text).terms:
        found.append(f"regexp_matches({searched}, ?)")
        parameters.append(_pattern(words))
    if query.state:
        latest.append("state_now = ?")
        parameters.append(query.state)
    return _STATEMENT.format(
        seen=" AND ".join(seen), found=" AND ".join(found), latest=" AND ".join(latest)
    ), parameters


_STATEMENT = """
WITH seen AS (SELECT * FROM rows WHERE {seen}),
     now AS (SELECT record_id,
                    arg_max(CASE kind WHEN 'restored' THEN 'present' ELSE kind END, leaf)
                        FILTER (kind <> 'edited') AS state_now,
                    max(leaf) AS last_leaf, count(*) AS observations
             FROM seen GROUP BY record_id),
     found AS (SELECT * FROM seen WHERE {found}
               QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY leaf DESC) = 1)
SELECT found.record_id, found.account, found.stream, state_now AS state, found.kind,
       found.observation_id, found.leaf, found.leaf = last_leaf AS latest, observations,
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
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            "not a moment",
            where=text,
            mend="write it as 2026-11-20 or 2026-11-20T13:00:00Z, with a time zone",
        )
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _check(query: Query) -> None:
    for name, value in (("--from", query.since), ("--to", query.until)):
        if value and not _is_day(value):
            raise UsageError(
                f"{name} is not a day", where=value, mend="write it as 2026-11-20 (UTC)"
            )
    if query.stream and query.stream not in set(Stream):
        raise UsageError("no such stream", where=query.stream, mend=f"streams: {', '.join(Stream)}")
    if query.state and query.state not in set(Kind):
        raise UsageError("no such state", where=query.state, mend=f"states: {', '.join(Kind)}")


def _is_day(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    year, month, day = map(int, text.split("-"))
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= _days(year, month)  # noqa: PLR2004 - months


def _days(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
