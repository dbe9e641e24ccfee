"""Contestant: the whole line, on a new local archive in a folder of its own.

``python -m tests.bench.ours URL USER PASSWORD FOLDER`` prints one JSON document: CPU
seconds of a full capture, of a re-capture with nothing new, of a deep verification and
of a search. Imports and the making of archive and account are not counted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from archiver.flows.accounts import add, approve
from archiver.flows.capture import capture
from archiver.flows.search import Query, search
from archiver.flows.verify import verify
from archiver.record import Kind
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.bench.measure import timed

__all__: list[str] = []


class _Quiet:
    """Tells nobody."""

    def step(self, done: int, total: int | None, what: str) -> None:
        """Say nothing."""


def _run(url: str, user: str, password: str, folder: Path) -> dict[str, object]:
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    request = {"name": "bench", "platform": "wordpress", "url": url}
    add(archive, request, {"user": user, "password": password})
    approve(archive, "bench", "Bench, Clerk")
    full, first = timed(lambda: capture(archive, "bench", "incremental", _Quiet()))
    again, second = timed(lambda: capture(archive, "bench", "incremental", _Quiet()))
    deep, report = timed(lambda: verify(archive, _Quiet(), deep=True))
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
    address, name, secret, place = sys.argv[1:]
    print(json.dumps(_run(address, name, secret, Path(place))))
