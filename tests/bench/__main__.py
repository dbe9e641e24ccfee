"""``make bench``: CPU time of the archiver against plain tools that do less.

Every figure is user plus system time, but where it says (wall); every row's contestants run
in turn, again and again, within this one run, and the medians are compared. Both whole lines
warm up with one page: what libraries load late is nobody's. Ratios, not seconds, carry over
from one machine to another.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator

from civic_archiver_airflow.standalone import environment
from tests.bench import purging
from tests.bench.ledger import growing
from tests.bench.measure import Row, children_seconds, timed
from tests.bench.pages import PER_PAGE, page_paths
from tests.bench.parts import commitment_row, records, stored_warc, warc_row
from tests.bench.retention import Measured, retention_rows
from tests.bench.verifying import verifying_rows
from tests.bench.webhook import webhook_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["main"]

_ROOT = Path(__file__).parents[2]
QUICK = 10, 3, 100_000, 1_000_000, 20_000
"""Pages, repetitions, leaves, records to judge, and of a segment, of a quick run."""


def main(arguments: list[str]) -> int:
    """Measure, and print a table or one JSON document. Returns 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--pages", type=int, default=30, help="pages of 100 items (30)")
    parser.add_argument("--repetitions", type=int, default=5, help="of every contestant (5)")
    parser.add_argument("--leaves", type=int, default=1_000_000, help="of a log (1,000,000)")
    parser.add_argument("--records", type=int, default=20_000_000, help="to judge (20,000,000)")
    parser.add_argument("--segment", type=int, default=60_000, help="to purge out of (60,000)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="10 pages, 100,000 leaves, 1,000,000 and 20,000 records, 3 repetitions",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    asked = (options.pages, options.repetitions, options.leaves, options.records, options.segment)
    pages, repetitions, leaves, judged, segment = QUICK if options.quick else asked
    rows, notes = _measure(pages, repetitions, leaves)
    many, told = _retention(judged, repetitions)
    purged = purging.Measured(**_python("purging", str(segment), str(repetitions)))
    rows, notes = [*rows, *many, *purging.purging_rows(purged)], [*notes, told]
    if options.json:
        print(json.dumps(_document(pages, repetitions, rows, notes)))
    else:
        _print_table(pages, repetitions, rows, notes)
    return int(any(row.verdict == "miss" for row in rows))


def _measure(pages: int, repetitions: int, leaves: int) -> tuple[list[Row], list[str]]:
    sealed = records(pages)
    plain = stored_warc(sealed)  # the archive's own are encrypted: warcio could not read them
    commitments = commitment_row(sealed, repetitions)
    written, size = warc_row(sealed, repetitions)
    with (
        _server(pages) as site,
        _server(1) as small,
        TemporaryDirectory(prefix="civic-bench-") as folder,
    ):
        runs = []
        for _ in range(repetitions):
            check, checked = timed(lambda: _check(plain))
            run = _run_all(site, small["url"], Path(folder), pages)
            runs.append(run | {"check": check, "checked": checked})
    full, again = runs[0]["requests"]
    notes = [
        f"our gzip members are {size:.2f} times as large as warcio's (level 1 against 9)",
        f"a full capture made {full} requests, the one with nothing new {again}",
    ]
    each, told = _platforms(repetitions)
    rates = [run["check"] / run["checked"] for run in runs]
    with TemporaryDirectory(prefix="civic-bench-") as folder:
        verifying, proof = verifying_rows(Path(folder), pages, repetitions, median(rates))
    rows = [*_line_rows(runs, pages * PER_PAGE), commitments, written, *_again_rows(runs), *each]
    rows.append(_growth(pages * PER_PAGE, [run["full"] for run in runs]))
    with TemporaryDirectory(prefix="civic-bench-") as folder:
        receiving, sealed_after = webhook_rows(Path(folder), repetitions, pages * PER_PAGE)
    rows += [*verifying, *_recovery(repetitions, leaves), _dags(repetitions), *receiving]
    return rows, [*notes, told, proof, sealed_after]


def _retention(records: int, repetitions: int) -> tuple[list[Row], str]:
    """Compare judging so many records with scanning them, in a process: it takes memory."""
    return retention_rows(Measured(**_python("retention", str(records), str(repetitions))))


def _line_rows(runs: list[dict[str, Any]], items: int) -> list[Row]:
    full = [run["full"] for run in runs]
    plain, curl = [run["plain"] for run in runs], [run["curl"] for run in runs]
    return [
        Row("whole line", "warcio + requests + Parquet", full, plain, 3.0, items),
        Row("whole line", "curl to files", full, curl, None, items),
    ]


def _again_rows(runs: list[dict[str, Any]]) -> list[Row]:
    full = [run["full"] for run in runs]
    checked = [run["check"] / run["checked"] * run["records"] for run in runs]
    records_, searched = runs[0]["records"], runs[0]["searched"]
    return [
        Row("re-capture, nothing new", "full capture", [r["again"] for r in runs], full, 0.1, 0),
        Row(
            "verify --deep, encrypted", "warcio check, per record",
            [r["verify"] for r in runs], checked, None, records_,
        ),
        Row("search", "full capture", [r["search"] for r in runs], full, None, searched),
    ]  # fmt: skip


def _growth(items: int, full: list[float]) -> Row:
    """Compare making a log of so many entries, and signing it, with the whole capture."""
    ours = [growing(items) for _ in full]
    return Row("tree, entries, checkpoint", "full capture", ours, full, 0.05, items)


def _platforms(repetitions: int) -> tuple[list[Row], str]:
    """Compare a first capture of each presence of the demo city with a bare download.

    Also one new comment, from its posting to its being sealed; in words, wall time.
    """
    with _served("town") as everywhere, TemporaryDirectory(prefix="civic-bench-") as folder:
        base = "http://" + urlsplit(everywhere[0]["url"]).netloc
        runs: dict[str, list[dict[str, Any]]] = {one["platform"]: [] for one in everywhere}
        for number in range(repetitions):
            for one in everywhere:
                place = Path(folder) / f"{number} {one['name']}"
                runs[one["platform"]].append(_python("platform", base, str(place), json.dumps(one)))
    rows = [
        Row(f"capture {platform}", "bare download", [r["full"] for r in done],
            [r["bare"] for r in done], None, done[0]["items"])
        for platform, done in runs.items()
    ]  # fmt: skip
    blog = runs["wordpress"]
    ours, bare = [run["one"] for run in blog], [run["one_bare"] for run in blog]
    rows.append(Row("one new comment", "bare download", ours, bare, None, 0))
    latency = 1000 * median(run["latency"] for run in blog)
    return rows, f"a new comment was sealed {latency:.0f} ms (wall) after it was posted"


def _recovery(repetitions: int, leaves: int) -> list[Row]:
    """Compare finishing a killed seal on so many leaves with hashing them and their tree."""
    done = [_python("ledger", str(leaves)) for _ in range(repetitions)]
    plain = [one["plain"] for one in done]
    against = "hashing leaves and tree"
    return [
        Row("recovery", against, [one["warm"] for one in done], plain, 0.2, 0),
        Row("recovery, no caches", against, [one["cold"] for one in done], plain, 2.2, leaves),
    ]


def _dags(repetitions: int) -> Row:
    """Compare reading all DAG files with what loading Airflow takes before."""
    with TemporaryDirectory(prefix="civic-bench-") as folder:
        environ = environment(Path(folder) / "airflow", 1, {})
        command = [sys.executable, "-m", "tests.airflow.driver", "parse"]
        done = [
            subprocess.run(command, cwd=_ROOT, env=environ, check=True, capture_output=True)
            for _ in range(repetitions)
        ]
    found = [json.loads(one.stdout.splitlines()[-1]) for one in done]
    assert all(one["errors"] == {} for one in found)
    ours, other = [one["seconds"] for one in found], [one["airflow"] for one in found]
    return Row("reading all DAG files", "loading Airflow", ours, other, 0.1, len(found[0]["dags"]))


@contextmanager
def _server(pages: int) -> Iterator[dict[str, str]]:
    """Run the server of the workload; yield its address and login."""
    with _served("server", str(pages)) as site:
        yield site


@contextmanager
def _served(name: str, *arguments: str) -> Iterator[Any]:
    """Run a server process; yield the JSON document that it prints."""
    command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.stdin.close()
            server.wait()


def _run_all(site: dict[str, str], small: str, folder: Path, pages: int) -> dict[str, Any]:
    """Let every contestant run once, each in a process and a folder of its own.

    ``small`` is the address of the site with which ours warms up.
    """
    places = {name: folder / name for name in ("curl", "plain", "ours")}
    for place in places.values():
        place.mkdir()
    curl = _curl(site["url"], places["curl"], pages)
    plain = _python("plain", site["url"], str(places["plain"]), str(pages))
    login = (site["user"], site["password"])
    ours = _python("ours", site["url"], small, *login, str(places["ours"]))
    _fair(ours, plain, places["curl"], pages)
    for place in places.values():
        shutil.rmtree(place)
    return {**ours, "curl": curl, "plain": plain["seconds"]}


def _fair(ours: dict[str, Any], plain: dict[str, Any], files: Path, pages: int) -> None:
    """Make sure that everybody did the whole job. Raises `AssertionError`."""
    items = pages * PER_PAGE
    assert plain["rows"] == items
    assert len(list(files.iterdir())) == pages + 1
    assert ours["items"] == items + 1  # each comment, and the site's profile
    assert ours["new_again"] == 0
    assert ours["findings"] == 0
    assert ours["records"] >= items


def _python(name: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
    done = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def _curl(url: str, folder: Path, pages: int) -> float:
    """Return curl's CPU seconds for fetching the pages to files, over one connection."""
    config = folder / "curl.cfg"
    lines = [
        f'url = "{url}{path}"\noutput = "{folder / str(number)}"'
        for number, path in enumerate(page_paths(pages))
    ]
    config.write_text("\n".join(lines) + "\n")
    before = children_seconds()
    subprocess.run(["curl", "-s", "-K", str(config)], check=True)
    return children_seconds() - before


def _check(stored: bytes) -> int:
    """Do what ``warcio check`` does with a WARC. Returns how many records it has."""
    count = 0
    for record in ArchiveIterator(BytesIO(stored), check_digests="raise"):
        record.content_stream().read()
        count += 1
    return count


def _document(pages: int, repetitions: int, rows: list[Row], notes: list[str]) -> dict[str, Any]:
    shown = [row._asdict() | {"ratio": round(row.ratio, 4), "verdict": row.verdict} for row in rows]
    return {"pages": pages, "repetitions": repetitions, "rows": shown, "notes": notes}


def _print_table(pages: int, repetitions: int, rows: list[Row], notes: list[str]) -> None:
    print(f"CPU time (user + system), {pages} pages of {PER_PAGE} items; median of {repetitions}\n")
    print(f"{'what':30}{'against':30}{'ours ms':>9}{'other ms':>10}{'ratio':>8}{'goal':>8}")
    for row in rows:
        goal = "" if row.goal is None else f"{row.goal:.2f}"
        figures = f"{1000 * median(row.ours):9.0f}{1000 * median(row.other):10.0f}"
        rate = f"  {row.items / median(row.ours):,.0f} items/s" if row.items else ""
        print(
            f"{row.name:30}{row.against:30}{figures}{row.ratio:8.3f}{goal:>8}"
            f"  {row.verdict:5}{rate}"
        )
    print("\n" + "\n".join(notes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
