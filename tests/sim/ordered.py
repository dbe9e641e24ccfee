"""What the purging casts need of an archive: people, file keys, a copy, and what shows what.

One thing is not as in life: which exchanges show a record is not read out of them with a
connector, which takes longer than all the rest; `shown` says it, and `looked` stands for
`archiver.flows.occurrences.occurrences`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.edges.memory import MemoryStore
from archiver.errors import KeyStoreError, StoreError
from archiver.flows.custody import custody_of
from archiver.flows.ledger_cache import Memory
from archiver.flows.occurrences import Occurrences
from archiver.flows.record_leaves import records_at
from archiver.flows.replicate import Copy
from archiver.formats.parquet import canonical_time
from archiver.ledger import ranges
from archiver.ledger.seal import INTAKE, SETTLE
from archiver.registry.people import moment
from tests.flows.hall import ROLES
from tests.sim.compactors import Key
from tests.sim.machine import SimKeys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from archiver.edges.memory import Fault
    from archiver.flows.archive import Archive
    from archiver.keyring import Shredded
    from archiver.ledger.ranges import Ranges
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress
    from tests.sim.scheduler import Scheduler
    from tests.sim.watch import Watch

__all__ = [
    "FIRST",
    "LANES",
    "ORDERED",
    "PEOPLE",
    "VAULT",
    "Keys",
    "Vault",
    "equipped",
    "looked",
    "record",
    "shown",
    "shown_leaves",
    "standing_in",
]

LANES = "ab"
FIRST = 3
"""Exchanges that each lane has when a run begins; later ones may show an old record again."""
AGAIN = 6
ORDERED = ("a-1-0", "a-1-1", "a-3-0", "b-1-0")
"""Of two lanes; some of a segment, all of one, some of an intake file."""
VAULT = "vault"
PEOPLE = {name: Key.of(name) for name in (*ROLES, "vera")}


def record(native_id: str) -> str:
    """Return the id of a record, of the account that its native id begins with."""
    return f"stand-in:{native_id[0]}:comments:{native_id}"


def shown(exchange: tuple[str, int]) -> list[str]:
    """Return the native ids of what an exchange shows: its own, and at times an old one again."""
    lane, number = exchange
    own = [f"{lane}-{number}-{part}" for part in range(1 + number % 3)]
    return [*own, f"{lane}-1-0"] if number > FIRST and number % AGAIN == 0 else own


def shown_leaves(exchange: tuple[str, int], known: Mapping[str, list[int]]) -> set[int]:
    """Return the leaves of what an exchange shows, of those known by native id."""
    return {leaf for native_id in shown(exchange) for leaf in known.get(native_id, ())}


def looked(
    archive: Archive,
    state: LedgerState,
    records: Collection[str],
    progress: Progress,
    chosen: Collection[str],
) -> Occurrences:
    """Return where records occur, as the code that stands here else would find it."""
    del progress, chosen
    wanted = set(records)
    now = moment(canonical_time(archive.clock.now()))
    holds = [one for one in custody_of(archive, state).holds.values() if one.stands(now)]
    held = {found for one in holds for found in records_at(archive, state, one.leaves)}
    going: dict[str, Ranges] = {}
    kept: dict[str, Ranges] = {}
    unsettled: dict[str, Ranges] = {}
    for segment in state.segments():
        lane = segment.lane
        for number in ranges.numbers(segment.exchanges) if segment.stage == INTAKE else ():
            ids = {record(one) for one in shown((lane, number))}
            if ids & wanted:
                one = [[number, number + 1]]
                going[lane] = ranges.union(going.get(lane, []), one)
                if ids & held:
                    kept[lane] = ranges.union(kept.get(lane, []), one)
                if not ranges.overlap(state.covered[lane][SETTLE], one):
                    unsettled[lane] = ranges.union(unsettled.get(lane, []), one)
    return Occurrences(
        exchanges=going,
        maps={},
        held=kept,
        unreadable={},
        unsettled=unsettled,
        beside={},
        unread=(),
        also={},
        unresolved=(),
    )


@contextmanager
def standing_in() -> Iterator[None]:
    """Have `looked` in the place of what reads intake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archiver.flows.purge.occurrences", looked)
        yield


class Vault(MemoryStore):
    """The store of a copy. ``away``: nobody reaches it; it comes back, and goes, at random."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(self._fault)
        self._scheduler, self.away = scheduler, False

    def _fault(self, op: str, key: str) -> Fault | None:
        fault = self._scheduler.fault(f"vault-{op}", key)
        if self._scheduler.happens(self._scheduler.weather.away):
            self.away = not self.away
        if self.away:
            raise StoreError("away", where=key)
        return fault


class Keys(SimKeys):
    """File keys that a home shares with the others, and that are gone once they are shredded."""

    def __init__(self, scheduler: Scheduler, watch: Watch, shredded: set[str]) -> None:
        super().__init__(scheduler, watch)
        self._shredded = shredded

    def key(self, object_id: str) -> bytes:
        """Return the key of an object."""
        if object_id in self._shredded:
            raise KeyStoreError("its key was shredded", where=object_id)
        return super().key(object_id)

    def shred(self, object_id: str) -> Shredded:
        """Destroy the key of an object."""
        self._shredded.add(object_id)
        return super().shred(object_id)

    def peek(self, object_id: str) -> bytes | None:
        """Return the key of an encrypted object, unless it was shredded; nobody's step."""
        there = object_id.endswith(".c256") and object_id not in self._shredded
        return b"a key" if there else None

    def sealed(self) -> Mapping[str, tuple[str, ...]]:
        """Return that no key is sealed to anybody."""
        return {}

    def periods(self) -> tuple[str, ...]:
        """Return that no period has a key of its own."""
        return ()


def equipped(archive: Archive, keys: Keys, vault: MemoryStore) -> Archive:
    """Return an archive that has documents, shreds keys, and has one copy."""

    @contextmanager
    def open_spool(account: str) -> Iterator[None]:
        with archive.home.alone(f"spool {account}"):
            yield

    here = replace(archive, keys=keys, open_spool=open_spool)  # type: ignore[arg-type]  # a lock

    def copies() -> list[Copy]:
        there = replace(here, store=vault, memory=Memory(), copy_name=VAULT)
        return [Copy(VAULT, "memory", there)]

    return replace(here, copies=copies)
