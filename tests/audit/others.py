"""``python -m tests.audit.others``: the same flips, as common tools see them.

A plain Parquet file and a plain WARC of the fixture, as pyarrow, DuckDB and warcio read
them, and a WACZ that `wacz create` makes of that WARC: is a flipped bit refused, or are other
rows, records or files taken for true?
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
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
from tests.real.environments import environment

if TYPE_CHECKING:
    from collections.abc import Callable

WACZ = "wacz==0.5.0"
"""In an environment of its own: it wants other versions of what we have."""
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


def wacz(place: Path, data: bytes, flips: int) -> Counter[str]:
    """Return what `wacz validate` makes of flips in a WACZ of a WARC with these bytes."""
    programs = environment(place / "wacz", WACZ)
    (place / "one.warc.gz").write_bytes(data)
    create: list[str | Path] = [programs / "wacz", "create", "-o", "one.wacz", "one.warc.gz"]
    subprocess.run(create, cwd=place, capture_output=True, check=True)
    size, chance = (place / "one.wacz").stat().st_size, random.Random(1)
    bits = "".join(f"{chance.randrange(8 * size)}\n" for _ in range(flips))
    script: list[str | Path] = [
        programs / "python",
        Path(__file__).with_name("wacz_flips.py"),
        "one.wacz",
    ]
    done = subprocess.run(
        script, cwd=place, input=bits.encode(), stdout=subprocess.PIPE, check=True
    )
    return Counter(json.loads(done.stdout))


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
            _tell(name, told)
            _tell(
                f"archiver verify, {suffix}", Counter({REFUSED: ours, OTHER: options.flips - ours})
            )
        _tell("wacz validate, of the same", wacz(Path(place), data, options.flips))
    return 0


def _tell(name: str, told: Counter[str]) -> None:
    print(f"{name:28}{told[REFUSED]:10}{told[SAME]:15}{told[OTHER]:15}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
