"""The SQL of queries against looking at every word: no difference, whatever is asked."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from archiver.edges.duck import DuckEngine
from archiver.flows.search_hits import numbers
from archiver.search import matching as code
from archiver.search.matching import PART, compiled
from archiver.search.reading import read_query
from archiver.search.syntax import spelled
from archiver.search.vocabulary import Finding
from tests.search import naive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archiver.search.syntax import Node

ROWS, TOGETHER = 40, 20


def answered(engine: DuckEngine, rows: list[naive.Row], asked: Sequence[Node]) -> list[set[int]]:
    """Return the numbers of the rows that each query finds, as the SQL says."""
    texts = [[" ".join(words) for words in row[1:]] for row in rows]
    table = pa.table(
        {
            "leaf": pa.array(range(len(rows)), pa.int64()),
            "account": [account for account, *_ in rows],
            "text": [text for text, *_ in texts],
            "author_name": [author for _, author, _ in texts],
            "file_text": [file for *_, file in texts],
            "searched": [True] * len(rows),
        }
    )
    made = compiled(asked)
    tables = {
        "asked": table,
        "hit": naive.hits_in(Finding(made.terms), [table]),
        "part": numbers(PART, made.parts),
    }
    roots = " UNION ALL ".join(
        f"SELECT {number} AS query, leaf FROM {root}"  # noqa: S608 - names that are made here
        for number, root in enumerate(made.roots)
    )
    sql = f"WITH {', '.join(made.nodes)} {roots}"
    found: list[set[int]] = [set() for _ in asked]
    for hit in engine.query(tables, sql, made.parameters).to_pylist():
        assert hit["leaf"] not in found[hit["query"]], "a row is found twice"
        found[hit["query"]].add(hit["leaf"])
    return found


def play(engine: DuckEngine, seed: int) -> int:
    """Ask random queries of random rows; return how many found some rows and not all."""
    chance = Random(seed)
    rows = [naive.some_row(chance) for _ in range(ROWS)]
    asked = [naive.some_query(chance) for _ in range(TOGETHER)]
    telling = 0
    for node, found in zip(asked, answered(engine, rows, asked), strict=True):
        expected = {leaf for leaf, row in enumerate(rows) if naive.found(node, row)}
        assert found == expected, f"seed {seed}: {spelled(node)}"
        telling += 0 < len(expected) < ROWS
    return telling


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    """A locked-down engine, of which each statement has tables of its own."""
    with DuckEngine() as opened:
        yield opened


def test_no_query_is_answered_otherwise(engine: DuckEngine) -> None:
    """Random queries over random rows find what a look at every word finds."""
    assert sum(play(engine, seed) for seed in range(8)) > 80


@pytest.mark.soak
def test_no_query_of_very_many_is_answered_otherwise(engine: DuckEngine) -> None:
    """The same for 100,000 queries."""
    assert sum(play(engine, seed) for seed in range(1000, 6000)) > 50_000


@pytest.mark.parametrize("seed", range(40))
def test_what_is_told_can_be_asked_again(seed: int) -> None:
    """A tree, spelled and read, is the same tree."""
    node = naive.some_query(Random(seed), 2)
    assert read_query(spelled(node)) == node


@pytest.mark.parametrize(
    ("good", "bad", "seed"),
    [
        (" OR l.a > r.b", " OR l.a >= r.a", 0),
        ("r.a - l.b <=", "r.a - l.b <", 1),
        ("r.a > l.b", "r.a >= l.b", 0),
        ("place - part", "place + part", 1),
        ("EXCEPT", "UNION", 0),
        ("NOT EXISTS", "EXISTS", 0),
        ("greatest(l.b, r.b)", "r.b", 7),
        (" AND author", "", 1),
        (" AND file", "", 2),
        ("count(DISTINCT part)", "count(part)", 0),
    ],
)
def test_planted_defects_are_found(
    engine: DuckEngine, good: str, bad: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each small mistake in the SQL makes a difference to some query."""
    made = code._named

    def planted(matching: code.Matching, text: str) -> str:
        return made(matching, text.replace(good, bad))

    monkeypatch.setattr(code, "_named", planted)
    with pytest.raises(AssertionError, match=r"seed|twice"):
        play(engine, seed)
