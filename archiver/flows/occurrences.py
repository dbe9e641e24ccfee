"""Where records occur beside their own leaves: what of intake and maps goes when they go.

Each exchange of the accounts concerned is cut again with today's parsers, one intake file at a
time: so those are found as well that saw a record again unchanged, of which no map and no seal
tells. What nobody can cut may show anything, and is in the way.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.capture.showing import is_below, shown
from archiver.errors import FormatError, KeyStoreError
from archiver.flows.accounts import registry
from archiver.flows.claiming import CLAIMED, UNCLAIMED, UNRECORDED, Claims
from archiver.flows.containing import containing
from archiver.flows.exchange_view import View
from archiver.flows.occurring_rows import Numbered, exchange_named, told_by_rows
from archiver.flows.record_leaves import id_among
from archiver.flows.segments import sealed
from archiver.formats.intake_file import IntakeFile
from archiver.formats.settlement_map import parse_map
from archiver.ledger import ranges
from archiver.ledger.state import SETTLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from archiver.flows.archive import Archive
    from archiver.flows.claiming import Beside
    from archiver.flows.occurring_rows import RowsTold
    from archiver.formats.settlement_map import Origin
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState, Segment
    from archiver.ports import Progress
    from archiver.record import Exchange
    from archiver.registry.accounts import Account

__all__ = ["Occurrences", "beside", "occurrences"]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where records occur; sets of exchange numbers are by lane, of live intake alone.

    ``exchanges``: in which one of the records occurs, or that were about one of them.
    ``maps``: by place of a map's segment, the observation ids of the entries that go: those of
    the records, and those that lead to such an exchange, which would tell lengths in it.

    In the way are: ``held``, such exchanges in which a record on hold occurs too;
    ``unreadable``, those of which nobody here can tell what they show; ``unsettled``, such
    exchanges that are in intake and not settled, and so perhaps in a spool; ``unread``, places of
    segments whose keys are not in this home; residue ``beside``, by id, that came of such an
    exchange or names one of the records, unless it is of the order.

    ``also``: by id, live records that hold some of the records, and which; ``unresolved``, those
    that hold something that is not known: both stay, and are told.
    """

    exchanges: dict[str, Ranges]
    maps: dict[str, frozenset[str]]
    held: dict[str, Ranges]
    unreadable: dict[str, Ranges]
    unsettled: dict[str, Ranges]
    beside: dict[str, Beside]
    unread: tuple[str, ...]
    also: dict[str, tuple[str, ...]]
    unresolved: tuple[str, ...]

    @property
    def residue(self) -> tuple[str, ...]:
        """Ids of residue that nothing claims, and that is not of the order."""
        return self._not_chosen(UNCLAIMED)

    @property
    def claimed(self) -> tuple[str, ...]:
        """Ids of residue that the archive has in other records, and that is not of the order."""
        return self._not_chosen(CLAIMED)

    @property
    def unrecorded(self) -> tuple[str, ...]:
        """Ids of residue that may be all there is of something that stays; of the order or not."""
        return tuple(one for one, told in self.beside.items() if told.how == UNRECORDED)

    def _not_chosen(self, how: str) -> tuple[str, ...]:
        mine = (one for one in self.beside.items() if not one[1].chosen)
        return tuple(record for record, told in mine if told.how == how)

    @property
    def blocked(self) -> bool:
        """Whether the records may not go yet."""
        residue = (self.residue, self.claimed, self.unrecorded)
        found = (self.held, self.unreadable, self.unsettled, self.unread, *residue)
        return any(map(bool, found))


def occurrences(
    archive: Archive,
    state: LedgerState,
    records: Collection[str],
    progress: Progress,
    chosen: AbstractSet[str] = frozenset(),
) -> Occurrences:
    """Return where records occur, by their ids, with all that is part of them.

    ``chosen``: those of them that are residue, and go only because the others do.

    Raises `IntegrityError` or `MissingObjectError` where a file is not the one that was sealed,
    `FormatError` where a record can't be read, `KeyStoreError` where the keys of the archive's
    own documents are not in this home.
    """
    wanted = frozenset(records)
    rows = told_by_rows(archive, state, wanted, chosen)
    live = [one for one in state.segments() if one.account in rows.accounts]
    maps, intake = ([one for one in live if _is(one, kind)] for kind in ("map", "warc.gz"))
    seen, unread = _Seen(archive, wanted, rows), [*rows.unread]
    for _, origins in _maps(archive, maps, unread):
        seen.mapped(origins)
    accounts = {one.handle: one for one in registry(archive, state).values()}
    for number, segment in enumerate(intake):
        progress.step(number, len(intake), "intake files")
        seen.file(archive, segment, accounts.get(segment.account))
    progress.step(len(intake), len(intake), "intake files")
    going = seen.going()
    entries = {
        place: frozenset(uuid for uuid, origin in origins.items() if seen.goes(uuid, origin, going))
        for place, origins in _maps(archive, maps, [])
    }
    around = containing(archive, rows.segments, wanted)
    exchanges = _there(going, intake)
    return Occurrences(
        exchanges=exchanges,
        maps={place: found for place, found in entries.items() if found},
        held=_there(going & seen.held, intake),
        unreadable=_there(seen.unread if rows.held else seen.unread - going, intake),
        unsettled=_unsettled(state, exchanges),
        beside=seen.claims.beside(going, seen.held, wanted, rows.segments),
        unread=tuple(sorted({*unread, *around.unread})),
        also=around.also,
        unresolved=around.unresolved,
    )


