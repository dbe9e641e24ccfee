"""Pages as PDF: the same bytes, tagged, and nothing of what is told taken for markup."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from archiver.formats.pdf import Page, Section, Table, pdf

WHEN = datetime(2026, 11, 30, 4, tzinfo=UTC)


def page(text: str) -> Page:
    """Return a page that says a text everywhere."""
    table = Table((text, "code"), [(text, "ab" * 32)] * 60, (False, True), (1, 0))
    section = Section(f"Heading {text}", [text], [table], [text])
    return Page(f"Title {text}", "archive.example/log", text, text, [text], [section])


def said(data: bytes) -> str:
    """Return what a PDF says, page by page, without what breaks its lines."""
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(one.extract_text() for one in pages).split())


def test_the_same_page_is_the_same_bytes() -> None:
    """Nothing of the machine or the moment is in it; another day makes another file."""
    assert pdf(page("a"), WHEN) == pdf(page("a"), WHEN)
    assert pdf(page("a"), WHEN) != pdf(page("a"), WHEN.replace(day=29))


def test_it_is_tagged_and_named() -> None:
    """Readers that speak find language, title, headings and tables; each letter has its meaning."""
    reader = PdfReader(io.BytesIO(pdf(page("words"), WHEN)))
    root: Any = reader.root_object
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert len(reader.pages) > 1
    found = set[str]()
    todo: list[Any] = [root["/StructTreeRoot"]]
    while todo:
        one = todo.pop().get_object()
        if isinstance(one, list):
            todo += one
        elif isinstance(one, dict):
            found.add(str(one.get("/S")))
            todo += [one["/K"]] if "/K" in one else []
    assert {"/H1", "/P", "/Table", "/TH", "/TD", "/L"} <= found
    told = root["/Metadata"].get_object().get_data()
    assert b"pdfuaid:part>1<" in told
    assert b"pdfaid:part>2<" in told


@pytest.mark.parametrize(
    "text",
    [
        "#read('archiver.toml') *b* _e_ $x$ @ref <label> = no heading // no comment",
        "Café, Žluťoučký kůň, Ελληνικά, Кириллица, Łódź",
        'a quote " and a back\\slash and an \\u0041 escape',
    ],
)
def test_what_is_told_is_no_markup(text: str) -> None:
    """It says what it was told, letter by letter."""
    assert said(pdf(page(text), WHEN)).count(text) > 60


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("before 漢字 after", "before \\u6f22\\u5b57 after"),
        ("a fox \U0001f98a", "a fox \\ud83e\\udd8a"),
        ("turned \u202e round", "turned \\u202e round"),
        ("rung \a", "rung \\u0007"),
        ("half \ud800", "half \\ud800"),
        ("two\nlines", "two\\nlines"),
    ],
)
def test_what_no_font_has_is_escaped(text: str, shown: str) -> None:
    """No letter is lost or stands as a sign for nothing: it is shown as JSON escapes it."""
    assert said(pdf(page(text), WHEN)).count(shown) > 60
