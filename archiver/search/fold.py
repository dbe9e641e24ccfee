"""One spelling of a text for matching, the same for what is asked and what is searched. Pure.

Unicode compatibility forms are folded (NFKC: full width, ligatures, superscripts) and case
(``ß`` is ``ss``); each apostrophe is ``'``, each double quotation mark ``"``, each dash
``-``; what nobody types or sees goes away: soft hyphens, zero-width and direction marks,
variation selectors, Arabic harakat and tatweel, Hebrew points. Controls and all kinds of
space are one space each. Accents stay: ``resume`` is not ``résumé``.
"""

from __future__ import annotations

import re
from unicodedata import normalize

__all__ = ["DOUBLE_QUOTES", "SPACELESS", "fold"]

DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u301d\u301e\u301f\uff02"
"""Marks that people type, or their devices put, around a phrase."""

SPACELESS = (
    "\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1980-\u19df\u1a20-\u1aaf\u1b00-\u1b7f"
    "\u3005-\u3007\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua9ff\uaa60-\uaa7f"
    "\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
"""Scripts that put no space between words (Thai to Khmer, kana, Han), or hang particles
on them (Hangul): the inside of a character class, for Python and for RE2."""

_BEFORE = {
    "\u00b4": "'",  # the acute accent and the double prime would be taken apart by NFKC
    "\u2033": '"',
    "\u2036": '"',
    "\u2122": " ",  # a trade mark sign is no part of the name it follows
    "\u2120": " ",
}
_APOSTROPHES = (
    "`\u00b4\u02b9\u02bb-\u02bf\u02c8\u02ca\u02cb\u055a\u05f3\u07f4\u07f5\u1fbd\u1fbf"
    "\u2018-\u201b\u2032\u2035\u2039\u203a\ua78b\ua78c"
)
_DASHES = "\u02d7\u058a\u05be\u1806\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe58"
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20e3\u3164\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
)
# Hamza and madda above and below (U+0653 to U+0655) make other letters and so stay.
_POINTS = (
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u0652"
    "\u0656-\u065f\u0670\u06d6-\u06dd\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff"
)
_SPACES = "\x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ue000"


_RANGE = re.compile("(.)-(.)|(.)", re.DOTALL)


def _members(inside: str) -> list[str]:
    """Return the characters of the inside of a character class."""
    ends = [(first or one, last or one) for first, last, one in _RANGE.findall(inside)]
    return [chr(n) for first, last in ends for n in range(ord(first), ord(last) + 1)]


_ONE = (
    dict.fromkeys(_members(_APOSTROPHES), "'")
    | dict.fromkeys(_members(DOUBLE_QUOTES + "\u05f4"), '"')
    | dict.fromkeys(_members(_DASHES), "-")
    | dict.fromkeys(_members(_UNSEEN + _POINTS), "")
    | dict.fromkeys(_members(_SPACES), " ")
    | dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd")  # no text, and no UTF-8
    | {"\u0131": "i", "\u2044": "/"}
)
_ANY = re.compile(
    f"[{_APOSTROPHES}{DOUBLE_QUOTES}\u05f4{_DASHES}{_UNSEEN}{_POINTS}{_SPACES}\ud800-\udfff\u0131\u2044]"
)


def fold(text: str) -> str:
    r"""Return the spelling of a text that is compared; it never holds ``\n`` or NUL.

    Follows Unicode's caseless compatibility matching (UAX #15, Unicode 3.13 D146) and adds
    the marks above.
    """
    if text.isascii():
        text = text.lower()
        return text.replace("`", "'") if text.isprintable() else _ANY.sub(_one, text)
    for mark, instead in _BEFORE.items():
        text = text.replace(mark, instead)
    text = _ANY.sub(_one, normalize("NFKC", text).casefold())
    # The dot above that a Turkish capital i leaves behind when its case goes.
    return normalize("NFKC", text).replace("i\u0307", "i")


def _one(found: re.Match[str]) -> str:
    return _ONE[found[0]]
