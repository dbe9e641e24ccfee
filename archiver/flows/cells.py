"""Records gathered into cells: those of one cell have the same facts, but for id and leaves. Pure.

All that a verdict rests on is the same for records of a cell about which nobody decided
anything by itself. So one of a cell is judged, and the others have its verdict
(`archiver.flows.ruling`, ``docs/adr/0137-*``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from archiver.errors import ArchiverError
from archiver.flows.ruling import FACTS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "SHARED",
    "Cells",
    "Column",
    "firsts",
    "gathered",
    "numbered",
    "numbers_of",
    "places",
    "scattered",
]

SHARED = FACTS[1:]
"""What the engine reads of a record beside its id: records of a cell share it all."""

MOST = 1 << 62
"""Combinations of values that one number can tell apart."""

Column = Any
"""An Arrow array, or one in several pieces; what computes with them has no types."""

_NONE = pa.scalar(None, pa.int64())


class Cells(NamedTuple):
    """Records in the order of their ids, and the cell of each.

    ``of``: the cell of each record, by its number. ``facts``: `SHARED` of each cell, and
    ``records``, how many it has. ``leaf`` is every leaf, sorted, and ``number`` beside it the
    number of its record.
    """

    records: Column
    of: Column
    facts: pa.Table
    leaf: Column
    number: Column


def gathered(facts: pa.Table) -> Cells:
    """Return the cells of records: columns `SHARED`, ``record`` and ``leaves``, by id."""
    records = _whole(facts["record"])
    if records and not pc.all(pc.less_equal(records[:-1], records[1:])).as_py():
        raise ArchiverError(
            "records are not in the order of their ids",
            code="query-failed",
            mend="report this as a defect",
        )
    read = _read(facts)
    of = numbered(read.columns)
    first, many = _firsts(of)
    cells = read.take(first).append_column("records", many)
    leaves = _whole(facts["leaves"])
    leaf: Column = pc.list_flatten(leaves)
    number: Column = pc.list_parent_indices(leaves)
    order = pc.sort_indices(leaf)
    return Cells(records, of, cells, leaf.take(order), number.take(order))


def _read(facts: pa.Table) -> pa.Table:
    """Return facts as the engine reads them: a first sighting where no other day is told."""
    told = pc.or_(pc.is_valid(facts["created"]), pc.is_valid(facts["posted"]))
    none: Column = pa.scalar(None, pa.date32())
    seen: Column = pc.if_else(told, none, facts["first_seen"])
    place = SHARED.index("first_seen")
    return facts.select(SHARED).set_column(place, "first_seen", seen)


def numbers_of(cells: Cells, ids: Column) -> Column:
    """Return of each id the number of its record, null where there is no such record."""
    found = places(cells.records, ids, "left")
    known = pc.less(found, pa.scalar(len(cells.records)))
    found = pc.if_else(known, found, _NONE)
    return pc.if_else(pc.equal(cells.records.take(found), _whole(ids)), found, _NONE)


def places(among: Column, sought: Column, side: str) -> Column:
    """Return where values are, or would be, among sorted ones: ``left`` or ``right`` of equals."""
    found = pc.search_sorted(among, _whole(sought), side=side)  # type: ignore[attr-defined]  # newer than its types
    return found.cast(pa.int64())


def numbered(columns: Sequence[Column]) -> Column:
    """Return the number of each row's combination of values: from 0, in order of appearance."""
    numbers: Column = pa.repeat(pa.scalar(0, pa.int64()), len(columns[0]))
    many = 1
    for column in columns:
        coded = _whole(column).dictionary_encode("encode")
        most = max(len(coded.dictionary), 1)
        if many * most > MOST:
            again = numbers.dictionary_encode()
            numbers, many = again.indices.cast(pa.int64()), len(again.dictionary)
        numbers = pc.add(pc.multiply(numbers, most), coded.indices.cast(pa.int64()))
        many *= most
    return numbers.dictionary_encode().indices


def firsts(numbers: Column) -> Column:
    """Return where each number appears first, from 0; of what `numbered` gives."""
    return _firsts(numbers)[0]


def _firsts(numbers: Column) -> tuple[Column, Column]:
    """Return where each number appears first, and how often it does."""
    told = pa.table({"number": numbers, "place": counting(len(numbers))})
    counted = told.group_by("number").aggregate([("place", "min"), ([], "count_all")])
    by_number = counted.sort_by("number")
    return by_number["place_min"], by_number["count_all"]


def counting(many: int) -> Column:
    """Return the numbers from 0 to so many."""
    return pa.arange(0, many, 1)  # type: ignore[attr-defined]  # newer than its types


def scattered(values: Column, places: Column, many: int) -> Column:
    """Return so many values: those given at their places, null elsewhere."""
    whole = _whole(values), _whole(places)
    return pc.scatter(*whole, max_index=many - 1)  # type: ignore[attr-defined]  # newer than its types


def _whole(column: Column) -> Column:
    """Return a column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
