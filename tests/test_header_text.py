"""Text on header lines: one line each, the same in every version of Python, and undone exactly."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.header_text import escaped, is_plain, unescaped

BREAKS = {*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xD800, 0xE000)}
"""What can't stand on a line, written out: the rule must never follow Unicode's tables."""

TEXTS = st.text(st.sampled_from(["a", " ", "\\", "u", "0", "A", "%", "\n", "\x85", "ä", "\udc80"]))


@given(TEXTS | st.text(st.characters()))
def test_a_text_comes_back(text: str) -> None:
    """Whatever the text, its escape is one line without space at its ends, and is undone."""
    value = escaped(text)
    assert is_plain(value)
    assert value == value.strip(" \t")
    assert len(value.splitlines()) <= 1
    assert unescaped(value) == text


def test_exactly_these_characters_are_escaped() -> None:
    """Of all code points: controls, line separators, surrogates, and the backslash itself."""
    changed = {
        code for code in range(sys.maxunicode + 1) if escaped(f"a{chr(code)}a") != f"a{chr(code)}a"
    }
    assert changed == BREAKS | {ord("\\")}
    assert {code for code in range(sys.maxunicode + 1) if not is_plain(chr(code))} == BREAKS


def test_a_percent_sign_is_nothing_special() -> None:
    """What looks like the escape of a URL and a line break have lines of their own."""
    assert (escaped("a%0Ab"), escaped("a\nb")) == ("a%0Ab", "a\\u000Ab")


@pytest.mark.parametrize(
    "value", ["\\", "a\\n", "\\u000a", "\\u0041", "\\uD83", "\\x0A", "a\\u0020b", "\\\\\\"]
)
def test_a_value_that_no_text_has_is_refused(value: str) -> None:
    """Each text has one spelling; another one is an error, not another text."""
    with pytest.raises(FormatError):
        unescaped(value)
