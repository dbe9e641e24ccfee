"""Which rows of a segment a query can find at most, from what is indexed of them. Pure.

What is found is decided by SQL over these rows and all others of their records
(`archiver.search.query`): so a bound may be too wide, and is never too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from archiver.search.asking import days_of
from archiver.search.syntax import And, Field, Near, Or, Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from archiver.search.syntax import Node

    Numbers = NDArray[np.int64]
    Bound = Numbers | None
    """Rows, sorted, each once; or None: all."""

__all__ = ["Hits", "Segmented", "Stand", "between", "bound", "needs_places", "nothing"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AROUND = timedelta(days=1)
"""By as much a day of any calendar may begin earlier, or end later, than one of UTC."""


class Stand(NamedTuple):
    """Where a word stands in one field of the rows of a segment.

    A row is there as often as the word is in it. ``places``: None where they do not matter.
    ``author``: the field names one; ``file``: it is the text of the row's file.
    """

    rows: Numbers
    places: Numbers | None
    author: bool = False
    file: bool = False


class Hits:
    """Where the terms of a query stand in the rows of a segment, by their number."""

    def __init__(self) -> None:
        self.stands: dict[int, list[Stand]] = {}
        self._unread = False
        self._known: dict[tuple[int, bool, bool], Numbers] = {}

    def add(self, term: int, stand: Stand) -> None:
        """Take in where a word stands that a term finds. Before anything is asked."""
        self.stands.setdefault(term, []).append(stand)

    def rows_of(self, term: int, *, author: bool = False, file: bool = False) -> Bound:
        """Return the rows in which a term is; in an author's name, or a file, if that is asked."""
        if self._unread and not author:
            return None
        key = term, author, file
        if key not in self._known:
            own = [
                one.rows
                for one in self.stands.get(term, ())
                if (one.author or not author) and (one.file or not file)
            ]
            self._known[key] = _each_once(own)
        return self._known[key]

    def as_unread(self) -> Hits:
        """Return the same for rows whose files nobody could read: every term may be there."""
        other = Hits()
        other.stands, other._unread = self.stands, True
        return other


@dataclass(frozen=True, slots=True)
class Segmented:
    """A segment as far as bounds need it.

    ``made``: the rows made between two moments (microseconds since 1970); None: all.
    """

    account: str
    stream: str
    hits: Hits
    made: Callable[[int, int], Bound]


def nothing() -> Numbers:
    """Return no rows."""
    return np.empty(0, np.int64)


def between(first: date | None, last: date | None) -> tuple[int, int]:
    """Return the widest moments (microseconds since 1970) of days by whatever calendar."""
    around = _AROUND // timedelta(microseconds=1)
    least = _moment(datetime.combine(first, time.min, UTC)) - around if first else -(1 << 63)
    most = _moment(datetime.combine(last, time.max, UTC)) + around if last else (1 << 63) - 1
    return least, most


def _moment(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)


def needs_places(node: Node) -> bool:
    """Tell whether it matters where in a text words stand."""
    match node:
        case Phrase(terms):
            return len(terms) > 1
        case Near():
            return True
        case And(parts) | Or(parts):
            return any(map(needs_places, parts))
        case _:
            part = getattr(node, "part", None)
            return part is not None and needs_places(part)


def bound(node: Node, segment: Segmented) -> Bound:
    """Return the rows of a segment that a tree may find; what else is asked narrows nothing.

    Terms are numbered as `archiver.search.matching.compiled` does: from left to right.
    """
    return _bound(node, segment, count())


def _bound(node: Node, segment: Segmented, numbers: Iterator[int]) -> Bound:
    match node:
        case Phrase(terms, author, file):
            own = [segment.hits.rows_of(next(numbers), author=author, file=file) for _ in terms]
            return reduce(_both, own)
        case Near(left, right):
            one, other = (_bound(side, segment, numbers) for side in (left, right))
            return one if node.never else _both(one, other)
        case And(parts):
            return reduce(_both, [_bound(part, segment, numbers) for part in parts])
        case Or(parts):
            return reduce(_either, [_bound(part, segment, numbers) for part in parts])
        case Field(name, value):
            return _of_field(name, value, segment)
        case _:
            part = getattr(node, "part", None)
            if part is not None:
                _bound(part, segment, numbers)  # for the numbers of what comes after it
            return None


def _of_field(name: str, value: str, segment: Segmented) -> Bound:
    if name == "date":
        return segment.made(*between(*days_of(value)))
    known = {"account": segment.account, "stream": segment.stream}
    return nothing() if known.get(name, value) != value else None


def _both(one: Bound, other: Bound) -> Bound:
    if one is None or other is None:
        return other if one is None else one
    few, many = (one, other) if len(one) < len(other) else (other, one)
    at = np.searchsorted(many, few)
    few, at = few[at < len(many)], at[at < len(many)]
    found: Numbers = few[many[at] == few]
    return found


def _either(one: Bound, other: Bound) -> Bound:
    return None if one is None or other is None else _each_once([one, other])


def _each_once(parts: Sequence[Numbers]) -> Numbers:
    """Return all rows of some parts, of which each is sorted: sorted, each once."""
    rows = np.concatenate([nothing(), *parts])
    if len(parts) > 1:
        rows.sort(kind="stable")
    first = np.ones(len(rows), np.bool_)
    np.not_equal(rows[1:], rows[:-1], out=first[1:])
    return rows[first]
