"""The durable spool of one account: exchanges, numbered, before anything reads them.

An exchange is on disk before `Spool.append` returns. What a crash leaves half-written was
never acknowledged, and is cut off when the spool is opened. A number is never used for
two acknowledged exchanges, even when the files are gone.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Self

from archiver.edges.spool_closed import SpoolFiles
from archiver.edges.spool_files import (
    BATCH,
    SpoolFile,
    closed_files,
    explained,
    finish,
    is_copy,
    keep_counter,
    lane_of,
    new_file,
    new_lane,
    recover,
)
from archiver.edges.spool_lock import is_taken, locked, take
from archiver.errors import StoreError
from archiver.formats.exchanges import certificate_parts, exchange_parts
from archiver.limits import ROLL_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from archiver.ports import Clock, Randomness
    from archiver.record import Exchange

__all__ = ["Spool", "SpoolFile"]

_RESERVED = 1_000


class Spool(SpoolFiles):
    """The spool of one account, for one process at a time. Safe for use by many threads.

    Open it with `Spool.open`; it is a context manager.
    """

    def __init__(self, directory: Path, lock: int, chance: Randomness) -> None:
        with explained(directory):
            super().__init__(directory, lane_of(directory, chance))
        self._chance = chance
        self._lock = lock
        self._file: BinaryIO | None = None
        self._first = 0
        self._certificates: set[str] = set()
        with explained(directory):
            self._next, kept, empty = recover(directory, self.lane)
            self._reserved = self._next
            if not kept:
                self._reserve(self._next)
            for path in empty:
                path.unlink()

    @classmethod
    def open(
        cls,
        directory: Path,
        account_handle: str,
        clock: Clock,
        chance: Randomness,
        waiting: Callable[[str], None] | None = None,
    ) -> Self:
        """Open, or make, the spool of an account; wait while another process has it.

        Args:
            directory: where all spools of this home are.
            account_handle: the account's name.
            clock: waits.
            chance: makes the lane.
            waiting: is told once, in words for a person, that we wait.

        Raises:
            UsageError: the account has no name.
            StoreError: the directory can't be used.
            IntegrityError: a spool file is damaged before its tail.
        """
        own, lock = locked(directory, account_handle)
        try:
            take(lock, own, clock, waiting)
            return cls(own, lock, chance)
        except BaseException:
            os.close(lock)
            raise

    @classmethod
    def open_free(cls, directory: Path, account_handle: str, chance: Randomness) -> Self | None:
        """Open the spool of an account as `open` does; None where another process has it."""
        own, lock = locked(directory, account_handle)
        try:
            if not is_taken(lock):
                os.close(lock)
                return None
            return cls(own, lock, chance)
        except BaseException:
            os.close(lock)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, exchange: Exchange, certificates: Sequence[bytes] = ()) -> Exchange:
        """Number an exchange and put it on disk; return it with its lane and number.

        Args:
            exchange: what to keep; its own lane and number are not looked at.
            certificates: the chain (DER) that `Exchange.certificates` names.

        Raises:
            StoreError: it could not be written. The spool is then closed; opening it
                again cuts off what was left of it.
            FormatError: a fact of the exchange does not fit into a WARC header.
        """
        with self._mutex, explained(self._directory):
            file = self._ready()
            numbered = replace(exchange, lane=self.lane, number=self._next)
            records = exchange_parts(numbered)
            chain = {sha256(der).hexdigest(): der for der in certificates}
            new = [der for digest, der in chain.items() if digest not in self._certificates]
            parts = [part for der in new for part in certificate_parts(der, exchange.captured_at)]
            self._write(file, parts + records)
            self._certificates.update(chain)
            return numbered

    def append_all(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Number exchanges and put them on disk together, by one sync, as `append` does one.

        The purpose of each says with which number its batch begins (`BATCH`): what was not
        synced yet may be torn anywhere by a power cut, and nobody was told of it.
        """
        with self._mutex, explained(self._directory):
            file, first = self._ready(len(exchanges)), str(self._next)
            numbered = [
                replace(
                    one,
                    lane=self.lane,
                    number=self._next + place,
                    purpose={**one.purpose, BATCH: first},
                )
                for place, one in enumerate(exchanges)
            ]
            parts = [part for one in numbered for part in exchange_parts(one)]
            self._write(file, [b"".join(parts)], len(numbered))
            return numbered

    @property
    def size(self) -> int:
        """Bytes in the file that is being written."""
        return 0 if self._file is None else self._file.tell()

    @property
    def is_open(self) -> bool:
        """Whether it can be written to: a failed write closes it."""
        return self._lock >= 0

    def pending(self) -> list[SpoolFile]:
        """Close the file being written, and return all files that wait to be sealed."""
        with self._mutex, explained(self._directory):
            self._roll()
            return closed_files(self._directory)

    def close(self) -> None:
        """Close the file being written and let another process have the spool."""
        with self._mutex:
            try:
                with explained(self._directory):
                    self._roll()
            finally:
                self._release()

    def _ready(self, count: int = 1) -> BinaryIO:
        """Return the file being written; numbers are reserved before they are used."""
        if self._lock < 0:
            raise StoreError(
                "the spool is closed", where=str(self._directory), mend="open it again"
            )
        if self._file is not None and self._file.tell() >= ROLL_SIZE:
            self._roll()
        if self._file is None:
            self._leave_copied_lane()
            self._file = new_file(self._directory, self._next)
            self._first = self._reserved = self._next
            self._certificates = set()
        if self._next + count > self._reserved:  # so it is where the file is new
            self._reserve(self._next + count - 1 + _RESERVED)
        return self._file

    def _leave_copied_lane(self) -> None:
        """Begin a lane of our own, once all that came with a copied one is sealed."""
        if is_copy(self._directory) and not closed_files(self._directory):
            self.lane, self._next = new_lane(self._directory, self._chance), 1
            self._reserve(1)

    def _reserve(self, reserved: int) -> None:
        keep_counter(self._directory, self._next, reserved)
        self._reserved = reserved

    def _write(self, file: BinaryIO, parts: Sequence[bytes], count: int = 1) -> None:
        """Append and sync; after any failure the spool is closed."""
        before = file.tell()
        try:
            self._next += count
            for part in parts:
                rest = memoryview(part)
                while rest:
                    rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except BaseException:
            # After a failed sync nobody knows what is on disk: only recovery may go on.
            with suppress(OSError):
                file.truncate(before)
            self._file = None
            self._release()
            file.close()
            raise

    def _roll(self) -> None:
        """Close the file being written under its final name."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        if self._next == self._first:  # begun, but nothing was written to it
            self._reserve(self._next)  # else what is reserved would be skipped: it has no file
            (self._directory / f"{self._first:020d}.open").unlink()
            return
        finish(self._directory, self._first, self._next - 1)
        self._reserve(self._next)

    def _release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
