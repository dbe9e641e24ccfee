"""Folding: a text is found in every spelling of it, and said to be where it stands."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.ledger.folding import needles_of, spans, word_spans

PHONE = needles_of("555-0142")
NAME = needles_of("Zajączkowski")


@pytest.mark.parametrize(
    "text",
    [
        "555-0142",
        "555\N{NON-BREAKING HYPHEN}0142",
        "555\N{EN DASH}0142",
        "555.0142",
        "555 0142",
        "555\u00a00142",
        "555\u200b0142",
        "555\u00ad0142",
        "5550142",
        "(5)55/01_42",
        "555%2D0142",
        "555%2d0142",
        "555%252D0142",
        "555%E2%80%910142",
        "%35%35%35%30%31%34%32",
        "555%A00142",
        "555&#45;0142",
        "555&#x2d;0142",
        "555&#000045;0142",
        "555&hyphen;0142",
        "555&nbsp;0142",
        "555&amp;#45;0142",
        "&#53&#53&#53&#48&#49&#52&#50",
        "555\\u20110142",
        "555\\n0142",
        "555-<b>0142</b>",
        "555&lt;wbr&gt;0142",
        "555\\u003cwbr\\u003e0142",
        "555<!-- 7 -->0142",
        "\uff15\uff15\uff15\uff0d\uff10\uff11\uff14\uff12",
        "\u0665\u0665\u0665-\u0660\u0661\u0664\u0662",
        "5\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e30142",
    ],
)
def test_a_number_in_every_spelling(text: str) -> None:
    """Separators, codings, tags and other digits do not hide a number, nor shift its place."""
    found = spans(f"before noon {text} \N{EM DASH} or write", PHONE)
    assert min(start for start, _ in found) in {12, 13}  # 13 after an opening parenthesis
    assert max(end for _, end in found) in {12 + len(text), 12 + len(text) - len("</b>")}


@pytest.mark.parametrize(
    "text",
    ["ZAJĄCZKOWSKI", "zaja\u0328czkowski", "zaj%C4%85czkowski", "Zaj&aogon;czkowski",
     "zaj\\u0105czkowski", "zajaczkowski", "Za\u00adjącz\u00adkowski", "Z A J Ą C Z K O W S K I"],
)  # fmt: skip
def test_a_name_in_every_spelling(text: str) -> None:
    """Case, composition, codings, soft hyphens and left-out accents do not hide a name."""
    assert spans(f"to {text}, Esq.", NAME) == [(3, 3 + len(text))]


@pytest.mark.parametrize(
    ("name", "text"),
    [("Michał Łoś", "michal-los"), ("Straße", "STRASSE"), ("Sørensen", "sorensen")],
)
def test_names_as_addresses_write_them(name: str, text: str) -> None:
    """Letters that Unicode does not take apart are found as addresses have them."""
    assert spans(f"/by/{text}/", needles_of(name)) == [(4, 4 + len(text))]


def test_what_is_not_there_is_not_found() -> None:
    """Another number, and a text without letters or digits, are found nowhere."""
    assert spans("555-0143, 55-0142, 5550 1 or 0142-555", PHONE) == []
    assert needles_of("\N{EM DASH} !?") == frozenset()
    assert spans("anything", needles_of("")) == []


def test_layers_have_an_end() -> None:
    """Seven codings on top of each other are undone; of endlessly many the rest is left."""
    written = "555-0142"
    for _ in range(7):
        written = written.replace("%", "%25").replace("-", "%2D")
    assert spans(written, PHONE) == [(0, len(written))]
    assert spans("555%" + "25" * 50 + "2D0142", PHONE) == []


letters = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12)
around = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
spelling = st.sampled_from(
    [
        str,
        str.upper,
        quote,
        lambda text: quote(quote(text)),
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
        html.escape,
        lambda text: "".join(f"&#{ord(one)};" for one in text),
        lambda text: json.dumps(text)[1:-1],
        "\N{ZERO WIDTH SPACE}".join,
        "-<i>".join,
    ]
)


@given(letters, spelling, around, around)
def test_any_text_in_any_spelling(text: str, spell: object, before: str, after: str) -> None:
    """Whatever is looked for is found wherever it stands, spelt however."""
    assert callable(spell)
    written = f"{before} {spell(text)} {after}"
    found = spans(written, needles_of(text))
    start, end = len(before) + 1, len(before) + 1 + len(spell(text))
    assert any(first < end and last > start for first, last in found)


@given(st.text(max_size=200), letters)
def test_places_lie_within_the_text(text: str, sought: str) -> None:
    """Whatever the text, each place found is a stretch of it that is not empty."""
    for start, end in spans(text, needles_of(sought)):
        assert 0 <= start < end <= len(text)


WORDS = [
    ("Li was here", {"li"}, [(0, 2)]),
    ("A. Li; a-li and Ali", {"ali"}, [(0, 5), (7, 11), (16, 19)]),
    ("living", {"li"}, []),
    ("x%20Li%20y and &#76;i<b>.</b>", {"li"}, [(4, 6), (15, 21)]),
    ("Li\u0301", {"li"}, [(0, 3)]),
    ("2026-07-07, 7, and 77", {"7"}, [(12, 13)]),
    ("nothing", set(), []),
]


@pytest.mark.parametrize(("text", "words", "places"), WORDS)
def test_short_words_are_found_by_themselves(
    text: str, words: set[str], places: list[tuple[int, int]]
) -> None:
    """Not inside of others; several in a row count as one; codings are taken off."""
    assert word_spans(text, words) == places
