"""Destroying one record out of everything, as lawful destruction will: on the copier.

Orders, holds and certificates are later work, and so is the entry that names carved
segments. It stands here as a ``done-part`` that has what every such entry must have: names,
digests, leaves and exchange numbers of the new segments, places of the old ones, live or
superseded.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.connector import Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.reading import read
from archiver.flows.copying import copied
from archiver.flows.intake import spooled
from archiver.flows.ledger import read_state
from archiver.flows.rebuild import rebuild
from archiver.flows.rows import row_index
from archiver.flows.segments import Placement, finish, new_nonce, open_file, read_table
from archiver.flows.submit import submit
from archiver.flows.verify_origins import exchanges_of
from archiver.flows.verify_segments import SegmentCheck
from archiver.formats import warc, warc_reading
from archiver.formats.exchanges import exchange_parts
from archiver.formats.parquet import canonical_time, rows_of, stream_of
from archiver.formats.settlement_map import parse_map
from archiver.ids import new_ulid, new_uuid
from archiver.layout import unit_object_key
from archiver.ledger import admission, ranges
from archiver.ledger.batch import Batch
from archiver.ledger.state import INTAKE, LedgerState, Segment
from archiver.ledger.whereabouts import whereabouts
from archiver.record import Kind, split_record_id
from tests.attacks.town import ACCOUNT, ADDRESS
from tests.flows.helpers import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.flows.archive import Archive
    from archiver.flows.segments import Sealable
    from archiver.ledger.finding import Finding
    from archiver.record import Excerpt, Exchange
    from tests.attacks.world import World

    _Carved = tuple[Segment, Sealable | None, dict[str, Any]]
    """A segment, what takes its place, and what else its entry says of that."""


@dataclass
class Doomed:
    """What goes: records by leaf and by id, exchanges by id, observations by UUID."""

    leaves: set[int] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    exchanges: set[str] = field(default_factory=set)
    uuids: set[str] = field(default_factory=set)


def doomed(world: World) -> Doomed:
    """Return everything in which the victim's words occur.

    The record, its parts, what contains it or is contained by it, and what says who wrote it
    (the notification of it, the conversation it was in), in all observations and generations;
    the exchanges whose answers show one of these, also where they were repeats, which no
    settlement map has; and what was left over of those answers.
    """
    archive, found = world.archive, Doomed()
    victim = world.town.gone
    for _, row, record, leaf in records_of(archive):
        own = row["native_id"].partition("/")[0] in victim
        held = {_native(name) for name in warc_reading.contained_of(record.lines)}
        talk = json.loads(row.get("extra", "{}")).get("last_status") in victim
        about = talk or row.get("parent_id") in victim
        if own or about or held & victim:
            found.records.add(row["record_id"])
            found.leaves.add(leaf)
    things = victim | {_native(one) for one in found.records}
    found.exchanges = {one.id for one in _shown_in(archive, things)}
    for _, row, _, leaf in records_of(archive):
        left = row["kind"] == Kind.RESIDUE and row["exchange"] in found.exchanges
        if left or row["record_id"] in found.records:
            found.leaves.add(leaf)
            found.records.add(row["record_id"])
        if leaf in found.leaves:
            found.uuids.add(row["observation_id"])
    return found


def _native(record: str) -> str:
    return split_record_id(record)[3] if ":" in record else record  # or ``unresolved``


def records_of(
    archive: Archive,
) -> Iterator[tuple[Segment, dict[str, str], warc_reading.RecordBytes, int]]:
    """Yield every record with its segment, row and leaf."""
    for segment in read_state(archive).segments():
        if segment.has_records:
            members = warc_reading.inflate_members(open_file(archive, segment, "warc.gz"))[1:]
            rows = rows_of(read_table(archive, segment))
            for row, member, leaf in zip(rows, members, row_index(segment), strict=True):
                yield segment, row, warc_reading.parse_record(member), leaf


def intake_of(archive: Archive, segment: Segment) -> list[Exchange]:
    """Return the exchanges of an intake segment."""
    plain = open_file(archive, segment, "warc.gz")
    return list(exchanges_of(segment.lane, segment.exchanges, plain).values())


def _shown_in(archive: Archive, natives: set[str]) -> Iterator[Exchange]:
    """Yield the exchanges in whose answers one of these things is."""
    connector = CONNECTORS["mastodon"]
    site = Site(ACCOUNT, ADDRESS, authorised=True, cursors={})
    for segment in read_state(archive).segments():
        if segment.stage != INTAKE:
            continue
        for one in intake_of(archive, segment):
            page = read(connector, site, one).page
            shown = {item.native_id for item in page.items}
            shown |= {name.partition("/")[0] for name in shown}
            held = {name for item in page.items for _, name in item.contains}
            asked = one.purpose.get("native_id", "").partition("/")[0]
            if natives & (shown | held | {asked}) or _names(one, natives):
                yield one


def _names(exchange: Exchange, natives: set[str]) -> bool:
    """Tell whether an exchange was about one of these things: its address has the number."""
    return any(f"/{one}/" in exchange.url or exchange.url.endswith(f"/{one}") for one in natives)


def carve(archive: Archive, account: str, gone: Doomed) -> set[str]:
    """Copy the survivors of every segment touched, seal the copies, remove the old ones.

    Superseded ones go too: their survivors stand in live segments. Caches of the home are
    dropped and made again in the end. Returns the keys of all files that held what is gone.

    ``account``: its handle.
    """
    state = read_state(archive)
    made = [one for segment in state.segments() for one in _survivors(archive, segment, gone)]
    there = whereabouts(state, ranges.from_numbers(gone.leaves))
    assert [old for old, _, _ in made if old.has_records] == there.live
    old = [*(one for one, _, _ in made), *there.superseded, *there.void]
    body = {
        "t": "done-part", "account": account, "carved": [one.place for one in old],
        "segments": [{**new.segment, "seal": one.seal, **more} for one, new, more in made if new],
        "time": canonical_time(archive.clock.now()),
    }  # fmt: skip
    objects = {key: data for _, new, _ in made if new for key, data in new.objects.items()}
    batch = Batch(new_ulid(archive.clock, archive.chance), (), (body,))
    submit(archive, account, batch, objects)
    keys = {unit_object_key(one.unit, one.name, suffix) for one in old for suffix in one.objects}
    assert keys >= set(there.keys)
    for key in sorted(keys):
        assert not archive.store.erase(key)
        archive.keys.shred(key)
    archive.memory.documents.clear()
    rebuild(archive, Quiet())
    return keys


def _survivors(archive: Archive, segment: Segment, gone: Doomed) -> list[_Carved]:
    if segment.stage == INTAKE:
        return _intake(archive, segment, gone)
    if not segment.leaves:
        return _map(archive, segment, gone)
    kept = ranges.minus(segment.leaves, ranges.from_numbers(gone.leaves))
    if kept == segment.leaves:
        return []
    if not kept:
        return [(segment, None, {})]
    stream = stream_of(read_table(archive, segment))
    return [(segment, copied(archive, [segment], stream, kept), {"stage": segment.stage})]


def _intake(archive: Archive, segment: Segment, gone: Doomed) -> list[_Carved]:
    exchanges = intake_of(archive, segment)
    kept = [one for one in exchanges if one.id not in gone.exchanges]
    if kept == exchanges:
        return []
    numbers = ranges.from_numbers(one.number for one in kept)
    if not kept:
        return [(segment, None, {})]
    opening = warc.warcinfo(
        new_uuid(archive.chance),
        canonical_time(archive.clock.now()),
        *new_nonce(archive),
        software="attacks",
    )
    raw = spooled(open_file(archive, segment, "warc.gz"))
    parts = [part for one in kept for part in exchange_parts(one)]
    assert all(part in raw for part in parts)  # verbatim
    records = warc_reading.split_records(b"".join(parts))
    data = warc.opening_member(opening) + b"".join(map(warc.member, records))
    new = finish(archive, _placement(segment), {"warc.gz": data}, (), 0)
    return [(segment, new, {"stage": INTAKE, "lane": segment.lane, "exchanges": numbers})]


def _map(archive: Archive, segment: Segment, gone: Doomed) -> list[_Carved]:
    origins = parse_map(open_file(archive, segment, "map"))
    kept = {uuid: one for uuid, one in origins.items() if uuid not in gone.uuids}
    kept = {uuid: one for uuid, one in kept.items() if one.exchange not in gone.exchanges}
    if kept == origins:
        return []
    nonce, padding = new_nonce(archive)
    text = json.dumps({uuid: [one.exchange, one.spans] for uuid, one in kept.items()})
    data = b"%b %b\n%b" % (nonce.hex().encode(), padding, text.encode())
    of = {"stage": segment.stage, "lane": segment.lane, "exchanges": segment.exchanges}
    return [(segment, finish(archive, _placement(segment), {"map": data}, (), 0), of)]


def _placement(segment: Segment) -> Placement:
    return Placement(segment.unit, segment.series, segment.period, segment.sensitivity)


_REPLAY, _EVERY = LedgerState.replay, LedgerState._every
_MERGED_ONE = SegmentCheck._merged_one
_DONE_PART = admission._FORMS["done-part"]


def _admitted(body: dict[str, Any]) -> None:
    if "carved" not in body:
        _DONE_PART(body)


@contextmanager
def destruction() -> Iterator[None]:
    """Have the ledger admit and fold such a ``done-part``, so that carved segments can be merged.

    They count as verified, as the purge protocol has it. A survivor whose exchange went with the
    victim is in no map: who verifies will learn from the order that it need not be.
    """

    def replay(state: LedgerState, index: int, body: dict[str, Any]) -> None:
        _REPLAY(state, index, body)
        if "carved" in body:
            for one in body["segments"]:
                state._put(one)
            state.superseded |= dict.fromkeys(body["carved"], index)

    def all_of(state: LedgerState, *, void: bool = False) -> Iterator[Segment]:
        carved = (
            Segment(
                seal=one["seal"], account=body["account"], stage=one["stage"], unit=one["unit"],
                name=one["segment"], series=one["series"], period=one["period"],
                sensitivity=one["sensitivity"], objects=one["objects"], leaves=one["leaves"],
                lane=one.get("lane", ""), exchanges=one.get("exchanges", []),
            )
            for _, body in state.controls
            if "carved" in body and not void
            for one in body["segments"]
        )  # fmt: skip
        return iter(sorted((*_EVERY(state, void=void), *carved), key=attrgetter("seal")))

    def merged_one(
        check: SegmentCheck,
        where: str,
        leaf: int,
        context: dict[str, str],
        excerpts: tuple[Excerpt, ...],
    ) -> Iterator[Finding]:
        mapped = context["observation_id"] in check._maps.origins
        return _MERGED_ONE(check, where, leaf, context, excerpts) if mapped else iter(())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SegmentCheck, "_merged_one", merged_one)
        patch.setattr(LedgerState, "replay", replay)
        patch.setattr(LedgerState, "_every", all_of)
        patch.setitem(admission._FORMS, "done-part", _admitted)
        yield
