"""Where the terms of a query stand in rows, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from archiver.flows.search_leaves import leaves_of
from archiver.search.bounds import nothing
from archiver.search.matching import HIT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from archiver.flows.search_candidates import Candidate

__all__ = ["hit_table", "numbers"]


def hit_table(found: Iterable[Candidate]) -> pa.Table:
    """Return where in which rows that may be found terms stand: the table `HIT`."""
    parts: dict[str, list[Any]] = {name: [] for name in HIT}
    for one in found:
        leaves = leaves_of(one.one)
        may = np.ones(one.one.rows, np.bool_)
        if one.rows is not None:
            may[:] = False
            may[one.rows] = True
        for term, stands in one.hits.stands.items():
            for stand in stands:
                own = may[stand.rows]
                rows = stand.rows[own]
                places = stand.places[own] if stand.places is not None else np.zeros_like(rows)
                parts["term"].append(np.full(len(rows), term))
                parts["leaf"].append(leaves[rows])
                parts["place"].append(places)
                for name, own_kind in (("author", stand.author), ("file", stand.file)):
                    parts[name].append(np.full(len(rows), own_kind))
    blank = dict.fromkeys(("author", "file"), np.empty(0, np.bool_))
    return pa.table(
        {name: pa.array(np.concatenate([blank.get(name, nothing()), *parts[name]])) for name in HIT}
    )


def numbers(names: tuple[str, ...], rows: Collection[tuple[int, ...]]) -> pa.Table:
    """Return a table of numbers, and of what is yes or no."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    kinds = dict.fromkeys(("author", "file"), pa.bool_())
    return pa.table(
        {
            name: pa.array(column, kinds.get(name, pa.int64()))
            for name, column in zip(names, columns, strict=True)
        }
    )
