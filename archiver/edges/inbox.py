"""The inbox: deliveries on disk, each account's in a lane of its own, before they are answered.

It is a spool that the platform fills: the same files, the same recovery (`edges.spool`), so
that a delivery has its number when it is durable, and the ledger admits that number once. One
process writes (`Inbox`), others seal what it has closed (`InboxFiles`).

``seen`` beside the files begins with 32 random bytes, then has the digests of bodies that were
received, oldest first, keyed with those and of 16 bytes each: what comes again is answered and
not kept again. It is written before a file is closed; the digests of a file that is not closed
are read from the file. Who removes it has them forgotten.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import quote

from archiver.edges.privatedir import sync_directory
from archiver.edges.spool import Spool
from archiver.edges.spool_closed import SpoolFiles
from archiver.edges.spool_files import closed_files, explained
from archiver.errors import ArchiverError, StoreError, UsageError
from archiver.limits import ROLL_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archiver.edges.spool_files import SpoolFile
    from archiver.ports import Clock, Randomness
    from archiver.receiving import Doorbell, Letter
    from archiver.record import Exchange

__all__ = ["MOST_REMEMBERED", "Inbox", "InboxFiles"]

MOST_REMEMBERED = 100_000
"""Digests of bodies that are remembered of an account, the newest."""

FIRST_WAIT = 1.0
"""Seconds after which a file is closed that was begun after a quiet time."""

_log = logging.getLogger("archiver.receiver")

_DIGEST = 16
_KEY = 32


@dataclass(slots=True)
class _Lane:
    """What is open of one account: its spool, what it has seen, when its file is due."""

    spool: Spool
    key: bytes
    seen: dict[bytes, None]
    fresh: list[bytes] = field(default_factory=list)
    due: float = 0.0
    rolled: float = float("-inf")


class Inbox:
    """Writes deliveries, for one process and one thread of it at a time.

    Args:
        directory: where the inboxes of this home are.
        clock: waits for locks.
        chance: makes lanes.
        doorbell: is rung when a file was closed.
        every: seconds between two files of an account that is sent much.

    Raises:
        UsageError: another receiver works in this home.
        StoreError: the directory can't be used.
    """

    def __init__(
        self, directory: Path, clock: Clock, chance: Randomness, doorbell: Doorbell, every: float
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._chance = chance
        self._doorbell = doorbell
        self._every = every
        self._lanes: dict[str, _Lane] = {}
        with explained(directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(
                directory / "receiver", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise UsageError(
                "another receiver works in this home", where=str(directory),
                code="receiver-running", mend="stop it, or give this one another --home",
            ) from None  # fmt: skip

    def keep(self, letters: Sequence[Letter]) -> list[ArchiverError | bool]:
        """Put letters on disk, those of an account by one sync.

        Returns for each whether it is new (False: its body is durable already), or why it could
        not be kept.
        """
        by_account: dict[str, list[int]] = {}
        for place, letter in enumerate(letters):
            by_account.setdefault(letter.account, []).append(place)
        done: list[ArchiverError | bool] = [False] * len(letters)
        for account, places in by_account.items():
            try:
                found = self._keep(account, [letters[place] for place in places])
            except ArchiverError as error:
                found = [error for _ in places]
            for place, one in zip(places, found, strict=True):
                done[place] = one
        return done

    def _keep(self, account: str, letters: Sequence[Letter]) -> list[ArchiverError | bool]:
        lane, now = self._lane(account), time.monotonic()
        told: list[ArchiverError | bool] = []
        new: dict[bytes, Exchange] = {}
        for letter in letters:
            digest = _digest(letter.exchange, lane.key)
            told.append(digest not in lane.seen and digest not in new)
            new |= {digest: letter.exchange} if told[-1] else {}
        if new:
            if not lane.spool.size:
                lane.due = max(now + FIRST_WAIT, lane.rolled + self._every)
            lane.spool.append_all(list(new.values()))
            lane.seen |= dict.fromkeys(new)
            lane.fresh += new
            if lane.spool.size >= ROLL_SIZE:
                self._try_roll(account, lane)
        return told

    def tend(self) -> float:
        """Close the files that are due. Returns the seconds until the next one is, at most 1."""
        now, wait = time.monotonic(), 1.0
        for account, lane in self._lanes.items():
            if lane.spool.is_open and lane.spool.size:
                if lane.due <= now:
                    self._try_roll(account, lane)
                else:
                    wait = min(wait, lane.due - now)
        return wait

    def _try_roll(self, account: str, lane: _Lane) -> None:
        """Close a file; where that fails, what is in it is as durable, and it is tried again."""
        try:
            self._roll(account, lane)
        except StoreError as error:
            lane.due = time.monotonic() + FIRST_WAIT
            _log.warning("a file of the inbox can't be closed yet: %s", error.message)

    def close(self) -> None:
        """Close everything; what waits is there for whoever settles."""
        try:
            for account, lane in self._lanes.items():
                if lane.spool.is_open:
                    if lane.spool.size:
                        self._roll(account, lane)
                    lane.spool.close()
        finally:
            self._lanes.clear()
            os.close(self._lock)

    def _roll(self, account: str, lane: _Lane) -> None:
        own = self._directory / quote(account, safe="")
        with explained(own):
            _note_seen(own, lane.key, lane.fresh)
        lane.fresh.clear()
        while len(lane.seen) > MOST_REMEMBERED:
            del lane.seen[next(iter(lane.seen))]
        lane.spool.pending()
        lane.rolled = time.monotonic()
        self._doorbell.ring(account)

    def _lane(self, account: str) -> _Lane:
        """Return what is open of an account; opened again where a write failed."""
        lane = self._lanes.get(account)
        if lane is None or not lane.spool.is_open:
            spool = Spool.open(self._directory, account, self._clock, self._chance)
            own = self._directory / quote(account, safe="")
            key, seen = _remembered(own, spool, self._chance)
            lane = self._lanes[account] = _Lane(spool, key, seen)
            if spool.pending():
                self._doorbell.ring(account)
        return lane


class InboxFiles(SpoolFiles):
    """The deliveries of one account that wait, as `archiver.ports.Spool`: read, and let go of.

    What a receiver that no longer runs had left open is closed first; what one that runs is
    writing now is left to it.
    """

    def __init__(self, directory: Path, account: str, chance: Randomness) -> None:
        self._inboxes, self._account, self._chance = directory, account, chance
        super().__init__(directory / quote(account, safe=""), "")

    def pending(self) -> list[SpoolFile]:
        """Return the files that wait to be sealed, oldest first."""
        if not self._directory.is_dir():
            return []
        spool = Spool.open_free(self._inboxes, self._account, self._chance)
        if spool is not None:
            with spool:  # before anybody lets go of what only the files remember
                _remembered(self._directory, spool, self._chance)
        lane = self._directory / "lane"
        with explained(self._directory):
            if not lane.exists():  # it is being made
                return []
            self.lane = lane.read_text("ascii")
            return closed_files(self._directory)


def _digest(exchange: Exchange, key: bytes) -> bytes:
    """Return what the body of a delivery is known again by, credentials replaced."""
    body = exchange.request.partition(b"\r\n\r\n")[2]
    return blake2b(body, digest_size=_DIGEST, key=key).digest()


def _remembered(own: Path, spool: Spool, chance: Randomness) -> tuple[bytes, dict[bytes, None]]:
    """Return the key, and the digests that are remembered.

    Those of the newest file are noted now, as a killed receiver may not have done so.
    """
    newest = spool.pending()[-1:]
    with explained(own):
        key, noted = _noted(own)
        key, seen = key or chance.bytes(_KEY), dict.fromkeys(noted)
        kept = dict.fromkeys(_digest(one, key) for file in newest for one in spool.read(file))
        new = [one for one in kept if one not in seen]
        if new:
            _note_seen(own, key, new)
        return key, seen | dict.fromkeys(new)


def _noted(own: Path) -> tuple[bytes, list[bytes]]:
    """Return the key and the newest digests that were noted; half a one at the end is none."""
    path = own / "seen"
    data = path.read_bytes() if path.exists() else b""
    found = [data[at : at + _DIGEST] for at in range(_KEY, len(data) - _DIGEST + 1, _DIGEST)]
    return (data[:_KEY] if len(data) >= _KEY else b""), found[-MOST_REMEMBERED:]


def _note_seen(own: Path, key: bytes, digests: Sequence[bytes]) -> None:
    """Add digests durably; once they are twice as many as are remembered, only those stay."""
    path = own / "seen"
    size = path.stat().st_size - _KEY if path.exists() else -1
    anew = size < 0 or size % _DIGEST or size > 2 * MOST_REMEMBERED * _DIGEST
    target = own / "seen.new" if anew else path
    data = b"".join([*([key, *_noted(own)[1]] if anew else []), *digests])
    with open(target, "wb" if anew else "ab", opener=_private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if anew:
        target.replace(path)
        sync_directory(own)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
