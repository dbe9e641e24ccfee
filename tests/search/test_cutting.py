"""Very many texts cut at once: no word other than by the rules, one text after the other."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.search import cutting
from archiver.search.cutting import cut
from archiver.search.tokens import spread

PIECES = (*"aB_9#@ '\n\x00é市😀²", "##", "\u200b")
TEXTS = st.lists(
    st.none() | st.text(max_size=12) | st.lists(st.sampled_from(PIECES)).map("".join), max_size=6
)


def check(texts: list[str | None]) -> None:
    """Cut texts both ways, as a part of a longer array."""
    every = pa.array(["before #it", None, *texts, "after"], pa.string())
    made = cut(every.slice(2, len(texts)))
    found = list(zip(made.rows.tolist(), made.places.tolist(), made.words.to_pylist(), strict=True))
    expected = [
        (row, place, word) for row, text in enumerate(texts) for word, place in spread(text or "")
    ]
    assert sorted(found) == sorted(expected)
    assert [one[:2] for one in found] == sorted(one[:2] for one in found)


@given(TEXTS)
@example(["#a", "b"])
@example(["a", "#b"])
@example(["a#b", "@", "c"])
@example(["a", "", None, "b"])
@example(["a\u200bb c", "#d"])
def test_no_text_is_cut_otherwise(texts: list[str | None]) -> None:
    """Whatever is written, in whatever script, beside whatever other text."""
    check(texts)


@given(st.lists(st.text(st.characters(max_codepoint=127), max_size=12), max_size=6))
def test_no_text_of_ascii_is_cut_otherwise(texts: list[str]) -> None:
    """The same of texts that are cut by arithmetic alone."""
    check(list(texts))


@pytest.mark.parametrize("name", ["_WORD", "_SIGN"])
def test_planted_defects_are_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One character in the wrong class makes a difference."""
    planted = getattr(cutting, name).copy()
    planted[ord("-")] = True
    monkeypatch.setattr(cutting, name, planted)
    with pytest.raises(AssertionError):
        check(["a-b", "-c"])
