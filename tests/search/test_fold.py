"""One spelling for what is asked and what is searched."""

# ruff: noqa: RUF001 - look-alike characters are what these tests are about

from __future__ import annotations

from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.search.fold import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Plain ASCII, as it is.", "plain ascii, as it is."),
        ("tab\tand\x00nul\r\nline\x7f", "tab and nul  line "),
        ("don`t don´t don’t donʼt don＇t", "don't don't don't don't don't"),
        ("«a» “b” „c‟ 5″", '"a" "b" "c" 5"'),
        ("a‐b‑c‒d–e—f―g−h－i", "a-b-c-d-e-f-g-h-i"),
        (
            "soft\u00adhyphen zero\u200bwidth \ufeffmark \u202eturned",
            "softhyphen zerowidth mark turned",
        ),
        ("Straße ﬁre １２３ Ⅳ K", "strasse fire 123 iv k"),
        ("İSTANBUL ISPARTA ısparta", "istanbul isparta isparta"),
        ("العُمْدة مـــدينة", "العمدة مدينة"),
        ("آ أ", "آ أ"),
        ("שָׁלוֹם", "שלום"),
        ("1\ufe0f\u20e3 👨\u200d👩", "1 👨👩"),
        ("non\u00a0breaking\u3000wide\u2028line", "non breaking wide line"),
        ("Résumé", "résumé"),
        ("lone \ud800 half", "lone \ufffd half"),
    ],
)
def test_spellings(written: str, folded: str) -> None:
    """Each kind of difference that nobody types is gone; accents stay."""
    assert fold(written) == folded


@given(st.text())
def test_composition_and_case_do_not_matter(text: str) -> None:
    """NFC, NFD and NFKC of a text fold alike, and so does each case of it folded before."""
    assert fold(normalize("NFC", text)) == fold(normalize("NFD", text)) == fold(text)
    assert fold(text.casefold()) == fold(normalize("NFC", text.casefold()))


@given(st.text(st.characters()))
def test_nothing_that_ends_a_text_is_left(text: str) -> None:
    """A folded text holds no control, no field separator and no half of a pair."""
    assert not {category(c) for c in fold(text)} & {"Cc", "Cs"}


@given(st.text(), st.text())
def test_words_fold_alone_as_they_do_among_others(before: str, after: str) -> None:
    """A space keeps what stands on either side of it from changing the other."""
    assert fold(f"{before} {after}") == f"{fold(before)} {fold(after)}"
