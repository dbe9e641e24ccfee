"""Detectors of where a person lives and is written to: street and mail addresses, e-mail. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.redact.found import HIGH, LOW, MEDIUM, Found, has_before, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["addresses", "emails"]

_EMAIL = re.compile(r"(?<![\w.+'-])[\w][\w.+'’-]*@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
_SPELT = re.compile(
    r"\b(?P<it>[\w.+-]+\s*(?:\(at\)|\[at\]|\bat\b)\s*[\w-]+\s*(?:\(dot\)|\[dot\]|\bdot\b|\.)\s*"
    r"(?:com|org|net|edu|gov|us|io))\b",
    re.IGNORECASE,
)


def emails(text: str) -> Iterator[Found]:
    """Yield e-mail addresses, also where at and dot are written out."""
    yield from matches(_EMAIL, text, "email", (HIGH, "an e-mail address"))
    yield from matches(_SPELT, text, "email", (MEDIUM, "an e-mail address written out"))


_SUFFIX = (
    r"(?:St(?:reet)?|Ave(?:nue)?|R(?:oa)?d|Dr(?:ive)?|L(?:a)?ne?|C(?:our)?t|Blvd|Boulevard|Way|Pl(?:ace)?"
    r"|Ter(?:race)?|Cir(?:cle)?|P(?:ar)?kwa?y|Tr(?:ai)?l|Sq(?:uare)?|Hwy|Highway)"
)
_STREET = re.compile(
    r"(?<![\d/.-])\d{1,5}(?:\s?[NSEW]\s?\d{1,4}|½)?\s+(?:(?:[NSEW]\.?|North|South|East|West)\s+)?"
    rf"(?:(?:[A-Z][\w'’]+|\d{{1,3}}(?:st|nd|rd|th))\s+){{1,3}}{_SUFFIX}\b\.?"
    r"(?:,?\s+(?:Apt\.?|Apartment|Unit|Suite|Ste\.?|#)\s*#?\w{1,5})?"
)
_PLAIN = re.compile(
    rf"(?<![\d/.-])\d{{1,5}}½?\s+(?:[\w'’]+\s+){{1,3}}?{_SUFFIX}\b\.?"
    r"(?:,?\s+(?:apt|unit|#)\.?\s*\w{1,5})?",
    re.IGNORECASE,
)
"""The same in any case: only where somebody lives there."""
_BOX = re.compile(r"\bP\.?\s?O\.?\s+Box\s+\d{1,6}\b", re.IGNORECASE)
_WORKS = re.compile(
    r"\b(?:clos\w+|crews?|water\s+main|main\s+break|construction|pav\w+|rezon\w+|zoning|project|repairs?"
    r"|lanes?\s+shift|detour|hearing|permit|city\s+hall|library|visit\s+us|board\s+of|meets)\b",
    re.IGNORECASE,
)
"""What a city does at an address: of works and meetings, nobody's home."""
_OF_CITY = re.compile(
    r"\b(?:block|blocks of|city hall|library|visit us|board of|meets at)\W*$", re.IGNORECASE
)


_AT_HOME = re.compile(r"\b(?:live\w*|reside\w*|my (?:house|home|place|address))\b", re.IGNORECASE)
_IS_HOME = re.compile(
    r"\W*(?:rear\s+house\s+)?is\s+(?:where\s+(?:i|we)|my|our|mine)", re.IGNORECASE
)


def addresses(text: str) -> Iterator[Found]:
    """Yield street addresses: less sure where the city works or meets there."""
    for one in _STREET.finditer(text):
        near = text[max(0, one.start() - 60) : one.end() + 60]
        of_city = has_before(_OF_CITY, text, one.start(), 20) or bool(_WORKS.search(near))
        how = (LOW, "an address of works") if of_city else (MEDIUM, "an address")
        yield Found(*one.span(), "address", *how)
    for one in _PLAIN.finditer(text):
        if has_before(_AT_HOME, text, one.start(), 24) or _IS_HOME.match(text, one.end()):
            yield Found(*one.span(), "address", MEDIUM, "where somebody lives")
    yield from matches(_BOX, text, "address", (MEDIUM, "a post-office box"))
