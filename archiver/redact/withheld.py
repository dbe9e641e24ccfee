"""What the marks of a record withhold, and what that is looked for as (ADR 0153). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import RefusedError
from archiver.ledger.folding import folded, needles_of
from archiver.ledger.withholding import says

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.redact.mark import Mark

    Codes = tuple[str, ...]
    """Codes of exemptions, sorted."""

__all__ = ["Sought", "Withheld", "withheld"]

SHORT = 4
"""Letters and digits: what has fewer is looked for by itself alone."""

MOST_TURNED = 4
"""Words: so many are looked for in any order, as of a name that is turned round."""


class Sought(NamedTuple):
    """What is looked for: folded texts, short ones, and words that JSON may have one by one."""

    texts: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str) -> Sought:
        """Return what a place of a record has to be looked for as."""
        own = [one for one in map(folded, text.split()) if one]
        turned = map("".join, permutations(own)) if len(own) <= MOST_TURNED else ()
        every = needles_of(text) | frozenset(turned) - {""}
        long = frozenset(one for one in every if len(one) >= SHORT)
        parts = frozenset(one for one in own if len(one) >= SHORT)
        return cls(long, every - long, parts)

    def joined(self, other: Sought) -> Sought:
        """Return what both look for."""
        return Sought(*(one | two for one, two in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Withheld:
    """What marks withhold of one record, by the codes of their exemptions.

    ``whole``: codes under which nothing of it is shown. ``regions``: codes under which parts of its
    file are masked. ``fields``: columns that stay closed. ``places``: by observation and column,
    stretches of code points. ``sought``: by code, what is closed wherever it is said.
    """

    whole: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    places: Mapping[tuple[str, str], tuple[tuple[int, int, str], ...]] = field(default_factory=dict)
    sought: Mapping[str, Sought] = field(default_factory=dict)

    @property
    def codes(self) -> Codes:
        """All of them, sorted."""
        inner = {code for codes in self.fields.values() for code in codes}
        return tuple(sorted({*self.whole, *self.regions, *inner, *self.sought}))

    @property
    def all_sought(self) -> Sought:
        """What is looked for under any of them."""
        found = Sought()
        for one in self.sought.values():
            found = found.joined(one)
        return found

    def said_by(self, text: str) -> bool:
        """Tell whether a name, an id or an address says what is withheld."""
        every = self.all_sought
        return says(text, every.texts, every.words)


def withheld(marks: Iterable[Mark], rows: Mapping[str, Mapping[str, str]]) -> Withheld:
    """Return what marks withhold of their record.

    ``rows``: the fields of each of its observations. Raises `RefusedError` (``mark-astray``) for a
    mark whose place is not there: what it withholds is not known.
    """
    whole, regions = set[str](), set[str]()
    fields: dict[str, frozenset[str]] = {}
    places: dict[tuple[str, str], tuple[tuple[int, int, str], ...]] = {}
    sought: dict[str, Sought] = {}
    for mark in marks:
        code = mark.exemption
        if mark.region is not None:
            regions.add(code)
        elif not mark.field:
            whole.add(code)
        elif not mark.end:
            fields[mark.field] = fields.get(mark.field, frozenset()) | {code}
            for text in {row[mark.field] for row in rows.values() if mark.field in row}:
                sought[code] = sought.get(code, Sought()).joined(Sought.of(text))
        else:
            text = _place(mark, rows)
            at = (mark.observation, mark.field)
            places[at] = (*places.get(at, ()), (mark.start, mark.end, code))
            sought[code] = sought.get(code, Sought()).joined(Sought.of(text))
    return Withheld(frozenset(whole), frozenset(regions), fields, places, sought)


def _place(mark: Mark, rows: Mapping[str, Mapping[str, str]]) -> str:
    """Return what stands at the place of a mark."""
    value = rows.get(mark.observation, {}).get(mark.field, "")
    if not 0 <= mark.start < mark.end <= len(value):
        raise RefusedError(
            "a mark is at a place that the record doesn't have",
            where=mark.handle,
            code="mark-astray",
            mend="take it back with `archiver redact review`, and mark the place again",
        )
    return value[mark.start : mark.end]
