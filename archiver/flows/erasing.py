"""Erasing what was taken out: files and keys here, files in each copy, and what the home keeps.

All of it may be done again at any time. What is gone of a copy is said in the ledger once that
copy was listed and has nothing of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.errors import ArchiverError, StoreError, UsageError
from archiver.flows.compact import LANE
from archiver.flows.custody import custody_of
from archiver.flows.deciding import set_member
from archiver.flows.holdings import holdings
from archiver.flows.identity import require_ours
from archiver.flows.kept import drop
from archiver.flows.ledger import read_state
from archiver.flows.replicate import brought_up
from archiver.flows.search_shelves import forgotten
from archiver.flows.shredding import shred_files
from archiver.flows.submit import submit
from archiver.flows.verified import settlement
from archiver.flows.verify_inventory import keys_of
from archiver.formats.parquet import canonical_time
from archiver.ids import new_ulid
from archiver.layout import UNITS
from archiver.ledger import ranges
from archiver.ledger.batch import Batch
from archiver.ledger.deciding import HERE, ORDER, copy_handle
from archiver.ledger.whereabouts import whereabouts
from archiver.retention.report import CopyReport, Report, Surviving, report_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.occurrences import Occurrences
    from archiver.flows.replicate import Copy
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState, Segment
    from archiver.ports import Progress, Store
    from archiver.retention.custody import Custody

__all__ = ["Erased", "ended_by", "erase_files", "erased", "forget", "note_around", "unerased"]

FORGOTTEN = "forgotten"
"""Where a home notes up to which entry it has dropped what it kept of destroyed records."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What is left of what was taken out. ``failed``: copies that nobody could look at, and why."""

    copies: tuple[CopyReport, ...]
    survivors: Surviving
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether nothing is left of it anywhere."""
        return not self.failed and not any(one.locked for one in self.copies)


class _Place(NamedTuple):
    """A store of the archive: what it is called, where it is in words."""

    name: str
    where: str
    store: Store


def ended_by(state: LedgerState, custody: Custody, name: str) -> list[Segment]:
    """Return the segments that an order took out lawfully."""
    seals = dict(state.controls)
    return [
        segment
        for segment, seal in state.ended()
        if seal in custody.destroying and seals[seal]["order"] == name
    ]


def unerased(archive: Archive, state: LedgerState, custody: Custody) -> set[str]:
    """Return the orders of which the archive itself has files that they took out.

    Of an order that was halted when exchanges alone were taken out no part says that they are gone.
    """
    own = {name: keys_of(ended_by(state, custody, name)) for name in custody.orders}
    stored = {one.key for one in archive.store.list(UNITS)} if any(own.values()) else set[str]()
    return {name for name, keys in own.items() if not keys.isdisjoint(stored)}


def erase_files(archive: Archive, segments: Iterable[Segment]) -> None:
    """Erase the files of segments that were taken out, then their keys."""
    for key in sorted(keys_of(segments)):
        archive.store.erase(key)
        archive.keys.shred(key)


def erased(archive: Archive, name: str, progress: Progress) -> Erased:
    """Erase all that an order has taken out, here and in every copy, and say what is gone.

    The caller is the one process of this home that compacts.
    """
    state = read_state(archive)
    custody = custody_of(archive, state)
    order = custody.orders[name]
    # Also where older files of it are said to be gone: a late write may have put one there.
    keys = keys_of(ended_by(state, custody, name)) | set(whereabouts(state, order.going).keys)
    # What nobody verified the parts of is the only true copy of what stays, and no part of it goes.
    needed = keys_of(settlement(archive, state).needed)
    for number, key in enumerate(sorted(_left(archive.store, keys - needed))):
        progress.step(number, len(keys), "files")
        archive.store.erase(key)
    left = shred_files(archive, keys - needed)
    survivors = Surviving(
        left.wraps, left.recipients, left.formerly, left.kept, left.plain, left.periods
    )
    forget(archive, state)
    here = _Place(HERE, archive.store.describe(), archive.store)
    reports, failed = [_report(archive, here, keys, needed)], dict[str, str]()
    for copy in archive.copies():
        try:
            _require_begun(archive, copy)
            brought_up(archive, holdings(archive), copy, progress).demand()
            for key in sorted(_left(copy.store, keys - needed)):  # what a lock had kept of it
                copy.store.erase(key)
            place = _Place(copy.name, copy.place, copy.store)
            reports.append(_report(archive, place, keys, needed))
        except ArchiverError as error:
            failed[copy.name] = error.message
    _say_gone(archive, name, order.going, reports)
    made = Erased(tuple(reports), survivors, failed)
    shredded = sum(key.endswith(".c256") for key in keys) - len(left.wraps)
    around = json.loads(archive.home.read(_around(name)) or b"{}")
    report = Report(
        made.copies, shredded, survivors, tuple(around.get("also", ())), tuple(_words(around))
    )
    archive.home.write(report_name(name), report.encode())
    return made


def _require_begun(archive: Archive, copy: Copy) -> None:
    """Raise `UsageError` where a copy has nothing at all: what it had may be elsewhere."""
    if not require_ours(copy.store, archive.identity):
        raise UsageError(
            "nothing is there: a disk may not be mounted; if it is a new place, replicate first",
            where=copy.store.describe(),
            code="replica-empty",
            mend="mount it, or run `archiver replicate`; then carry the order out again",
        )


def note_around(archive: Archive, name: str, found: Occurrences, residue: int) -> None:
    """Note in which records that stay some of an order's occurs: once it is gone none can tell.

    ``residue``: how many parts of answers go with it.
    """
    told = {"also": sorted(found.also), "unresolved": len(found.unresolved), "residue": residue}
    archive.home.write(_around(name), json.dumps(told).encode())


def _words(around: Mapping[str, Any]) -> Iterator[str]:
    unknown, residue = around.get("unresolved", 0), around.get("residue", 0)
    if unknown:
        yield f"{unknown} records that stay hold something of which no id is known"
    if residue:
        yield f"{residue} went with it as they came with it: by no rule, as people approved"


def _around(name: str) -> str:
    return f"orders/{name}/around.json"


def _left(store: Store, keys: Collection[str]) -> set[str]:
    """Return which of some keys a store has, in any version, or may have for all it tells."""
    found = {one.key for one in store.list(UNITS)}
    try:
        found |= {one.key for one in store.versions()}
    except StoreError:  # many don't answer that, or not everybody: each that goes is asked for
        found |= {one for one in keys if one not in found and store.erase(one)}
    return found.intersection(keys)


def _report(archive: Archive, place: _Place, keys: set[str], needed: Collection[str]) -> CopyReport:
    """Look at a copy. What is ``needed`` is counted where it is there, and never asked to go."""
    there = {one.key for one in place.store.list(UNITS) if one.key in needed}
    left = _left(place.store, keys.difference(needed)) | (there & keys)
    handle = copy_handle(archive.identity.id, place.name)
    removed, now = len(keys) - len(left), canonical_time(archive.clock.now())
    return CopyReport(place.name, handle, place.where, removed, len(left), now)


def _say_gone(archive: Archive, name: str, going: Ranges, reports: Iterable[CopyReport]) -> None:
    """Seal which copies have lost all that goes, where the ledger does not say so yet."""
    order = custody_of(archive, read_state(archive)).orders[name]
    files: dict[str, bytes] = {}
    now = canonical_time(archive.clock.now())
    bodies = [
        {
            "t": "done-part",
            "work": ORDER,
            "order": name,
            "copy": one.handle,
            "leaves": set_member(archive, going, files),
            "time": now,
        }
        for one in reports
        if not one.locked and ranges.minus(going, order.gone.get(one.handle, []))
    ]
    if bodies:
        batch = Batch(new_ulid(archive.clock, archive.chance), (), tuple(bodies))
        submit(archive, LANE, batch, files)


def forget(archive: Archive, state: LedgerState) -> None:
    """Drop what this home keeps of records, once after each seal that took something out."""
    last = max(state.destroyed.values(), default=-1)
    kept = json.loads(archive.home.read(FORGOTTEN) or b"-1")
    if last > kept:
        drop(archive.home)
        forgotten(archive, state.segments())
        archive.memory.documents.clear()
        archive.home.write(FORGOTTEN, json.dumps(last).encode())
