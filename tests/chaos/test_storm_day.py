"""Storm day: a thousand times the comments of other days, none lost, in bounded memory.

What a process may grow by with each comment is what it knows of it: state, fingerprints, ids.
Everything else is let go of at each seal.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from archiver.flows import accounts
from archiver.flows.run import SEGMENT_BYTES
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.chaos.truth import rows
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from pathlib import Path

NAME = "city-blog"
SMALL = 250_000
"""Bytes after which the short form seals: two pages."""
KNOWN = 4_000
"""Bytes that a comment may cost for as long as a run lasts: some 1,300 as measured, and what
comes and goes by chance. One that is not let go of costs some 15,000."""
MOST = 768 << 20
"""Bytes of a process that captures 120,000 comments, 20,000 of which wait for their seal."""


def captured(folder: Path, comments: int, segment: int) -> int:
    """Capture a blog with so many comments; return the most bytes that the process had."""
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = create_archive(settings)
    serving = [sys.executable, "-m", "tests.chaos.storm_day", str(comments)]
    with subprocess.Popen(
        serving, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as blog:
        assert blog.stdout is not None
        about = json.loads(blog.stdout.readline())
        account = {"name": NAME, "platform": "wordpress", "url": about["url"]}
        accounts.add(archive, account, about["credential"])
        accounts.approve(archive, NAME, "Clerk")
        place = {"ARCHIVER_ARCHIVE": str(folder / "archive"), "ARCHIVER_HOME": str(folder / "home")}
        words = ["tests.cli.measured", "tests.chaos.storm_day", NAME, str(segment)]
        ran = subprocess.run(
            [sys.executable, "-m", *words],
            env={**os.environ, **place}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert blog.stdin is not None
        blog.stdin.close()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (report,) = json.loads(ran.stdout)["data"]
    told = report["streams"]["comments"]
    assert (told["reported"], told["seen"], told["unexplained"]) == (comments, comments, 0)
    found = Counter(
        row["native_id"]
        for row in rows(open_archive(settings))
        if row["stream"] == "comments" and row["kind"] != "listing"
    )
    assert (len(found), set(found.values())) == (comments, {1})
    return int(ran.stderr.split()[-1]) << 10


def test_memory_grows_by_what_is_known_and_nothing_else() -> None:
    """Ten times as many comments, in many segments instead of one."""
    with memory_folder() as few, memory_folder() as many:
        small = captured(few, 200, SMALL)
        large = captured(many, 2_000, SMALL)
    assert large - small < 1_800 * KNOWN, (small, large)


@pytest.mark.soak
def test_a_thousand_times_the_comments_of_other_days(tmp_path: Path) -> None:
    """120 a day are 120,000; with segments as large as they are in earnest."""
    sizes = {}
    for comments in (60_000, 120_000):
        sizes[comments] = captured(tmp_path / str(comments), comments, SEGMENT_BYTES)
    sys.stdout.write(f"{sizes}\n")
    assert sizes[120_000] - sizes[60_000] < 60_000 * KNOWN
    assert sizes[120_000] < MOST
