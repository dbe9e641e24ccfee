"""One word, phrase or field of a query: what it asks. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING

import regex

from archiver.errors import UsageError
from archiver.record import Kind, Stream
from archiver.search.grammar import FIELDS
from archiver.search.refusing import ambiguous, cut, refused
from archiver.search.syntax import Exact, Field, Fuzzy, Phrase, Stem, Wild
from archiver.search.tokens import pieces, words

if TYPE_CHECKING:
    from archiver.search.refusing import Stretch
    from archiver.search.syntax import Node, Term

__all__ = ["NO_WORDS", "STATES", "UNKNOWN", "days_of", "field", "phrase", "word"]

UNKNOWN = "unknown"
"""State of a record of which later observations may be where this home can't read."""

_NO_STATE = (Kind.EDITED, Kind.EXTENDED, Kind.RESTORED, Kind.LISTING, Kind.RESIDUE)
STATES = (*(kind.value for kind in Kind if kind not in _NO_STATE), UNKNOWN)
"""What a record's latest state can be; an edit is no state, what is restored is present."""

NO_WORDS = "only words, numbers and pictographs are found: docs/search.md"
MOST_CHANGES = 3
_FUZZY = regex.compile(r"(\p{L}[^%*?~]*)(%+)(\p{L}[^%*?~]*)")
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_CLOSED = {
    "state": STATES,
    "stream": tuple(map(str, Stream)),
    "has": ("media",),
}
"""Fields whose values are known."""


def word(query: str, at: Stretch) -> Node:
    """Return what a word asks: it may be cut into several that stand right after one another."""
    text = query[at[0] : at[1]]
    fuzzy = _FUZZY.fullmatch(text)
    if text.endswith("~") and len(text) > 1:
        return Phrase((Stem(_single(query, at, text[:-1], "~")),))
    if fuzzy:
        first, signs, rest = fuzzy.groups()
        if len(signs) > MOST_CHANGES:
            mend = f"at most {MOST_CHANGES} signs"
            raise refused(query, at[0], "so many changes make any word of it", mend)
        begins = _single(query, at, first, "%")
        return Phrase((Fuzzy(_single(query, at, first + rest, "%"), len(begins), len(signs)),))
    if "*" in text or "?" in text:
        return Phrase(_wild(query, at, text))
    return _exact(query, at, text)


def phrase(query: str, at: Stretch) -> Node:
    """Return what stands between two quotation marks: words right after one another."""
    return _exact(query, at, query[at[0] + 1 : at[1] - 1])


def field(query: str, at: Stretch) -> Node:
    """Return what ``name:value`` asks."""
    name, _, value = query[at[0] : at[1]].partition(":")
    name, value = name.lower(), value.strip('"').strip()
    if name not in FIELDS:
        near = get_close_matches(name, FIELDS, 1)
        literal = cut(query, [(at, f'"{query[at[0] : at[1]]}"')]).replace('""', '"')
        mend = f"fields: {', '.join(FIELDS)}; to find the words: {literal}"
        mend = f"did you mean {near[0]}:? {mend}" if near else mend
        raise refused(query, at[0], f"there is no field {name}", mend, "query-field")
    if not value:
        raise refused(query, at[1], "the field has no value", f"write {name}:VALUE", "query-field")
    if name in {"author", "file"}:
        return replace(_exact(query, at, value), author=name == "author", file=name == "file")
    if name == "date":
        try:
            first, last = days_of(value)
        except UsageError as error:
            raise refused(query, at[0], error.message, error.mend, "query-field") from None
        value = str(first) if first == last else f"{first}..{last}"
    known = _CLOSED.get(name)
    if known and value.lower() not in known:
        mend = f"one of {', '.join(known)}"
        raise refused(query, at[0], f"no such {name}", mend, "query-field")
    return Field(name, value.lower() if known else value)


def days_of(text: str) -> tuple[date, date]:
    """Return the first and last day of ``2026``, ``2026-11``, ``2026-11-20`` or ``A..B``.

    Raises `UsageError` for anything else.
    """
    first, between, last = text.partition("..")
    try:
        days = _stretch(first)[0], _stretch(last if between else first)[1]
    except ValueError:
        days = date.max, date.min
    if days[0] > days[1]:
        raise UsageError(
            "these are no days", where=text, mend="write 2026, 2026-11, 2026-11-20 or A..B"
        )
    return days


def _stretch(text: str) -> tuple[date, date]:
    found = _DAY.fullmatch(text)
    if not found or not text.isascii():
        raise ValueError(text)
    year, month, day = (int(one) if one else 0 for one in found.groups())
    last = monthrange(year, month or 12)[1] if year >= 1 else 0
    return date(year, month or 1, day or 1), date(year, month or 12, day or last)


def _exact(query: str, at: Stretch, text: str) -> Phrase:
    terms = tuple(Exact(spellings[-1]) for spellings in words(text))
    if not terms:
        raise refused(query, at[0], "nothing in this can be looked for", NO_WORDS)
    return Phrase(terms)


def _single(query: str, at: Stretch, text: str, sign: str) -> str:
    """Return the one word of a text. Raises `UsageError` where it is none, or several."""
    found = words(text)
    if len(found) != 1:
        mend = "give it one word, of letters and digits"
        raise refused(query, at[0], f"{sign} is a sign for one word", mend)
    return found[0][-1]


def _wild(query: str, at: Stretch, text: str) -> tuple[Term, ...]:
    found = pieces(text)
    wild = [one for one in found if "*" in one or "?" in one]
    if any(not one.strip("*?") for one in wild):
        mend = "put a letter beside it; a sign itself can't be looked for"
        raise refused(query, at[0], "a wildcard alone finds every word", mend)
    if len(wild) == 1 and wild[0] == found[-1] and _only_at_end(wild[0]):
        place = at[0] + text.rindex("?")
        readings = (cut(query, [((place, place + 1), sign)]) for sign in ("", "*"))
        raise ambiguous(query, place, "a question mark, or any letter?", readings)
    return tuple(Wild(one) if "*" in one or "?" in one else Exact(one) for one in found)


def _only_at_end(word: str) -> bool:
    return word.endswith("?") and word.count("?") == 1 and "*" not in word
