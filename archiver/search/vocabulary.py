"""Which words of an archive each term of a query finds. Pure.

Forms of a word are those that the stemmer of English (Snowball's) makes the same; its version is
part of every answer, as another one may make others the same.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import pyarrow as pa
import regex
import snowballstemmer
from rapidfuzz.distance import Levenshtein

from archiver.search.syntax import Exact, Fuzzy, Stem, Wild

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archiver.search.syntax import Term

__all__ = ["STEMMER", "Finding"]

STEMMER = f"snowball english {version('snowballstemmer')}"
_SIGNS = {"*": ".*", "?": "."}
_LITERAL = regex.compile("[^*?]*")

LAST = "\U0010ffff"
"""Sorts behind every letter, and is none."""


def _stem_of(word: str) -> str:
    return str(snowballstemmer.stemmer("english").stemWord(word))


class Finding:
    """Which terms of a query find a word; every word is looked at once.

    ``words``: of each term, by number, the words that it found so far. ``spans``: of each term
    the first and last word, in the order of code points, between which all are that it can find.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self.words: list[set[str]] = [set() for _ in terms]
        self._exact: dict[str, tuple[int, ...]] = {}
        self._finders = []
        for number, term in enumerate(terms):
            if isinstance(term, Exact):
                self._exact[term.word] = (*self._exact.get(term.word, ()), number)
            else:
                self._finders.append((number, _finder(term)))
        self._known: dict[str, tuple[int, ...]] = {}
        self.spans = list(dict.fromkeys(map(_span, terms)))
        self.exact = pa.array(self._exact, pa.string())

    def __call__(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the terms that find a word, and remember that it is there."""
        found = self.numbers(word)
        for number in found:
            self.words[number].add(word)
        return found

    def numbers(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the terms that find a word."""
        found = self._known.get(word)
        if found is None:
            own = (number for number, finds in self._finders if finds(word))
            found = self._known[word] = (*self._exact.get(word, ()), *own)
        return found


def _span(term: Term) -> tuple[str, str]:
    match term:
        case Exact(word):
            return word, word
        case Wild(pattern):
            begins = _LITERAL.match(pattern)
            return _from(begins[0] if begins else "")
        case Stem(word):
            return _from(_stem_of(word)[0])
        case Fuzzy(word, first, _):
            return _from(word[:first])


def _from(begins: str) -> tuple[str, str]:
    """Return the span of all words that begin so."""
    return begins, begins + LAST


def _finder(term: Wild | Stem | Fuzzy) -> Callable[[str], bool]:
    match term:
        case Wild(pattern):
            compiled = regex.compile("".join(_SIGNS.get(c) or regex.escape(c) for c in pattern))
            return lambda word: bool(compiled.fullmatch(word))
        case Stem(word):
            stem_of = snowballstemmer.stemmer("english").stemWord
            stem = stem_of(word)
            return lambda other: other[0] == stem[0] and stem_of(other) == stem
        case Fuzzy(word, first, changes):
            begins = word[:first]
            return lambda other: (
                other.startswith(begins)
                and Levenshtein.distance(word, other, score_cutoff=changes) <= changes
            )
