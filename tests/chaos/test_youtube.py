"""A channel's life while its captures are killed, refused, cut off: nothing is lost or invented."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.demo.youtube.api import YouTube
from archiver.edges.clock import SystemClock
from archiver.errors import CaptureError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from tests.chaos.helpers import after, changes, place_in
from tests.chaos.truth import Quiet
from tests.chaos.youtube import Life
from tests.demo.youtube import ACCOUNT, history, refusal, wrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.demo.faults import Fault
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport
    from tests.chaos.helpers import Forks

KILLED = -9
FAULTS: tuple[Callable[[], Fault], ...] = (
    lambda: faults.too_many_requests(1),
    faults.server_error,
    lambda: faults.truncated(200),
    faults.reset,
    faults.chunked,
    lambda: refusal(403, "rateLimitExceeded"),
    lambda: refusal(403, "quotaExceeded"),
    lambda: refusal(400, "processingFailure"),
    lambda: refusal(401, "authError"),
    lambda: refusal(403, "insufficientPermissions"),
    lambda: refusal(403, "accessNotConfigured"),
    faults.login_page,
)


class Impatient(SystemClock):
    """The time, for somebody who never waits: what a home knows of closed windows is lost."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def sleep(self, seconds: float) -> None:
        """Do not; the governor's notes go instead, as if the moment had come."""
        assert seconds >= 0
        for name in ("governor", "spending"):
            for folder in self._home.rglob(name):
                shutil.rmtree(folder)


class Ordeal:
    """One life, the place that captures it, and what a chat showed while it could be seen."""

    def __init__(self, forks: Forks, folder: Path, seed: int) -> None:
        self.chance = Random(seed)
        self.life = Life(self.chance)
        self.service = YouTube(self.life, most=9)
        self.place = place_in(folder)
        self.forks = forks
        self.kills = 0
        self.faults = 0
        self.shown: set[str] = set()

    def found(self, url: str) -> None:
        """Make an archive with the channel as an approved account."""
        address = f"{url}/channel/{self.life.city.id}"
        self.place.home.parent.mkdir(exist_ok=True)
        self.forks.done(self.place, "init")
        about = {"name": ACCOUNT, "platform": "youtube", "url": address}
        accounts.add(self.archive, about, self.service.credential.fields())
        accounts.approve(self.archive, ACCOUNT, "Clerk")

    @property
    def archive(self) -> Archive:
        """The archive, opened by somebody who never waits."""
        clock = Impatient(self.place.home)
        clock.sleep(0)  # a new day
        return replace(self.place.opened(), clock=clock)

    def killed(self) -> None:
        """Capture in a process of its own, and kill that at some moment."""
        moment = self.chance.choice([
            after(self.chance.uniform(0.05, 0.9)),
            changes(self.place.inside / "spool", 1, ".warc", self.chance.randint(1, 3)),
            changes(self.place.inside / "journal", 1, "", self.chance.randint(1, 5)),
        ])  # fmt: skip
        mode = self.chance.choice(["incremental", "reconcile", "backfill"])
        Impatient(self.place.home).sleep(0)
        ended = self.forks.kill(self.place, moment, "capture", "--mode", mode)
        assert ended.code in {0, KILLED}, ended.output
        self.kills += ended.code == KILLED

    def spoilt(self, server: CityServer) -> None:
        """Capture while answers are spoilt, and while things happen; it may come to nothing."""
        for _ in range(self.chance.randint(1, 4)):
            server.fail(self.chance.choice(_PLACES), self.chance.choice(FAULTS)())
            self.faults += 1
        if self.chance.random() < 0.3:
            self.service.left = self.chance.randint(5, 80)
        if self.chance.random() < 0.3:
            self.service.scopes = {"readonly"}
        if self.chance.random() < 0.3:
            self.service.expire()
        mode = self.chance.choice(["incremental", "reconcile", "backfill"])
        with suppress(CaptureError):  # a login that is refused ends a run: that is tried here
            capture(self.archive, ACCOUNT, mode, Quiet())
        server.faults.clear()
        self.service.left = None
        self.service.scopes = {"readonly", "force-ssl", "memberships"}

    def whole(self) -> CaptureReport:
        """Capture undisturbed; the archive then says what the channel says, no more, no less."""
        report = capture(self.archive, ACCOUNT, "backfill", Quiet())
        if report.resumed:  # it speaks of the day on which it began: what came since is the next's
            report = capture(self.archive, ACCOUNT, "backfill", Quiet())
        assert report.incomplete == {}
        assert all(one["unexplained"] == one["residue"] == 0 for one in report.streams.values())
        assert wrong(self.life, self.archive) == []
        said = self.life.messages.values()
        self.shown |= {
            one.id
            for one in said
            if one.chat in self.life.open_chats and one.kind == "textMessageEvent"
        }
        return report


_PLACES = tuple(
    f"/youtube/v3/{method}"
    for method in (
        "channels", "playlistItems", "videos", "commentThreads", "comments", "captions",
        "liveBroadcasts", "liveChat", "subscriptions", "members", "playlists",
    )
)  # fmt: skip


def endured(forks: Forks, folder: Path, seed: int, events: int, between: int) -> Ordeal:
    """Let so many things happen, so many at a time, each time with a capture of some kind."""
    ordeal = Ordeal(forks, folder, seed)
    with CityServer(City(), ordeal.service) as server:
        ordeal.found(server.url)
        rounds = 0
        while ordeal.life.events < events:
            ordeal.life.happen(between)
            (ordeal.killed, lambda: ordeal.spoilt(server), ordeal.whole)[rounds % 3]()
            rounds += 1
        ordeal.whole()
        assert capture(ordeal.archive, ACCOUNT, "backfill", Quiet()).observations == {}
        checked = verify(ordeal.archive, Quiet(), deep=True)
        assert (checked.findings, checked.unreadable) == ([], 0)
        have = history(ordeal.archive)
        assert {f"chat/{one}" for one in ordeal.shown} <= {name for _, name in have}
    return ordeal


def test_a_short_life(forks: Forks, folder: Path) -> None:
    """A hundred and fifty events, with captures killed and spoilt between them."""
    ordeal = endured(forks, folder, 1, 150, 17)
    assert ordeal.kills >= 2
    assert ordeal.faults >= 3


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3])
def test_a_long_life(forks: Forks, folder: Path, seed: int) -> None:
    """Two thousand events and more."""
    ordeal = endured(forks, folder, seed, 2000, 20)
    assert ordeal.life.events >= 2000
    assert ordeal.kills >= 20
    assert ordeal.faults >= 50
    assert len(ordeal.shown) >= 20
