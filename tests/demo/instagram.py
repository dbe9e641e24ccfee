"""The stand-in Instagram, served, and an archive of its account in this process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archiver.capture.platforms.instagram import Instagram as Connector
from archiver.demo.city import City
from archiver.demo.instagram.api import Instagram
from archiver.demo.instagram.life import CityAccount, truth
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet
from tests.demo.facebook import held
from tests.demo.graph import PLACE
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.capture.connector import Listing, Site
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

ACCOUNT = "city-pictures"
PASSING = {"story", "live"}
"""What ids of things begin with that are listed for a while only."""


class Hooked(Connector):
    """The connector, with its deliveries where streams are listened to."""

    def streams(self, site: Site) -> tuple[Listing, ...]:
        """Return the deliveries, at an address of the stand-in's."""
        listing = self.deliveries(site)
        url = listing.request.url.replace("/v26.0/me", PLACE)
        return (replace(listing, request=replace(listing.request, url=url)),)


@dataclass(slots=True)
class Stage:
    """The account, its API and server, and an archive with it, approved."""

    account: CityAccount
    service: Instagram
    server: CityServer
    archive: Archive

    def capture(self, mode: str) -> CaptureReport:
        """Capture the account; nothing may be left open."""
        report = capture(self.archive, ACCOUNT, mode, Quiet())
        assert report.incomplete == {}
        return report


@contextmanager
def staged(folder: Path, *, most: int = 4) -> Iterator[Stage]:
    """Yield a stage whose pages are small."""
    account, clock = CityAccount(), FixedClock(datetime.now(UTC))
    service = Instagram(account, most=most)
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = replace(create_archive(settings), clock=clock)
    with CityServer(City(), service) as server:
        about = {
            "name": ACCOUNT, "platform": "instagram", "url": f"{server.url}/{account.handle}",
        }  # fmt: skip
        accounts.add(archive, about, service.credential)
        accounts.approve(archive, ACCOUNT, "Clerk")
        yield Stage(account, service, server, archive)


def wrong(account: CityAccount, archive: Archive) -> list[str]:
    """Name each thing that the archive lacks, invents or tells otherwise than the account.

    Contents that can't be read any more, files and comments of what is gone stay as they were;
    so do stories and live videos, of which no list says that they are over.
    """
    wanted, have = truth(account), held(archive)
    said = [f"missing {thing}" for thing in wanted.keys() - have.keys()]
    for stream, name in have.keys() - wanted.keys():
        post = have[stream, name].get("group", "").partition(" ")[2]
        head, _, number = name.removesuffix("/file").rpartition("/")
        old = stream == "comments" and post not in account.media
        old |= (name.endswith("/file") or head in PASSING) and number not in account.media
        if not (old or name.endswith("/content") or "/event/" in name):
            said.append(f"invented {stream} {name}")
    for thing in wanted.keys() & have.keys():
        said += [
            f"{thing} {name}: {have[thing].get(name, '')!r}, not {value!r}"
            for name, value in wanted[thing].items()
            if name != "on" and have[thing].get(name, "") != value
        ]
    return said
