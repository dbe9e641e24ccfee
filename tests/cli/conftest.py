"""One archive of the demo city, made by commands alone, once a session."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.record import Kind
from tests.cli.terminal import HOSTILE, Ran, run

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = ("--credential", "user=env:CITY_USER", "--credential", "password=-")


class Captured(NamedTuple):
    """A folder with archive and home, what each command printed, and records of note."""

    folder: Path
    ran: dict[str, Ran]
    edited: str
    deleted: str
    hostile: str
    secret: str


@pytest.fixture(scope="session")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Captured:
    """An archive captured twice through the command line; tests must not change it."""
    folder = tmp_path_factory.mktemp("command-line")
    city, ran = City(), {}
    hostile = city.comment(1, HOSTILE, name="Mallory \x1b[31m")
    with CityServer(city) as server:
        blog = ("city-blog", "--platform", "wordpress", "--url", server.url, *LOGIN)
        ran["init"] = run(folder, "init", "--json")
        ran["account-add"] = run(
            folder, "account", "add", *blog, "--json", stdin=f"{city.secret}\n", CITY_USER=city.user
        )
        ran["account-approve"] = run(
            folder, "account", "approve", "city-blog", "--by", "R. Alvarez, City Clerk", "--json"
        )
        ran["capture"] = run(folder, "capture", "--json", CITY_USER=city.user)
        changes = city.change()["comments"]
        ran["backfill"] = run(
            folder, "capture", "city-blog", "--mode", "backfill", CITY_USER=city.user
        )
    edited, deleted = (
        next(number for number, seen in changes.items() if seen == kind)
        for kind in (Kind.EDITED, Kind.DELETED)
    )
    return Captured(
        folder, ran, _comment(edited), _comment(deleted), _comment(hostile.id), city.secret
    )


def _comment(number: object) -> str:
    return f"wordpress:city-blog:comments:{number}"


@pytest.fixture
def copy(captured: Captured, tmp_path: Path) -> Path:
    """A copy of the captured archive and its home, to do with as one likes."""
    for name in ("archive", "home"):
        shutil.copytree(captured.folder / name, tmp_path / name)
    return tmp_path
