"""The stand-in YouTube, served, and an archive of its channel in this process."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archiver.demo.answer import Answer
from archiver.demo.city import City
from archiver.demo.server import CityServer
from archiver.demo.youtube.api import YouTube
from archiver.demo.youtube.seed import Town
from archiver.demo.youtube.truth import truth
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet, rows
from tests.doubles import FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.demo.faults import Fault
    from archiver.demo.youtube.studio import Studio
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

ACCOUNT = "city-tube"
GONE = ("absent", "deleted")
Row = dict[str, str]
News = dict[str, dict[str, str]]
History = dict[tuple[str, str], list[Row]]


@dataclass(slots=True)
class Stage:
    """The studio, its API and server, and an archive with its approved account."""

    studio: Studio
    service: YouTube
    server: CityServer
    archive: Archive
    clock: FixedClock

    def capture(self, mode: str) -> CaptureReport:
        """Capture the account; nothing may be left open."""
        report = capture(self.archive, ACCOUNT, mode, Quiet())
        assert report.incomplete == {}
        return report

    def asked(self) -> list[str]:
        """Return the addresses of all requests that were answered so far."""
        return [one.path for one in self.server.log]


@contextmanager
def staged(
    folder: Path, studio: Studio | None = None, *, most: int = 7, address: str = ""
) -> Iterator[Stage]:
    """Yield a stage whose pages are small; the account's address has the handle, or is given."""
    studio, clock = studio or Town(), FixedClock(datetime.now(UTC))
    service = YouTube(studio, most=most)
    settings = Settings(str(folder / "archive"), folder / "home")
    archive = replace(create_archive(settings), clock=clock)
    with CityServer(City(), service) as server:
        path = address or f"/@{studio.city.handle}"
        about = {"name": ACCOUNT, "platform": "youtube", "url": f"{server.url}{path}"}
        accounts.add(archive, about, service.credential.fields())
        accounts.approve(archive, ACCOUNT, "Clerk")
        yield Stage(studio, service, server, archive, clock)


def history(archive: Archive) -> History:
    """Return the observations of every thing of the platform's, oldest first."""
    found: History = {}
    for row in rows(archive):
        if row["stream"] != "workflow" and row["kind"] not in {"listing", "residue"}:
            found.setdefault((row["stream"], row["native_id"]), []).append(row)
    return found


def news(archive: Archive, before: History) -> News:
    """Return what was observed since ``before``: stream -> native id -> kinds."""
    found: News = {}
    for (stream, name), seen in history(archive).items():
        new = seen[len(before.get((stream, name), ())) :]
        if new:
            found.setdefault(stream, {})[name] = " ".join(row["kind"] for row in new)
    return found


def state(seen: list[Row]) -> str:
    """Return what a thing's observations leave it in."""
    found = ""
    for row in seen:
        kind = row["kind"]
        if kind == "restored":
            found = "present"
        elif kind not in {"edited", "extended"}:
            found = kind
    return found


def held(archive: Archive) -> dict[tuple[str, str], Row]:
    """Return what the archive says is there now, each with its state as ``kind``."""
    latest = {thing: seen[-1] | {"kind": state(seen)} for thing, seen in history(archive).items()}
    return {thing: row for thing, row in latest.items() if row["kind"] not in GONE}


def wrong(studio: Studio, archive: Archive) -> list[str]:
    """Name each thing that the archive lacks, invents or tells otherwise than the studio.

    Of a live chat, whose content YouTube forgets, nothing is compared here.
    """
    wanted = {
        (stream, name): columns
        for stream, things in truth(studio).items()
        for name, columns in things.items()
    }
    have = {thing: row for thing, row in held(archive).items() if not _of_a_chat(thing)}
    said = [f"missing {thing}" for thing in wanted.keys() - have.keys()]
    said += [f"invented {thing}" for thing in have.keys() - wanted.keys()]
    for thing in wanted.keys() & have.keys():
        row = have[thing]
        said += [
            f"{thing} {name}: {row.get(name, '')!r}, not {value!r}"
            for name, value in wanted[thing].items()
            if not _tells(row, name, value)
        ]
    return said


def _tells(row: Row, name: str, value: str) -> bool:
    if name.startswith("extra"):
        return value in row.get("extra", "")
    return row.get(name, "") == value


def _of_a_chat(thing: tuple[str, str]) -> bool:
    return thing[1].startswith(("chat/", "moderator/")) or "/event/" in thing[1]


def refusal(status: int, reason: str) -> Fault:
    """Refuse a request as the API does."""
    one = {"message": "No.", "domain": "global", "reason": reason}
    body = json.dumps({"error": {"code": status, "message": "No.", "errors": [one]}}).encode()
    kind = (("Content-Type", "application/json; charset=UTF-8"),)
    return lambda _asked, _good: Answer(status, kind, body)