def beside(
    archive: Archive, state: LedgerState, records: Collection[str], progress: Progress
) -> tuple[dict[str, Beside], tuple[str, ...]]:
    """Return the residue beside records by its id, and places of segments that can't be read here.

    Where there is none no intake is read. Raises as `occurrences`.
    """
    rows = told_by_rows(archive, state, frozenset(records))
    found = occurrences(archive, state, records, progress).beside if rows.residue else {}
    return found, tuple(rows.unread)


class _Seen:
    """What exchanges show, as far as they were looked at.

    ``shows`` one of the records, or one that is ``held``; ``unread``: nobody can tell.
    """

    def __init__(self, archive: Archive, wanted: frozenset[str], rows: RowsTold) -> None:
        self._wanted, self._rows = wanted, rows
        self.shows, self.held = set(rows.shown), set(rows.held_shown)
        self.unread, self.claims = set[Numbered](), Claims(archive, rows.residue)
        self._about: dict[tuple[str, str, str], array[int]] = {}
        self._led, self._views = set[tuple[str, str]](), dict[str, View]()

    def mapped(self, origins: Mapping[str, Origin]) -> None:
        """Note the exchanges that a map's records of the wanted were cut from."""
        for uuid in origins.keys() & self._rows.own:
            if origins[uuid].spans:  # else it rests on what the exchange does not show
                self.shows.update(exchange_named(origins[uuid].exchange))

    def file(self, archive: Archive, segment: Segment, account: Account | None) -> None:
        """Look at the exchanges of one intake file."""
        left = {(segment.lane, number) for number in ranges.numbers(segment.exchanges)}
        if segment.account not in self._views:
            view = View.of(account, self._wanted, self._rows.held)
            self._views[segment.account] = view
        try:
            for one in IntakeFile(sealed(archive, segment, "warc.gz")):
                self._one(self._views[segment.account], one.exchange())
                left.discard((one.lane, one.number))
        except (FormatError, KeyStoreError):  # what nobody can read is told, and in the way
            self.unread |= left

    def _one(self, view: View, exchange: Exchange) -> None:
        number, found = (exchange.lane, exchange.number), shown(view.connector, view.site, exchange)
        ids, about = view.ids(found.things), is_below(exchange.url, view.addresses)
        if about or _among(ids, self._wanted) or view.wanted.are_in(found.claimed):
            self.shows.add(number)
        if _among(ids, self._rows.held) or view.held.are_in(found.claimed):
            self.held.add(number)
        if found.unread:
            self.unread.add(number)
        else:
            self.claims.take(view, exchange, whole=not found.residue)
        listing = view.site.account, exchange.purpose.get("listing", ""), exchange.lane
        self._about.setdefault(listing, array("q")).append(exchange.number)
        self._led |= {
            (view.site.account, to)
            for to, thing in found.led
            if _among(view.ids([thing]), self._wanted)
        }

    def going(self) -> set[Numbered]:
        """Return all exchanges that show one of the records, or were about one."""
        about = (
            (lane, number)
            for (name, listing, lane), numbers in self._about.items()
            if (name, listing) in self._led
            for number in numbers
        )
        return {*self.shows, *about}

    def goes(self, uuid: str, origin: Origin, going: Collection[Numbered]) -> bool:
        """Tell whether a map's entry goes."""
        lost = exchange_named(origin.exchange)
        return uuid in self._rows.own or any(one in going for one in lost)


def _among(ids: Iterable[str], some: Collection[str]) -> bool:
    return any(id_among(one, some) for one in ids)


def _is(segment: Segment, kind: str) -> bool:
    """Tell whether a segment is a map, or intake: by its file, as neither has leaves."""
    return not segment.leaves and any(one.startswith(kind) for one in segment.objects)


def _maps(
    archive: Archive, maps: Iterable[Segment], unread: list[str]
) -> Iterator[tuple[str, dict[str, Origin]]]:
    """Yield each map with its place; ``unread`` takes the places of those not to be opened."""
    for segment in maps:
        try:
            yield segment.place, parse_map(sealed(archive, segment, "map"))
        except KeyStoreError:
            unread.append(segment.place)


def _there(numbers: Iterable[Numbered], intake: Iterable[Segment]) -> dict[str, Ranges]:
    """Return exchanges by lane, as far as they are in some intake."""
    lanes, there = defaultdict[str, list[int]](list), defaultdict[str, list[list[int]]](list)
    for lane, number in numbers:
        lanes[lane].append(number)
    for one in intake:
        there[one.lane] += one.exchanges
    found = {
        lane: _both(ranges.from_numbers(lanes[lane]), ranges.union(there[lane], []))
        for lane in sorted(lanes)
    }
    return {lane: some for lane, some in found.items() if some}


def _both(left: Ranges, right: Ranges) -> Ranges:
    return ranges.minus(left, ranges.minus(left, right))


def _unsettled(state: LedgerState, going: Mapping[str, Ranges]) -> dict[str, Ranges]:
    found = {
        lane: ranges.minus(numbers, state.covered[lane][SETTLE]) for lane, numbers in going.items()
    }
    return {lane: some for lane, some in found.items() if some}
