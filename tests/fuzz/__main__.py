"""Fuzz every parser for so many seconds each, and say what came of it (`make fuzz`).

Inputs that found something new are kept in the folder, and the next run begins with them;
one that a parser did not refuse properly lies there as ``crash-…`` under the parser's name.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

LARGEST = 65_536
MEMORY = 1024
"""Megabytes of a whole process with all libraries of the project in it."""
SLOWEST = 20
"""Seconds that one input may take."""
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


class Fuzzed(NamedTuple):
    """What came of one parser: inputs tried, those that broke it, and the end of its words."""

    name: str
    runs: int
    broken: list[Path]
    said: str


def fuzz(name: str, folder: Path, seconds: int) -> Fuzzed:
    """Fuzz one parser in a process of its own."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    for seed in seeds()[name]:
        (place / sha256(seed).hexdigest()).write_bytes(seed)
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.fuzz.one", name, f"-max_total_time={seconds}",
            f"-max_len={LARGEST}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY}",
            "-print_final_stats=1", f"-artifact_prefix={folder}/{name}-", str(place),
        ],
        check=False, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    found = _RUNS.search(done.stderr)
    broken = [path for path in folder.glob(f"{name}-*") if path.is_file()]
    failed = done.returncode or not found
    return Fuzzed(name, int(found[1]) if found else 0, broken, done.stderr if failed else "")


def main() -> int:
    """Print a line for each parser; return 1 where one was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each parser")
    parser.add_argument("--jobs", type=int, default=2, help="parsers at once")
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"), help="of inputs")
    parser.add_argument("names", nargs="*", default=list(TARGETS))
    options = parser.parse_args()
    seeds()
    with ThreadPoolExecutor(options.jobs) as pool:
        done = list(
            pool.map(lambda name: fuzz(name, options.folder, options.seconds), options.names)
        )
    for one in done:
        print(f"{one.name:18}{one.runs:12} runs{len(one.broken):4} broken", *one.broken)
        print(one.said[-2000:], end="")
    print(f"{sum(one.runs for one in done)} runs of {len(done)} parsers")
    return int(any(one.broken or one.said for one in done))


if __name__ == "__main__":
    sys.exit(main())
