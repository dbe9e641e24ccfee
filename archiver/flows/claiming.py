"""Residue beside records: what today's parsers claim of it, and whether the archive has that.

What nothing claims goes by people's choice alone. What is claimed goes with the records beside it
once each thing in it is a record that says the same; until then its bytes may be the only ones.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.claiming import claimed
from archiver.capture.known import fingerprint
from archiver.columns import CONTEXT
from archiver.errors import KeyStoreError
from archiver.flows.record_leaves import id_among
from archiver.flows.rereading import records_at
from archiver.flows.rows import table_of
from archiver.flows.segments import read_table
from archiver.formats.parquet import rows_of
from archiver.formats.warc_reading import excerpts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from archiver.flows.archive import Archive
    from archiver.flows.exchange_view import View
    from archiver.flows.occurring_rows import Numbered, Residue
    from archiver.ledger.state import Segment
    from archiver.record import Exchange

__all__ = ["CLAIMED", "UNCLAIMED", "UNRECORDED", "Beside", "Claims"]

UNCLAIMED, CLAIMED, UNRECORDED = "unclaimed", "claimed", "unrecorded"

Said = tuple[str, bytes]
"""A thing by its record's id, and the fingerprint of what it says."""

_KEY = b""  # these fingerprints are forgotten with the process
_CONTEXT = frozenset(column.name for column in CONTEXT)


class Beside(NamedTuple):
    """Residue beside records that go.

    ``how``: `UNRECORDED`: something that stays is seen in it, and no record says the same;
    `CLAIMED` by today's parser as a whole, and all in it is in records of its own; `UNCLAIMED`:
    any other, as far as anybody here can tell. ``held``: a record on hold stands in its exchange.
    ``chosen``: it is of the order.
    """

    exchange: Numbered
    account: str
    size: int
    how: str
    held: bool
    chosen: bool


class Claims:
    """What of residue today's parsers claim; ``residue`` as rows tell of it."""

    def __init__(self, archive: Archive, residue: Iterable[Residue]) -> None:
        self._archive = archive
        self._of = defaultdict[tuple[str, int], list["Residue"]](list)
        for one in residue:
            self._of[one.exchange].append(one)
        self._said: dict[str, frozenset[Said] | None] = {}
        self._whole, self._place = set[str](), ""
        self._parts: dict[int, list[bytes]] = {}

    def take(self, view: View, exchange: Exchange, *, whole: bool) -> None:
        """Look into an exchange that today's parser cuts; ``whole``: and of which it claims all."""
        for one in self._of.get((exchange.lane, exchange.number), ()):
            self._said[one.record] = _said(view, exchange, self._left(one))
            self._whole.update([one.record] if whole else ())

    def _left(self, one: Residue) -> list[bytes]:
        """Return the excerpts of residue: those of a segment are read together, as they come."""
        if one.segment.place != self._place:
            every = (each for some in self._of.values() for each in some)
            rows = {each.row: None for each in every if each.segment.place == one.segment.place}
            self._parts = {
                row: [part.data for part in excerpts_of(record)]
                for row, record in records_at(self._archive, one.segment, rows)
            }
            self._place = one.segment.place
        return self._parts[one.row]

    def beside(
        self,
        going: AbstractSet[Numbered],
        held: AbstractSet[Numbered],
        wanted: frozenset[str],
        segments: Iterable[Segment],
    ) -> dict[str, Beside]:
        """Return the residue that names a record that goes, or came with one, by its id.

        Args:
            going: exchanges that go.
            held: those in which a record on hold stands.
            wanted: the records that go.
            segments: those with records of these accounts.
        """
        every = (one for some in self._of.values() for one in some)
        concerned = [one for one in every if one.chosen or one.names or one.exchange in going]
        asked = {
            said
            for one in concerned
            for said in self._said.get(one.record) or ()
            if not id_among(said[0], wanted)
        }
        missing = asked - set(self._recorded({record for record, _ in asked}, segments))
        return {
            one.record: Beside(
                one.exchange,
                one.segment.account,
                one.size,
                self._how(one, missing),
                one.exchange in held,
                one.chosen,
            )
            for one in sorted(concerned, key=lambda one: one.record)
        }

    def _how(self, one: Residue, missing: AbstractSet[Said]) -> str:
        said = self._said.get(one.record, frozenset())
        if said is None or said & missing:
            return UNRECORDED
        return CLAIMED if one.record in self._whole else UNCLAIMED

    def _recorded(self, records: AbstractSet[str], segments: Iterable[Segment]) -> Iterator[Said]:
        """Yield what live rows say of some records."""
        for segment in segments if records else ():
            try:
                own = table_of(self._archive, segment, ("record_id",))["record_id"].to_pylist()
            except KeyStoreError:  # told as unread, and in the way
                continue
            if records.isdisjoint(own):
                continue
            for row in rows_of(read_table(self._archive, segment)):
                if row["record_id"] in records:
                    yield row["record_id"], fingerprint(_fields(row), _KEY)


def _said(view: View, exchange: Exchange, left: list[bytes]) -> frozenset[Said] | None:
    """Return what is said in what was left of an exchange; None where nobody can tell."""
    connector, site = view.connector, view.site
    found = claimed(connector, site, exchange, left) if connector is not None else None
    if found is None:
        return None
    things = view.ids((one.item.stream, one.item.native_id) for one in found)
    said = (fingerprint(one.row, _KEY) for one in found)
    return frozenset(zip(things, said, strict=True))


def _fields(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in _CONTEXT}
