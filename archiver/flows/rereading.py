"""Reading an account's records again: what today's parsers make of bytes that older ones read.

Segment by segment, and no more of a segment in memory than its files. Which record was read
anew before is in the ledger (``generation``), so a home that lacks keys knows as well.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.listings import LISTING_PARSER
from archiver.capture.reading import FILE_PARSER
from archiver.columns import CONTEXT
from archiver.errors import FormatError, KeyStoreError
from archiver.flows.connectors import parsers
from archiver.flows.custody import custody_of
from archiver.flows.derive import reread
from archiver.flows.documents import DOCUMENT_PARSER
from archiver.flows.rows import catalog, row_index
from archiver.flows.segments import open_file, read_table
from archiver.formats import segment_index, warc_reading
from archiver.formats.parquet import rows_of
from archiver.ledger.generation import pairs
from archiver.ledger.ranges import overlap
from archiver.record import Kind, Stream
from archiver.retention.order import under_way

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.connector import Connector
    from archiver.flows.archive import Archive
    from archiver.formats.warc_reading import RecordBytes
    from archiver.ledger.state import LedgerState, Segment
    from archiver.ports import Progress

__all__ = ["Looked", "Reading", "readings", "records_at"]

_CONTEXT = frozenset(column.name for column in CONTEXT)
_NO_THINGS = frozenset({Kind.RESIDUE, Kind.ABSENT, Kind.DELETED, Kind.LISTING})
_OURS = frozenset({LISTING_PARSER, DOCUMENT_PARSER})


class Reading(NamedTuple):
    """A record that today's ``parser`` reads otherwise than its newest row says.

    ``leaf`` and ``record`` are of the first generation; ``before`` and ``row`` the field columns.
    """

    segment: Segment
    stream: str
    leaf: int
    record_id: str
    record: RecordBytes
    before: Mapping[str, str]
    row: Mapping[str, str]
    parser: str


@dataclass(slots=True)
class Looked:
    """How many records were looked at, and how many were not, and why.

    ``read`` again, by stream. ``current``: a parser of today's version has read them.
    ``unknown``: their parser is not here, or newer than ours; by its name. ``unreadable``: in
    encrypted files whose keys are not in this home; residue and absences are among these.
    """

    read: Counter[str] = field(default_factory=Counter)
    current: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0


def readings(
    archive: Archive,
    state: LedgerState,
    account: str,
    connector: Connector | None,
    looked: Looked,
    progress: Progress,
) -> Iterator[Reading]:
    """Yield each record of an account (its handle) that today's parsers read otherwise.

    In the order of segments, and of leaves in each. The archive's own documents are not among
    them, nor what an order to destroy is under way for. ``looked`` is counted on the way; without
    a connector every parser is unknown.

    Raises `FormatError` where a record can't be read, `IntegrityError` where a file is not the
    one that was sealed.
    """
    segments = [one for one in catalog(archive, state) if one.segment.account == account]
    segments = [one for one in segments if one.stream != Stream.WORKFLOW]
    newest = _Newest(archive, state, [one.segment for one in segments])
    going = under_way(custody_of(archive, state).orders.values())
    for number, one in enumerate(segments):
        progress.step(number, len(segments), "segments")
        try:
            rows = rows_of(read_table(archive, one.segment))
        except KeyStoreError:
            looked.unreadable += newest.unread(one.segment)
            continue
        if connector is not None:
            read = _of_segment(archive, one.segment, rows, newest, connector, looked)
            yield from (
                found for found in read if not overlap(going, [[found.leaf, found.leaf + 1]])
            )
        else:
            looked.unknown.update(row["parser"] for row in rows if _is_first(row))
    progress.step(len(segments), len(segments), "segments")


def _of_segment(
    archive: Archive,
    segment: Segment,
    rows: Sequence[Mapping[str, str]],
    newest: _Newest,
    connector: Connector,
    looked: Looked,
) -> Iterator[Reading]:
    leaves, today = row_index(segment), _today(connector)
    later = newest.rows(leaves)
    wanted: dict[int, Mapping[str, str]] = {}
    for place, row in enumerate(rows):
        if not _is_first(row):
            continue
        latest = later.get(leaves[place], row)
        if latest is None:
            looked.unreadable += 1
        elif _is_older(latest["parser"], today, looked):
            wanted[place] = latest
    for place, record in records_at(archive, segment, wanted):
        latest, leaf, stream = wanted[place], leaves[place], rows[place]["stream"]
        try:
            row, parser = reread(connector, record)
        except FormatError as error:
            where = f"ledger entry {leaf}"
            raise FormatError(error.message, where=where, mend=error.mend) from error
        looked.read[stream] += 1
        before = {name: value for name, value in latest.items() if name not in _CONTEXT}
        if row != before:
            about = (segment, stream, leaf, rows[place]["record_id"])
            yield Reading(*about, record, before, row, parser)


def records_at(
    archive: Archive, segment: Segment, places: Mapping[int, object]
) -> Iterator[tuple[int, RecordBytes]]:
    """Yield the records of a segment at some of its rows, each with the number of its row."""
    if not places:
        return
    index = segment_index.parse_index(open_file(archive, segment, "idx"))
    file = open_file(archive, segment, "warc.gz")
    for place in places:
        offset, length = index[place + 1]  # the first member says what file it is
        member = warc_reading.inflate_member(file[offset : offset + length])
        yield place, warc_reading.parse_record(member)


def _is_first(row: Mapping[str, str]) -> bool:
    """Tell whether a row is the first reading of a platform's thing."""
    ours = row["kind"] in _NO_THINGS or row["parser"] in _OURS
    return not ours and "generation_of" not in row


