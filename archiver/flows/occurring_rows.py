"""What rows tell of where records occur: their observations, exchanges, holds, and residue."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.showing import Names
from archiver.errors import KeyStoreError
from archiver.flows.accounts import registry
from archiver.flows.custody import custody_of
from archiver.flows.record_leaves import id_among
from archiver.flows.rereading import records_at
from archiver.flows.rows import catalog, table_of
from archiver.formats.parquet import canonical_time
from archiver.ledger import ranges
from archiver.record import Kind, Stream, split_record_id
from archiver.registry.people import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from archiver.flows.archive import Archive
    from archiver.flows.rows import Catalogued
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState, Segment

__all__ = ["CUT", "Numbered", "Residue", "RowsTold", "exchange_named", "told_by_rows"]

Numbered = tuple[str, int]
"""An exchange: its lane and number."""

_COLUMNS = ("record_id", "observation_id", "kind", "exchange")
_DIGITS = 18  # of an exchange's number
CUT = frozenset(Kind) - {Kind.ABSENT, Kind.DELETED, Kind.LISTING}
"""What an observation of these kinds has is in the exchange that it names."""


class Residue(NamedTuple):
    """A residue record: the exchange that it came of, whether it names one of those that go.

    ``chosen``: it is of the order itself. ``size``: in bytes. ``segment``, ``row``: where it is.
    """

    record: str
    exchange: Numbered
    names: bool
    chosen: bool
    size: int
    segment: Segment
    row: int


@dataclass(slots=True)
class RowsTold:
    """What rows tell of some records.

    ``accounts``: handles of theirs. ``own``: ids of their observations; ``shown``: exchanges
    that these were cut from. ``held``: ids of records on hold of these accounts; ``held_shown``:
    exchanges that those were cut from. ``residue``: all that is not to go or was chosen to.
    ``segments``: all of these accounts that have records, and ``unread`` the places of those that
    can't be read here.
    """

    accounts: set[str] = field(default_factory=set)
    segments: list[Segment] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    shown: set[Numbered] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    held_shown: set[Numbered] = field(default_factory=set)
    residue: list[Residue] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def told_by_rows(
    archive: Archive,
    state: LedgerState,
    wanted: frozenset[str],
    chosen: AbstractSet[str] = frozenset(),
) -> RowsTold:
    """Return what the rows of live segments tell of records, by their ids, and their parts.

    ``chosen``: those of them that are residue, and go with the others.

    Raises `FormatError` where an id is none, or a record can't be read.
    """
    handles = {one.name: one.handle for one in registry(archive, state).values()}
    names = {split_record_id(one)[1] for one in wanted}
    told = RowsTold(accounts={handles[name] for name in names if name in handles})
    of_record = [one for one in catalog(archive, state) if one.stream != Stream.WORKFLOW]
    held = _held(archive, state)
    if not names <= handles.keys():  # an account that no document tells of: by its records
        told.accounts |= {one.segment.account for one in of_record if _has(archive, one, wanted)}
    for one in of_record:
        if one.segment.account not in told.accounts:
            continue
        told.segments.append(one.segment)
        try:
            _segment(archive, one.segment, (wanted, chosen), held, told)
        except KeyStoreError:
            told.unread.append(one.segment.place)
    return told


def exchange_named(text: str) -> list[Numbered]:
    """Return the exchange that an id names, or nothing where it is none."""
    lane, _, number = text.rpartition("/")
    counted = number.isascii() and number.isdecimal() and len(number) <= _DIGITS
    return [(lane, int(number))] if lane and counted else []


def _held(archive: Archive, state: LedgerState) -> Ranges:
    """Return all leaves on hold now."""
    now = moment(canonical_time(archive.clock.now()))
    holds = [one for one in custody_of(archive, state).holds.values() if one.stands(now)]
    return ranges.union([pair for one in holds for pair in one.leaves], [])


def _rows(archive: Archive, segment: Segment, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield these columns of each row, and its leaf; "" where a row has nothing."""
    table = table_of(archive, segment, names)
    columns = [
        table[name].to_pylist() if name in table.column_names else [None] * table.num_rows
        for name in (*names, "leaf")
    ]
    return ((*(text or "" for text in row[:-1]), row[-1]) for row in zip(*columns, strict=True))


def _has(archive: Archive, one: Catalogued, wanted: frozenset[str]) -> bool:
    """Tell whether a segment has one of some records, or may have one for all we can read."""
    try:
        rows = _rows(archive, one.segment, ("record_id",)) if one.stream else ()
        return not one.stream or any(id_among(record, wanted) for record, _ in rows)
    except KeyStoreError:  # catalogued while the key was here
        return True


def _segment(
    archive: Archive,
    segment: Segment,
    ids: tuple[frozenset[str], AbstractSet[str]],
    held: Ranges,
    told: RowsTold,
) -> None:
    (wanted, chosen), left = ids, dict[int, tuple[str, Numbered]]()
    for place, row in enumerate(_rows(archive, segment, _COLUMNS)):
        record, observation, kind, named, leaf = row
        source = exchange_named(named)
        cut = source if kind in CUT else []
        if id_among(record, wanted):
            told.own.add(observation)
            told.shown.update(cut)
        if kind == Kind.RESIDUE and source and (record in chosen or not id_among(record, wanted)):
            left[place] = record, source[0]
        if _within(held, int(leaf)):
            told.held.add(record)
            told.held_shown.update(cut)
    names = Names(split_record_id(one)[3] for one in wanted - chosen if left)
    for place, found in records_at(archive, segment, left):
        own, came = left[place]
        says, size = names.are_in(found.block), len(found.block)
        told.residue.append(Residue(own, came, says, own in chosen, size, segment, place))


def _within(numbers: Ranges, one: int) -> bool:
    """Tell whether a number is in a set; sets are large, and so are the numbers asked about."""
    at = bisect_right(numbers, one, key=lambda pair: pair[0])
    return at > 0 and one < numbers[at - 1][1]
