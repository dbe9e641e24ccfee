"""Search as it is without an index: every row of every segment is read and cut into words.

It shares reading, grants and SQL with the code under test, and nothing of which rows are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from archiver.errors import KeyStoreError
from archiver.flows.access import may_read, readable_streams
from archiver.flows.custody import withheld_from_all
from archiver.flows.ledger import read_state
from archiver.flows.rows import catalog, table_of
from archiver.flows.search import WITHHELD, _open
from archiver.flows.search_columns import FOR_STATE, columns_of, joined
from archiver.flows.search_files import FOR_FILES, read_files
from archiver.flows.search_hits import numbers
from archiver.formats.derived.stamp import OWN
from archiver.ledger import ranges
from archiver.record import Sensitivity, Stream
from archiver.search.files import column_of
from archiver.search.matching import PART
from archiver.search.query import FILE_TEXT, UNKNOWN, Query, compile_query
from archiver.search.syntax import Phrase, spelled
from archiver.search.vocabulary import Finding
from tests.search.naive import hits_in

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.search.query import Asked

__all__ = ["answered"]


def answered(archive: Archive, query: Query, *, private: bool) -> dict[str, Any]:
    """Return what a search finds: hits, what was searched and what not, words by term."""
    asked = compile_query(query, archive.retention.zone)
    state = read_state(archive)
    chosen = [
        one
        for one in catalog(archive, state)
        if not query.stream or not one.stream or one.stream == query.stream
    ]
    streams = readable_streams(archive, state)
    looked = {
        one.stream
        for one in chosen
        if private and one.segment.sensitivity == Sensitivity.PRIVATE
        if one.stream not in {"", Stream.WORKFLOW} and may_read(streams, one.stream)
    }
    hidden = pa.array(ranges.numbers(withheld_from_all(archive, state)), pa.int64())
    parts, unread = list[tuple[Any, pa.Table]](), []
    counts: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for one in chosen:
        table = _table(archive, one, asked, searched=_open(one, looked))
        if table is not None:
            shown: Any = pc.invert(pc.is_in(table["leaf"], hidden))
            table = table.filter(shown)
            if table.num_rows < one.rows:
                counts[1][WITHHELD] = counts[1].get(WITHHELD, 0) + one.rows - table.num_rows
            parts.append((one, table))
        elif one.stream != Stream.WORKFLOW:
            unread.append(one)
        count = counts[0 if _open(one, looked) and table is not None else 1]
        name = one.stream or "private, no key here"
        count[name] = count.get(name, 0) + one.rows
    finding = Finding(asked.matching.terms)
    everything = {
        "rows": joined(parts, unread),
        "hit": hits_in(finding, (table for _, table in parts)),
        "part": numbers(PART, asked.matching.parts),
    }
    with archive.engine() as engine:
        hits = engine.query(everything, asked.sql, asked.parameters).to_pylist()
    for hit in hits:
        hit["in_file"] = _in_file(hit, asked, everything["hit"])
    unknown = sum(hit["state"] == UNKNOWN for hit in hits)
    if query.state:
        hits = [hit for hit in hits if hit["state"] == query.state]
    words = [sorted(one) for one in finding.words]
    return {
        "hits": hits, "searched": counts[0], "skipped": counts[1], "unknown": unknown,
        "words": words,
    }  # fmt: skip


def _in_file(hit: dict[str, Any], asked: Asked, places: pa.Table) -> dict[str, Any] | None:
    """Return what of a hit is in its file."""
    terms = [spelled(Phrase((term,))) for term in asked.matching.terms]
    name, rows = hit.pop("file_name"), places.to_pylist()
    own = {terms[one["term"]] for one in rows if one["leaf"] == hit["leaf"] and one["file"]}
    return {"name": name, "by": OWN, "terms": sorted(own, key=terms.index)} if own else None


def _table(archive: Archive, one: Catalogued, asked: Asked, *, searched: bool) -> pa.Table | None:
    if not one.stream or one.stream == Stream.WORKFLOW:
        return None
    try:
        table = table_of(archive, one.segment, columns_of(asked) if searched else FOR_STATE)
    except KeyStoreError:
        return None
    if searched:
        rows = table_of(archive, one.segment, FOR_FILES)
        texts = read_files(archive, one.segment, rows).texts
        table = table.append_column(FILE_TEXT, column_of(table.num_rows, texts))
    return table.append_column("searched", pa.array([searched] * table.num_rows, pa.bool_()))
