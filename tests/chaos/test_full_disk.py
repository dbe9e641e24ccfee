"""No space, no access: a plain error, exit 3, nothing lost; the next run completes."""

from __future__ import annotations

import json
import resource
import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from tests.chaos.helpers import BLOG, COMMAND, PATIENCE, Place, found, place_in
from tests.chaos.truth import assert_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def town(folder: Path) -> Iterator[tuple[Place, City]]:
    """A served city and the place of its archive."""
    city, place = City(), place_in(folder)
    with CityServer(city) as server:
        found(place, city, server.url, place.run)
        yield place, city


def assert_completes(place: Place, city: City) -> None:
    """Assert that the next run has everything."""
    city.change()
    for arguments in ((), ("--mode", "reconcile")):
        ended = place.run("capture", *arguments)
        assert ended.code == 0, ended.output
    assert_whole(place, city)


def assert_plain(code: int, output: str, *words: str) -> None:
    """Assert exit 3 and one JSON document that says what, where and how to mend it."""
    assert code == 3, output
    (finding,) = json.loads(output)["findings"]
    for word in words:
        assert word in json.dumps(finding), finding
    assert finding["where"]
    assert finding["mend"]


@pytest.mark.parametrize("size", [5_000, 60_000, 300_000])
def test_a_file_that_cannot_grow(town: tuple[Place, City], size: int) -> None:
    """Writing fails in the middle of the spool, of a cache or of a segment (RLIMIT_FSIZE)."""
    place, city = town
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
    ended = subprocess.run(
        [*COMMAND, "capture", BLOG, "--json"],
        env=place.variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        preexec_fn=limit,  # noqa: PLW1509 - this process has no thread that holds a lock here
    )
    assert_plain(ended.returncode, ended.stdout, "File too large", "free space")
    assert_completes(place, city)


@pytest.mark.parametrize("part", ["u", "log/pending", "log/tile", "log/staging"])
def test_an_archive_that_cannot_be_written(town: tuple[Place, City], part: str) -> None:
    """A folder of the archive is no folder: sealing stops there, the spool keeps everything."""
    place, city = town
    blocked = place.home.parent / "archive" / part
    blocked.rename(blocked.with_name("away"))
    blocked.write_bytes(b"")
    ended = place.run("capture", BLOG, "--json")
    blocked.unlink()
    blocked.with_name("away").rename(blocked)
    assert_plain(ended.code, ended.output, part)
    assert_completes(place, city)
