"""The closed files of one account's spool, as whoever seals them reads and removes them."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from archiver.edges.spool_files import closed_files, damaged, explained
from archiver.errors import UsageError
from archiver.formats.exchanges import ExchangeReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.edges.spool_files import SpoolFile
    from archiver.record import Exchange

__all__ = ["SpoolFiles"]


class SpoolFiles:
    """The closed files of one account's spool: whoever seals them reads them here."""

    def __init__(self, directory: Path, lane: str) -> None:
        self._directory = directory
        self._mutex = Lock()
        self.lane = lane

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
