"""What a word is, as the contract has it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.search.tokens import APART, pieces, places, words

if TYPE_CHECKING:
    from pathlib import Path


def test_the_contracts_examples_hold(repo_root: Path) -> None:
    """Each line of the table in docs/formats/words.md is what comes out."""
    page = (repo_root / "docs" / "formats" / "words.md").read_text("utf-8")
    lines = re.findall(r"^\| `(.*)` \| (.*) \|$", page, re.MULTILINE)
    assert len(lines) > 2
    for text, told in lines:
        found: dict[int, list[str]] = {}
        for token, place, _ in places([text]):
            found.setdefault(place, []).append(token)
        said = ["/".join(f"`{one}`" for one in found[place]) for place in sorted(found)]
        assert said == [one for one in re.split("[ ,;]+", told) if one.startswith("`")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("👍🏽 👨\u200d👩 🇺🇸🇨🇦 1\ufe0f\u20e3 ☀\ufe0fx", "👍 👨 👩 🇺🇸 🇨🇦 1 ☀ x"),
        ("C++ AT&T $5,000 a.b@c.d", "c at t 5 000 a b c d"),
        ("©2026 ™Acme® 50%", "2026 acme 50"),
        ("회의를 日本語text", "회 의 를 日 本 語 text"),
        ("शहर की सड़क", "शहर की सड़क"),
        ("", ""),
    ],
)
def test_words_of_any_script(text: str, expected: str) -> None:
    """Letters of any script, numbers and pictographs are words; nothing else is."""
    assert [one[0] for one in words(text)] == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state-of-*", "state of *"),
        ("b*d-x?", "b*d x?"),
        ("#pot*", "#pot*"),
        ("市*", "市*"),
        ("*", "*"),
    ],
)
def test_wildcards_are_letters_of_what_they_touch(text: str, expected: str) -> None:
    """A sign for letters stays with the word that it stands beside."""
    assert pieces(text) == expected.split()


@given(st.text(max_size=40), st.text(max_size=40))
def test_words_of_a_text_do_not_depend_on_its_neighbours(left: str, right: str) -> None:
    """What is parted by a space is cut alone as it is cut together."""
    assert words(f"{left} {right}") == words(left) + words(right)


@given(st.lists(st.text(max_size=30), max_size=4))
def test_fields_are_far_apart(fields: list[str]) -> None:
    """No two words of different fields are within the farthest distance of each other."""
    found = list(places(fields))
    for (_, place, field), (_, other, own) in pairwise(found):
        assert other - place > APART if own != field else other >= place
