"""Searches that are saved, and reports of their terms, on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.terminal import run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_saved_search_is_asked_again(copy: Path) -> None:
    """Under its name, with the same hits; beside it nothing else may be asked."""
    asked = ("search", "culvert OR street", "--from", "2026-01-01")
    first = run(copy, *asked, "--save", "streets", "--json").document["data"]
    again = run(copy, "search", "--saved", "streets", "--json").document["data"]
    assert (first["saved"], again["saved"]) == ("streets", "streets")
    assert first["hits"] == again["hits"] != []
    assert first["query"] == again["query"]
    assert "Ask it again with --saved" in run(copy, *asked, "--save", "streets").text
    for wrong, code in ((("word",), "usage"), (("--account", "city-blog"), "usage")):
        ran = run(copy, "search", *wrong, "--saved", "streets", "--json")
        assert (ran.code, ran.finding["code"]) == (2, code)
    ran = run(copy, "search", "--saved", "other", "--json")
    assert (ran.code, ran.finding["code"]) == (2, "search-unknown")
    assert "streets" in ran.finding["mend"]


def test_a_report_counts_terms(copy: Path, tmp_path: Path) -> None:
    """As a table, as CSV and as JSON; what is nowhere is named."""
    words = ("search", "(culvert OR street) AND (NOT nowhere)", "--report")
    shown = run(copy, *words).text
    assert "with family" in shown
    assert "Nothing has: nowhere" in shown
    assert "observations in the archive" in shown
    file = tmp_path / "terms.csv"
    data = run(copy, *words, "--csv", str(file), "--json").document["data"]
    assert file.read_text("utf-8-sig").splitlines()[0] == "term,records,with_family,unique,words"
    assert [one["term"] for one in data["terms"]][:2] == ["culvert", "street"]
    assert max(one["with_family"] for one in data["terms"]) > 0
    ran = run(copy, "search", "--report", "--json")
    assert (ran.code, ran.finding["code"]) == (2, "query-field")
