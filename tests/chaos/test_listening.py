"""Kills (SIGKILL) while events are listened to: the next run goes on from the position."""

from __future__ import annotations

import json
import random
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from archiver.demo.bluesky.service import Bluesky
from archiver.demo.city import City
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.server import CityServer
from archiver.flows.verify import verify
from tests.chaos.helpers import place_in
from tests.chaos.truth import Quiet, rows
from tests.demo.listening import FIREHOSE, NAME, USER_STREAM, Hamlet, Village

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.answer import Answer, Asked
    from tests.chaos.helpers import Forks, Place

SHOWN = {"present", "edited", "extended", "restored"}
MOMENTS = (0.2, 0.45, 0.62, 0.66, 0.7, 0.75, 0.9)
"""Seconds after a stream was opened; it is listened to for 0.6, then settled and sealed.

The first two come in time on any machine.
"""
TURN = Lock()
"""Held by who changes a stand-in, or asks it."""


class Orderly(CityServer):
    """A server that nothing changes while it answers."""

    def answer(self, asked: Asked) -> Answer:
        """Answer a request."""
        with TURN:
            return super().answer(asked)


@contextmanager
def living(act: Callable[[random.Random], None]) -> Iterator[None]:
    """Let life go on while the context is open."""
    over, chance = Event(), random.Random(7)

    def live() -> None:
        while not over.wait(0.04):
            with TURN:
                act(chance)

    thread = Thread(target=live)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def opened(server: CityServer, seconds: float) -> Callable[[], bool]:
    """Return a moment: so long after the next stream was opened."""
    paths, since = (FIREHOSE, USER_STREAM), list[float]()

    def streams() -> int:
        return sum(one.path.startswith(paths) for one in server.log)

    before = streams()

    def now() -> bool:
        if not since and streams() > before:
            since.append(monotonic())
        return bool(since) and monotonic() - since[0] >= seconds

    return now


def heard(forks: Forks, folder: Path, platform: str, url: str, *login: str) -> Place:
    """Return a place whose account has been captured once; ``login`` is a token, if any."""
    place = place_in(folder)
    place.environ |= dict(zip(["TOKEN"], login, strict=False))
    more = ("--credential", "token=env:TOKEN") if login else ()
    forks.done(place, "init")
    forks.done(place, "account", "add", NAME, "--platform", platform, "--url", url, *more)
    forks.done(place, "account", "approve", NAME, "--by", "Clerk")
    forks.done(place, "capture", NAME, "--listen", "0.3")
    return place


def killed(forks: Forks, place: Place, server: CityServer) -> int:
    """Listen again and again, killed at each moment; return how often that came in time."""
    codes = []
    for seconds in MOMENTS:
        moment = opened(server, seconds)
        codes.append(forks.kill(place, moment, "capture", NAME, "--listen", "0.6").code)
    return codes.count(-9)


def position(place: Place) -> int:
    """Return up to which event the home has heard."""
    (file,) = (place.inside / "cache" / "cursors").iterdir()
    return int(json.loads(file.read_text())["events"])


def sound(place: Place) -> None:
    """Verify everything in depth."""
    checked = verify(place.opened(), Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


def texts(place: Place) -> dict[str, list[str]]:
    """Return the texts of each post as they were observed, those of its versions with it."""
    found: dict[str, list[str]] = {}
    for row in rows(place.opened()):
        if row["stream"] == "posts" and row["kind"] in SHOWN:
            whole = row["native_id"].partition("/version/")[0]
            found.setdefault(whole, []).append(row["text"])
    return found


class Life:
    """What the village's city says; ``said`` has each text that each post ever had."""

    def __init__(self) -> None:
        self.village = village = Village()
        self.said = {uri: [str(village.record(uri).value["text"])] for uri in village.old}

    def act(self, chance: random.Random) -> None:
        """Post, edit or delete."""
        village, said = self.village, self.said
        alive = [uri for uri in said if uri in village.records]
        what = chance.random()
        if what < 0.5 or len(alive) < 3:
            text = f"Said {len(village.log)}"
            said[village.post(village.city, text)] = [text]
        elif what < 0.8:
            uri, text = chance.choice(alive), f"Edited {len(village.log)}"
            said[uri].append(text)
            village.edit(uri, text)
        else:
            village.delete(chance.choice(alive))


def test_kills_lose_and_double_no_event(forks: Forks, folder: Path) -> None:
    """Each text that any post ever had is there once, and what was deleted is gone."""
    life = Life()
    village = life.village
    with Orderly(City(), Bluesky(village)) as server:
        url = f"{server.url}/profile/{village.city}"
        place = heard(forks, folder, "bluesky", url)
        with living(life.act):
            died = killed(forks, place, server)
        while position(place) < len(village.log):  # a busy machine hears less in a second
            forks.done(place, "capture", NAME, "--listen", "1")
        forks.done(place, "capture", NAME, "--mode", "backfill", "--listen", "0.3")
    assert died >= 2
    found = texts(place)
    assert found.keys() == life.said.keys()
    for uri, wanted in life.said.items():
        assert sorted(found[uri]) == sorted(wanted), uri
    last = {row["native_id"]: row["kind"] for row in rows(place.opened())}
    gone = {uri for uri in life.said if uri not in village.records}
    assert len(gone) > 5
    assert {last[uri] for uri in gone} == {"deleted"}
    sound(place)


def test_kills_lose_no_toot_that_a_listing_has(forks: Forks, folder: Path) -> None:
    """Of a stream without positions one window may go; listings bring what is still there."""
    town = Hamlet()
    service = Mastodon(town)

    def act(chance: random.Random) -> None:
        own = [n for n, one in town.statuses.items() if one.author == town.city.id]
        what = chance.random()
        if what < 0.7:
            town.post(town.city.id, f"Said {len(town.statuses)}")
        elif what < 0.85:
            town.edit(chance.choice(own), f"Edited {town.now:%H%M%S}")
        else:
            town.delete(chance.choice(own))

    with Orderly(City(), service) as server:
        place = heard(forks, folder, "mastodon", f"{server.url}/@quillwater", service.token)
        with living(act):
            died = killed(forks, place, server)
        forks.done(place, "capture", NAME, "--mode", "backfill")
        forks.done(place, "capture", NAME, "--mode", "backfill", "--listen", "0.3")
    assert died >= 2
    own = {str(n): one.text for n, one in town.statuses.items() if one.author == town.city.id}
    latest = {
        row["native_id"]: row
        for row in rows(place.opened())
        if row["stream"] == "posts" and "/" not in row["native_id"]
    }
    there = {name: row for name, row in latest.items() if row["kind"] in SHOWN}
    assert {name: row["text"] for name, row in there.items()} == own
    kept = texts(place)
    assert all(len(set(found)) == len(found) for found in kept.values())
    assert len(latest) > len(own)
    sound(place)