def _today(connector: Connector) -> dict[str, str]:
    """Return the parsers in use, by name."""
    return {FILE_PARSER.partition("/")[0]: FILE_PARSER, **parsers(connector)}


def _is_older(parser: str, today: Mapping[str, str], looked: Looked) -> bool:
    """Tell whether an older version of a parser in use has made a row; else count why not."""
    ours = today.get(parser.partition("/")[0], "")
    if parser == ours:
        looked.current += 1
    elif not ours or _version(parser) > _version(ours):
        looked.unknown[parser] += 1
    else:
        return True
    return False


def _version(parser: str) -> int:
    """Return the number of a parser's version. Raises `FormatError` where it has none."""
    number = parser.partition("/")[2]
    if not (number.isascii() and number.isdigit()):
        mend = "name a parser as `mastodon/2`: its name, and a number that grows"
        raise FormatError("a parser without a number of its version", where=parser, mend=mend)
    return int(number)


class _Newest:
    """The newest reading of each record that was read anew before."""

    def __init__(self, archive: Archive, state: LedgerState, segments: Sequence[Segment]) -> None:
        bodies = (body for _, body in state.controls if body["t"] == "generation")
        first_of = {leaf: first for body in bodies for leaf, first in pairs(body)}
        self._archive = archive
        self._leaf = {first: leaf for leaf, first in sorted(first_of.items())}  # last one wins
        self._newer = first_of.keys()
        held = [(one, self._newer & set(row_index(one))) for one in segments]
        self._segments = [(one, leaves) for one, leaves in held if leaves]

    def unread(self, segment: Segment) -> int:
        """Return how many first generations a segment has, which can't be opened."""
        return len(set(row_index(segment)) - self._newer)

    def rows(self, leaves: Sequence[int]) -> dict[int, dict[str, str] | None]:
        """Return the newest row of each first generation that has a newer one.

        None where it can't be opened: the key is not in this home.
        """
        wanted = {self._leaf[leaf]: leaf for leaf in leaves if leaf in self._leaf}
        found: dict[int, dict[str, str] | None] = dict.fromkeys(wanted.values())
        for segment, own in self._segments:
            if own.isdisjoint(wanted):
                continue
            try:
                rows = rows_of(read_table(self._archive, segment))
            except KeyStoreError:
                continue
            for leaf, row in zip(row_index(segment), rows, strict=True):
                if leaf in wanted:
                    found[wanted[leaf]] = row
        return found
