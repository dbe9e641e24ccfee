"""In which rows of which segments a query may find something, told by the index.

Few, where it asks for words or days. Which of them are found is decided by SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from archiver.flows.search_in_files import unread_in
from archiver.flows.search_index import digest_of, marks_of
from archiver.flows.search_leaves import leaves_of, within
from archiver.flows.search_shelves import Span
from archiver.ledger import ranges
from archiver.search.bounds import Hits, Segmented, Stand, between, bound, needs_places
from archiver.search.query import AUTHOR, FILE_TEXT, INDEXED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.flows.search_in_files import UnreadRow
    from archiver.flows.search_shelves import Shelves
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import Segment
    from archiver.search.bounds import Bound
    from archiver.search.postings import Posted
    from archiver.search.query import Asked, Query
    from archiver.search.vocabulary import Finding

    Numbers = NDArray[np.int64]

__all__ = ["Candidate", "Sought", "candidates", "span_of"]

_OWN = frozenset(INDEXED.index(name) for name in AUTHOR)
_FILE = INDEXED.index(FILE_TEXT)


class Sought(NamedTuple):
    """What is looked for; ``hidden``: leaves that nobody is shown.

    ``unread`` takes the files in which something might be found, could they be read.
    """

    query: Query
    asked: Asked
    finding: Finding
    hidden: Ranges
    unread: list[UnreadRow]


class _Reached(NamedTuple):
    """A segment that may have rows of the account and the days asked.

    ``allowed``: of each row whether it is one; None: each is.
    """

    one: Catalogued
    span: Span
    made: Callable[[int, int], Bound]
    allowed: NDArray[np.bool_] | None
    hits: Hits


class Candidate(NamedTuple):
    """A searched segment: the rows of it that a query may find, None for all, and its hits."""

    one: Catalogued
    account: str
    rows: Bound
    hits: Hits


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What every row that is found must be, beside what the words ask."""

    account: str
    first: int
    last: int

    @classmethod
    def of(cls, query: Query) -> _Wanted:
        since, until = (
            date.fromisoformat(day) if day else None for day in (query.since, query.until)
        )
        return cls(query.account, *between(since, until))

    def reaches(self, span: Span) -> bool:
        """Tell whether a segment may have such rows."""
        known = not self.account or span.account == self.account
        return known and span.first <= self.last and self.first <= span.last


def candidates(
    archive: Archive,
    shelves: Shelves,
    segments: Iterable[Catalogued],
    sought: Sought,
) -> Iterator[Candidate]:
    """Yield each of some segments in which a query may find something.

    Words that are there are noted, as far as rows of the account and about the days that are
    asked have them, and nobody hides those.
    """
    reached = dict[str, _Reached]()
    wanted = _Wanted.of(sought.query)
    for one in segments:
        span = span_of(archive, shelves, one)
        if wanted.reaches(span):
            made = _made(archive, one.segment, span)
            allowed = _allowed(one, made(wanted.first, wanted.last), sought.hidden)
            reached[one.segment.name] = _Reached(one, span, made, allowed, Hits())
    if sought.asked.matching.terms:
        _find(archive, shelves, reached, sought)
    tree = sought.asked.tree
    for one, span, made, allowed, hits in reached.values():
        segment, among = Segmented(span.account, one.stream, hits, made), partial(_among, allowed)
        if span.files and sought.asked.matching.terms:
            sought.unread.extend(unread_in(archive, one, tree, segment, among))
        rows = among(bound(tree, segment))
        if rows is None or len(rows):
            yield Candidate(one, span.account, rows, hits)


def _among(allowed: NDArray[np.bool_] | None, rows: Bound) -> Bound:
    """Return which of some rows may be found."""
    if allowed is None:
        return rows
    return np.flatnonzero(allowed) if rows is None else rows[allowed[rows]]


def _find(
    archive: Archive, shelves: Shelves, reached: Mapping[str, _Reached], sought: Sought
) -> None:
    """Take in where the terms of a query stand."""
    places, finding = needs_places(sought.asked.tree), sought.finding
    for postings, parts in shelves.postings(archive, [one.one for one in reached.values()]):
        for posted in postings.find(finding, places=places):
            if posted.part in parts:
                own = reached[parts[posted.part].segment.name]
                _take_in(own.hits, posted, finding, own.allowed)


def span_of(archive: Archive, shelves: Shelves, one: Catalogued) -> Span:
    """Return what a segment holds; a private one is opened for it."""
    known = shelves.spans[digest_of(one.segment)]
    if known is None:
        marks = marks_of(archive, one.segment)
        known = Span(marks.account, marks.first, marks.last, one.rows, marks.files)
    return known


def _made(archive: Archive, segment: Segment, span: Span) -> Callable[[int, int], Bound]:
    """Return what tells the rows of a segment that were made between two moments."""

    def made(first: int, last: int) -> Bound:
        whole = first <= span.first and span.last <= last
        return None if whole else marks_of(archive, segment).made(first, last)

    return made


def _allowed(one: Catalogued, made: Bound, hidden: Ranges) -> NDArray[np.bool_] | None:
    """Return of each row of a segment whether it may be found; None: each may."""
    hides = ranges.overlap(one.segment.leaves, hidden)
    if made is None and not hides:
        return None
    allowed = np.ones(one.rows, np.bool_)
    if made is not None:
        allowed[:] = False
        allowed[made] = True
    if hides:
        allowed &= ~within(leaves_of(one), hidden)
    return allowed


def _take_in(
    hits: Hits, posted: Posted, finding: Finding, allowed: NDArray[np.bool_] | None
) -> None:
    rows, places = posted.rows, posted.places
    if allowed is not None:
        own = allowed[rows]
        rows, places = rows[own], None if places is None else places[own]
    if len(rows):
        stand = Stand(rows, places, posted.field in _OWN, posted.field == _FILE)
        for term in finding(posted.word):
            hits.add(term, stand)
