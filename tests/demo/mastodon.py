"""The stand-in Mastodon, served, and an archive of its account in this process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archiver.demo.city import City
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.seed import Town
from archiver.demo.mastodon.truth import truth
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet, rows
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

ACCOUNT = "city-toots"
GONE = ("absent", "deleted")
Row = dict[str, str]


@dataclass(slots=True)
class Stage:
    """The town, its API and server, and an archive with its approved account."""

    town: Town
    service: Mastodon
    server: CityServer
    archive: Archive
    clock: FixedClock

    def capture(self, mode: str) -> CaptureReport:
        """Capture the account; nothing may be left open."""
        report = capture(self.archive, ACCOUNT, mode, Quiet())
        assert report.incomplete == {}
        return report

    def requests(self) -> int:
        """Return how many requests were answered so far."""
        return len(self.server.log)

    def asked(self) -> list[str]:
        """Return the addresses of all requests that were answered so far."""
        return [one.path for one in self.server.log]


@contextmanager
def staged(folder: Path, *, most: int = 15, token: str | None = None) -> Iterator[Stage]:
    """Yield a stage whose pages are small; ``token`` empty: without a login."""
    town, clock = Town(), FixedClock(datetime.now(UTC))
    service = Mastodon(town, most=most)
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = replace(create_archive(settings), clock=clock)
    sent = service.token if token is None else token
    with CityServer(City(), service) as server:
        about = {"name": ACCOUNT, "platform": "mastodon", "url": f"{server.url}/@quillwater"}
        accounts.add(archive, about, {"token": sent} if sent else {})
        accounts.approve(archive, ACCOUNT, "Clerk")
        yield Stage(town, service, server, archive, clock)


def history(archive: Archive) -> dict[tuple[str, str], list[Row]]:
    """Return the observations of every thing of the platform's, oldest first."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows(archive):
        if row["stream"] != "workflow" and row["kind"] not in {"listing", "residue"}:
            found.setdefault((row["stream"], row["native_id"]), []).append(row)
    return found


def news(
    stage: Stage, before: dict[tuple[str, str], list[dict[str, str]]]
) -> dict[str, dict[str, str]]:
    """Return what was observed since ``before``: stream -> native id -> kinds."""
    found: dict[str, dict[str, str]] = {}
    for (stream, name), seen in history(stage.archive).items():
        new = seen[len(before.get((stream, name), ())) :]
        if new:
            found.setdefault(stream, {})[name] = " ".join(row["kind"] for row in new)
    return found


def held(archive: Archive) -> dict[tuple[str, str], Row]:
    """Return what the archive says is there now."""
    latest = {thing: seen[-1] for thing, seen in history(archive).items()}
    return {thing: row for thing, row in latest.items() if row["kind"] not in GONE}


def wrong(town: Town, archive: Archive) -> list[str]:
    """Name each thing that the archive lacks, invents or tells otherwise than the town.

    Likes and versions that went with their status are in the archive as they last were.
    """
    wanted = {
        (stream, name): columns
        for stream, things in truth(town).items()
        for name, columns in things.items()
    }
    have, said = held(archive), []
    said += [f"missing {thing}" for thing in wanted.keys() - have.keys()]
    for thing in have.keys() - wanted.keys():
        whole = thing[1].partition("/")[0]
        if thing[0] != "reactions" or ("posts", whole) in wanted:
            said.append(f"invented {thing}")
    for thing in wanted.keys() & have.keys():
        row = have[thing]
        said += [
            f"{thing} {name}: {row.get(name, '')!r}, not {value!r}"
            for name, value in wanted[thing].items()
            if (value not in row.get(name, "") if name == "extra" else row.get(name, "") != value)
        ]
    return said
