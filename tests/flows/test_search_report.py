"""Reports of terms over an archive: the numbers are those that single searches give."""

from __future__ import annotations

import csv
import io
import random
from typing import TYPE_CHECKING

import pytest

from archiver.errors import UsageError
from archiver.flows.search import Query, search
from archiver.flows.search_report import COLUMNS, as_csv, term_report
from tests.flows.helpers import founded, open_archive
from tests.flows.test_search_index import filled

if TYPE_CHECKING:
    from archiver.flows.archive import Archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive of few words in many observations."""
    home = tmp_path_factory.mktemp("report") / "home"
    opened = open_archive(founded(home), home)
    filled(opened, random.Random(11), 6)
    return opened


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("conditions", [{}, {"account": "x", "state": "present"}])
def test_each_term_counts_what_a_search_for_it_finds(
    archive: Archive, conditions: dict[str, str], *, private: bool
) -> None:
    """And so does the whole query, and what is unique to a term no other one finds."""
    told = term_report(archive, Query("(ab OR 市) AND (NOT abed)", **conditions), private=private)

    def hits(term: str) -> set[str]:
        own = search(archive, Query(term, **conditions), private=private).hits
        return {str(hit["record_id"]) for hit in own}

    found = {term: hits(term) for term in ("ab", "市", "abed", "(ab OR 市) AND (NOT abed)")}
    assert told["records"] == len(found.pop("(ab OR 市) AND (NOT abed)"))
    assert {one["term"]: one["records"] for one in told["terms"]} == {
        term: len(records) for term, records in found.items()
    }
    for one in told["terms"]:
        others = set[str]().union(*(found[term] for term in found.keys() - {one["term"]}))
        assert one["unique"] == len(found[one["term"]] - others)
        assert one["with_family"] >= one["records"]
    assert sum(one["records"] for one in told["terms"]) > 0


def test_what_was_searched_is_told(archive: Archive) -> None:
    """How much of what, by which versions, with the statement; a term that nothing has, too."""
    told = term_report(archive, Query("ab OR nowhere"))
    assert [(one["term"], one["records"] > 0) for one in told["terms"]] == [
        ("ab", True), ("nowhere", False),
    ]  # fmt: skip
    counted = sum(told["searched"].values()) + sum(told["not_searched"].values())
    assert told["observations"] == counted > sum(told["searched"].values())
    assert (told["language"], told["words"], told["destroyed"]) == ("1", "2", 0)
    assert "snowball" in told["stemmer"]
    assert "nowhere" not in told["sql"]


def test_a_report_needs_words(archive: Archive) -> None:
    """Fields alone are no terms."""
    with pytest.raises(UsageError, match="none is asked for"):
        term_report(archive, Query("account:x"))


def test_csv_is_no_formula(archive: Archive) -> None:
    """The same numbers as a table of which no cell begins as a formula does."""
    told = term_report(archive, Query("@ab OR ab"))
    told["terms"][1]["words"] = ["@ab", "ab"]
    rows = list(csv.reader(io.StringIO(as_csv(told).decode("utf-8-sig"))))
    assert rows[0] == list(COLUMNS)
    assert rows[1][0] == "'@ab"
    assert rows[2][4] == "'@ab ab"
    assert [row[1] for row in rows[1:]] == [str(one["records"]) for one in told["terms"]]
