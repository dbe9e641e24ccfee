"""No space, no access: a plain error, exit 3, nothing lost; the next run completes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from tests.chaos.helpers import BLOG, found, place_in
from tests.chaos.truth import assert_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.chaos.helpers import Ended, Forks, Place


@pytest.fixture
def town(forks: Forks, folder: Path) -> Iterator[tuple[Place, City]]:
    """A served city and the place of its archive."""
    city, place = City(), place_in(folder)
    with CityServer(city) as server:
        found(forks, place, city, server.url)
        yield place, city


def assert_completes(forks: Forks, place: Place, city: City) -> None:
    """Assert that the next run has everything."""
    city.change()
    forks.done(place, "capture")
    forks.done(place, "capture", "--mode", "backfill")
    assert_whole(place, city)


def assert_plain(ended: Ended, *words: str) -> None:
    """Assert exit 3 and one JSON document that says what, where and how to mend it."""
    assert ended.code == 3, ended.output
    (finding,) = json.loads(ended.output)["findings"]
    for word in words:
        assert word in json.dumps(finding), finding
    assert finding["where"]
    assert finding["mend"]


@pytest.mark.parametrize("size", [5_000, 60_000, 300_000])
def test_a_file_that_cannot_grow(forks: Forks, town: tuple[Place, City], size: int) -> None:
    """Writing fails early or late in the spool, or in a cache (RLIMIT_FSIZE)."""
    place, city = town
    ended = forks.run(place, "capture", BLOG, "--json", limit=size)
    assert_plain(ended, "File too large")
    assert_completes(forks, place, city)


@pytest.mark.parametrize("part", ["u", "log/pending", "log/tile", "log/staging"])
def test_an_archive_that_cannot_be_written(
    forks: Forks, town: tuple[Place, City], part: str
) -> None:
    """A folder of the archive is no folder: sealing stops there, the spool keeps everything."""
    place, city = town
    blocked = place.home.parent / "archive" / part
    blocked.rename(blocked.with_name("away"))
    blocked.write_bytes(b"")
    ended = forks.run(place, "capture", BLOG, "--json")
    blocked.unlink()
    blocked.with_name("away").rename(blocked)
    assert_plain(ended, part)
    assert_completes(forks, place, city)
