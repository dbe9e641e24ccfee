"""The words of a query, and the patterns that find them. Pure.

Words and ``"phrases in double quotes"`` are all there is: what other searches read as
operators (``OR``, ``AND``, ``NOT``, ``*``, ``?``, parentheses) is refused unless quoted,
so that nobody takes a literal reading of it for an answer.

Both sides are compared as `archiver.search.fold.fold` spells them. A word is found as a
whole: where it begins or ends with a letter, mark, digit or underscore, none of these may
stand beside it, except letters of a script that puts no space between words.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from unicodedata import category

from archiver.errors import UsageError
from archiver.search.fold import DOUBLE_QUOTES, SPACELESS, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["parse_terms", "pattern", "searchable"]

MOST_WORDS = 64
LONGEST_QUERY = 2_000
"""Each term is a scan of its own over every row, so there is an end to how many."""

_QUOTES = str.maketrans(dict.fromkeys(DOUBLE_QUOTES, '"'))
_PART = re.compile(r'"([^"]*)"|([^\s"]+)')
_OPERATOR = re.compile(r"(?:OR|AND|NOT)|.*[*?()].*")
_SPACELESS = re.compile(f"[{SPACELESS}]")
_PERHAPS_APART = re.compile(
    "[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00b2\u00b3\u00b9\u2070-\u2079]"
)
"""Zero-width spaces, direction marks, and superscript digits (``m²``, but a footnote¹)."""
_FIELDS_APART = "\n"  # no folded text holds it, and no pattern matches it
_WORDLIKE = r"\p{L}\p{M}\p{N}_"
_BETWEEN = rf"[^{_WORDLIKE}\n]"
_EDGE = rf"(?:^|$|[^{_WORDLIKE}]|[{SPACELESS}])"


def searchable(fields: Iterable[str | None]) -> str:
    """Return the fields of one row as one text in which no phrase runs across two.

    Where a field has marks that may or may not part words, it stands there both ways.
    """
    texts = [field for field in fields if field]
    read = [fold(text) for text in texts]
    read += [
        fold(_PERHAPS_APART.sub(" ", text))
        for text in texts
        if not text.isascii() and _PERHAPS_APART.search(text)
    ]
    return _FIELDS_APART.join(read)


def parse_terms(text: str) -> list[tuple[str, ...]]:
    """Return what must occur: each term is the folded words of a phrase, in order.

    Raises `UsageError` where the query is ambiguous, too long, or asks for operators.
    """
    _check_size(text, 0)
    text = text.translate(_QUOTES)
    if text.count('"') % 2:
        caret = " " * text.rindex('"') + "^"
        raise UsageError(
            "a quotation mark is not closed",
            where=f"{text}\n{caret}",
            code="query-quote",
            mend='put the phrase between two marks: "town hall"',
        )
    terms: list[tuple[str, ...]] = []
    for phrase, word in _PART.findall(text):
        if _OPERATOR.fullmatch(word):
            raise UsageError(
                "operators, wildcards and parentheses are not understood",
                where=word,
                code="query-operator",
                mend=f"give words, and phrases in quotes; to search for it literally: '\"{word}\"'",
            )
        if words := tuple(fold(phrase or word).split()):
            terms.append(words)
    _check_size(text, sum(map(len, terms)))
    return terms


def _check_size(text: str, words: int) -> None:
    if words > MOST_WORDS or len(text) > LONGEST_QUERY:
        raise UsageError(
            "the query is too long",
            where=f"{words or 'many'} words, {len(text)} characters",
            code="query-too-long",
            mend=f"at most {MOST_WORDS} words and {LONGEST_QUERY} characters",
        )


def pattern(words: tuple[str, ...]) -> str:
    """Return an RE2 pattern for folded words next to each other, as whole words."""
    parts = [_EDGE if _closed(words[0][0]) else "", _escaped(words[0])]
    for before, after in pairwise(words):
        apart = "+" if _closed(before[-1]) and _closed(after[0]) else "*"
        parts += [_BETWEEN + apart, _escaped(after)]
    return "".join([*parts, _EDGE if _closed(words[-1][-1]) else ""])


def _closed(border: str) -> bool:
    """Tell whether a word's first or last character would run into one beside it."""
    return (category(border)[0] in "LMN" or border == "_") and not _SPACELESS.match(border)


def _escaped(word: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else f"\\x{{{ord(c):x}}}" for c in word)
