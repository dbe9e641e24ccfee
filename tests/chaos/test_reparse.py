"""``kill -9`` at any moment of `reparse --apply`: the next run seals the rest, nothing twice."""

from __future__ import annotations

import json
import shutil
from random import Random
from typing import TYPE_CHECKING

import pytest

from archiver.capture.platforms.wordpress import WordPress
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows import connectors
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from archiver.flows.segments import read_table
from archiver.flows.verify import verify
from archiver.formats.parquet import rows_of
from tests.chaos.helpers import BLOG, Place, found, place_in
from tests.chaos.test_compact import KILLED, moments
from tests.chaos.truth import Quiet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archiver.record import Excerpt
    from tests.chaos.helpers import Forks


class Earlier(WordPress):
    """The connector a version ago: its parser knew no titles."""

    parser = "wordpress/0"

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read as now, but for the title."""
        row = super().parse(excerpts, context)
        return {name: value for name, value in row.items() if name != "title"}


def captured_earlier(forks: Forks, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return an archive of the city's blog that the earlier version has read."""
    city, place = City(), place_in(folder)
    with CityServer(city) as server, monkeypatch.context() as then:
        found(forks, place, city, server.url)
        for name, value in place.environ.items():
            then.setenv(name, value)
        then.setattr(connectors, "CONNECTORS", {"wordpress": Earlier()})
        capture(place.opened(), BLOG, "backfill", Quiet())
    return place


def newer(place: Place) -> list[str]:
    """Return the first generation of each newer one, and each parser whose source is kept."""
    archive = place.opened()
    state = read_state(archive)
    every = (s for s in state.segments() if s.has_records)
    rows = [row for one in every for row in rows_of(read_table(archive, one))]
    sources = [row["native_id"] for row in rows if row["native_id"].startswith("parser/")]
    return sorted([row["generation_of"] for row in rows if "generation_of" in row] + sources)


def series(
    forks: Forks, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int, kills: int
) -> int:
    """Kill so many runs, each in a copy of one archive; return how many were killed."""
    base = captured_earlier(forks, folder / "base", monkeypatch)
    (told,) = json.loads(forks.done(base, "reparse", BLOG, "--json"))["data"]
    differ = sum(one["differ"] for one in told["streams"].values())
    assert differ > 0
    chance, killed, last = Random(seed), 0, base
    for number in range(4 * kills):
        if killed == kills:
            break
        copy = folder / f"copy-{number}"
        shutil.copytree(folder / "base", copy)
        last = Place(str(copy / "archive"), copy / "home", base.environ)
        ended = forks.kill(last, chance.choice(moments(last, chance)), "reparse", "--apply")
        assert ended.code in {0, KILLED}, ended.output
        killed += ended.code == KILLED
        forks.done(last, "reparse", "--apply")
        made = newer(last)
        assert len(made) == len(set(made)) == differ + 2  # the sources of two versions
        assert verify(last.opened(), Quiet(), deep=False).findings == []
    assert verify(last.opened(), Quiet(), deep=True).findings == []
    return killed


def test_kills_make_nothing_twice(
    forks: Forks, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two kills of the real command."""
    assert series(forks, folder, monkeypatch, 1, 2) == 2


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200, 204))
def test_many_kills_make_nothing_twice(
    forks: Forks, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A hundred kills in four series."""
    assert series(forks, folder, monkeypatch, seed, 25) == 25
