"""Whether every byte of an answer is accounted for (FORMAT: intake and residue).

An answer's bytes are items, claims (declared envelope values), frame or residue. Frame
is what carries no information of its own: punctuation and white space. Whatever remains
between the claimed ranges is residue, which is kept encrypted and reported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from archiver.formats.excerpts_json import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["complement", "format_of", "is_frame", "merged", "residue"]

_FRAMES = {
    "json": re.compile(rb"[ \t\r\n\[\]{},:]*+"),
    "xml": re.compile(
        rb"(?:[ \t\r\n]++|</(?:[\w.-]++:)?(?:rss|rdf|feed|channel)\s*+>)*+", re.IGNORECASE
    ),
    "": re.compile(rb"[ \t\r\n]*+"),
}


class _Range(Protocol):
    """Anything with a start and an end in the body."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class _HasSpans(Protocol):
    """An item with the ranges that become its excerpts."""

    @property
    def spans(self) -> Sequence[_Range]: ...


class _Cut(Protocol):
    """An answer, cut (`archiver.capture.connector.Page`)."""

    @property
    def items(self) -> Sequence[_HasSpans]: ...
    @property
    def claims(self) -> Sequence[_Range]: ...
    @property
    def gone(self) -> Sequence[_HasSpans]: ...


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges sorted, without empty ones, with overlapping or touching ones joined."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def complement(length: int, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the gaps that ``ranges`` leave in ``length`` bytes, in order.

    Ranges may overlap and come in any order; what lies outside the body is ignored.
    """
    gaps = []
    position = 0
    for start, end in merged(ranges):
        if start > position:
            gaps.append((position, min(start, length)))
        position = max(position, end)
        if position >= length:
            break
    if position < length:
        gaps.append((position, length))
    return gaps


def format_of(body: bytes) -> str:
    """Return ``json``, ``xml`` or empty, by the first byte that is no white space."""
    first = body[:1024].removeprefix(BYTE_ORDER_MARK).lstrip(b" \t\r\n")[:1]
    return {b"<": "xml", b"[": "json", b"{": "json"}.get(first, "")


def is_frame(gap: bytes, form: str) -> bool:
    """Say whether ``gap`` is frame of ``form`` (as `format_of` names it).

    JSON: white space and ``[]{},:``. XML: white space and the end tags of a feed's
    containers (rss, rdf:RDF, channel, feed). Otherwise: white space.
    """
    return _FRAMES[form].fullmatch(gap) is not None


def residue(body: bytes, page: _Cut) -> list[tuple[int, int]]:
    """Return the ranges of ``body`` that are neither item nor claim of ``page`` nor frame."""
    form = format_of(body)
    ranges = [(span.start, span.end) for item in page.items for span in item.spans]
    ranges += [(span.start, span.end) for gone in page.gone for span in gone.spans]
    ranges += [(claim.start, claim.end) for claim in page.claims]
    if body.startswith(BYTE_ORDER_MARK):
        ranges.append((0, len(BYTE_ORDER_MARK)))  # says nothing: frame
    return [gap for gap in complement(len(body), ranges) if not is_frame(body[slice(*gap)], form)]
