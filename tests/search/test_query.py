"""From words to SQL: what is found, what is not, what is refused."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.edges.duck import DuckEngine
from archiver.errors import UsageError
from archiver.flows.search import empty_rows
from archiver.search.query import Query, compile_query, parse_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = [
    ("a", "present", 0, "Budget hearing", "The hearing is on Tuesday at 7pm. Call 555-0142."),
    ("b", "present", 1, None, "¿Habrá un intérprete en la reunión? ¡Sí!"),
    ("c", "present", 2, None, "Zażółć gęślą jaźń, ul. Świętokrzyska 5"),
    ("d", "present", 3, None, "我反对这个计划。市政府应该听我们的意见"),
    ("e", "present", 4, None, "الشارع مغلق اليوم"),
    ("f", "present", 5, None, "I don't like the state-of-the-art road_work at O'Hare"),
    ("g", "present", 6, None, "first wording"),
    ("g", "edited", 7, None, "second wording"),
    ("h", "present", 8, None, "soon gone"),
    ("h", "deleted", 9, None, None),
    ("i", "hidden", 10, None, "was spam"),
    ("i", "restored", 11, None, "was spam"),
    ("j", "present", 12, None, "before\x00after"),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    """A locked-down engine."""
    with DuckEngine() as opened:
        yield opened


def _table() -> pa.Table:
    columns: dict[str, list[object]] = {
        name: [None] * len(ROWS) for name in empty_rows().column_names
    }
    for place, (record, kind, leaf, title, text) in enumerate(ROWS):
        columns["record_id"][place] = f"wordpress:blog:comments:{record}"
        columns["observation_id"][place] = f"uuid-{leaf}"
        columns["account"][place] = "blog"
        columns["stream"][place] = "comments"
        columns["kind"][place] = kind
        columns["leaf"][place] = leaf
        columns["title"][place] = title
        columns["text"][place] = text
        columns["captured_at"][place] = 1_780_000_000_000_000 + leaf * 86_400_000_000
    return pa.table(columns, schema=empty_rows().schema)


def _found(engine: DuckEngine, query: Query) -> list[str]:
    sql, parameters = compile_query(query)
    hits = engine.query({"rows": _table()}, sql, parameters).to_pylist()
    return sorted(str(hit["record_id"]).rpartition(":")[2] for hit in hits)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("hearing", "a"),
        ("HEARING tuesday", "a"),
        ("hear", ""),
        ('"hearing is on"', "a"),
        ('"is hearing"', ""),
        ("555-0142", "a"),
        ("0142", "a"),
        ("7pm.", "a"),
        ("after", "j"),
        ("intérprete reunión", "b"),
        (unicodedata.normalize("NFD", "intérprete"), "b"),
        ("ŚWIĘTOKRZYSKA", "c"),
        ("市政府", "d"),
        ("مغلق", "e"),
        ("don't", "f"),
        ("state-of-the-art", "f"),
        ('"state of the art"', "f"),
        ("road_work", "f"),
        ("O'Hare", "f"),
        ("first", "g"),
        ("wording", "g"),
        (".*", ""),
        ("%", ""),
        ("'; DROP TABLE rows; --", ""),
        ("\\", ""),
        ("", "abcdefghij"),
    ],
)
def test_words(engine: DuckEngine, words: str, expected: str) -> None:
    """Whole words in any version of a record, whatever the script; nothing is a pattern."""
    assert "".join(_found(engine, Query(words))) == expected


def test_states_are_the_latest(engine: DuckEngine) -> None:
    """A record's state is that of its latest observation; an edit is no state."""
    assert _found(engine, Query(state="deleted")) == ["h"]
    assert "i" in _found(engine, Query(state="present"))
    assert "g" in _found(engine, Query(state="present"))
    assert _found(engine, Query("gone", state="present")) == []


def test_as_of_forgets_what_came_later(engine: DuckEngine) -> None:
    """As of a moment, later observations neither match nor count."""
    sixth = "2026-06-04T20:26:39Z"  # a second before leaf 7
    assert _found(engine, Query("second", as_of=sixth)) == []
    assert _found(engine, Query("first", as_of=sixth)) == ["g"]


def test_days_include_both_ends(engine: DuckEngine) -> None:
    """--from and --to name days in UTC, both included."""
    assert _found(engine, Query(since="2026-05-28", until="2026-05-28")) == ["a"]
    assert _found(engine, Query(since="2026-05-29", until="2026-05-30")) == ["b", "c"]


@pytest.mark.parametrize(
    "query",
    [
        Query('"open'),
        Query(since="2026-02-30"),
        Query(until="yesterday"),
        Query(stream="gossip"),
        Query(state="lost"),
        Query(as_of="noon"),
    ],
)
def test_senseless_conditions_are_refused(query: Query) -> None:
    """A condition that makes no sense is a usage error with a hint, not an empty answer."""
    with pytest.raises(UsageError) as refused:
        compile_query(query)
    assert refused.value.mend


@given(st.text(max_size=40).filter(lambda text: '"' not in text))
def test_any_text_is_a_query(text: str) -> None:
    """No text a person can type breaks the engine; each word finds a row made of it."""
    words = [word for phrase in parse_terms(text).terms for word in phrase]
    sql, parameters = compile_query(Query(text))
    with DuckEngine() as engine:
        columns: dict[str, list[object]] = {name: [None] for name in empty_rows().column_names}
        columns |= {"record_id": ["r"], "kind": ["present"], "leaf": [0], "text": [" ".join(words)]}
        table = pa.table(columns, schema=empty_rows().schema)
        hits = engine.query({"rows": table}, sql, parameters).to_pylist()
    assert len(hits) == 1
