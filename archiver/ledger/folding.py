"""Finding a text in every spelling of it: case, accents, separators and codings aside. Pure.

Both sides are folded to bare letters and digits (UAX #15 NFKD, default case folding,
no marks, punctuation, symbols, spaces or format characters), once as they stand and once
for every layer of HTML, percent (RFC 3986 §2.1) and JSON (RFC 8259 §7) coding taken off,
with and without markup tags. So 555-0142, 555%2D0142, 555&#45;<b>0142</b> and 5550142 are
one. Each folded character remembers what stretch of the text it came from.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

__all__ = ["folded", "needles_of", "spans", "word_spans"]

LAYERS = 8
"""How many codings on top of each other are taken off; no browser shows through two."""

_H = "[0-9a-fA-F]"
_CODED = re.compile(
    rf"&(?:#[0-9]{{1,40}}|#[xX]{_H}{{1,40}}|[A-Za-z][A-Za-z0-9]{{1,31}});?"
    rf"|%[c-dC-D]{_H}%[89abAB]{_H}|%[eE]{_H}(?:%[89abAB]{_H}){{2}}"
    rf"|%[fF]{_H}(?:%[89abAB]{_H}){{3}}|%{_H}{{2}}"
    rf"|\\u[dD][89abAB]{_H}{{2}}\\u[dD][c-fC-F]{_H}{{2}}|\\u{_H}{{4}}|\\[bfnrt\"\\/]"
)
_TAG = re.compile(r"<[!?/A-Za-z][^<>]*>")
_WORD = re.compile("(?:[^\\W_]|[\u0300-\u036f])+")
"""A run of letters and digits, marks on them included."""
_PLAIN_LETTERS = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\u0131": "i",
        "ŧ": "t",
        "æ": "ae",
        "œ": "oe",
    }
)
"""Letters with a stroke, and ligatures: Unicode doesn't take them apart, addresses do."""


class _Text(NamedTuple):
    """Characters, and where in the source the stretch of each starts and ends."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def needles_of(text: str) -> frozenset[str]:
    """Return the folded spellings to look for; none where there is no letter or digit."""
    return frozenset(one.text for one in _readings(text)) - {""}


def folded(text: str) -> str:
    """Return a text as it stands, folded: its bare letters and digits."""
    return "".join(map(_fold, text))


def spans(text: str, needles: Collection[str]) -> list[tuple[int, int]]:
    """Return where ``text`` shows one of the needles, in code points: (start, end).

    Args:
        text: any text.
        needles: of `needles_of`.
    """
    found = set()
    for one in _readings(text):
        for needle in needles:
            at = one.text.find(needle)
            while at >= 0:
                found.add((one.starts[at], one.ends[at + len(needle) - 1]))
                at = one.text.find(needle, at + 1)
    return sorted(found)


def word_spans(text: str, words: Collection[str]) -> list[tuple[int, int]]:
    """Return where ``text`` has one of the words by itself, no letter or digit beside it.

    Several in a row count as one: ``A. Li`` is ``ali``. For what is so short that it stands in
    other words by chance. Args as of `spans`.
    """
    found, longest = set(), max(map(len, words), default=0)
    for layer in _layers(text) if words else ():
        runs = [(*match.span(), folded(match[0])) for match in _WORD.finditer(layer.text)]
        for place, (start, _, _) in enumerate(runs):
            joined = ""
            for _, end, run in runs[place:]:
                joined += run
                if joined in words:
                    found.add((layer.starts[start], layer.ends[end - 1]))
                if len(joined) >= longest:
                    break
    return sorted(found)


def _readings(text: str) -> Iterator[_Text]:
    """Yield the text folded as it stands, and with each layer of coding taken off."""
    return map(_folded, _layers(text))


def _layers(text: str) -> Iterator[_Text]:
    """Yield the text as it stands, and with each layer of coding taken off, tags in and out."""
    layer = _Text(text, range(len(text)), range(1, len(text) + 1))
    for _ in range(LAYERS):
        yield layer
        if _TAG.search(layer.text):
            yield _replaced(layer, _TAG, lambda _: "")
        below = _replaced(layer, _CODED, _decoded)
        if below.text == layer.text:
            return
        layer = below


def _replaced(source: _Text, pattern: re.Pattern[str], put: Callable[[str], str]) -> _Text:
    """Return the text with every match replaced; what is put there has the match's stretch."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in pattern.finditer(source.text):
        first, end = match.span()
        new = put(match[0])
        parts += source.text[at:first], new
        starts += [*source.starts[at:first], *[source.starts[first]] * len(new)]
        ends += [*source.ends[at:first], *[source.ends[end - 1]] * len(new)]
        at = end
    parts.append(source.text[at:])
    return _Text("".join(parts), [*starts, *source.starts[at:]], [*ends, *source.ends[at:]])


def _decoded(coded: str) -> str:
    if coded[0] == "&":
        return html.unescape(coded)
    if coded[0] == "\\":
        return str(json.loads(f'"{coded}"'))
    data = bytes.fromhex(coded.replace("%", ""))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")  # what older sites send


def _folded(source: _Text) -> _Text:
    pieces = [_fold(character) for character in source.text]
    return _Text(
        "".join(pieces),
        [source.starts[at] for at, piece in enumerate(pieces) for _ in piece],
        [source.ends[at] for at, piece in enumerate(pieces) for _ in piece],
    )


@lru_cache(maxsize=8192)
def _fold(character: str) -> str:
    """Return the letters and digits that a character comes down to, often one, often none."""
    apart = unicodedata.normalize("NFKD", character).casefold()
    apart = unicodedata.normalize("NFKD", apart).translate(_PLAIN_LETTERS)
    return "".join(
        str(unicodedata.decimal(one, one)) for one in apart if unicodedata.category(one)[0] in "LN"
    )
