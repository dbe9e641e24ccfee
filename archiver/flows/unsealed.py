"""Files that no seal names: what a batch left that was refused, or never ended, of a lost home.

They may hold what an order destroyed. One that the ledger can never take in is erased; while nobody
can tell, the order is not done. It is asked once nothing of the order is live any more: by then no
batch that merges or splits can still take in what has a part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from archiver.errors import FormatError, IntegrityError, KeyStoreError
from archiver.flows.occurring_rows import CUT, exchange_named, told_by_rows
from archiver.flows.record_leaves import id_among
from archiver.flows.segments import decrypted, sealed
from archiver.flows.verify_inventory import keys_of
from archiver.formats.intake_file import IntakeFile
from archiver.formats.parquet import read_rows, rows_of
from archiver.formats.settlement_map import parse_map
from archiver.formats.warc_reading import context_of, header_value, members_of, parse_record
from archiver.layout import UNITS
from archiver.ledger import ranges
from archiver.ledger.seal import INTAKE, SETTLE
from archiver.ledger.whereabouts import every

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from archiver.flows.archive import Archive
    from archiver.flows.occurring_rows import Numbered
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState

__all__ = ["Unsealed", "clear_unsealed"]

ENCRYPTED = ".c256"
NEVER, OPEN = "never", "open"


@dataclass(slots=True)
class Unsealed:
    """Files that no seal names, by key. ``erased``: those that had something of an order.

    ``open``: those that have, and of which nobody can say that they never will be sealed;
    ``unread``: those that can't be read here.
    """

    erased: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def left(self) -> int:
        """How many may have something of it yet."""
        return len(self.open) + len(self.unread)


class _Has(NamedTuple):
    """What a file has: rows of records; exchanges; observations that a map leads to, and where."""

    rows: list[Mapping[str, str]]
    exchanges: list[Numbered]
    leads: list[tuple[str, Numbered]]


class _Known(NamedTuple):
    """What the ledger knows of an order's records, as of one size of it.

    ``own``: live observations of them. ``accounts``: handles of theirs; ``lanes``: the account of
    each lane; ``live``: exchanges that are in intake; ``mapped``: observations in live maps of
    these accounts.
    """

    records: frozenset[str]
    own: frozenset[str]
    accounts: frozenset[str]
    lanes: Mapping[str, str]
    live: Mapping[str, Ranges]
    mapped: frozenset[str]
    covered: Mapping[str, Mapping[str, Ranges]]

    def took(self, one: Numbered, stage: str = INTAKE) -> bool:
        """Tell whether the ledger has taken in an exchange's number."""
        stages = self.covered.get(one[0], {})
        return _within({one[0]: stages.get(stage, [])}, one)

    def gone(self, one: Numbered) -> bool:
        """Tell whether an exchange of these accounts was in intake, and is not any more."""
        mine = self.lanes.get(one[0]) in self.accounts
        return mine and self.took(one) and not _within(self.live, one)


def clear_unsealed(archive: Archive, state: LedgerState, records: Collection[str]) -> Unsealed:
    """Erase what no seal names and can't be sealed, of records that an order took out.

    Copies are given no such files: only what entries name. ``state``: the ledger, in which nothing
    of the order is live that was not saved; ``records``: the order's. Raises `StoreError` where the
    store can't be used.
    """
    named = keys_of((*every(state), *state.voided()))
    every_stray = {one.key for one in archive.store.list(UNITS)} - named
    strays = sorted(key for key in every_stray if not _is_index(key))
    if not strays:
        return Unsealed()
    known, whole = _known(archive, state, frozenset(records))
    erased, waiting, unread = list[str](), list[str](), list[str]()
    for key in strays:
        has = _read(archive, key)
        judged = _judge(has, known) if has else ""
        if has is None:
            unread.append(key)
        elif judged == NEVER and whole and not archive.store.erase(key):
            archive.keys.shred(key)
            erased.append(key)
        elif judged:
            waiting.append(key)
    gone = {key.partition(".")[0] for key in erased}
    for key in sorted(every_stray):
        if _is_index(key) and key.partition(".")[0] in gone and not archive.store.erase(key):
            archive.keys.shred(key)
    return Unsealed(tuple(erased), tuple(waiting), tuple(unread))


