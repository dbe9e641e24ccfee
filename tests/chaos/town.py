"""A served city and an archive of it in this process, where nobody really waits."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import CaptureReport, capture
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.helpers import BLOG, NEWS, Place, place_in
from tests.chaos.truth import Quiet
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive


@dataclass(slots=True)
class Stage:
    """The city, its server, the place of the archive, and the archive opened."""

    city: City
    server: CityServer
    place: Place
    archive: Archive
    clock: FixedClock

    def capture(self, mode: str) -> dict[str, CaptureReport]:
        """Capture both accounts."""
        return {name: capture(self.archive, name, mode, Quiet()) for name in (BLOG, NEWS)}


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Yield a stage with both accounts approved."""
    place, city, clock = place_in(folder), City(), FixedClock(datetime.now(UTC))
    archive = replace(create_archive(Settings(place.archive, place.home)), clock=clock)
    with CityServer(city) as server:
        login = {"user": city.user, "password": city.secret}
        blog = {"name": BLOG, "platform": "wordpress", "url": server.url}
        accounts.add(archive, blog, login)
        accounts.add(archive, {"name": NEWS, "platform": "feed", "url": f"{server.url}/feed"}, {})
        for name in (BLOG, NEWS):
            accounts.approve(archive, name, "Clerk")
        yield Stage(city, server, place, archive, clock)
