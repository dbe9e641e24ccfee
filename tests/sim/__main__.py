"""``python -m tests.sim``: the seal protocol, simulated; or one seed of it, step by step.

    python -m tests.sim --steps 10000000        from seed 0 on, until so many steps are done
    python -m tests.sim --seed 396 --trace      one seed, every step shown
    python -m tests.sim --cast purging          one cast alone, here of an order that is carried on

Prints steps, crashes and what came of them, and the seed of every violation. Exits with 1
where there is one, or where there were fewer crashes than asked for.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from itertools import count, islice
from typing import TYPE_CHECKING

from archiver.ledger.checkpoint import VerifierKey
from tests.sim.episode import CASTS, COMPACTING, Episode
from tests.sim.scheduler import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ran = tuple[Counter[str], list[str]]
    """Sums of what some seeds were, and a line for each violation."""

__all__ = ["main", "remember_signatures", "run_steps", "told"]

CHUNK = 25  # seeds that a worker runs at a time


def remember_signatures() -> None:
    """Verify each signature once: in a simulation the same ones come up all the time."""
    cached = lru_cache(maxsize=8192)(VerifierKey.verifies)
    VerifierKey.verifies = cached  # type: ignore[method-assign]  # the same answers


def played(seed: int, cast: str = "", *, trace: bool = False) -> Episode:
    """Return the episode of a seed: of a cast, or any, every tenth of which compacts."""
    cast = cast or (COMPACTING[seed // 10 % 2] if seed % 10 == 0 else "")
    return Episode(seed, cast=cast, trace=trace)


def run_seeds(first: int, end: int, cast: str = "") -> Ran:
    """Run seeds; return the sums of what they were, and a line for each violation."""
    sums: Counter[str] = Counter()
    violations: list[str] = []
    for seed in range(first, end):
        episode = played(seed, cast)
        try:
            episode.run()
        except Violation as violation:
            violations.append(f"seed {seed} ({episode.cast}): {violation}")
        sums.update(
            seeds=1,
            steps=episode.scheduler.steps,
            crashes=episode.scheduler.crashes,
            errors=episode.scheduler.excuses,
            entries=len(episode.watch.history.hashes) - episode.first,
            acknowledged=len(episode.watch.acknowledged),
        )
    return sums, violations


def run_steps(steps: int, first: int, jobs: int, run: Callable[[int, int], Ran] = run_seeds) -> Ran:
    """Run seeds from ``first`` on, in several processes, until so many steps are done."""
    sums: Counter[str] = Counter()
    violations: list[str] = []
    shown = steps // 10
    with ProcessPoolExecutor(jobs, initializer=remember_signatures) as pool:
        starts: Iterator[int] = count(first, CHUNK)
        waiting = [pool.submit(run, at, at + CHUNK) for at in islice(starts, 2 * jobs)]
        while waiting:
            added, found = waiting.pop(0).result()
            sums += added
            violations += found
            if sums["steps"] < steps:
                at = next(starts)
                waiting.append(pool.submit(run, at, at + CHUNK))
            if sums["steps"] >= shown:
                print(f"{sums['steps']:,} steps", file=sys.stderr, flush=True)
                shown += steps // 10
    return sums, violations


def show(seed: int, cast: str, *, trace: bool) -> int:
    """Run one seed and print what it was."""
    episode = played(seed, cast, trace=trace)
    wrong = 0
    try:
        print(episode.run())
    except Violation as violation:
        wrong = 1
        print(f"violated: {violation}")
    if episode.trace is not None:
        print("\n".join(episode.trace))
    return wrong


def main(arguments: list[str]) -> int:
    """Run what the arguments say. Returns 0 where everything held."""
    parser = argparse.ArgumentParser(prog="tests.sim", description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=1_000_000, help="how many (1,000,000)")
    parser.add_argument("--crashes", type=int, default=0, help="how many there must be (0)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--seed", type=int, help="run this seed alone")
    parser.add_argument("--cast", choices=CASTS, default="", help="this cast alone (any)")
    parser.add_argument("--trace", action="store_true", help="show every step of it")
    options = parser.parse_args(arguments)
    if options.seed is not None:
        return show(options.seed, options.cast, trace=options.trace)
    begun = time.monotonic()
    run = partial(run_seeds, cast=options.cast)
    sums, violations = run_steps(options.steps, options.first, options.jobs, run)
    print(told(sums, violations))
    print(f"violations {len(violations)}  seconds {time.monotonic() - begun:.0f}")
    return int(bool(violations) or sums["crashes"] < options.crashes)


def told(sums: Counter[str], violations: list[str]) -> str:
    """Return what a run was, in words."""
    return "\n".join((*violations, "  ".join(f"{name} {n:,}" for name, n in sums.items())))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
