"""Detectors: what in a text, or a row, may have to be withheld. They suggest, a person decides.

All of it runs here, on patterns, check digits and numbering plans: nothing is asked of anybody.
How much they find and how often they are wrong is measured on ``tests/redact/corpus.txt``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from archiver.columns import COLUMNS, TEXT_FIELDS
from archiver.ledger.folding import folded
from archiver.redact import numbers, places, words
from archiver.redact.found import HIGH, LOW, MEDIUM, Found

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from archiver.redact.found import Detector

__all__ = [
    "DETECTORS",
    "HIGH",
    "KINDS",
    "LOW",
    "MEDIUM",
    "Found",
    "Suggestion",
    "detect",
    "suggest",
]

DETECTORS: tuple[Detector, ...] = (
    numbers.social_security,
    numbers.licences,
    numbers.accounts,
    numbers.births,
    numbers.employees,
    numbers.plates,
    places.emails,
    places.addresses,
    words.passwords,
    words.minors,
    words.medical,
    words.biometric,
    numbers.phones,
)
"""Where two find the same with the same confidence, the earlier one tells what it is."""

KINDS = (
    *("account", "address", "biometric", "birth", "email", "employee-id", "ip-address"),
    *("licence", "medical", "minor", "password", "phone", "plate", "ssn"),
)
"""All that is told apart. ``ip-address`` is suggested of columns alone."""

_PERSONAL = {"author_email": "email", "email": "email", "author_ip": "ip-address"}
"""Columns that are personal as a whole, whatever they say."""

_IN_JSON = frozenset(("email", "ssn"))
"""What is looked for in JSON, which is full of numbers of machines."""


class Suggestion(NamedTuple):
    """A place of a row that may have to be withheld; ``end`` 0: all of the column."""

    field: str
    start: int
    end: int
    kind: str
    confidence: int
    why: str


def detect(text: str, public: Collection[str] = ()) -> list[Found]:
    """Return what detectors find in a text: sorted, none inside of another.

    ``public``: telephone numbers, addresses and e-mail addresses of the city itself, in any
    spelling; one that begins with ``@`` stands for all at that domain.
    """
    everybodys = {folded(one) for one in public if not one.startswith("@")}
    domains = tuple(one.casefold() for one in public if one.startswith("@"))
    every = [one for look in DETECTORS for one in look(text)]
    best = sorted(every, key=lambda one: (-one.confidence, one.start - one.end))
    kept: list[Found] = []
    for one in best:
        said = text[one.start : one.end]
        own = folded(said) in everybodys or said.casefold().endswith(domains)
        if not own and not any(one.start < k.end and k.start < one.end for k in kept):
            kept.append(one)
    return sorted(kept)


def suggest(row: Mapping[str, str], public: Collection[str] = ()) -> list[Suggestion]:
    """Return what may have to be withheld of a row, in the order of columns and places."""
    found: list[Suggestion] = []
    for name in (one for one in COLUMNS if one in row):
        if name in _PERSONAL:
            found.append(Suggestion(name, 0, 0, _PERSONAL[name], HIGH, "a personal field"))
        elif name in TEXT_FIELDS:
            found += [
                Suggestion(name, one.start, one.end, *one[2:]) for one in detect(row[name], public)
            ]
        elif COLUMNS[name].type == "json":
            kinds = {
                one.kind: one
                for text in _strings(row[name])
                for one in detect(text, public)
                if one.kind in _IN_JSON and one.confidence == HIGH
            }
            found += [Suggestion(name, 0, 0, *one[2:]) for _, one in sorted(kinds.items())]
    return found


def _strings(value: str) -> Iterator[str]:
    """Yield every text in JSON; one that can't be read is a text itself."""
    try:
        left = [json.loads(value)]
    except (ValueError, RecursionError):
        left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
        elif isinstance(one, str):
            yield one
