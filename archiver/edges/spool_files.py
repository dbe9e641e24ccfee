"""The files of one account's spool, and what is left of them after a crash.

``lane`` is the account's random handle, ``place`` the directory it was made for, ``counter``
two numbers, ``<first>.open`` the spool file being written, ``<first>-<last>.warc`` one that
is whole. A copy of the directory is another place: it gets a lane of its own, as two homes
that number exchanges in one lane would use each number twice. Byte-level rules:
``docs/formats/intake.md``.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from archiver.edges.privatedir import sync_directory
from archiver.errors import IntegrityError, StoreError
from archiver.formats.exchanges import ExchangeReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.ports import Randomness

__all__ = [
    "BATCH",
    "Recovered",
    "SpoolFile",
    "closed_files",
    "damaged",
    "explained",
    "finish",
    "is_copy",
    "keep_counter",
    "lane_of",
    "new_file",
    "new_lane",
    "recover",
]

BATCH = "batch"
"""In the purpose of exchanges that were synced together: the number of the first of them."""

_CLOSED = re.compile(r"(\d{20})-(\d{20})\.warc")
_OPEN = re.compile(r"(\d{20})\.open")
_LANE = re.compile(r"[0-9a-f]{32}")


class SpoolFile(NamedTuple):
    """One closed spool file, and the first and last number of the exchanges in it."""

    path: Path
    first: int
    last: int


class Recovered(NamedTuple):
    """The next number to use, whether that is kept, empty files to remove once it is."""

    number: int
    kept: bool
    empty: list[Path]


def closed_files(directory: Path) -> list[SpoolFile]:
    """Return the spool files that are whole, by number."""
    names = ((_CLOSED.fullmatch(path.name), path) for path in directory.iterdir())
    files = [SpoolFile(path, int(name[1]), int(name[2])) for name, path in names if name]
    return sorted(files, key=lambda file: file.first)


def new_file(directory: Path, first: int) -> BinaryIO:
    """Begin a spool file, readable by its owner only; it is not buffered.

    Its name is on disk once the counter is kept, which is before anything is written to it.
    """
    path = directory / f"{first:020d}.open"
    file = open(path, "xb", buffering=0, opener=_private)  # noqa: SIM115 - the caller closes it
    return cast("BinaryIO", file)


def finish(directory: Path, first: int, last: int) -> None:
    """Give the file that was being written its final name.

    Should a power cut undo that, it is recovered under the old one.
    """
    path = directory / f"{first:020d}.open"
    path.rename(directory / f"{first:020d}-{last:020d}.warc")


def lane_of(directory: Path, chance: Randomness) -> str:
    """Return the account's random handle of 128 bits (hex), made once and kept.

    Raises `IntegrityError` where the file holds something else.
    """
    path = directory / "lane"
    if not path.exists():
        return new_lane(directory, chance)
    lane = path.read_text("ascii", "replace")
    if not _LANE.fullmatch(lane):
        raise damaged(path, "it is not 32 hexadecimal digits")
    return lane


def new_lane(directory: Path, chance: Randomness) -> str:
    """Begin a lane, whose numbers begin at 1; return its handle.

    A crash in between leaves the directory a copy, whose lane is made anew before use.
    """
    if (directory / "counter").exists():
        keep_counter(directory, 1, 1)
    lane = chance.bytes(16).hex()
    _replace(directory / "lane", lane.encode())
    _replace(directory / "place", _place(directory).encode())
    return lane


def is_copy(directory: Path) -> bool:
    """Tell whether the lane was made for another directory: copied, or restored from a backup."""
    place = directory / "place"
    return not place.exists() or place.read_text("ascii", "replace") != _place(directory)


def _place(directory: Path) -> str:
    found = directory.stat()
    return f"{found.st_dev}:{found.st_ino}"


def keep_counter(directory: Path, number: int, reserved: int) -> None:
    """Keep durably what is the next number, and that none from ``reserved`` on was used.

    The names of the spool's other files are on disk then, too.
    """
    _replace(directory / "counter", f"{number} {reserved}\n".encode())


def recover(directory: Path, lane: str) -> Recovered:
    """Close what a killed process left open, and say which number is next.

    The counter's first number was next when a file was last closed. Where numbers were
    reserved since, and the file they went into is gone, they are skipped rather than
    used twice: the hole will be a finding. Raises `IntegrityError`.
    """
    number, reserved = _counter(directory)
    names = [(_OPEN.fullmatch(path.name), path) for path in sorted(directory.iterdir())]
    left = [(int(name[1]), path) for name, path in names if name]
    after = [_mend(path, first, lane) for first, path in left]
    after += [file.last + 1 for file in closed_files(directory)]
    known = left or max(after, default=1) > number
    number = max(number, *after) if known else reserved
    kept = (directory / "counter").exists() and _counter(directory) == (number, number)
    return Recovered(number, kept, [path for _, path in left if path.exists()])


def _counter(directory: Path) -> tuple[int, int]:
    path = directory / "counter"
    if not path.exists():
        return 1, 1
    words = path.read_text("ascii", "replace").split()
    if len(words) != 2 or not all(re.fullmatch(r"[0-9]{1,20}", word) for word in words):  # noqa: PLR2004 - next, reserved
        raise damaged(path, "it is not two numbers")
    return int(words[0]), int(words[1])


def _mend(path: Path, first: int, lane: str) -> int:
    """Cut a torn tail off, close the file unless it is empty, return the next number."""
    with path.open("r+b") as stream:
        reader = ExchangeReader(stream)
        found = [(exchange.lane, exchange.number) for exchange in reader]
        after = first + len(found)
        if found != [(lane, number) for number in range(first, after)]:
            raise damaged(path, "its exchanges are not the ones that belong there")
        if reader.damage:
            _refuse_lost(stream, reader, path, lane, torn=after)
        stream.truncate(reader.end)
        os.fsync(stream.fileno())
    if found:
        finish(path.parent, first, after - 1)
    return after


def _refuse_lost(
    stream: BinaryIO, reader: ExchangeReader, path: Path, lane: str, *, torn: int
) -> None:
    """Raise `IntegrityError` where whole exchanges of ours stand after the damage.

    A crash tears only what was not synced: the last exchange, or the last batch of them.
    Of that whole exchanges may stand behind a hole, which nobody was told of either.
    """
    stream.seek(reader.end)
    rest = stream.read()
    at = rest.find(b"WARC/1.1\r\n", 1)
    while at >= 0:
        stream.seek(reader.end + at)
        for exchange in ExchangeReader(stream):
            begins = int(exchange.purpose.get(BATCH, exchange.number))
            if exchange.lane == lane and begins > torn:
                raise damaged(path, reader.damage)
        at = rest.find(b"WARC/1.1\r\n", at + 1)


def _replace(path: Path, data: bytes) -> None:
    """Put a small file in place, whole and durable."""
    new = path.with_suffix(".new")
    with open(new, "wb", opener=_private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_directory(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def damaged(path: Path, what: str) -> IntegrityError:
    """Return the error that says what is wrong with a file of a spool."""
    return IntegrityError(
        f"a spool file is damaged: {what}",
        where=str(path),
        mend="restore the file from a backup, or move it away: its exchanges are then missing",
        code="spool-damaged",
    )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system says into `StoreError`."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the spool cannot be used: {error.strerror}",
            where=str(error.filename or path),
            mend="check owner, mode and free space",
        ) from error
