"""Contestant: the whole line, on a new local archive in a folder of its own.

``python -m tests.bench.ours URL SMALL_URL USER PASSWORD FOLDER`` prints one JSON document:
CPU seconds of a full capture, of a re-capture with nothing new, of a deep verification and
of a search. Not counted are imports, the making of archive and account, and what comes
first: as the plain contestant warms up with one page, a capture of the small site, of one
page, into an archive of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.flows.accounts import add, approve
from archiver.flows.capture import capture
from archiver.flows.search import Query, search
from archiver.flows.verify import verify
from archiver.record import Kind
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.bench.measure import timed

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__ = ["Quiet"]


class Quiet:
    """Tells nobody."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


def _archive(url: str, credential: dict[str, str], folder: Path) -> Archive:
    """Return a new archive in which a site's account is approved."""
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    add(archive, {"name": "bench", "platform": "wordpress", "url": url}, credential)
    approve(archive, "bench", "Bench, Clerk")
    return archive


def _run(url: str, small: str, credential: dict[str, str], folder: Path) -> dict[str, object]:
    capture(_archive(small, credential, folder / "small"), "bench", "incremental", Quiet())
    archive = _archive(url, credential, folder / "whole")
    full, first = timed(lambda: capture(archive, "bench", "incremental", Quiet()))
    again, second = timed(lambda: capture(archive, "bench", "incremental", Quiet()))
    deep, report = timed(lambda: verify(archive, Quiet(), deep=True))
    found, result = timed(lambda: search(archive, Query("culvert basement"), private=True))
    return {
        "full": full,
        "again": again,
        "verify": deep,
        "search": found,
        "items": sum(n for kind, n in first.observations.items() if kind != Kind.LISTING),
        "new_again": sum(second.observations.values()),
        "requests": [first.requests, second.requests],
        "records": report.records,
        "findings": len(report.findings),
        "searched": sum(result.searched.values()),
        "hits": len(result.hits),
    }


if __name__ == "__main__":
    site, small_site, name, secret, place = sys.argv[1:]
    login = {"user": name, "password": secret}
    print(json.dumps(_run(site, small_site, login, Path(place))))
