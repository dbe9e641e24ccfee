"""The benchmark itself: every contestant does the whole job, and every row is told."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from archiver.capture.platforms import CONNECTORS
from tests.bench import reading
from tests.bench.__main__ import main
from tests.bench.measure import Row

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_contestant_does_its_job(capsys: pytest.CaptureFixture[str]) -> None:
    """One page, once: nobody leaves anything out, and the document has every comparison."""
    few = {"pages": 1, "leaves": 1000, "records": 30000, "segment": 1000, "repetitions": 1}
    small = [word for name, count in few.items() for word in (f"--{name}", str(count))]
    main([*small, "--json"])
    document = json.loads(capsys.readouterr().out)
    goals = {(row["name"], row["against"]): row["goal"] for row in document["rows"]}
    assert goals == {
        ("whole line", "warcio + requests + Parquet"): 3.0,
        ("whole line", "curl to files"): None,
        ("commitments", "bare hashing loop"): 1.5,
        ("WARC writing", "warcio WARCWriter"): 0.4,
        ("re-capture, nothing new", "full capture"): 0.1,
        ("verify", "openssl dgst of all bytes"): 1.2,
        ("verify --deep", "inflate, parse, recompute"): 1.5,
        ("verify --deep", "warcio check"): 1 / 3,
        ("verify --deep, encrypted", "warcio check, per record"): None,
        ("verify --since, 1 % of 100 MB", "verify"): None,
        ("verify --since, 1 % of 1 GB", "verify"): 0.02,
        ("scan of verified rows", "DuckDB on the files"): 1.1,
        ("checking a proof", "5 ms"): 1.0,
        ("tree, entries, checkpoint", "full capture"): 0.05,
        ("search", "full capture"): None,
        **{(f"capture {platform}", "bare download"): None for platform in CONNECTORS},
        ("one new comment", "bare download"): None,
        ("recovery", "hashing leaves and tree"): 0.2,
        ("recovery, no caches", "hashing leaves and tree"): 2.2,
        ("reading all DAG files", "loading Airflow"): 0.1,
        ("receiving deliveries", "FastAPI and a signature"): None,
        ("webhook to sealed, p50 (wall)", "1 s to gather more"): None,
        ("webhook to sealed, p95 (wall)", "1 s to gather more"): None,
        ("retention, groups, cells ready", "scan of five columns"): None,  # of so few
        ("retention, groups, one hold more", "scan of five columns"): None,
        ("retention, every record, cells", "scan of five columns"): None,
        ("retention, cells made and judged", "scan of five columns"): None,
        ("retention, plain SQL, by sample", "scan of five columns"): None,
        ("purge of 1,000 among 1,000", "rewriting its files plainly"): None,
        ("purge of 1,000 among 1,000, archive x 10", "archive x 1"): 1.2,
    }


def test_a_verdict_compares_medians_with_the_goal() -> None:
    """One slow repetition among three does not make a miss; a slow median does."""
    assert Row("a", "b", [1.0, 9.0, 1.0], [1.0, 1.0, 1.0], 1.5, 0).verdict == "pass"
    assert Row("a", "b", [2.0, 2.0, 1.0], [1.0, 1.0, 1.0], 1.5, 0).verdict == "miss"
    assert Row("a", "b", [2.0], [1.0], None, 0).verdict == ""


@pytest.mark.soak
def test_reading_is_measured(tmp_path: Path) -> None:
    """Each command finds what was sealed, in a process of its own."""
    reading.build(tmp_path / "bench", 2)
    found = {name: reading.measured(tmp_path / "bench", name)["found"] for name in reading.COMMANDS}
    assert min(found.pop("search words"), found.pop("nothing")) > 0
    assert found == {"search all": 200, "show": 1, "known": 201, "status": 1}  # and the account
