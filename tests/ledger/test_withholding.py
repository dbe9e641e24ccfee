"""Withholding: every leaf that shows a text closes, in whatever part of the record it stands."""

from __future__ import annotations

import html
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.columns import fields_of
from archiver.ledger.commitment import leaves
from archiver.ledger.disclosure import disclose, text_of
from archiver.ledger.folding import needles_of, spans
from archiver.ledger.withholding import hidden_leaves, hidden_lines, still_shown

GAP = "[...]"
EVERY = [f"call {number} now" for number in (
    "555-0142", "555\N{NON-BREAKING HYPHEN}0142", "5550142", "555%2D0142", "555&#45;0142",
)]  # fmt: skip


def shown(row: dict[str, str], sought: str) -> dict[str, str]:
    """Return what a row with everything opened still shows where ``sought`` is withheld."""
    values = leaves(bytes(32), [], [], fields_of("comments"), row)[2]
    hidden = hidden_leaves(values, needles_of(sought))
    opened = {at for at, leaf in enumerate(values) if leaf.number not in hidden}
    tree = disclose(values, opened, hidden)
    closed = still_shown(tree, needles_of(sought))
    return {one["name"]: text_of(one, GAP) for one in tree["opened"] if one["place"] not in closed}


@pytest.mark.parametrize("text", EVERY)
def test_each_spelling_closes(text: str) -> None:
    """Of a text the words with the number close, of other fields all, in every spelling."""
    row = {"state": "approved", "url": f"https://x/{text}", "text": text, "extra": f'"{text}"'}
    assert shown(row, "555-0142") == {"state": "approved", "text": "call [...] now"}


def test_a_text_over_several_words() -> None:
    """All words that a match reaches into close, the others stay."""
    row = {"title": "ring 555 - 0142, please", "text": "ZAJĄCZKOWSKI, Jan; zaja\u0328czkowski"}
    assert shown(row, "555-0142")["title"] == "ring [...] please"
    assert shown(row, "Zajączkowski")["text"] == "[...] Jan; [...] "


def test_a_gap_is_read_across() -> None:
    """Where what is left beside a gap says it again, the whole field closes."""
    row = {"text": "555 555-0142 0142", "title": "nothing"}
    values = leaves(bytes(32), [], [], fields_of("comments"), row)[2]
    middle = {values[1].tokens[1].number}
    tree = disclose(values, [0, 1], middle)
    assert text_of(tree["opened"][1], GAP) == "555 [...] 0142"
    assert still_shown(tree, needles_of("555-0142")) == {1}


def test_header_lines_close() -> None:
    """A header line closes for what its value says, never for its name."""
    lines = [b"WARC/1.1", b"Archive-Page: https://x/storm%2Ddamage/#1", b"Archive-Kind: present"]
    context = leaves(bytes(32), [], lines, (), {})[1]
    assert hidden_lines(context, needles_of("Storm damage")) == {1}
    assert hidden_lines(context, needles_of("archive")) == set()
    assert hidden_lines(context, needles_of("WARC")) == {0}
    assert still_shown(disclose(context, range(3)), needles_of("stormdamage")) == {1}


characters = st.characters(exclude_categories=["Cs"])
spelt = st.sampled_from([str, str.upper, quote, html.escape, "\N{ZERO WIDTH SPACE}".join])


@given(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=9), spelt, st.data())
def test_nothing_shows_it(sought: str, spell: object, data: st.DataObject) -> None:
    """However it is spelt and wherever it stands, no field left open has it."""
    assert callable(spell)
    around = st.text(characters, max_size=40)
    row = {
        name: data.draw(around) + spell(sought) + data.draw(around)
        for name in ("url", "title", "text", "extra")
    }
    needles = needles_of(sought)
    left = shown(row, sought).values()
    assert not any(spans(text.replace(f"{GAP} ", ""), needles) for text in left)
