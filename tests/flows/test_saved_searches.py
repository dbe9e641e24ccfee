"""Searches under a name: kept as documents, asked again as they were meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.errors import FormatError, UsageError
from archiver.flows import saved_searches
from archiver.flows.saved_searches import SavedSearch, find, save, saved
from archiver.flows.search import Query
from archiver.flows.verify import verify
from tests.flows.helpers import Quiet, founded, open_archive

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive

QUERY = Query("culvert AND (NOT bridge)", account="city", since="2026-01-01")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """A new archive."""
    return open_archive(founded(tmp_path / "home"), tmp_path / "home")


def test_a_search_is_found_again(archive: Archive, tmp_path: Path) -> None:
    """In another process, with all that was asked; and the archive verifies."""
    save(archive, "Culverts, 2026", QUERY, private=True)
    again = open_archive(archive.store, tmp_path / "home", "again")  # type: ignore[arg-type]
    one = find(again, "Culverts, 2026")
    assert (one.query, one.private, one.told) == (QUERY, True, "culvert AND (NOT bridge)")
    assert verify(again, Quiet(), deep=True).findings == []


def test_the_latest_of_a_name_counts(archive: Archive) -> None:
    """Others stay as they are."""
    save(archive, "one", QUERY)
    save(archive, "two", Query("bridge"))
    save(archive, "one", Query("library"))
    assert {name: one.query.text for name, one in saved(archive).items()} == {
        "one": "library",
        "two": "bridge",
    }


def test_without_its_key_a_search_is_not_there(archive: Archive, tmp_path: Path) -> None:
    """What people look for is private."""
    save(archive, "one", QUERY)
    stranger = open_archive(archive.store, tmp_path / "stranger")  # type: ignore[arg-type]
    with pytest.raises(UsageError) as refused:
        find(stranger, "one")
    assert "none that this home can read" in str(refused.value.mend)
    plain = b"".join(archive.store.get(one.key) for one in archive.store.list(""))
    assert b"culvert" not in plain


def test_another_language_is_not_guessed(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search of another version of the language is refused, with what to do."""
    save(archive, "one", QUERY)
    monkeypatch.setattr(saved_searches, "LANGUAGE", "2")
    with pytest.raises(UsageError, match="version 1 of the language, not 2"):
        find(archive, "one")


@pytest.mark.parametrize("name", ["", "  ", "a" * 81, "a\x1bb", "a\nb"])
def test_names_are_names(archive: Archive, name: str) -> None:
    """One that is empty, too long or would drive a terminal is none."""
    with pytest.raises(UsageError, match="no name"):
        save(archive, name, QUERY)


def test_what_makes_no_sense_is_not_saved(archive: Archive) -> None:
    """A query is read before it is kept; what is not the document of one is said to be none."""
    with pytest.raises(UsageError):
        save(archive, "one", Query("a AND b OR c"))
    assert saved(archive) == {}
    for document in ({}, {"query": 3}, {"query": {"words": "x"}}):
        with pytest.raises(FormatError):
            SavedSearch.of(document)
