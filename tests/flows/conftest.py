"""An archive of the demo city, captured once a session, and copies of it to spoil."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.flows.hall import Hall

if TYPE_CHECKING:
    from pathlib import Path

    from archiver.flows.archive import Archive


class Silent:
    """Progress that nobody sees."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive and its home: a city captured, changed, captured again."""
    folder = tmp_path_factory.mktemp("captured")
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    city = City()
    with CityServer(city) as server:
        request = {"name": "city-blog", "platform": "wordpress", "url": server.url}
        accounts.add(archive, request, {"user": city.user, "password": city.secret})
        accounts.approve(archive, "city-blog", "Clerk")
        capture(archive, "city-blog", "incremental", Silent())
        city.change()
        capture(archive, "city-blog", "backfill", Silent())
    return folder


@pytest.fixture
def copy(captured: Path, tmp_path: Path) -> Path:
    """A copy of the captured archive and its home, to do with as one likes."""
    for name in ("archive", "home"):
        shutil.copytree(captured / name, tmp_path / name)
    return tmp_path


@pytest.fixture(scope="session")
def first_hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """An archive with three exchanges, and people with roles that count; not to be changed."""
    return Hall.made(tmp_path_factory.mktemp("hall"))


@pytest.fixture
def hall(first_hall: Hall, tmp_path: Path) -> Hall:
    """A copy of it."""
    return first_hall.copy(tmp_path)


def opened(folder: Path) -> Archive:
    """Open the archive in a folder."""
    return open_archive(Settings(str(folder / "archive"), folder / "home"))
