"""The demo: an invented city is captured, changes, is captured again, and is proven.

Everything runs on this machine: the city's servers are stand-ins on the loopback
interface, and the archive, its keys and a proof stay in the folder that was asked for.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from archiver.demo import texts
from archiver.demo.city import City
from archiver.demo.presences import BLOG, presences
from archiver.demo.server import CityServer
from archiver.errors import UsageError
from archiver.flows import accounts, people
from archiver.flows.capture import CaptureReport, capture
from archiver.flows.prove import Checked, check_proof, prove
from archiver.flows.search import Query, SearchResult, search
from archiver.flows.show import show
from archiver.flows.verify import VerifyReport, verify
from archiver.record import Kind, Stream, record_id
from archiver.settings import Settings
from archiver.wire import create_archive, create_person_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from archiver.demo.presences import Presence
    from archiver.flows.archive import Archive
    from archiver.keyring import PersonKey
    from archiver.ports import Progress

__all__ = ["Story", "tell"]

MARK = ".civic-archiver-demo"
CLERK = "R. Alvarez, City Clerk"
SHOWN = (
    (BLOG, Kind.EDITED),
    (BLOG, Kind.DELETED),
    ("city-page", Kind.HIDDEN),
    ("city-pictures", Kind.DELETED),
    ("city-x", Kind.EDITED),
    ("city-tube", Kind.RESTORED),
)
"""Of which accounts one comment is shown, and what the week did to it."""


@dataclass(slots=True)
class Story:
    """What the demo did, for whoever prints it."""

    folder: Path
    key: str = ""
    captures: list[tuple[str, list[CaptureReport]]] = field(default_factory=list)
    verified: VerifyReport | None = None
    found: SearchResult | None = None
    histories: list[tuple[str, str, list[dict[str, Any]]]] = field(default_factory=list)
    proof: Path | None = None
    checked: Checked | None = None
    seconds: float = 0.0


def tell(folder: Path, progress: Progress, heading: Callable[[str], None]) -> Story:
    """Run the demo in ``folder`` and return what happened.

    A folder that an earlier demo made is emptied first. Raises `UsageError` for a folder
    that holds anything else.
    """
    started = time.monotonic()
    _make_room(folder)
    story = Story(folder)
    city = City()
    places = presences(city)
    heading(f"Founding an archive and registering {len(places)} accounts")
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    story.key = archive.identity.keys[0]
    (folder / "public-key.txt").write_text(story.key + "\n", "utf-8")
    archive = replace(archive, person=_enrol(archive, folder))
    with CityServer(city, *(one.service for one in places if one.service)) as server:
        _register(archive, places, server.url)
        heading("First capture: everything the city and its residents have said")
        story.captures.append(("first capture", _capture(archive, places, "incremental", progress)))
        changed = {one.name: one.change() for one in places}
        heading("A week passes: posts are edited, comments hidden, spammed, deleted")
        story.captures.append(("second capture", _capture(archive, places, "backfill", progress)))
        heading("Third capture, nothing new: nothing is stored twice")
        story.captures.append(("third capture", _capture(archive, places, "backfill", progress)))
    heading("Verifying every record against the signed ledger")
    story.verified = verify(archive, progress, deep=True)
    heading("Searching: an address in a comment, whatever became of it since")
    story.found = search(archive, Query(text="Ferry Street", stream=Stream.COMMENTS), private=True)
    heading("What became of some comments")
    for one in places:
        for kind in (kind for name, kind in SHOWN if name == one.name):
            record = _changed(one, changed[one.name], kind)
            story.histories.append((str(kind), record, show(archive, record)))
    heading("Proving one comment with a phone number withheld, and checking the proof")
    _prove(archive, story)
    story.seconds = time.monotonic() - started
    return story


def _make_room(folder: Path) -> None:
    if folder.exists():
        if not (folder / MARK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                "the folder holds something that is not an earlier demo",
                where=str(folder),
                code="demo-folder",
                mend="give --dir a new or empty folder",
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _enrol(archive: Archive, folder: Path) -> PersonKey:
    """Return the clerk's key, enrolled as the first person of the archive."""
    key = create_person_key(folder / "clerk.key")
    people.enrol(archive, key, CLERK, "", people.FIRST_ROLES)
    return key


def _register(archive: Archive, places: Sequence[Presence], url: str) -> None:
    for one in places:
        about = {"name": one.name, "platform": one.platform, "url": url + one.path}
        accounts.add(archive, {**about, "custodian": CLERK}, one.credential)
        accounts.approve(archive, one.name, CLERK, archive.person)


def _capture(
    archive: Archive, places: Sequence[Presence], mode: str, progress: Progress
) -> list[CaptureReport]:
    return [capture(archive, one.name, mode, progress) for one in places]


def _changed(place: Presence, changes: dict[str, dict[str, str]], kind: str) -> str:
    """Return the first comment, by its number, that the week did ``kind`` to at a place."""
    comments = changes[Stream.COMMENTS].items()
    found = min((len(name), name) for name, seen in comments if seen == kind)[1]
    return record_id(place.platform, place.name, Stream.COMMENTS, found)


def _prove(archive: Archive, story: Story) -> None:
    query = Query(text=f'"{texts.PHONE}"', stream=Stream.COMMENTS)
    hits = search(archive, query, private=True).hits
    proof = prove(archive, str(hits[0]["record_id"]), withhold=[texts.PHONE])
    text = json.dumps(proof, ensure_ascii=False, indent=1) + "\n"
    story.proof = story.folder / "proof.json"
    story.proof.write_text(text, "utf-8")
    story.checked = check_proof(story.proof.read_bytes(), [story.key])