def _is_index(key: str) -> bool:
    """Tell whether a file is an index: it has numbers and lengths of its own segment alone."""
    return key.partition(".")[2].removesuffix(ENCRYPTED) == "idx"


def _known(archive: Archive, state: LedgerState, records: frozenset[str]) -> tuple[_Known, bool]:
    """Return what is known, and whether all that is live of these accounts could be read."""
    rows = told_by_rows(archive, state, records)
    accounts, mapped, whole = frozenset(rows.accounts), set[str](), not rows.unread
    live: dict[str, Ranges] = {}
    for one in state.segments():
        if one.stage == INTAKE:
            live[one.lane] = ranges.union(live.get(one.lane, []), one.exchanges)
        elif one.account in accounts and any(suffix.startswith("map") for suffix in one.objects):
            try:
                mapped |= parse_map(sealed(archive, one, "map")).keys()
            except KeyStoreError:
                whole = False
    lanes = {one.lane: one.account for one in every(state) if one.lane}
    own = frozenset(rows.own)
    found = _Known(records, own, accounts, lanes, live, frozenset(mapped), state.covered)
    return found, whole


def _read(archive: Archive, key: str) -> _Has | None:
    """Return what a file has; None where nobody here can tell."""
    found = archive.store.load(key)
    try:
        return _parsed(archive, key, found.data) if found else _Has([], [], [])
    except (FormatError, IntegrityError, KeyStoreError):
        return None


def _parsed(archive: Archive, key: str, stored: bytes) -> _Has:
    unit, _, file = key.removeprefix(UNITS).partition("/")
    name, _, suffix = file.partition(".")
    data, kind = stored, suffix.removesuffix(ENCRYPTED)
    if suffix.endswith(ENCRYPTED):
        data = decrypted(archive, (unit, name, suffix), stored, archive.keys.key(key))
    if kind == "parquet":
        return _Has([*rows_of(read_rows(BytesIO(data)))], [], [])
    if kind == "map":
        origins = parse_map(data).items()
        leads = [(uuid, one) for uuid, of in origins for one in exchange_named(of.exchange)]
        return _Has([], [], leads)
    return _of_warc(data)


def _of_warc(data: bytes) -> _Has:
    """Return what a WARC has: intake where its records are of no record's id."""
    lines = [parse_record(record).lines for _, record in members_of(data)][1:]
    if any(header_value(one, "Archive-Record") for one in lines):
        return _Has([context_of(one) for one in lines], [], [])
    return _Has([], [(one.lane, one.number) for one in IntakeFile(data)], [])


def _judge(has: _Has, known: _Known) -> str:
    """Return `NEVER` where a file has something of an order that no ledger can take in any more.

    `OPEN` where it has, or may have, and nobody can tell; else "". Only what is not live says
    anything: a file that merges or splits what is live has much that was taken in before.
    """
    rows = [
        row
        for row in has.rows
        if id_among(row["record_id"], known.records) and row["observation_id"] not in known.own
    ]
    exchanges = [one for one in has.exchanges if known.gone(one)]
    leads = [one for uuid, one in has.leads if known.gone(one) and uuid not in known.mapped]
    first = (row for row in rows if row["kind"] in CUT and "generation_of" not in row)
    cut = [one for row in first for one in exchange_named(row.get("exchange", ""))]
    if exchanges or any(known.took(one, SETTLE) for one in (*cut, *leads)):
        return NEVER
    early = any(
        not known.took(one) and known.lanes.get(one[0], "") in {"", *known.accounts}
        for one in has.exchanges
    )
    return OPEN if rows or leads or early else ""


def _within(numbers: Mapping[str, Ranges], one: Numbered) -> bool:
    return ranges.overlap(numbers.get(one[0], []), [[one[1], one[1] + 1]])
