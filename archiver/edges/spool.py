"""The durable spool of one account: exchanges, numbered, before anything reads them.

An exchange is on disk before `Spool.append` returns. What a crash leaves half-written was
never acknowledged, and is cut off when the spool is opened. A number is never used for
two acknowledged exchanges, even when the files are gone.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, Self
from urllib.parse import quote

from archiver.edges.privatedir import sync_directory
from archiver.edges.spool_files import (
    SpoolFile,
    closed_files,
    damaged,
    explained,
    finish,
    is_copy,
    keep_counter,
    lane_of,
    new_file,
    new_lane,
    recover,
)
from archiver.errors import StoreError, UsageError
from archiver.formats.exchanges import ExchangeReader, certificate_parts, exchange_parts
from archiver.limits import ROLL_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from archiver.ports import Clock, Randomness
    from archiver.record import Exchange

__all__ = ["Spool", "SpoolFile"]

_RESERVED = 1_000
_WAIT = 0.2


class Spool:
    """The spool of one account, for one process at a time. Safe for use by many threads.

    Open it with `Spool.open`; it is a context manager.
    """

    def __init__(self, directory: Path, lock: int, chance: Randomness) -> None:
        self._directory = directory
        self._chance = chance
        self._lock = lock
        self._mutex = Lock()
        self._file: BinaryIO | None = None
        self._first = 0
        self._certificates: set[str] = set()
        with explained(directory):
            self.lane = lane_of(directory, chance)
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
        if not account_handle.strip("."):
            raise UsageError(
                "not a name for an account", where=repr(account_handle), mend="give its name"
            )
        own = directory / quote(account_handle, safe="")
        with explained(own):
            own.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_directory(directory)
            lock = os.open(own / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _take(lock, own, clock, waiting)
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

    def pending(self) -> list[SpoolFile]:
        """Close the file being written, and return all files that wait to be sealed."""
        with self._mutex, explained(self._directory):
            self._roll()
            return closed_files(self._directory)

    def read(self, file: SpoolFile) -> Iterator[Exchange]:
        """Yield the exchanges of a file.

        Raises:
            IntegrityError: it is damaged, or has not the numbers that its name says;
                whole exchanges before the damage are yielded first.
        """
        expected = file.first
        with explained(file.path), file.path.open("rb") as stream:
            reader = ExchangeReader(stream)
            for exchange in reader:
                if (exchange.lane, exchange.number) != (self.lane, expected):
                    raise damaged(file.path, f"exchange {expected} is missing")
                expected += 1
                yield exchange
        if reader.damage or expected != file.last + 1:
            raise damaged(file.path, reader.damage or f"exchange {expected} is missing")

    def raw(self, file: SpoolFile) -> bytes:
        """Return a closed file as stored: a plain WARC 1.1 file."""
        with explained(file.path):
            return file.path.read_bytes()

    def discard(self, file: SpoolFile) -> None:
        """Remove a file whose exchanges are sealed. Its numbers are never used again.

        Not durably: one that comes back after a power cut is found to be sealed. Raises
        `UsageError` for a file that is not one of this spool.
        """
        with self._mutex, explained(self._directory):
            if file not in closed_files(self._directory):
                raise UsageError(
                    "not a closed file of this spool",
                    where=str(file.path),
                    mend="discard what `pending` returned",
                )
            file.path.unlink()

    def close(self) -> None:
        """Close the file being written and let another process have the spool."""
        with self._mutex:
            try:
                with explained(self._directory):
                    self._roll()
            finally:
                self._release()

    def _ready(self) -> BinaryIO:
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
        if self._next >= self._reserved:  # so it is where the file is new
            self._reserve(self._next + _RESERVED)
        return self._file

    def _leave_copied_lane(self) -> None:
        """Begin a lane of our own, once all that came with a copied one is sealed."""
        if is_copy(self._directory) and not closed_files(self._directory):
            self.lane, self._next = new_lane(self._directory, self._chance), 1
            self._reserve(1)

    def _reserve(self, reserved: int) -> None:
        keep_counter(self._directory, self._next, reserved)
        self._reserved = reserved

    def _write(self, file: BinaryIO, parts: Sequence[bytes]) -> None:
        """Append and sync; after any failure the spool is closed."""
        before = file.tell()
        try:
            self._next += 1
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


def _take(lock: int, own: Path, clock: Clock, waiting: Callable[[str], None] | None) -> None:
    """Take the account's lock; the kernel frees it when its process dies."""
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        if waiting is not None:
            holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
            waiting(f"waiting for process {holder}, which is capturing {own.name}")
            waiting = None
        clock.sleep(_WAIT)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
