"""Which rows a query can find at most: never too few, and few where words are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from archiver.search.bounds import (
    Hits,
    Segmented,
    Stand,
    between,
    bound,
    needs_places,
    nothing,
)
from archiver.search.reading import read_query
from archiver.search.syntax import spelled, terms_of
from tests.search import naive

if TYPE_CHECKING:
    from archiver.search.bounds import Bound
    from archiver.search.syntax import Term

ROWS = 30


def segmented(terms: list[Term], rows: list[naive.Row], account: str) -> Segmented:
    """Return a segment as its index tells it, by looking at every word of its rows."""
    hits = Hits()
    for number, term in enumerate(terms):
        for field in (1, 2, 3):
            own = [
                n for n, row in enumerate(rows) for word in row[field] if naive.is_it(term, word)
            ]
            if own:
                hits.add(number, Stand(np.array(own, np.int64), None, field == 2, field == 3))
    return Segmented(account, "comments", hits, lambda *_: None)


@pytest.mark.parametrize("seed", range(60))
def test_no_row_that_is_found_is_beyond_the_bound(seed: int) -> None:
    """Whatever is asked of whatever rows."""
    chance = Random(seed)
    rows = [("x", *naive.some_row(chance)[1:]) for _ in range(ROWS)]
    for _ in range(20):
        node = naive.some_query(chance)
        most = bound(node, segmented(list(terms_of(node)), rows, "x"))
        found = {n for n, row in enumerate(rows) if naive.found(node, row)}
        assert most is None or found <= set(most.tolist()), spelled(node)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a", [0, 1]),
        ("a b", [1]),
        ("a OR b", [0, 1, 2]),
        ("a W/2 b", [1]),
        ("a NOT W/2 b", [0, 1]),
        ('"a b"', [1]),
        ("author:a", []),
        ("c", [1]),
        ("file:c", [1]),
        ("file:a", []),
        ("NOT a", None),
        ("a AND (NOT b)", [0, 1]),
        ("a OR (NOT b)", None),
        ("NOT (a b)", None),
        ("state:deleted", None),
        ("account:x", None),
        ("account:y", []),
        ("stream:comments AND a", [0, 1]),
        ("stream:posts AND a", []),
        ("", None),
    ],
)
def test_words_narrow_what_is_looked_at(query: str, expected: list[int] | None) -> None:
    """What must not be there, and what is known of no index, narrows nothing."""
    rows: list[naive.Row] = [
        ("x", ["a"], [], []), ("x", ["a", "b"], [], ["c"]), ("x", ["b"], [], []),
    ]  # fmt: skip
    node = read_query(query)
    found: Bound = bound(node, segmented(list(terms_of(node)), rows, "x"))
    assert (None if found is None else found.tolist()) == expected


def test_days_are_as_wide_as_any_calendar() -> None:
    """A day of any time zone lies between its moments, also at the end of all calendars."""
    first, last = between(date(2026, 11, 20), date(2026, 11, 20))
    for moment in ("2026-11-20T00:00:00+14:00", "2026-11-20T23:59:59.999999-12:00"):
        when = datetime.fromisoformat(moment).astimezone(UTC).timestamp() * 1_000_000
        assert first <= when <= last
    assert between(None, None) == (-(1 << 63), (1 << 63) - 1)
    assert between(date.min, date.max)[0] < between(date(2, 1, 1), None)[0]


def test_a_date_is_asked_of_the_rows() -> None:
    """In the query as in an option, with the same width."""
    asked: list[tuple[int, int]] = []

    def made(first: int, last: int) -> Bound:
        asked.append((first, last))
        return nothing()

    found = bound(read_query("date:2026-11-20"), Segmented("x", "posts", Hits(), made))
    assert (found is not None and found.tolist(), asked) == (
        [],
        [between(date(2026, 11, 20), date(2026, 11, 20))],
    )


@pytest.mark.parametrize(
    ("query", "needed"),
    [("a b", False), ('"a b"', True), ("a W/3 b", True), ("NOT (a W/3 b)", True), ("NOT a", False),
     ("a OR (b AND c-d)", True), ("", False), ("author:a", False)],
)  # fmt: skip
def test_places_matter_to_phrases_and_distances(query: str, needed: bool) -> None:  # noqa: FBT001 - a case
    """Where words alone are asked for, places are not read."""
    assert needs_places(read_query(query)) is needed
