"""Locks that roll: nobody removes what is stored before its lock is over, and none runs out.

Every lock ends within `DAYS`, and each day it is moved on: so nothing needs a lock that can't
be shortened, and what may lawfully go waits for at most that long. The log's full parts and
daily checkpoints hold no content, and are locked for good. Files with records on hold have a
legal hold beside, without end; it is taken off when no hold stands on them any more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError, StoreError, UsageError
from archiver.flows.custody import custody_of
from archiver.flows.enrolled import people_of
from archiver.flows.holdings import holdings
from archiver.flows.ledger import read_state
from archiver.flows.verify_inventory import keys_of
from archiver.formats.parquet import canonical_time
from archiver.layout import DAILY, STAGING, TILES
from archiver.ledger import ranges
from archiver.ledger.deciding import HERE
from archiver.ledger.state import INTAKE
from archiver.ledger.whereabouts import every, exchanges_of
from archiver.retention.order import under_way

if TYPE_CHECKING:
    from archiver.flows.archive import Archive
    from archiver.ledger.state import LedgerState
    from archiver.ports import Progress

__all__ = ["DAYS", "FOR_GOOD", "ROLLED", "Locked", "roll"]

DAYS = 90
FOR_GOOD = datetime(2100, 1, 1, tzinfo=UTC)
"""The end of locks without end: Ceph 16 keeps seconds in 32 bits, and takes 2200 for 2063."""

ROLLED = "locks/rolled"
"""Where a home notes when all locks were last moved on."""


@dataclass(slots=True)
class Locked:
    """The locks of one place: ``objects`` under one, the first ``end`` of those that roll.

    ``failed``: keys of objects that are not locked as they should be, each with why. ``error``:
    why nothing could be looked at.
    """

    name: str
    place: str
    objects: int = 0
    end: datetime | None = None
    failed: list[tuple[str, str]] = field(default_factory=list)
    error: ArchiverError | None = None

    @property
    def whole(self) -> bool:
        """Whether everything is locked that should be."""
        return self.error is None and not self.failed

    def demand(self) -> None:
        """Raise what stood in the way, unless everything is locked that should be."""
        if self.error is not None:
            raise self.error
        for key, why in self.failed:
            raise StoreError(
                f"{len(self.failed)} objects are not locked: {why}",
                where=f"{self.name}: {key}",
                code="lock-failed",
                mend="see what `archiver doctor` says of locks, and run `archiver lock`",
            )


def roll(archive: Archive, progress: Progress) -> list[Locked]:
    """Lock everything in the archive and its copies for `DAYS` from now; return how that went.

    What fails never stops the rest. Raises `UsageError` where no place is to lock.
    """
    held: dict[str, bool] = {}
    made = [_rolled(archive, HERE, archive.store.describe(), held, progress)]
    made += [_rolled(one.archive, one.name, one.place, held, progress) for one in archive.copies()]
    if all(one.whole and not one.objects for one in made):
        raise UsageError(
            "no place is to lock anything",
            where=archive.store.describe(),
            code="locks-unset",
            mend='set locks = "governance" or "compliance" for a bucket with S3 Object Lock',
        )
    if all(one.whole for one in made):
        note = {"time": canonical_time(archive.clock.now())}
        archive.home.write(ROLLED, json.dumps(note).encode())
    return made


def _rolled(
    archive: Archive, name: str, place: str, held: dict[str, bool], progress: Progress
) -> Locked:
    """Lock one place. ``held``: what is on hold by what was read before; it grows."""
    done = Locked(name, place)
    now = archive.clock.now()
    until = now + timedelta(days=DAYS)
    try:
        state = read_state(archive)
        going = _going(archive, state)
        keys = [check.key for check in holdings(archive).checks if check.key not in going]
        told = people_of(archive, state).at(state.size)
        _require_no_leap(archive, told, now)
        # A copy may be behind: what the archive holds is held in it as well.
        for key, on in _held(archive, state, min(now, told)).items():
            held[key] = held.get(key, False) or on
    except ArchiverError as error:
        done.error = error
        return done
    lasting = [key for key in keys if not key.startswith(STAGING) and ".p/" not in key]
    for number, key in enumerate(lasting):
        progress.step(number, len(lasting), name)
        for_good = key.startswith((TILES, DAILY))
        try:
            end = archive.store.lock(key, FOR_GOOD if for_good else until, held=held.get(key))
        except ArchiverError as error:
            done.failed.append((key, error.message))
            continue
        if end is not None:
            done.objects += 1
            rolls = None if for_good else end
            done.end = min(filter(None, (done.end, rolls)), default=None)
    progress.step(len(lasting), len(lasting), name)
    return done


def _going(archive: Archive, state: LedgerState) -> set[str]:
    """Return the keys of files with records that an order destroys: no lock of theirs is moved."""
    leaves = under_way(custody_of(archive, state).orders.values())
    return keys_of(one for one in state.segments() if ranges.overlap(one.leaves, leaves))


def _require_no_leap(archive: Archive, told: datetime, now: datetime) -> None:
    """Raise `StoreError` where this clock is far ahead of the log: no lock can be shortened."""
    if now - told > timedelta(days=DAYS):
        raise StoreError(
            f"this clock is {(now - told).days} days ahead of the newest entry of the log",
            where=archive.store.describe(),
            code="lock-failed",
            mend="set the clock; if it is right, seal something first (`archiver anchor`)",
        )


def _held(archive: Archive, state: LedgerState, now: datetime) -> dict[str, bool]:
    """Return whether files are on hold, by key; of those that no hold was ever on, nothing.

    A hold that somebody else has put on such a file stays. Files of exchanges in which a held
    record may occur are held with it. ``now``: the earlier of clock and log, so that a clock
    that is ahead takes no hold off.
    """
    found: dict[str, bool] = {}
    for hold in custody_of(archive, state).holds.values():
        stands, lanes = hold.stands(now), exchanges_of(state, hold.leaves)
        for one in every(state):
            shown = one.stage == INTAKE and ranges.overlap(one.exchanges, lanes.get(one.lane, []))
            if shown or ranges.overlap(one.leaves, hold.leaves):
                for key in keys_of([one]):
                    found[key] = found.get(key, False) or stands
    return found
