"""``python -m tests.audit.others``: the same flips, as common tools see them.

A plain Parquet file and a plain WARC of the fixture, as pyarrow, DuckDB and warcio read
them: is a flipped bit refused, or are other rows, or records, taken for true?
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from tests.audit.fixture import build
from tests.audit.flips import checks_of, flipped

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED, SAME, OTHER = "refused", "same content", "other content"


def arrow(path: Path) -> object:
    """Return the rows as pyarrow reads them with its defaults."""
    return pq.read_table(path, use_threads=False)


def duck(path: Path) -> object:
    """Return the rows as DuckDB reads them with its defaults."""
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).fetchall()


def warc(path: Path) -> object:
    """Return the records as `warcio check` goes through them."""
    records = ArchiveIterator(BytesIO(path.read_bytes()), check_digests="raise")
    return [(one.rec_headers.headers, one.content_stream().read()) for one in records]


def outcome(read: Callable[[Path], object], path: Path, true: object) -> str:
    """Return what comes of reading a file: refused, the true content, or another."""
    try:
        found = read(path)
    except (pa.ArrowException, duckdb.Error, ArchiveLoadFailed, OSError, ValueError, MemoryError):
        return REFUSED
    return SAME if found == true else OTHER


def main(arguments: list[str]) -> int:
    """Flip, read, print the table."""
    parser = argparse.ArgumentParser(prog="tests.audit.others", description=__doc__)
    parser.add_argument("--flips", type=int, default=1000, help="bits of each file (1000)")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="civic-others-") as place:
        archive = build(Path(place))
        checks = checks_of(archive)
        print(f"{'tool':28}{REFUSED:>10}{SAME:>15}{OTHER:>15}   of {options.flips} flips")
        for name, suffix, read in (
            ("pyarrow", ".parquet", arrow),
            ("DuckDB", ".parquet", duck),
            ("warcio check", ".warc.gz", warc),
        ):
            key = max((one for one in checks if one.endswith(suffix)), key=lambda one: len(
                archive.store.get(one)))  # fmt: skip
            data, path, chance = archive.store.get(key), Path(place) / "file", random.Random(1)
            path.write_bytes(data)
            true, told = read(path), Counter[str]()
            ours = 0
            for _ in range(options.flips):
                changed = flipped(data, chance.randrange(8 * len(data)))
                path.write_bytes(changed)
                told[outcome(read, path, true)] += 1
                ours += bool(list(checks[key].judge(changed)))
            print(f"{name:28}{told[REFUSED]:10}{told[SAME]:15}{told[OTHER]:15}")
            print(f"{'archiver verify, ' + suffix:28}{ours:10}{0:15}{options.flips - ours:15}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
