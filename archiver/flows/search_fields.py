"""What a search can ask of records beside their rows: series, holds, custodians."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from archiver.flows.accounts import registry
from archiver.flows.record_facts import as_values
from archiver.flows.retention import evaluation

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.search import Tables

__all__ = ["search_tables"]


def search_tables(archive: Archive, *, private: bool = False) -> Tables:
    """Return the tables that fields of a query ask, each made once it is asked.

    Series and holds are those of today; ``private``: also of records in encrypted streams.
    """
    return {
        "filed": partial(_filed, archive, private=private),
        "held": partial(_held, archive, private=private),
        "kept": partial(_kept, archive),
    }


def _filed(archive: Archive, *, private: bool) -> pa.Table:
    ruled = evaluation(archive, "", private=private).ruled
    return ruled.select(["record", "series"])


def _held(archive: Archive, *, private: bool) -> pa.Table:
    found = evaluation(archive, "", private=private)
    pairs = [
        (facts.record, hold.id)
        for facts in as_values(found.facts)
        for hold in found.engine.judge(facts).holds
    ]
    return _pairs(("record", "hold"), pairs)


def _kept(archive: Archive) -> pa.Table:
    accounts = registry(archive).values()
    return _pairs(("account", "custodian"), [(one.name, one.custodian) for one in accounts])


def _pairs(names: tuple[str, str], rows: list[tuple[str, str]]) -> pa.Table:
    return pa.table(
        {name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(names)}
    )
