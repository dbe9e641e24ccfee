"""``make audit-exhaustive``: every single bit of every stored object, flipped.

Through the check of its object, in process; and one bit in many through the whole command
as well. Prints a table, and exits 1 where one was not found or another object was named.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import shutil
import sys
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from archiver.cli.main import main as command
from archiver.flows.verify import verify
from tests.audit.fixture import KINDS, Silent, build, kinds_of, opened
from tests.audit.flips import Outcome, Stretch, checks_of, flip_all, flipped, stretches

if TYPE_CHECKING:
    from collections.abc import Iterator

_ONE_IN = 10_000
_folder = Path()


def main(arguments: list[str]) -> int:
    """Flip, print what came of it; return 1 where a flip was not found or misnamed."""
    parser = argparse.ArgumentParser(prog="tests.audit.exhaustive", description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--one-in", type=int, default=_ONE_IN, help="bits for the whole command")
    parser.add_argument("--sample", type=int, default=1, help="flip one stretch in so many")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="civic-flips-") as place:
        folder = Path(place)
        archive = build(folder)
        report = verify(archive, Silent(), deep=True)
        assert report.findings == []
        sizes = {one.key: one.size for one in archive.store.list("")}
        assert kinds_of(iter(sizes)) == KINDS
        assert set(checks_of(archive)) == set(sizes)
        print(f"{len(sizes)} objects, {sum(sizes.values()):,} bytes; untouched: 0 findings")
        work = stretches(sizes, 64)[:: options.sample]
        shared = multiprocessing.get_context("spawn").Pool(options.jobs, _start, (place,))
        with shared as pool:
            began = time.monotonic()
            each = _added(_told(pool.imap_unordered(_flip, work), len(work)))
            took = time.monotonic() - began
            whole = list(_chosen(sizes, options.one_in))
            began = time.monotonic()
            failed = [one for one in _told(pool.imap(_run, whole), len(whole)) if one]
    return _tell(each, took, len(whole), failed, time.monotonic() - began)


def _told(results: Iterator[Any], total: int) -> Iterator[Any]:
    """Pass results on, and say on standard error how far it is."""
    for number, one in enumerate(results, 1):
        if number % 100 == 0 or number == total:
            sys.stderr.write(f"{number} of {total}\n")
        yield one


def _start(place: str) -> None:
    """Give this process a copy of the archive, to spoil."""
    global _folder  # noqa: PLW0603 - what a worker has is its own
    _folder = Path(place) / f"copy-{os.getpid()}"
    for name in ("archive", "home"):
        shutil.copytree(Path(place) / name, _folder / name)


def _flip(stretch: Stretch) -> tuple[str, Outcome]:
    archive = opened(_folder)
    check = checks_of(archive)[stretch.key]
    return stretch.key, flip_all(check, archive.store.get(stretch.key), stretch)


def _run(chosen: tuple[str, int]) -> str:
    """Flip one bit and run the command; return what is wrong with what it says, or ""."""
    key, bit = chosen
    path = _folder / "archive" / key
    data = path.read_bytes()
    path.write_bytes(flipped(data, bit))
    out, errors = io.StringIO(), io.StringIO()
    words = ["verify", "--json", "--jobs", "1", "--archive", str(_folder / "archive")]
    status: object = None
    try:
        with redirect_stdout(out), redirect_stderr(errors):
            command([*words, "--home", str(_folder / "home")])
    except SystemExit as ended:
        status = ended.code
    finally:
        path.write_bytes(data)
    named = {one["where"] for one in json.loads(out.getvalue())["findings"]}
    return "" if (status, named) == (1, {key}) else f"bit {bit} of {key}: {status} {named}"


def _chosen(sizes: dict[str, int], one_in: int) -> Iterator[tuple[str, int]]:
    """Choose bits evenly over all objects, and at least one of each."""
    at = 0
    for key, size in sizes.items():
        bits = list(range(-at % one_in, 8 * size, one_in))
        at += 8 * size
        yield from ((key, bit) for bit in bits or [4 * size])


def _added(outcomes: Iterator[tuple[str, Outcome]]) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for key, one in outcomes:
        (kind,) = kinds_of(iter((key,)))
        before = found.get(kind, Outcome(0, [], []))
        found[kind] = Outcome(
            before.flips + one.flips, before.missed + one.missed, before.misnamed + one.misnamed
        )
    return found


def _tell(each: dict[str, Outcome], took: float, whole: int, failed: list[str], slow: float) -> int:
    print(f"\n{'kind of object':20}{'bits flipped':>14}{'not found':>11}{'misnamed':>10}")
    total: Counter[str] = Counter()
    for kind, one in sorted(each.items()):
        print(f"{kind:20}{one.flips:14,}{len(one.missed):11}{len(one.misnamed):10}")
        total += Counter(flips=one.flips, missed=len(one.missed), misnamed=len(one.misnamed))
    print(f"{'all':20}{total['flips']:14,}{total['missed']:11}{total['misnamed']:10}")
    print(
        f"\n{took / 60:.1f} minutes. Through the whole command: {whole} bits, {len(failed)} failed"
    )
    print("\n".join([f"({slow / 60:.1f} minutes)", *failed[:20]]))
    return int(bool(total["missed"] or total["misnamed"] or failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
