"""The words of a text, the same for what is asked and what is searched. Pure.

The contract, version `VERSION` (``docs/formats/words.md``). A text is folded first
(`archiver.search.fold`). A word is then a longest run of letters, marks, digits and ``_``; of a
script that puts no space between words, each letter; each pictograph, without the colour of its
skin, and each flag. Nothing else is a word, and nothing else counts as a distance. ``#`` or ``@``
right before a word makes it a tag or a handle, and it is found both with the sign and without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from archiver.search.fold import SPACELESS, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["APART", "FIELD", "INDEX", "VERSION", "Word", "pieces", "places", "spread", "words"]

VERSION = "2"
INDEX = f"{VERSION}/2"
"""Version of the files of the index: that of the rules, and of what is cut by them."""

APART = 256
"""Places between two readings of a field, so that nothing is near what another one has."""

FIELD = 1 << 32
"""Places from where one field of a row begins to where the next does."""

Word = tuple[str, ...]
"""The spellings under which one word is found."""

_PERHAPS_APART = regex.compile(
    "[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00b2\u00b3\u00b9\u2070-\u2079]"
)
"""Zero-width spaces, direction marks, and superscript digits (``m²``, but a footnote¹)."""

_WORDLIKE = r"\p{L}\p{M}\p{N}_"
_ONE = (
    rf"[{SPACELESS}]|[{_WORDLIKE}--[{SPACELESS}]]+"
    r"|[\U0001f1e6-\U0001f1ff]{2}|[\p{Extended_Pictographic}--[©®]]"
)
_SIGN = rf"(?<![{_WORDLIKE}])[#@](?=[{_WORDLIKE}])"
_WORD = regex.compile(rf"({_SIGN})?({_ONE})", regex.V1)
_ASCII = regex.compile(r"((?<![a-z0-9_])[#@](?=[a-z0-9_]))?([a-z0-9_]+)", regex.ASCII)
_PIECE = regex.compile(rf"(?:{_SIGN})?(?:{_ONE})|\*|\?", regex.V1)


def words(text: str) -> list[Word]:
    """Return the words of a text in their order."""
    folded = fold(text)
    found = (_ASCII if folded.isascii() else _WORD).findall(folded)
    return [(word, sign + word) if sign else (word,) for sign, word in found]


def pieces(word: str) -> list[str]:
    """Return the words of what stands between two spaces, where ``*`` and ``?`` are letters."""
    found: list[tuple[int, str]] = []
    for one in _PIECE.finditer(fold(word)):
        text, joined = one[0], found and found[-1][0] == one.start()
        wild = text in "*?" or (found and found[-1][1][-1] in "*?")
        if joined and wild:
            text = found.pop()[1] + text
        found.append((one.end(), text))
    return [text for _, text in found]


def places(fields: Iterable[str | None]) -> Iterator[tuple[str, int, int]]:
    """Yield every spelling in the fields of a row, its place, and the number of its field.

    Fields are so far apart that nothing is near what another one has.
    """
    for number, text in enumerate(fields):
        for spelling, place in spread(text or ""):
            yield spelling, FIELD * number + place, number


def spread(text: str) -> Iterator[tuple[str, int]]:
    """Yield every spelling in one field, and its place there.

    Where it has marks that may or may not part words, it stands there a second time, read the
    other way, and far from the first.
    """
    place = 0
    for reading in _readings(text):
        for word in words(reading):
            for spelling in word:
                yield spelling, place
            place += 1
        place += APART


def _readings(text: str) -> Iterator[str]:
    yield text
    if not text.isascii() and _PERHAPS_APART.search(text):
        yield _PERHAPS_APART.sub(" ", text)
