"""What pages say of a document: all of it as far as there is room, and how much there is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from archiver.produce.page import ROOM, page_of
from archiver.produce.text import tell, text_of
from tests.produce.town import at, document, town, version
from tests.produce.writing import profile

if TYPE_CHECKING:
    from archiver.formats.pages import Numbered

MORE = re.compile(r"\[… (\d+) characters more: see the text file\]")


def page(text: str) -> Numbered:
    """Return the pages of a document that says a text."""
    return page_of(tell(document(1, text=text), profile(), []), "EX00000012", profile("litigation"))


def lines(made: Numbered) -> list[str]:
    """Return all paragraphs."""
    return [line for _, _, body in made.passages for line in body]


@pytest.mark.parametrize("text", ["a", "one\r\ntwo\rthree\n\n\nfour", "x" * 90_000, "市" * 100])
def test_all_of_an_ordinary_text_is_there(text: str) -> None:
    """Each line is a paragraph, whatever ends it; empty ones part them."""
    made = page(text)
    assert lines(made) == [one for one in re.split(r"\r\n|\r|\n", text) if one]
    assert (made.prefix, made.first, made.width) == ("EX", 12, 8)
    assert not MORE.search(str(made))


@pytest.mark.parametrize(
    "text", ["x" * 300_000, "a\n" * 200_000, "市" * 50_000, "ab cd\n" * 40_000]
)
def test_what_there_is_no_room_for_is_counted(text: str) -> None:
    """Pages say how many characters are missing; the text file has them all."""
    said = lines(page(text))
    more = MORE.search(said[-1])
    assert more
    shown = "".join(said)[: -len(more[0])].strip()
    assert abs(len(shown) + int(more[1]) - len(text)) <= len(said) + text.count("\n")
    assert sum(max(len(one), 80) for one in said) < ROOM * 1.1
    told = tell(document(1, text=text), profile(), [])
    assert text in text_of(told, "EX1")


def test_very_many_versions_are_counted() -> None:
    """A record that changed thousands of times has the first versions on pages."""
    versions = tuple(version(n, "edited", {"text": f"v{n}", "url": "u"}, n) for n in range(5000))
    told = tell(document(1, versions=versions), profile(), [])
    made = page_of(told, "EX00000001", profile())
    assert 100 < len(made.passages) < 5000
    assert f"{5000 - len(made.passages)} versions more: see the text file." in made.files


def test_text_tells_what_each_version_said() -> None:
    """Versions with their words, times of the zone, files with where they are or why not."""
    post, _, _, _, _, _, _, _, message = town()
    text = text_of(tell(post, profile(zone="America/Chicago"), []), "EX1")
    assert "Version 2 of 2: edited" in text
    assert "\nPotholes\n" in text
    assert "Created: 2026-03-07 16:01:00 -0600" in text
    told = tell(message, profile(), ["NATIVES/a.txt", "", ""])
    assert told.files == (
        "Provided in native format: NATIVES/a.txt (text/html, 25 bytes)",
        "Not part of this production (application/x-odd, 1 bytes)",
        "File withheld under 7(1)(b)",
    )
    assert tell(document(1, versions=(version(1, "absent", {}, 1),)), profile(), []).facts[-2] == (
        "Captured",
        f"{at(1)[:10]} 22:01:00 +0000",
    )
