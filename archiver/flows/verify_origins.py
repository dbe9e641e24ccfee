"""Verifying where records come from: intake files, and the maps that lead back to them.

Both are encrypted, and go with the intake period; while they are there and their keys
are in this home, each excerpt of a record can be held against what the platform sent.
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import ArchiverError, FormatError
from archiver.flows.intake import spooled
from archiver.flows.segments import sealed
from archiver.formats.exchanges import ExchangeReader
from archiver.formats.http1 import response_of
from archiver.formats.settlement_map import Origin, parse_map
from archiver.ledger import ranges
from archiver.ledger.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment
    from archiver.record import Excerpt, Exchange

__all__ = ["Merged", "OriginCheck", "exchanges_of", "merged_maps"]

WHOLE = "exchange"
"""The role of an excerpt that is a response as a whole; others are cut from its body."""

DRAWN_UP = "listing"
"""The role of a document that says what complete listings prove: it is cut from nothing."""


class Merged(NamedTuple):
    """What maps say of the records of a merged segment, by UUID, and of which leaves they must.

    ``unmapped``: leaves that came with no map.
    """

    origins: Mapping[str, Origin]
    leaves: frozenset[int]
    unmapped: frozenset[int]


def merged_maps(
    archive: Archive, maps: Sequence[tuple[Sequence[Segment], ranges.Ranges]]
) -> Merged:
    """Return what maps say of records that were merged since, as far as they can be read here.

    ``maps``: the parts of each, with the leaves of its seal that they tell of; none where
    that had no map.
    """
    origins, leaves, unmapped = dict[str, Origin](), set[int](), set[int]()
    for parts, own in maps:
        if not parts:
            unmapped.update(ranges.numbers(own))
        with suppress(ArchiverError):  # a finding of its own seal, or a key that is elsewhere
            for one in parts:
                origins |= parse_map(sealed(archive, one, "map"))
            leaves.update(ranges.numbers(own) if parts else ())
    return Merged(origins, frozenset(leaves), frozenset(unmapped))


def exchanges_of(lane: str, numbers: ranges.Ranges, plain: bytes) -> dict[str, Exchange]:
    """Return the exchanges in an intake file by id. Raises `FormatError`.

    Also where they are not exactly the ones that its seal names.
    """
    reader = ExchangeReader(BytesIO(spooled(plain)))
    found = list(reader)
    if reader.damage:
        raise FormatError(f"intake is damaged: {reader.damage}")
    # Counted first: a seal may claim more numbers than memory holds.
    same = len(found) == ranges.count(numbers)
    if not same or [(one.lane, one.number) for one in found] != [
        (lane, number) for number in ranges.numbers(numbers)
    ]:
        raise FormatError("intake has other exchanges than its seal says")
    return {one.id: one for one in found}


class OriginCheck:
    """Holds the maps of seals against intake. Keeps the exchanges of one intake file.

    ``intake`` are the segments in which exchanges are looked up, by lane and number; ``gone``
    are those that were destroyed, of which nothing can be held against anything.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._exchanges: Mapping[str, Exchange] = {}
        self.intake: Sequence[Segment] = ()
        self.gone: Mapping[str, ranges.Ranges] = {}

    def keep(self, exchanges: Mapping[str, Exchange]) -> None:
        """Keep the exchanges of an intake file that was just read: its map comes next."""
        self._exchanges = exchanges

    def run(
        self,
        where: str,
        origins: Mapping[str, Origin],
        records: Mapping[str, tuple[Excerpt, ...]],
        merged: int,
    ) -> Iterator[Finding]:
        """Yield where excerpts of a seal's records differ from their exchanges.

        ``records`` are the excerpts of the seal's own segments, by UUID; as many more as
        ``merged`` lie in others by now, which `one` is asked about.
        """
        alone = origins.keys() - records.keys()
        if merged and len(alone) != merged:
            yield Finding("map-differs", where, f"{merged} merged records", f"{len(alone)} in it")
        for uuid in sorted(records.keys() - origins.keys() | (set() if merged else alone)):
            found = "in the map alone" if uuid in origins else "not in the map"
            yield Finding("map-differs", where, f"record {uuid} in map and seal", found)
        for uuid in sorted(origins.keys() & records.keys(), key=lambda one: origins[one].exchange):
            yield from self.one(where, uuid, origins[uuid], records[uuid])

    def one(
        self, where: str, uuid: str, origin: Origin, excerpts: Sequence[Excerpt]
    ) -> Iterator[Finding]:
        """Yield where the excerpts of one record differ from its exchange."""
        try:
            source = self._source(origin.exchange)
        except ArchiverError:  # its key is elsewhere, or a finding of its own segment
            return
        if source is None:
            if not self.is_gone(origin.exchange):
                yield Finding("map-differs", where, f"exchange {origin.exchange} in intake", "none")
        elif not _agree(source, origin.spans, excerpts):
            expected = f"excerpts of {uuid} as in exchange {origin.exchange}"
            yield Finding("excerpt-differs", where, expected, "other bytes")

    def is_gone(self, exchange: str) -> bool:
        """Tell whether an exchange, as records name it, went with what was destroyed."""
        lane, _, number = exchange.rpartition("/")
        own = [[int(number), int(number) + 1]] if number.isdecimal() else []
        return ranges.overlap(self.gone.get(lane, []), own)

    def _source(self, exchange: str) -> Exchange | None:
        if exchange not in self._exchanges:
            lane, _, number = exchange.rpartition("/")
            self._exchanges = self._load(lane, int(number)) if number.isdecimal() else {}
        return self._exchanges.get(exchange)

    def _load(self, lane: str, number: int) -> Mapping[str, Exchange]:
        """Return the exchanges of the intake file that has a number. Raises `ArchiverError`."""
        for one in self.intake:
            if one.lane == lane and ranges.overlap(one.exchanges, [[number, number + 1]]):
                return exchanges_of(lane, one.exchanges, sealed(self._archive, one, "warc.gz"))
        return {}


def _agree(
    exchange: Exchange, spans: Sequence[tuple[str, int, int]], excerpts: Sequence[Excerpt]
) -> bool:
    cut = [one for one in excerpts if one.role != DRAWN_UP]
    if [role for role, _, _ in spans] != [one.role for one in cut]:
        return False
    body = b"" if not spans or spans[0][0] == WHOLE else response_of(exchange).body
    return all(
        (exchange.response if role == WHOLE else body)[start:end] == one.data
        for (role, start, end), one in zip(spans, cut, strict=True)
    )
