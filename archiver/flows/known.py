"""What the archive knows of an account, kept in the home: a cache like any other there.

It is folded from the account's rows. Rows are made by parsers, so where a parser has
changed since, what is known is read again from the records' own excerpts: else every
thing would seem to have been edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.known import LIVE, VOLATILE, Known, KnownRecord, Thing, mark_of
from archiver.capture.reading import FILE_PARSER
from archiver.columns import COLUMNS, CONTEXT
from archiver.flows.connectors import parsers
from archiver.flows.derive import reread
from archiver.flows.kept import keep, kept
from archiver.flows.rereading import records_at
from archiver.flows.rows import by_leaf, catalog
from archiver.flows.segments import read_table
from archiver.formats.parquet import rows_of
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archiver.capture.connector import Connector
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["keep_known", "known_documents", "known_key", "known_now", "known_of"]

_CONTEXT = frozenset(column.name for column in CONTEXT)
_READ = frozenset(COLUMNS) - VOLATILE | {"reported"}
"""Columns that what is known is folded from: what makes no edit is not read."""
_KEPT = msgspec.msgpack.Decoder(tuple[int, dict[Thing, KnownRecord]])


def known_of(archive: Archive, state: LedgerState, account: str) -> Known:
    """Return what the archive knows of an account (its handle), as of ``state``."""
    key = known_key(archive)
    data = kept(archive.home, f"cache/known/{account}")
    if data is not None:
        batch, records = _decoded(data)
        if batch == state.settled.get(account, 0):
            return Known(records, key)
    return Known.fold(_rows(archive, _segments(state, account)), key)


def known_documents(archive: Archive, state: LedgerState, account: str) -> Known:
    """Return what is known of an account's own documents alone: no key of others is needed."""
    ours = (one.segment for one in catalog(archive, state) if one.stream == Stream.WORKFLOW)
    own = [one for one in ours if one.account == account]
    return Known.fold(_rows(archive, own), known_key(archive))


def known_now(archive: Archive, state: LedgerState, account: str, connector: Connector) -> Known:
    """Return what is known of an account, in the words of the parsers in use now.

    Where they have changed, all records they concern are read once more, a segment at a
    time, and the result is kept. Raises `KeyStoreError` where a key is not in this home.
    """
    known = known_of(archive, state, account)
    current = {FILE_PARSER, *parsers(connector).values()}
    old = {
        record.observation: thing
        for thing, record in known.items()
        if record.state in LIVE and thing[0] != Stream.WORKFLOW
        if record.parser not in current
    }
    if old:
        for segment in _segments(state, account):
            _renew(archive, segment, known, old, connector)
        keep_known(archive, account, state.settled.get(account, 0), known)
    return known


def keep_known(archive: Archive, account: str, batch: int, known: Known) -> None:
    """Keep the known state after an account's settling batch number ``batch``."""
    data = msgspec.msgpack.encode((batch, dict(known.items())))
    keep(archive.home, f"cache/known/{account}", data)


def _renew(
    archive: Archive,
    segment: Segment,
    known: Known,
    old: Mapping[str, Thing],
    connector: Connector,
) -> None:
    """Read records of a segment again, those whose observations are named in ``old``."""
    ids = read_table(archive, segment, ("observation_id",))["observation_id"].to_pylist()
    found = {place: old[str(one)] for place, one in enumerate(ids) if one in old}
    for place, record in records_at(archive, segment, found):
        row, parser = reread(connector, record)
        known.renew(found[place], mark_of(Kind.PRESENT, row, known.key), parser)


def _decoded(data: bytes) -> tuple[int, dict[Thing, KnownRecord]]:
    try:
        return _KEPT.decode(data)
    except msgspec.DecodeError:  # a cache that can't be read is made anew
        return -1, {}


def known_key(archive: Archive) -> bytes:
    """Return this home's key for fingerprints of what is known, made the first time."""
    key = archive.home.read("keys/known")
    if key is None:
        key = archive.chance.bytes(32)
        archive.home.write("keys/known", key)
    return key


def _segments(state: LedgerState, account: str) -> Iterator[Segment]:
    return (one for one in state.segments() if one.has_records and one.account == account)


def _rows(
    archive: Archive, segments: Iterable[Segment]
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    def read(segment: Segment) -> list[tuple[str, dict[str, str]]]:
        return [(segment.sensitivity, row) for row in rows_of(read_table(archive, segment, _READ))]

    for _, (sensitivity, row) in by_leaf(segments, read):
        context = {name: value for name, value in row.items() if name in _CONTEXT}
        context["sensitivity"] = sensitivity
        yield context, {name: row[name] for name in row if name not in _CONTEXT}
