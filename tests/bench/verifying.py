"""Contestants of verification: openssl over stored bytes, a bare loop over records, itself.

Files for the first are large and random, so that hashing is what is compared; records for
the second are those of the workload, stored plain, as warcio reads them. Over the same records:
a scan of their rows against DuckDB reading the same files unverified, and a proof.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from archiver.capture.settled import Settled
from archiver.columns import FIELDS
from archiver.flows.derive import derive
from archiver.flows.ledger import checkpoint, read_state
from archiver.flows.prove import check_proof, prove
from archiver.flows.rows import table_of
from archiver.flows.segments import sealed as sealed_file
from archiver.flows.settle import seal_settled
from archiver.flows.verify import verify
from archiver.formats import segment_index, warc_reading
from archiver.ids import new_uuid
from archiver.layout import UNITS
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
_FILES, _MORE = 12, 128
"""Files of `_LARGE` bytes: 100 MB, and later on 1 GB."""
_SCAN = "SELECT count(*) FROM {} WHERE kind = 'present' AND contains(text, 'culvert')"
_OFTEN = 10
"""Times that what is over in no time is done in one go."""
_PROOF = 4096
"""Bytes that a proof may have besides the leaves that it opens."""
_LEAVES = ("source", "context", "fields")


class _Quiet:
    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


def verifying_rows(
    folder: Path, pages: int, repetitions: int, check_rate: float
) -> tuple[list[Row], str]:
    """Compare; ``check_rate`` is the CPU time that ``warcio check`` takes for a record.

    Also in words how large a proof is.
    """
    large = _made(folder / "large")
    for number in range(_FILES):
        _seal(large, [_file(large, number)])
    small = _made(folder / "small")
    every = [  # of no exchange: there is no intake to hold them against
        replace(one.observation, sensitivity="public", exchange="") for one in records(pages)
    ]
    for at in range(0, len(every), 500):
        _seal(small, every[at : at + 500])
    rows = [_fast(large, folder / "large", repetitions), *_deep(small, repetitions, check_rate)]
    rows.append(_new(large, repetitions, "100 MB", None))
    for number in range(_FILES, _MORE):
        _seal(large, [_file(large, number)])
    rows.append(_new(large, repetitions, "1 GB", 0.02))
    proof, told = _proof(small, every[0].record_id, repetitions)
    return [*rows, _scan(small, folder / "small", repetitions), proof], told


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


def _new(archive: Archive, repetitions: int, size: str, goal: float | None) -> Row:
    """Compare a run since the checkpoint before 1 % of the bytes with one over everything."""
    since = checkpoint(archive)
    stored = sum(one.size for one in archive.store.list(UNITS))
    _seal(archive, [_file(archive, stored, stored // 100)])
    ours, other = [], []
    for _ in range(repetitions):
        ours.append(timed(lambda: verify(archive, _Quiet(), deep=False, since=since))[0])
        other.append(timed(lambda: verify(archive, _Quiet(), deep=False))[0])
    return Row(f"verify --since, 1 % of {size}", "verify", ours, other, goal, 0)


def _scan(archive: Archive, folder: Path, repetitions: int) -> Row:
    """Compare looking through rows that hash to what the ledger says with doing so unverified.

    Ours: every file out of the home's cache, hashed again. The state of the ledger is at hand.
    """
    segments = [one for one in read_state(archive).segments() if "parquet" in one.objects]
    files = [str(path) for path in sorted(folder.glob("archive/u/**/*.parquet"))]
    listed = f"read_parquet({files})"

    def ours() -> object:
        parts = [table_of(archive, one, ("kind", "text")) for one in segments]
        with archive.engine() as engine:
            rows = pa.concat_tables(parts)
            return engine.query({"rows": rows}, _SCAN.format("rows"), ()).to_pylist()

    def plain() -> object:
        with duckdb.connect(":memory:") as connection:
            return connection.sql(_SCAN.format(listed)).to_arrow_table().to_pylist()

    assert ours() == plain()  # and now the files are in the home's cache
    times = [(timed(ours)[0], timed(plain)[0]) for _ in range(3 * repetitions)]
    own, other = [a for a, _ in times], [b for _, b in times]
    return Row("scan of verified rows", "DuckDB on the files", own, other, 1.1, 0)


def _proof(archive: Archive, record: str, repetitions: int) -> tuple[Row, str]:
    """Hold the checking of a proof, by what it has and the public key, against 5 ms."""
    document = prove(archive, record)
    data, keys = json.dumps(document).encode(), archive.identity.keys
    ours = []
    for _ in range(repetitions):
        seconds, _ = timed(lambda: [check_proof(data, keys) for _ in range(_OFTEN)])
        ours.append(seconds / _OFTEN)
    opened = sum(len(json.dumps(document[name])) for name in _LEAVES)
    rest = len(data) - opened
    assert rest <= _PROOF
    told = f"a proof is {rest} bytes and the leaves it opens ({opened}), checked in"
    return (
        Row("checking a proof", "5 ms", ours, [0.005] * repetitions, 1.0, 0),
        f"{told} {1000 * median(ours):.1f} ms",
    )
