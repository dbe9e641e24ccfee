"""The stand-in X, served, and an archive of its account in this process."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.demo.x.api import XApi
from archiver.demo.x.seed import Square
from archiver.demo.x.truth import has_answers, truth
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet
from tests.demo.mastodon import held, history
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from archiver.demo.x.network import Network
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

ACCOUNT = "city-x"
Row = dict[str, str]


@dataclass(slots=True)
class Stage:
    """The network, its API and server, and an archive with its approved account."""

    network: Square
    api: XApi
    server: CityServer
    archive: Archive
    clock: FixedClock

    def capture(self, mode: str) -> CaptureReport:
        """Capture the account; nothing may be left open."""
        report = self.run(mode)
        assert report.incomplete == {}
        return report

    def run(self, mode: str) -> CaptureReport:
        """Capture the account with the token that is good now, whatever comes of it."""
        accounts.renew_credential(self.archive, ACCOUNT, self.api.tokens.credential)
        return capture(self.archive, ACCOUNT, mode, Quiet())

    def asked(self) -> list[str]:
        """Return the addresses of all requests that were answered so far."""
        return [one.path for one in self.server.log]


@contextmanager
def staged(folder: Path, *, most: int = 25, network: Square | None = None) -> Iterator[Stage]:
    """Yield a stage whose pages are small."""
    network, clock = network or Square(), FixedClock(datetime.now(UTC))
    api = XApi(network, most=most)
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = replace(create_archive(settings), clock=clock)
    with CityServer(City(), api) as server:
        about = {"name": ACCOUNT, "platform": "x", "url": f"{server.url}/Quillwater"}
        accounts.add(archive, about, api.tokens.credential)
        accounts.approve(archive, ACCOUNT, "Clerk")
        yield Stage(network, api, server, archive, clock)


def news(stage: Stage, before: dict[tuple[str, str], list[Row]]) -> dict[str, dict[str, str]]:
    """Return what was observed since ``before``: stream -> native id -> kinds."""
    found: dict[str, dict[str, str]] = {}
    for (stream, name), seen in history(stage.archive).items():
        new = seen[len(before.get((stream, name), ())) :]
        if new:
            found.setdefault(stream, {})[name] = " ".join(row["kind"] for row in new)
    return found


def wrong(network: Network, archive: Archive) -> list[str]:
    """Name each thing that the archive lacks, invents or tells otherwise than the network.

    What hung on a post that is gone is in the archive as it last was: likes and versions,
    and what others said under it or of it. So is what the city answered elsewhere. Who likes
    and reposts is asked for where the number is another.
    """
    wanted = {
        (stream, name): columns
        for stream, things in truth(network).items()
        for name, columns in things.items()
    }
    have, said = held(archive), []
    numbers = _numbers(wanted), _numbers(have)
    lacking, more = (
        {thing for thing in some - others if not _as_many(thing, *numbers)}
        for some, others in ((wanted.keys(), have.keys()), (have.keys(), wanted.keys()))
    )
    said += [f"missing {thing}" for thing in lacking]
    for thing in more:
        whole, _, own = thing[1].partition("/")
        hung = own[:1].isalpha() and ("posts", whole) not in wanted
        if not hung and not _left_as_it_was(network, have[thing]):
            said.append(f"invented {thing}")
    for thing in wanted.keys() & have.keys():
        row = have[thing]
        said += [
            f"{thing} {name}: {row.get(name, '')!r}, not {value!r}"
            for name, value in wanted[thing].items()
            if row.get(name, "") != value
        ]
    return said


def _left_as_it_was(network: Network, row: Row) -> bool:
    """Tell whether no listing of X's shows a comment any more, be it there or not.

    It was said under, or of, a post that is no more, or that X counts no answer of any more,
    or was read because the city answered.
    """
    root = network.posts.get(int(row.get("thread_id", "0")))
    silent = root is not None and not has_answers(network, root)
    above = [row.get("thread_id", ""), row.get("parent_id", "")]
    gone = any(network.version(int(one)) is None for one in above if one.isdigit())
    return row["stream"] == "comments" and (gone or silent or row["group"].startswith("answered "))


def _numbers(things: Iterable[tuple[str, str]]) -> Counter[str]:
    """Return how many people like and repost each post: by what stands before their ids."""
    return Counter(name.rpartition("/")[0] for stream, name in things if stream == "reactions")


def _as_many(thing: tuple[str, str], there: Counter[str], here: Counter[str]) -> bool:
    """Tell whether X and the archive have as many who like or repost a post."""
    what = thing[1].rpartition("/")[0]
    return thing[0] == "reactions" and "/" in what and there[what] == here[what]
