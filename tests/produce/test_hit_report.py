"""Hit reports: counts of each term, what found nothing, and what was not searched."""

from __future__ import annotations

from archiver.produce.hit_report import COLUMNS, Searched, TermHits, hit_report

ABOUT = Searched(
    query="salt OR pepper OR sugar",
    read="salt OR pepper OR sugar",
    sql="SELECT 1",
    size=40,
    root="ab" * 32,
    searched=7,
    captured=9,
    not_searched={"private": 2},
    versions={"tokens": "1"},
    gaps=3,
)
TERMS = {"salt": ["a", "b"], "pepper": ["b", "b"], "sugar": []}
FAMILIES = {"a": "thread", "x": "thread", "y": "thread", "z": "other"}


def test_terms_are_counted_with_families_and_alone() -> None:
    """A family counts as a whole, a record without one as itself; a hit of two is of neither."""
    report = hit_report(ABOUT, TERMS, {"a", "b"}, FAMILIES)
    assert report.terms == (
        TermHits("salt", 2, 4, 1),
        TermHits("pepper", 1, 1, 0),
        TermHits("sugar", 0, 0, 0),
    )
    assert (report.hits, report.with_family) == (2, 4)
    assert report.without_hits == ("sugar",)


def test_it_says_what_was_not_searched() -> None:
    """The sentence has both numbers, the reason, the size of the log and the gaps."""
    report = hit_report(ABOUT, TERMS, {"a", "b"}, FAMILIES)
    said = report.statement()
    for part in ("7 of 9 captured", "as of 40 entries", "private: 2", "captured: 3"):
        assert part in said
    document = report.document()
    assert document["without_hits"] == ["sugar"]
    assert (document["sql"], document["root"], document["versions"]) == (
        "SELECT 1", "ab" * 32, {"tokens": "1"},
    )  # fmt: skip


def test_the_table_ends_with_the_whole_query() -> None:
    """Header, a row for each term in the order of the query, and one of all."""
    table = hit_report(ABOUT, TERMS, {"a", "b"}, FAMILIES).table()
    assert table[0] == COLUMNS
    assert [row[0] for row in table[1:]] == ["salt", "pepper", "sugar", "all terms"]
    assert table[-1] == ("all terms", "2", "4", "", "")
