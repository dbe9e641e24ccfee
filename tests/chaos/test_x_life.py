"""A long life on the stand-in X, captured through every fault and under ``kill -9``.

In the end the archive says of everything that X shows what X says; what it no longer shows
is absent or deleted, nothing is doubled, and nothing that X counts is unexplained.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.demo.x.api import XApi
from archiver.demo.x.life import Life
from archiver.errors import CaptureError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from tests.chaos.helpers import after, place_in
from tests.chaos.truth import Quiet
from tests.demo.mastodon import history
from tests.demo.x import ACCOUNT, wrong
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.demo.faults import Fault
    from archiver.flows.archive import Archive
    from tests.chaos.helpers import Forks, Place

KILLED = -9
PLACES = ("/2/users/", "/2/tweets/", "/2/dm_events", "/2/chat/", "/2/oauth2/", "/media/")
FAULTS: tuple[Callable[[], Fault], ...] = (
    lambda: faults.too_many_requests(1),
    faults.server_error,
    lambda: faults.truncated(200),
    faults.reset,
    faults.login_page,
)


class World:
    """A life, its API and server, and an archive of it that processes work on."""

    def __init__(self, forks: Forks, place: Place, seed: int, *, most: int) -> None:
        self.chance = Random(seed)
        self.life = Life(self.chance)
        self.api = XApi(self.life, most=most)
        self.api.tokens.rotates = False  # a process that is killed can't keep the next one
        self.forks = forks
        self.place = place

    def found(self, server: CityServer) -> None:
        """Make the archive with its approved account."""
        self.forks.done(self.place, "init")
        archive = self.place.opened()
        about = {"name": ACCOUNT, "platform": "x", "url": f"{server.url}/Quillwater"}
        accounts.add(archive, about, self.api.tokens.credential)
        accounts.approve(archive, ACCOUNT, "Clerk")

    def archive(self) -> Archive:
        """Open the archive; its clock sleeps no time."""
        return replace(self.place.opened(), clock=FixedClock(datetime.now(UTC)))

    def stumble(self, server: CityServer) -> None:
        """Capture while things go wrong: faults, a token that ends, a scope, credits, a quota."""
        tokens, limits = self.api.tokens, self.api.limits
        for _ in range(self.chance.randint(1, 5)):
            server.fail(self.chance.choice(PLACES), self.chance.choice(FAULTS)())
        scopes, trouble = tokens.scopes, self.chance.randrange(6)
        if trouble == 0:
            tokens.scopes = scopes - {self.chance.choice(sorted(scopes))}
        elif trouble == 1:
            limits.things = self.chance.randrange(400)
        elif trouble == 2:
            limits.today = self.chance.randrange(60)
        elif trouble == 3:
            tokens.holds = self.chance.randint(3, 40)
        elif trouble == 4:
            limits.requests = self.chance.randint(5, 40)
        mode = self.chance.choice(["incremental", "reconcile", "backfill"])
        with suppress(CaptureError):  # where the platform could not be read at all
            capture(self.archive(), ACCOUNT, mode, Quiet())
        server.faults.clear()
        tokens.scopes, tokens.holds = scopes, None
        limits.things = limits.today = limits.requests = None
        self.archive().home.remove("governor/x.json")  # as if all windows had ended

    def killed(self) -> bool:
        """Capture in a process that is killed in the midst of it, if it is quick enough."""
        mode = self.chance.choice(["incremental", "backfill"])
        moment = after(self.chance.uniform(0, 1.2))
        ended = self.forks.kill(self.place, moment, "capture", "--mode", mode)
        assert ended.code in {0, 1, KILLED}, ended.output
        return ended.code == KILLED


def lived(forks: Forks, folder: Path, seed: int, events: int, rounds: int) -> int:
    """Live and capture so many rounds; hold the archive against the truth; return the kills."""
    world = World(forks, place_in(folder), seed, most=40)
    kills = 0
    with CityServer(City(), world.api) as server:
        world.found(server)
        for number in range(rounds):
            world.life.live(events // rounds)
            if number % 2:
                kills += world.killed()
            else:
                world.stumble(server)
        assert_told(world)
        world.life.settle_down()
        assert_told(world)
    return kills


def assert_told(world: World) -> None:
    """After two whole captures the archive tells what there is, and a third one nothing new."""
    archive = world.archive()
    # A run that was torn asks for everything again; what vanished needs two listings.
    for _ in range(2):
        report = capture(archive, ACCOUNT, "backfill", Quiet())
        assert report.incomplete == {}
    assert wrong(world.life, archive) == []
    assert {
        name: one["unexplained"] for name, one in report.streams.items() if one["unexplained"]
    } == {}
    assert set(capture(archive, ACCOUNT, "backfill", Quiet()).observations) <= {"listing"}
    checked = verify(archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)
    for thing, seen in history(archive).items():
        assert doubled(seen) == [], thing


def doubled(seen: list[dict[str, str]]) -> list[str]:
    """Name observations of one thing that say what the one before said."""
    kept = ("volatile", "observation_id", "captured_at", "exchange", "page_url", "record_id")
    said = [{k: v for k, v in row.items() if k not in kept} for row in seen]
    return [
        row["observation_id"]
        for row, one, before in zip(seen[1:], said[1:], said, strict=False)
        if one == before
    ]


def test_a_life_under_faults_and_kills_is_told_as_it_was(forks: Forks, folder: Path) -> None:
    """A hundred and fifty events, six rounds of captures that go wrong or are killed."""
    lived(forks, folder, 7, 150, 6)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [11, 12])
def test_a_long_life_under_faults_and_kills_is_told_as_it_was(
    forks: Forks, folder: Path, seed: int
) -> None:
    """More than two thousand events, forty rounds."""
    assert lived(forks, folder, seed, 2_100, 40) > 5
