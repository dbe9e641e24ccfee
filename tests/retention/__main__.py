"""``python -m tests.retention``: holds and orders against purges, by the model, for very long.

    python -m tests.retention --steps 10000000       each step from a state of its own
    python -m tests.retention --first 5000           other plays

Prints what the plays were, and the seed of every violation. Exits with 1 where there is one.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tests.retention.custodians import Player, Violation
from tests.retention.latecomers import LatePlayer
from tests.retention.test_custody import play
from tests.sim.__main__ import run_steps, told

if TYPE_CHECKING:
    from tests.sim.__main__ import Ran

KINDS = (Player, LatePlayer)
"""Of which every other seed is a play."""
WHAT = ("steps", "begun", "done", "gone")


def run_seeds(first: int, end: int) -> Ran:
    """Play seeds; return the sums of what they were, and a line for each violation."""
    sums: Counter[str] = Counter()
    violations: list[str] = []
    for seed in range(first, end):
        try:
            made = play(range(seed, seed + 1), kind=KINDS[seed % len(KINDS)])
            sums.update(dict(zip(WHAT, made, strict=True)))
        except Violation as violation:
            violations.append(f"seed {seed}: {violation}")
    return sums, violations


def main(arguments: list[str]) -> int:
    """Play what the arguments say. Returns 0 where everything held."""
    parser = argparse.ArgumentParser(prog="tests.retention", description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=1_000_000, help="how many (1,000,000)")
    parser.add_argument("--first", type=int, default=10_000, help="the first seed (10,000)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    options = parser.parse_args(arguments)
    sums, violations = run_steps(options.steps, options.first, options.jobs, run_seeds)
    print(told(sums, violations))
    return int(bool(violations))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
