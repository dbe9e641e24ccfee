"""An archive with every kind of object, plain and encrypted, of at least 1 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.capture.platforms.wordpress import WordPress
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.flows import accounts, connectors
from archiver.flows.capture import capture
from archiver.formats.parquet import canonical_time
from archiver.ledger.sets import encode_set
from archiver.settings import Settings
from archiver.wire import create_archive, open_archive
from tests.audit.forge import body, digest, entries_of, put, relog, stage
from tests.audit.outside import anchored
from tests.flows.helpers import read_anew

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.record import Excerpt

__all__ = ["KINDS", "SET", "Silent", "build", "kinds_of", "opened"]

SET = "01KAGT1EB0E0F4QZB3N5T7R9XW"

KINDS = {
    "archive.json", "log/anchors/", "log/checkpoint", "log/checkpoints/", "log/head",
    "log/staging/", "log/tile/0/", "log/tile/1/", "log/tile/entries/", "sets/", "idx",
    "idx.c256", "map.c256",
    "parquet", "parquet.c256", "warc.gz", "warc.gz.c256",
}  # fmt: skip
"""Every kind of object that docs/formats/archive-layout.md and segments.md name."""


class Silent:
    """Progress that nobody sees."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


class Newer(WordPress):
    """The connector a version later: its parser also knows how long a title is."""

    parser = "wordpress/2"

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read as before, and say the length of a title as its summary."""
        row = super().parse(excerpts, context)
        return row | ({"summary": f"titled {len(row['title'])}"} if "title" in row else {})


def build(folder: Path) -> Archive:
    """Make the archive in a folder, with its home: captured twice, read anew, anchored; a set."""
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    city = City()
    with CityServer(city) as server:
        request = {"name": "city-blog", "platform": "wordpress", "url": server.url}
        accounts.add(archive, request, {"user": city.user, "password": city.secret})
        accounts.approve(archive, "city-blog", "Clerk")
        capture(archive, "city-blog", "incremental", Silent())
        city.change()
        capture(archive, "city-blog", "backfill", Silent())
    with pytest.MonkeyPatch.context() as later:
        later.setattr(connectors, "CONNECTORS", {"wordpress": Newer()})
        handle = accounts.find(archive, "city-blog").handle
        assert read_anew(archive, handle, Newer()) > 50
    leaves = encode_set([[1, 3], [7, 40]], b"n" * 32, b"abc")
    put(archive, f"sets/{SET}", leaves)
    today = canonical_time(archive.clock.now())
    named = {"set": SET, "sha256": digest(leaves)}
    held = body("gap", leaves=named, account="a", time=today)
    anchored(archive)
    relog(archive, [*entries_of(archive), held])
    stage(archive, 1)
    return opened(folder)


def opened(folder: Path) -> Archive:
    """Open the archive in a folder."""
    return open_archive(Settings(str(folder / "archive"), folder / "home"))


def kinds_of(keys: Iterator[str]) -> set[str]:
    """Return of which kinds objects are."""
    found = set()
    for key in keys:
        start = next((one for one in sorted(KINDS, reverse=True) if key.startswith(one)), "")
        found.add(start or key.partition(".")[2])
    return found
