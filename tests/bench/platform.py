"""Contestants: one platform captured, and the same addresses downloaded and nothing else.

``python -m tests.bench.platform BASE FOLDER ABOUT`` (ABOUT: JSON, as `tests.bench.town` prints
it) prints one JSON document: CPU seconds of a first capture into a new archive and of the
bare download of everything it asked for; for the blog also those of a capture that finds one
new comment, and the wall seconds from its posting to its being sealed. A capture into another
archive comes first, and is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from archiver.capture.connector import Site
from archiver.capture.platforms import CONNECTORS
from archiver.flows.accounts import add, approve
from archiver.flows.capture import capture
from archiver.formats.http1 import parse_response
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.bench.measure import timed
from tests.bench.ours import Quiet
from tests.bench.town import LOG

if TYPE_CHECKING:
    from archiver.flows.archive import Archive

__all__: list[str] = []


def _archive(about: dict[str, Any], folder: Path) -> Archive:
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    named = {name: about[name] for name in ("name", "platform", "url")}
    add(archive, named, about["credential"])
    approve(archive, about["name"], "Bench, Clerk")
    return archive


def _login(session: requests.Session, about: dict[str, Any]) -> None:
    """Log a bare client in, as the connector says."""
    site = Site(about["name"], about["url"], bool(about["credential"]))
    step = CONNECTORS[about["platform"]].authorise(site, about["credential"])
    while step.request is not None and step.take is not None:
        asked = step.request
        answer = session.request(
            asked.method, asked.url, data=asked.body, headers=dict(asked.headers), timeout=60
        )
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.raw.headers.items())
        raw = f"HTTP/1.1 {answer.status_code} OK\r\n{head}\r\n".encode() + answer.content
        step = step.take(parse_response(raw))
    session.headers.update(dict(step.headers))


def _download(session: requests.Session, base: str, targets: list[str], folder: Path) -> int:
    for number, target in enumerate(targets):
        answer = session.get(base + target, timeout=60)
        answer.raise_for_status()
        (folder / str(number)).write_bytes(answer.content)
    return len(targets)


def _bare(base: str, about: dict[str, Any], folder: Path) -> tuple[float, int]:
    """Return the CPU seconds of downloading what was just asked for, and how much it was."""
    folder.mkdir()
    with requests.Session() as session:
        _login(session, about)
        targets = session.get(base + LOG, timeout=60).json()
        return timed(lambda: _download(session, base, targets, folder))


def _run(base: str, folder: Path, about: dict[str, Any]) -> dict[str, object]:
    name = about["name"]
    capture(_archive(about, folder / "warm"), name, "incremental", Quiet())
    requests.get(base + LOG, timeout=60).raise_for_status()
    archive = _archive(about, folder / "whole")
    full, report = timed(lambda: capture(archive, name, "incremental", Quiet()))
    bare, asked = _bare(base, about, folder / "bare")
    result: dict[str, object] = {
        "full": full,
        "bare": bare,
        "requests": asked,
        "items": sum(report.observations.values()),
    }
    if about["platform"] == "wordpress":
        requests.get(base + LOG, timeout=60).raise_for_status()
        requests.post(f"{base}/say?text=News", timeout=60).raise_for_status()
        posted = time.monotonic()
        one, report = timed(lambda: capture(archive, name, "incremental", Quiet()))
        result |= {"one": one, "latency": time.monotonic() - posted}
        result["one_bare"], _ = _bare(base, about, folder / "one")
        assert report.observations["present"] == 1
    return result


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))))
