"""Destroying a thousand records out of one large segment, in an archive and in one ten times it.

    python -m tests.bench.purging 60000 3      records of the segment, repetitions

Prints one JSON document of CPU seconds: from the beginning of an approved order to its last file
erased, with the second role's verification between. Beside it what nobody can do without: the
segment's records and rows, and its intake, read and written once more with plain tools. The other
records are of other accounts: all intake of the same account is cut again, as long as it is kept.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from archiver.flows import accounts, connectors, people
from archiver.flows.ledger import read_state
from archiver.flows.purge import purge
from archiver.flows.rows import catalog
from archiver.flows.segments import open_file
from archiver.flows.verify_compacted import verify_compacted
from tests.bench.measure import Row, timed
from tests.flows.board import URL, Board, Posted, asked
from tests.flows.hall import GOVERN, Hall
from tests.flows.helpers import Quiet
from tests.flows.test_orders import begun, ordered

if TYPE_CHECKING:
    from archiver.ledger.state import Segment

__all__ = ["Measured", "measured", "purging_rows"]

PER_PAGE, GOING, TIMES = 100, 1_000, 10
QUIET = Quiet()


class Measured(NamedTuple):
    """How many records the segment had, and CPU seconds of each repetition."""

    records: int
    alone: list[float]
    among: list[float]
    plain: list[float]


def purging_rows(found: Measured) -> list[Row]:
    """Return what was measured as rows of the table."""
    some, many = min(GOING, found.records), found.records
    name = f"purge of {some:,} among {many:,}"
    return [
        Row(name, "rewriting its files plainly", found.alone, found.plain, None, many),
        Row(f"{name}, archive x {TIMES}", "archive x 1", found.among, found.alone, 1.2, many),
    ]


def measured(records: int, repetitions: int) -> Measured:
    """Destroy, again and again, in copies of both archives in turn."""
    vars(connectors)["CONNECTORS"] = {"stand-in": Board()}
    found = Measured(records, [], [], [])
    with TemporaryDirectory(prefix="civic-bench-") as folder:
        small = _made(Path(folder) / "small", records, 1)
        large = _made(Path(folder) / "large", records, TIMES)
        for number in range(repetitions):
            for hall, took in ((small, found.alone), (large, found.among)):
                copy = hall.copy(Path(folder) / f"{hall.folder.name} {number}")
                took.append(_destroyed(copy, records))
            found.plain.append(_plainly(small))
    return found


def _made(folder: Path, records: int, times: int) -> Hall:
    """Return an archive of so many accounts with so many posts each, in one segment each."""
    hall = Hall.made(folder)
    people.enrol(hall.archive, hall.of("vera"), "vera", "", [])
    act = people.change(hall.archive, "vera", "verifier")
    people.seal_act(hall.archive, people.sign(act, hall.keys(*GOVERN)))
    for number in range(times):
        name = f"city{number or ''}"
        accounts.add(hall.archive, {"name": name, "platform": "stand-in", "url": URL}, {})
        posted = Posted(hall.archive, Board(), name)
        pages = (range(at, min(at + PER_PAGE, records)) for at in range(0, records, PER_PAGE))
        posted.take(*(asked("".join(map(_line, page))) for page in pages), lane=f"lane{number}")
        posted.end()
    verify_compacted(hall.archive, hall.of("vera"), QUIET)
    return hall


def _line(number: int) -> str:
    return f"posts {number} the council met on the repair of bridge {number} over the river again\n"


def _destroyed(hall: Hall, records: int) -> float:
    """Have an order approved; return the CPU seconds of carrying it out."""
    step = max(records // GOING, 1)  # spread: some of every page goes
    going = [f"stand-in:city:posts:{number}" for number in range(0, records, step)][:GOING]
    name = ordered(hall, *going)
    begun(hall, name)
    seconds, _ = timed(lambda: _carried_out(hall, name))
    return seconds


def _carried_out(hall: Hall, name: str) -> None:
    purge(hall.archive, name, QUIET)
    verify_compacted(hall.archive, hall.of("vera"), QUIET)
    done = purge(hall.archive, name, QUIET)
    assert done.erased is not None
    assert done.erased.whole


def _plainly(hall: Hall) -> float:
    """Return the CPU seconds of copying the same files without a thousand of their records."""
    state = read_state(hall.archive)
    large = next(one for one in catalog(hall.archive, state) if one.stream == "posts").segment
    intake = next(
        one
        for one in state.segments()
        if one.account == large.account and not one.leaves and "warc.gz.c256" in one.objects
    )
    return timed(lambda: _rewritten(hall, large, intake))[0]


def _rewritten(hall: Hall, large: Segment, intake: Segment) -> None:
    for segment in (large, intake):
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=True)
        for number, record in enumerate(
            ArchiveIterator(io.BytesIO(open_file(hall.archive, segment, "warc.gz")))
        ):
            if number > GOING or segment is intake:
                writer.write_record(record)
    table = pq.read_table(io.BytesIO(open_file(hall.archive, large, "parquet")))
    kept = pa.array([number >= GOING for number in range(table.num_rows)], pa.bool_())
    pq.write_table(table.filter(kept), io.BytesIO(), compression="zstd")


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), int(sys.argv[2]))._asdict()))
