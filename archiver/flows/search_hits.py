"""Where the terms of a query stand in rows, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from archiver.search.matching import HIT
from archiver.search.query import AUTHOR, SEARCHED
from archiver.search.tokens import places

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from archiver.search.vocabulary import Finding

__all__ = ["hits_in", "numbers"]


def hits_in(finding: Finding, tables: Iterable[pa.Table]) -> pa.Table:
    """Return where in which row a term is found: the table `HIT`."""
    found: list[tuple[int, int, int, int]] = []
    for table in tables:
        names = [name for name in SEARCHED if name in table.column_names]
        own = frozenset(number for number, name in enumerate(names) if name in AUTHOR)
        if not finding.words or not table.num_rows or not table["searched"][0].as_py():
            continue
        columns = [table[name].to_pylist() for name in names]
        leaves = table["leaf"].to_pylist()
        for leaf, *fields in zip(leaves, *columns, strict=True):
            for token, place, field in places(fields):
                found += ((term, leaf, place, field in own) for term in finding(token))
    return numbers(HIT, found)


def numbers(names: tuple[str, ...], rows: Collection[tuple[int, ...]]) -> pa.Table:
    """Return a table of numbers, and of what is yes or no."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    kinds = {"author": pa.bool_()}
    return pa.table(
        {
            name: pa.array(column, kinds.get(name, pa.int64()))
            for name, column in zip(names, columns, strict=True)
        }
    )
