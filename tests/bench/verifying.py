"""Contestants of verification: openssl over stored bytes, a bare loop over records, itself.

Files for the first are large and random, so that hashing is what is compared; records for
the second are those of the workload, stored plain, as warcio reads them.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.capture.settled import Settled
from archiver.columns import FIELDS
from archiver.flows.derive import derive
from archiver.flows.ledger import checkpoint, read_state
from archiver.flows.segments import sealed as sealed_file
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.formats import segment_index, warc_reading
from archiver.ids import new_uuid
from archiver.ledger.commitment import commit, committed_lines
from archiver.record import Excerpt, Observation
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.bench.measure import Row, children_seconds, timed
from tests.bench.parts import records

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.ledger.state import Segment

__all__ = ["verifying_rows"]

_LARGE = 8 << 20


class _Quiet:
    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


def verifying_rows(folder: Path, pages: int, repetitions: int, check_rate: float) -> list[Row]:
    """Compare; ``check_rate`` is the CPU time that ``warcio check`` takes for a record."""
    large = _made(folder / "large")
    for number in range(12):
        _seal(large, [_file(large, number)])
    small = _made(folder / "small")
    every = [replace(one.observation, sensitivity="public") for one in records(pages)]
    for at in range(0, len(every), 500):
        _seal(small, every[at : at + 500])
    rows = [_fast(large, folder / "large", repetitions), *_deep(small, repetitions, check_rate)]
    return [*rows, _new(large, repetitions)]


def _made(folder: Path) -> Archive:
    return create_archive(Settings(str(folder / "archive"), folder / "home"))


def _file(archive: Archive, number: int, size: int = _LARGE) -> Observation:
    return Observation(
        platform="stand-in", account="city", stream="media", native_id=str(number),
        kind="present", sensitivity="public", captured_at="2026-11-20T09:00:00.000000Z",
        excerpts=(Excerpt("exchange", archive.chance.bytes(size)),), row={}, parser="stand-in/1",
    )  # fmt: skip


def _seal(archive: Archive, observations: list[Observation]) -> None:
    made = Settled([(new_uuid(archive.chance), one) for one in observations])
    seal_settled(archive, read_state(archive), "acct", made)


def _fast(archive: Archive, folder: Path, repetitions: int) -> Row:
    files = sorted(path for path in (folder / "archive").rglob("*") if path.is_file())

    def openssl() -> float:
        before = children_seconds()
        subprocess.run(["openssl", "dgst", "-sha256", *files], check=True, capture_output=True)
        return children_seconds() - before

    ours, other = [], []
    for _ in range(repetitions):
        seconds, report = timed(lambda: verify(archive, _Quiet(), deep=False))
        assert report.findings == []
        ours.append(seconds)
        other.append(openssl())
    return Row("verify", "openssl dgst of all bytes", ours, other, 1.2, 0)


def _deep(archive: Archive, repetitions: int, check_rate: float) -> list[Row]:
    ours, other, count = [], [], 0
    segments = [one for one in read_state(archive).segments() if one.leaves]
    for _ in range(repetitions):
        seconds, report = timed(lambda: verify(archive, _Quiet(), deep=True))
        assert report.findings == []
        ours.append(seconds)
        count = report.records
        other.append(timed(lambda: sum(_bare(archive, one) for one in segments))[0])
    check = [check_rate * count] * repetitions
    return [
        Row("verify --deep", "inflate, parse, recompute", ours, other, 1.5, count),
        Row("verify --deep", "warcio check", ours, check, 1 / 3, count),
    ]


def _bare(archive: Archive, segment: Segment) -> int:
    """Inflate every record, parse WARC and row, compute its commitment; compare nothing."""
    stored = sealed_file(archive, segment, "warc.gz")
    index = segment_index.parse_index(sealed_file(archive, segment, "idx"))
    for offset, length in index[1:]:
        inflated = warc_reading.inflate_member(stored[offset : offset + length])
        record = warc_reading.parse_record(inflated)
        excerpts, context = warc_reading.excerpts_of(record), warc_reading.context_of(record.lines)
        row = derive(context, excerpts, decoded=False) or {}
        salt = bytes.fromhex(warc_reading.header_value(record.lines, "Archive-Salt"))
        commit(salt, excerpts, committed_lines(record.lines), FIELDS, row)
    return len(index) - 1


def _new(archive: Archive, repetitions: int) -> Row:
    """Compare a run since the checkpoint before 1 % of the bytes with one over everything."""
    since = checkpoint(archive)
    _seal(archive, [_file(archive, 99, 12 * _LARGE // 100)])
    ours, other = [], []
    for _ in range(repetitions):
        ours.append(timed(lambda: verify(archive, _Quiet(), deep=False, since=since))[0])
        other.append(timed(lambda: verify(archive, _Quiet(), deep=False))[0])
    return Row("verify --since, 1 % new", "verify", ours, other, 0.02, 0)
