"""A town of two streets and many dates: the archive of the scenarios, made by commands alone.

One archive has posts of many days, so that one command answers for all of them at once.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from archiver.demo import texts
from archiver.demo.blog import Blog
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows.retention import STATES
from archiver.settings import Settings
from archiver.wire import open_archive
from tests.cli.terminal import Ran, run
from tests.retention.scenarios import pack_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archiver.flows.archive import Archive

__all__ = ["PRIVATE", "WORDS", "Post", "Town", "blog", "founded", "peopled", "publish"]

OPENED = datetime(2026, 6, 1, 15, tzinfo=UTC)
PEOPLE = {"counsel": "counsel", "anna": "", "bert": "", "purger": ""}
ROLES = {"anna": "approver", "bert": "approver", "purger": "purge"}
PRIVATE = ("--private", "--key", "clerk.key")
WORDS = ("culvert", "ferry", "harbor", "levee", "orchard", "quarry", "turnpike")
"""Each post says one of them."""

AROUND = (
    *(
        datetime(*day, 12, tzinfo=UTC) + timedelta(days=more)
        for day in ((2020, 2, 28), (2022, 4, 29), (2022, 12, 30), (2024, 2, 28))
        for more in range(4)
    ),
    datetime(2023, 5, 1, 4, 59, 59, tzinfo=UTC),  # 30 April in Chicago
    datetime(2023, 5, 1, 5, tzinfo=UTC),
    datetime(2021, 1, 1, 5, 59, 59, tzinfo=UTC),  # 31 December there
    datetime(2021, 1, 1, 6, tzinfo=UTC),
)
"""When things are posted whose day makes a difference: leap days, ends of years, midnight."""

SETTINGS = """
[retention]
jurisdiction = "{where}"
zone = "America/Chicago"
fiscal_year_end = "04-30"
packs = {packs}
"""
DEFAULT = """
[[retention.default]]
stream = "posts"
series = "{series}"
"""


@dataclass(frozen=True)
class Post:
    """One post: when it was published, captured first, and seen to be gone; what it says."""

    record: str
    made: datetime
    word: str
    captured: datetime
    gone: datetime | None = None


class Hamlet(City):
    """A blog of one author whose posts are dated."""

    def __init__(self) -> None:
        Blog.__init__(self)
        self.news = []
        login, name, role = texts.STAFF[0]
        self.add_user(login, name, role=role)


@dataclass
class Town:
    """An archive, its clock, and what its posts are. ``folder`` has archive, home and keys."""

    folder: Path
    now: datetime = OPENED
    posts: list[Post] = field(default_factory=list)

    def copy(self, folder: Path) -> Town:
        """Return a copy to do with as one likes."""
        shutil.copytree(self.folder, folder)
        return Town(folder, self.now, list(self.posts))

    def post(self, record: str) -> Post:
        """Return a post by its record id."""
        return next(one for one in self.posts if one.record == record)

    def later(self, days: float) -> datetime:
        """Let days pass; return the time."""
        self.now += timedelta(days=days)
        return self.now

    @property
    def today(self) -> date:
        """The day by the town's clock (at noon or so: the same in Chicago)."""
        return self.now.date()

    def ask(self, *words: str, **environ: str) -> Ran:
        """Run a command by the town's clock, which goes on meanwhile."""

        def tick(_: object) -> datetime:
            self.now += timedelta(milliseconds=1)
            return self.now

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("archiver.edges.clock.SystemClock.now", tick)
            return run(self.folder, *words, **environ)

    def told(self, *words: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return what a command says that is done."""
        ran = self.ask(*words, "--json")
        assert ran.code == 0, ran.text
        return ran.document["data"]

    def act(self, *words: str, sign: str = "clerk counsel") -> Any:  # noqa: ANN401 - likewise
        """Have a decision signed and sealed; return what is told of it."""
        keys = [part for name in sign.split() for part in ("--sign", f"{name}.key")]
        return self.told(*words, *keys)

    def settle(self, *series: str, where: str = "US-XX") -> None:
        """Write archiver.toml: where the town is, and into which series all its posts go."""
        packs = json.dumps(sorted(one.name for one in self.folder.glob("*.yaml")))
        text = SETTINGS.format(where=where, packs=packs)
        text += "".join(DEFAULT.format(series=one) for one in series)
        (self.folder / "archiver.toml").write_text(text)

    def schedule(self, rows: dict[str, str], name: str = "city.yaml", **more: str) -> Path:
        """Write a rule pack of rows (code: rule); ``more`` is of `pack_text`."""
        path = self.folder / name
        path.write_text(pack_text(rows, **more))
        return path

    def adopt(self, schedule: str, version: str, file: Path, source: str = "ordinance") -> None:
        """Have two people say that the town adopted a schedule, and read a source of it."""
        self.act(
            *("schedule", "adopt", schedule, version, "--file", str(file)),
            *("--authority", "Council", "--instrument", "Ordinance 7"),
            *("--effective", "2020-01-01", "--read", f"{source}={'aa' * 32}"),
            *("--read-by", "clerk", "--read-on", "2026-01-01"),
        )

    def due(self, as_of: date, *more: str) -> dict[str, dict[str, Any]]:
        """Return by record what is said of every post on a day; what is gone with ``--private``."""
        states = [word for one in STATES for word in ("--state", one)]
        listed = self.told("retention", "due", "--as-of", str(as_of), *states, *more)["records"]
        wanted = {one.record for one in self.posts}
        return {one["record"]: one for one in listed if one["record"] in wanted}

    def trace(self, record: str, as_of: date, *more: str) -> str:
        """Return why a record stands where it stands on a day: steps and their citations."""
        steps = self.told("retention", "explain", record, "--as-of", str(as_of), *more)["trace"]
        return "\n".join(f"{one['text']} [{one['citation']}]" for one in steps)

    @contextmanager
    def opened(self) -> Iterator[Archive]:
        """Open the archive for what no command does, by the town's clock."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("archiver.edges.clock.SystemClock.now", lambda _: self.now)
            yield open_archive(Settings(str(self.folder / "archive"), self.folder / "home"))


@contextmanager
def blog(town: Town, name: str) -> Iterator[Hamlet]:
    """Have a blog served, and made an account of the town."""
    hamlet = Hamlet()
    with CityServer(hamlet) as server:
        login = ("--credential", "user=env:CITY_USER", "--credential", "password=-")
        add = ("account", "add", name, "--platform", "wordpress", "--url", server.url, *login)
        assert town.ask(*add, stdin=f"{hamlet.secret}\n", CITY_USER=hamlet.user).code == 0
        approve = ("account", "approve", name, "--yes", "--key", "clerk.key")
        assert town.ask(*approve).code == 0
        yield hamlet


def publish(town: Town, hamlet: Hamlet, name: str, days: Sequence[datetime]) -> None:
    """Have posts of some days published on a blog, and all of it captured."""
    for day in days:
        word = WORDS[len(town.posts) % len(WORDS)]
        made = hamlet.publish(f"Post {len(town.posts)}", word, date=day)
        town.posts.append(Post(f"wordpress:{name}:posts:{made.id}", day, word, town.now))
    capture = ("capture", name, "--mode", "backfill")
    assert town.ask(*capture, CITY_USER=hamlet.user).code == 0


def peopled(folder: Path, now: datetime = OPENED) -> Town:
    """Return the town's archive with its people, before anything was captured."""
    town = Town(folder, now)
    assert town.ask("init", "--clerk", "clerk", "--key", "clerk.key").code == 0
    for name, role in PEOPLE.items():
        own = ("--role", role) if role else ()
        assert town.ask("person", "enrol", name, "--key", f"{name}.key", *own).code == 0
    for name, role in ROLES.items():
        town.act("person", "role", name, role)
    town.settle()
    town.schedule({"none": "{trigger: created, period: P1Y}"})
    return town


def founded(folder: Path) -> Town:
    """Return the town's archive: its people, and posts of three captures, none claimed any more.

    Of the first capture's posts some were gone in the third.
    """
    town = peopled(folder)
    first = [
        *AROUND,
        *(datetime(2021, 3, 1, 15, tzinfo=UTC) + timedelta(37 * n) for n in range(20)),
    ]
    later = [OPENED + timedelta(days=20, hours=-n) for n in range(1, 9)]
    with blog(town, "blog") as hamlet:
        publish(town, hamlet, "blog", first)
        town.later(20)
        publish(town, hamlet, "blog", later)
        town.later(20)
        for place in range(20, 40, 3):
            hamlet.trash_post(int(town.posts[place].record.rpartition(":")[2]))
            town.posts[place] = replace(town.posts[place], gone=town.now)
        publish(town, hamlet, "blog", ())
        town.later(20)
    review = ("classify", "--stream", "posts", "--reviewed", "claimed-dates")
    town.act(*review)
    town.later(5)
    return town
