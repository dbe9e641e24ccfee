"""What is known of records, as retention asks: from verified rows that whoever asks may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from archiver.columns import COLUMNS as ALL_COLUMNS
from archiver.errors import KeyStoreError
from archiver.flows.access import look, may_read, readable_streams
from archiver.flows.rows import catalog, table_of
from archiver.ledger.ranges import from_numbers
from archiver.record import Sensitivity, Stream
from archiver.retention.facts import Dated, RecordFacts
from archiver.retention.facts_sql import COLUMNS, SQL

if TYPE_CHECKING:
    from datetime import date

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.ledger.state import LedgerState
    from archiver.retention.city import City

__all__ = ["Asked", "as_values", "facts_of", "known_facts"]


class Asked(NamedTuple):
    """Facts in the order of record ids, and rows not asked by stream: what those are of is kept."""

    facts: pa.Table
    not_asked: dict[str, int]


def known_facts(
    archive: Archive, state: LedgerState, city: City, as_of: date, *, private: bool = False
) -> Asked:
    """Return the facts of every record known on a day. The archive's own documents are none.

    ``private``: encrypted streams too, as far as this home has their keys and whoever asks has
    the roles; the look is noted first (`archiver.flows.access`). A record of which a part is
    not asked is not among them, nor is a stream of which this home lacks a key: it is kept.
    """
    chosen = [one for one in catalog(archive, state) if one.stream != Stream.WORKFLOW]
    looked = _looked_into(archive, state, chosen) if private else frozenset[str]()
    if looked:
        look(archive, "retention", f"facts as of {as_of}", looked)
    tables: list[tuple[Catalogued, pa.Table]] = []
    unread: dict[str, int] = {}
    hidden: set[str] = set()
    dark: set[tuple[str, str]] = set()
    for one in chosen:
        public = one.segment.sensitivity == Sensitivity.PUBLIC
        table = _table(archive, one)
        if table is not None and (public or one.stream in looked):
            tables.append((one, table))
            continue
        _count(unread, one)
        if table is None:
            dark.add((one.segment.account, one.stream))
        else:
            hidden.update(map(str, table["record_id"].to_pylist()))
    asked = []
    for one, table in tables:
        if {(one.segment.account, name) for name in (one.stream, "")} & dark:
            _count(unread, one)
        else:
            asked.append(table)
    facts = facts_of(archive, asked, city, as_of)
    whole = pc.invert(pc.is_in(facts["record"], pa.array(sorted(hidden), pa.string())))
    return Asked(facts.filter(whole), unread)


def _count(unread: dict[str, int], one: Catalogued) -> None:
    name = one.stream or "private, no key here"
    unread[name] = unread.get(name, 0) + one.rows


def facts_of(archive: Archive, tables: list[pa.Table], city: City, as_of: date) -> pa.Table:
    """Return what rows say of their records on a day, in the order of their ids."""
    settled = pa.table(
        {
            "zone": [city.zone],
            "as_of": pa.array([as_of], pa.date32()),
            "sweep_days": [archive.longest_unread.days],
        }
    )
    classes = pa.table(
        {
            "place": pa.array(range(len(city.classes)), pa.int64()),
            "account": pa.array([one.account for one in city.classes], pa.string()),
            "stream": pa.array([one.stream for one in city.classes], pa.string()),
            "content_class": pa.array([one.into for one in city.classes], pa.string()),
        }
    )
    rows = pa.concat_tables([_no_rows(), *tables], promote_options="default")
    with archive.engine() as engine:
        return engine.query({"rows": rows, "settled": settled, "classes": classes}, SQL, ())


def _no_rows() -> pa.Table:
    """Return no rows, with every column that is asked."""
    kinds = {"timestamp": pa.timestamp("us", "UTC")}
    fields = [(name, kinds.get(ALL_COLUMNS[name].type, pa.string())) for name in COLUMNS]
    return pa.schema([*fields, ("leaf", pa.int64())]).empty_table()


def as_values(table: pa.Table) -> list[RecordFacts]:
    """Return a table of facts, or some of its rows, as values."""
    return [_facts(one) for one in table.to_pylist()]


def _facts(row: dict[str, Any]) -> RecordFacts:
    leaves = from_numbers(row["leaves"])
    return RecordFacts(
        record=row["record"],
        platform=row["platform"],
        account=row["account"],
        stream=row["stream"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        leaves=tuple((first, end) for first, end in leaves),
        content_class=row["content_class"],
        created=_dated(row, "created"),
        posted=_dated(row, "posted"),
        modified=_dated(row, "modified"),
        public=row["public"],
        removed=row["removed"],
    )


def _dated(row: dict[str, Any], name: str) -> Dated | None:
    day = row[name]
    return None if day is None else Dated(day, row[f"{name}_claimed"])


def _table(archive: Archive, one: Catalogued) -> pa.Table | None:
    """Return a segment's columns, or None where its key is not here."""
    if not one.stream:
        return None
    try:
        return table_of(archive, one.segment, COLUMNS)
    except KeyStoreError:  # catalogued while the key was here
        return None


def _looked_into(archive: Archive, state: LedgerState, chosen: list[Catalogued]) -> frozenset[str]:
    """Return the private streams among these that whoever asks may read."""
    streams = readable_streams(archive, state)
    found = {one.stream for one in chosen if one.segment.sensitivity == Sensitivity.PRIVATE}
    return frozenset(stream for stream in found - {""} if may_read(streams, stream))
