"""The stand-in Facebook, served, and an archive of its Page in this process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archiver.demo.city import City
from archiver.demo.facebook.api import Facebook
from archiver.demo.facebook.life import CityPage
from archiver.demo.facebook.truth import truth
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

    from archiver.demo.facebook.page import Page
    from archiver.flows.archive import Archive
    from archiver.flows.capture_report import CaptureReport

ACCOUNT = "city-page"
GONE = ("absent", "deleted")
Row = dict[str, str]
Thing = tuple[str, str]


@dataclass(slots=True)
class Stage:
    """The Page, its API and server, and an archive with its approved account."""

    page: CityPage
    service: Facebook
    server: CityServer
    archive: Archive
    clock: FixedClock
    folder: Path

    def capture(self, mode: str) -> CaptureReport:
        """Capture the account; nothing may be left open."""
        report = capture(self.archive, ACCOUNT, mode, Quiet())
        assert report.incomplete == {}
        return report

    def asked(self) -> list[str]:
        """Return the addresses of all requests that were answered so far."""
        return [one.path for one in self.server.log]


@contextmanager
def staged(folder: Path, *, most: int = 7) -> Iterator[Stage]:
    """Yield a stage whose pages are small."""
    page, clock = CityPage(), FixedClock(datetime.now(UTC))
    service = Facebook(page, most=most)
    archive = replace(
        create_archive(Settings(str(folder / "archive"), folder / "home")), clock=clock
    )
    with CityServer(City(), service) as server:
        about = {"name": ACCOUNT, "platform": "facebook", "url": f"{server.url}/{page.name}"}
        accounts.add(archive, about, service.credential)
        accounts.approve(archive, ACCOUNT, "Clerk")
        yield Stage(page, service, server, archive, clock, folder)


def history(archive: Archive) -> dict[Thing, list[Row]]:
    """Return the observations of every thing of the platform's, oldest first."""
    found: dict[Thing, list[Row]] = {}
    for row in rows(archive):
        if row["stream"] != "workflow" and row["kind"] not in {"listing", "residue"}:
            found.setdefault((row["stream"], row["native_id"]), []).append(row)
    return found


def news(stage: Stage, before: dict[Thing, list[Row]]) -> dict[str, dict[str, str]]:
    """Return what was observed since ``before``: stream -> native id -> kinds."""
    found: dict[str, dict[str, str]] = {}
    for (stream, name), seen in history(stage.archive).items():
        new = seen[len(before.get((stream, name), ())) :]
        if new:
            found.setdefault(stream, {})[name] = " ".join(row["kind"] for row in new)
    return found


def held(archive: Archive) -> dict[Thing, Row]:
    """Return what the archive says is there now, each with the state that it is in."""
    found = {}
    for thing, seen in history(archive).items():
        states = {"edited": "", "extended": "", "restored": "present"}
        state = ""
        for row in seen:
            state = states.get(row["kind"], row["kind"]) or state
        if state not in GONE:
            found[thing] = seen[-1] | {"kind": state}
    return found


def wrong(page: Page, archive: Archive) -> list[str]:
    """Name each thing that the archive lacks, invents or tells otherwise than the Page.

    What hung on a post that is gone is in the archive as it last was, events besides.
    """
    wanted = {
        (stream, name): columns
        for stream, things in truth(page).items()
        for name, columns in things.items()
    }
    have, said = held(archive), []
    said += [f"missing {thing}" for thing in wanted.keys() - have.keys()]
    said += [
        f"invented {thing}" for thing in have.keys() - wanted.keys() if _new(page, have, thing)
    ]
    for thing in wanted.keys() & have.keys():
        said += _unlike(thing, have[thing], dict(wanted[thing]))
    return said


def _new(page: Page, have: dict[Thing, Row], thing: Thing) -> bool:
    """Tell whether the Page never showed a thing that the archive has."""
    stream, name = thing
    if "/event/" in name or name.startswith("event/"):
        return False
    if name.endswith(("/content", "/attachment", "/picture")) or "/attachment/" in name:
        return False
    if stream == "comments":
        post = have[thing].get("group", "").partition(" ")[2]
        return post in page.posts
    if stream == "reactions":
        return name.partition("/")[0] in page.posts
    return True


def _unlike(thing: Thing, row: Row, wanted: dict[str, str]) -> list[str]:
    wanted.pop("on", None)
    if wanted.pop("unread", None) and row.get("state") == "refused":
        return []
    return [
        f"{thing} {name}: {row.get(name, '')!r}, not {value!r}"
        for name, value in wanted.items()
        if (value not in row.get(name, "") if name == "extra" else row.get(name, "") != value)
    ]
