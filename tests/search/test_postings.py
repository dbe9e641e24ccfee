"""Posting lists: all that a look at each word of each row finds, from few row groups."""

from __future__ import annotations

from random import Random

import pyarrow as pa
import pytest

from archiver.search import postings
from archiver.search.postings import SHOWN, Posted, Postings, merged, posting_file
from archiver.search.query import SEARCHED
from archiver.search.syntax import Exact, Fuzzy, Stem, Term, Wild
from archiver.search.tokens import INDEX, places
from archiver.search.vocabulary import Finding
from tests.search import naive

NAME = "cache/index/x.words"
LONG = "x" * SHOWN
WORDS = ("a", "ab", "abs", "b", "#b", "市", "Running", "runs", f"{LONG}a", f"{LONG}b", LONG)
TERMS: tuple[Term, ...] = (
    Exact("a"), Exact("nowhere"), Exact("#b"), Exact(f"{LONG}b"), Exact(LONG), Wild("a*"),
    Wild("*b"), Wild(f"{LONG}*"), Stem("run"), Fuzzy("abs", 1, 1), Wild("?"),
)  # fmt: skip


def table(chance: Random, rows: int) -> pa.Table:
    """Return rows of few words."""

    def text() -> str | None:
        words = chance.choices(WORDS, k=chance.randrange(9))
        return None if chance.random() < 0.2 else " ".join(words)

    columns = {
        name: pa.array([text() for _ in range(rows)], pa.string())
        for name in ("title", "text", "author_name")
    }
    return pa.table({"record_id": [str(n) for n in range(rows)], **columns})


def expected(finding: Finding, rows: pa.Table) -> set[tuple[str, int, int, int]]:
    """Return every word that is found, by field, row and place, as a look at each has it."""
    texts = (rows[name].to_pylist() if name in rows.column_names else [None] * rows.num_rows
             for name in SEARCHED)  # fmt: skip
    return {
        (word, field, row, place)
        for row, fields in enumerate(zip(*texts, strict=True))
        for word, place, field in places(fields)
        if finding.numbers(word)
    }


def flat(found: list[Posted], part: int = 0) -> list[tuple[str, int, int, int]]:
    """Return what was posted of a part, one by one."""
    return [
        (one.word, one.field, row, place)
        for one in found
        if one.part == part and one.places is not None
        for row, place in zip(one.rows.tolist(), one.places.tolist(), strict=True)
    ]


@pytest.mark.parametrize("group", [1, 50, 1 << 20])
@pytest.mark.parametrize("seed", range(6))
def test_each_word_is_found_where_it_stands(
    seed: int, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every kind of term, alone and together, however the file is cut into row groups."""
    monkeypatch.setattr(postings, "GROUP", group)
    chance = Random(seed)
    rows = table(chance, chance.choice((0, 1, 30)))
    file = Postings(NAME, posting_file(NAME, rows))
    assert file.version == INDEX
    for terms in (*((one,) for one in TERMS), TERMS):
        finding = Finding(terms)
        found = flat(list(file.find(finding, places=True)))
        assert len(found) == len(set(found))
        assert set(found) == expected(finding, rows), terms


def test_places_are_told_where_they_are_asked_for() -> None:
    """Rows alone are read with fewer columns, and are the same."""
    rows = table(Random(1), 20)
    file, finding = Postings(NAME, posting_file(NAME, rows)), Finding(TERMS)
    some, whole = (list(file.find(finding, places=asked)) for asked in (False, True))
    assert {one.places for one in some} == {None}
    assert [one.rows.tolist() for one in some] == [one.rows.tolist() for one in whole]


@pytest.mark.parametrize("group", [1, 50, 1 << 20])
def test_merged_files_say_the_same(group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each part what its own file says; merged twice, and without a part that went."""
    monkeypatch.setattr(postings, "GROUP", group)
    chance = Random(7)
    tables = [table(chance, rows) for rows in (5, 0, 9, 12)]
    single = [Postings(NAME, posting_file(NAME, one)) for one in tables]
    first = Postings(NAME, merged(NAME, [(single[0], [0]), (single[1], [1]), (single[2], [2])]))
    every = Postings(NAME, merged(NAME, [(first, [0, 1, 2]), (single[3], [3])]))
    fewer = Postings(NAME, merged(NAME, [(every, [0, 1, None, 2])]))
    finding = Finding(TERMS)
    for file, parts in ((every, [0, 1, 2, 3]), (fewer, [0, 1, 3])):
        found = list(file.find(finding, places=True))
        for part, number in enumerate(parts):
            assert set(flat(found, part)) == expected(finding, tables[number])
        assert {one.part for one in found} <= set(range(len(parts)))
    assert merged(NAME, [(every, [0, 1, None, 2])]) == merged(
        NAME, [(single[0], [0]), (single[1], [1]), (single[3], [2])]
    )


def test_few_row_groups_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole word takes one row group, two where the footer can't tell more."""
    monkeypatch.setattr(postings, "GROUP", 1)
    file = Postings(NAME, posting_file(NAME, table(Random(2), 40)))
    assert len(file._file) > 8
    assert {len(file._groups(one, one)) for one in ("a", "ab", "b", "run")} <= {1}
    assert len(file._groups(f"{LONG}b", f"{LONG}b")) > 1
    assert len(file._groups("", naive.LETTERS[0] + "\U0010ffff")) < len(file._file)
