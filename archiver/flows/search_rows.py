"""Which rows a query has to read: those that it may find, and all others of their records.

A record's state is folded over everything that is known of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from archiver.flows.rows import table_of
from archiver.flows.search_candidates import span_of
from archiver.flows.search_index import marks_of
from archiver.flows.search_leaves import within
from archiver.ledger import ranges

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.flows.search_candidates import Candidate
    from archiver.flows.search_shelves import Shelves
    from archiver.ledger.ranges import Ranges
    from archiver.search.bounds import Bound

    Numbers = NDArray[np.int64]

__all__ = ["rows_to_read"]

_Group = tuple[str, str]
"""An account and a stream: all observations of a record are in segments of one such pair."""


def rows_to_read(
    archive: Archive,
    shelves: Shelves,
    found: Sequence[Candidate],
    readable: Iterable[Catalogued],
    hidden: Ranges,
    columns: tuple[Collection[str], Collection[str]],
) -> Iterator[tuple[Catalogued, pa.Table]]:
    """Yield of each segment the rows that a query needs, and whether each may be found.

    Args:
        archive: where.
        shelves: what is known of segments.
        found: in which of them rows may be found.
        readable: every segment that has rows of the streams asked and can be read here.
        hidden: leaves that nobody is shown.
        columns: of a row that may be found, and of one that counts for the state alone.
    """
    sought = _sought(archive, found)
    streams = {stream for _, stream in sought}
    by_name = {one.one.segment.name: one for one in found}
    for one in readable:
        group = "", one.stream
        if one.stream in streams:
            group = span_of(archive, shelves, one).account, one.stream
        if group not in sought:
            continue
        records, rows = sought[group], None
        if records is not None:
            rows = marks_of(archive, one.segment).rows_of(records)
        if rows is None or len(rows):
            own = by_name.get(one.segment.name)
            yield one, _table(archive, one, rows, own, hidden, columns)


def _sought(archive: Archive, found: Sequence[Candidate]) -> dict[_Group, Bound]:
    """Return by account and stream the marks of the records that may be found; None: of all."""
    marks: dict[_Group, list[Numbers]] = {}
    every = {(one.account, one.one.stream) for one in found if one.rows is None}
    for one in found:
        group = one.account, one.one.stream
        if group not in every and one.rows is not None:
            own = marks_of(archive, one.one.segment).records(one.rows)
            marks.setdefault(group, []).append(own)
    return {
        **dict.fromkeys(every, None),
        **{group: np.unique(np.concatenate(own)) for group, own in marks.items()},
    }


def _table(
    archive: Archive,
    one: Catalogued,
    rows: Bound,
    own: Candidate | None,
    hidden: Ranges,
    columns: tuple[Collection[str], Collection[str]],
) -> pa.Table:
    table = table_of(archive, one.segment, columns[0 if own else 1])
    may = np.zeros(one.rows, np.bool_)
    if own is not None:
        may[slice(None) if own.rows is None else own.rows] = True
    table = table.append_column("searched", pa.array(may))
    if rows is not None:
        at: Any = pa.array(rows)
        table = table.take(at)
    if ranges.overlap(one.segment.leaves, hidden):
        shown: Any = pa.array(~within(table["leaf"].to_numpy(), hidden))
        table = table.filter(shown)
    return table
