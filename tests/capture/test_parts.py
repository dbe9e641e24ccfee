"""Parts of things, such as versions and files: they go with what they are part of, and return."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Follow, Listing, Page, Problem
from archiver.record import Request
from tests.capture.town import SITE, Run, Town, TownConnector, empty, fold, http, run

if TYPE_CHECKING:
    from archiver.capture.connector import Item, Site
    from archiver.formats.http1 import HttpResponse

NOTES = "notes of "


class Album(TownConnector):
    """Each item has notes, in a listing of its own (``7/note/1``), and a file (``7/file``)."""

    def __init__(self, *, deaf: bool = False, stated: int | None = None) -> None:
        super().__init__()
        self.deaf, self.stated = deaf, stated

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Ask for an item or a note; where ``deaf``, there is no way to ask for an item."""
        return None if self.deaf and "/" not in native_id else super().direct(
            site, stream, native_id
        )  # fmt: skip

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a page of the board, or of the notes of one item."""
        if response.status == 500:
            return Page(problem=Problem("transient", response.status_line))
        page = super().split(site, listing, response)
        whole = listing.name.removeprefix(NOTES)
        if whole == listing.name:
            return replace(page, items=tuple(self._with_parts(site, one) for one in page.items))
        notes = (replace(one, native_id=f"{whole}/note/{one.native_id}") for one in page.items)
        return replace(page, items=tuple(notes))

    def _with_parts(self, site: Site, item: Item) -> Item:
        own = item.native_id
        request = Request(f"{site.url}/notes/{own}")
        notes = Listing(NOTES + own, "posts", request, "private", NOTES + own, stated=self.stated)
        file = Request(f"{site.url}/f/{own}")
        return replace(
            item,
            follow=(
                Follow("listing", "posts", listing=notes),
                Follow("file", "posts", f"{own}/file", "public", file),
            ),
        )


@dataclass
class Gallery(Town):
    """A town whose items have two notes each, and a file that may outlive its item.

    ``lost``: items whose file is gone. ``broken``: ends of addresses that are answered with
    an error of the server.
    """

    outlives: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def answer(self, url: str) -> bytes:
        """Return a raw HTTP response."""
        path = url.removeprefix(SITE.url)
        if any(path.endswith(end) for end in self.broken):
            return http(500, b"[]")
        kind, _, name = path.removeprefix("/").partition("/")
        if kind == "f":
            there = name in {*self.items, *self.outlives} - self.lost
            return super().answer(url) if there else http(404, b"none")
        if kind == "notes":
            notes = [_note(number) for number in "12"]
            return http(200, json.dumps(notes).encode()) if name in self.items else http(404, b"[]")
        if "/note/" in path:
            whole, _, number = name.partition("/note/")
            found = json.dumps([_note(number)]).encode()
            return http(200, found) if whole in self.items else http(404, b"[]")
        return super().answer(url)


def _note(number: str) -> dict[str, str]:
    return {"id": number, "text": f"note {number}", "state": "open"}


def _gallery() -> Gallery:
    gallery = Gallery()
    for number in ("1", "2", "11"):
        gallery.put(number, f"picture {number}")
    return gallery


def _asked(found: Run) -> list[str]:
    """Return what was asked for but the pages of the board."""
    paths = [one.url.removeprefix(SITE.url) for one in found.exchanges]
    return [path for path in paths if not path.startswith("/?page=")]


PARTS = ["1/file", "1/note/1", "1/note/2"]


def test_parts_are_deleted_with_what_they_are_part_of() -> None:
    """Each is asked for once; its evidence is the deletion of its whole and its own 404."""
    town, known, connector = _gallery(), empty(), Album()
    run(town, known, connector=connector)
    del town.items["1"]
    found = run(town, known, connector=connector)
    assert found.kinds() == [("1", "deleted"), *((part, "deleted") for part in PARTS)]
    (whole,) = [uuid for uuid, one in found.settled if one.native_id == "1"]
    exchanges = {one.id: one for one in found.exchanges}
    for part in found.of_kind("deleted")[1:]:
        evidence = [value for name, value in part.context if name == "Archive-Evidence"]
        assert evidence[0] == f"whole <urn:uuid:{whole}>"
        url = exchanges[evidence[1].removeprefix("missing ")].url
        assert url.endswith(part.native_id if "note" in part.native_id else "/f/1")
        assert (part.warc_type, part.excerpts) == ("metadata", ())
    again = run(town, known, connector=connector)
    assert (again.settled, _asked(again)) == ([], [])


def test_parts_of_what_is_only_absent_are_absent() -> None:
    """A whole that is not proven gone proves nothing of its parts; once it is, they are."""
    town, known = _gallery(), empty()
    run(town, known, connector=Album())
    del town.items["1"]
    found = run(town, known, connector=Album(deaf=True))
    assert found.kinds() == [("1", "absent"), *((part, "absent") for part in PARTS)]
    again = run(town, known, connector=Album(deaf=True))
    assert (again.settled, _asked(again)) == ([], [])
    found = run(town, known, connector=Album())
    assert found.kinds() == [("1", "deleted"), *((part, "deleted") for part in PARTS)]


def test_parts_of_what_was_removed_are_asked_for() -> None:
    """A picture in the bin may be served on, or not: then its file is absent, and may return."""
    town, known, connector = _gallery(), empty(), Album()
    run(town, known, connector=connector)
    town.items["1"]["state"] = town.items["2"]["state"] = "bin"
    town.lost = {"1"}
    found = run(town, known, connector=connector)
    assert found.kinds() == [("1", "removed"), ("2", "removed"), ("1/file", "absent")]
    again = run(town, known, connector=connector)
    assert "absent" not in {kind for _, kind in again.kinds()}
    town.items["1"]["state"], town.lost = "open", set()
    found = run(town, known, connector=connector)
    assert ("1/file", "restored") in found.kinds()


def test_a_part_that_is_still_there_is_not_gone() -> None:
    """A file that the platform goes on serving is seen again, and nothing is said of it."""
    town, known, connector = _gallery(), empty(), Album()
    run(town, known, connector=connector)
    del town.items["1"]
    town.outlives = {"1"}
    found = run(town, known, connector=connector)
    assert found.kinds() == [("1", "deleted"), ("1/note/1", "deleted"), ("1/note/2", "deleted")]
    assert "/f/1" in _asked(found)
    found = run(town, known, connector=connector)
    assert (found.kinds(), "/f/1" in _asked(found)) == ([], True)
    town.outlives = set()
    assert run(town, known, connector=connector).kinds() == [("1/file", "deleted")]
    assert "/f/1" not in _asked(run(town, known, connector=connector))


@pytest.mark.parametrize("end", ["/note/2", "/f/1"])
def test_a_part_that_was_not_answered_is_asked_for_by_the_next_run(end: str) -> None:
    """The run says so, and nothing else is read again for it; the next asks for what is left."""
    town, known, connector = _gallery(), empty(), Album()
    run(town, known, connector=connector)
    del town.items["1"]
    town.broken = {end}
    found = run(town, known, connector=connector)
    part = {"/note/2": "1/note/2", "/f/1": "1/file"}[end]
    assert not found.torn
    assert found.incomplete.keys() == {f"posts {part}"}
    town.broken = set()
    assert run(town, known, connector=connector).kinds() == [(part, "deleted")]


def test_what_returns_brings_its_parts_back() -> None:
    """An item that is there again is asked for its parts: they are restored with it."""
    town, known, connector = _gallery(), empty(), Album()
    runs = [run(town, known, connector=connector)]
    kept = town.items.pop("1")
    runs.append(run(town, known, connector=connector))
    town.items["1"] = kept
    runs.append(run(town, known, connector=connector))
    assert sorted(runs[-1].kinds()) == [(thing, "restored") for thing in ["1", *PARTS]]
    assert dict(fold(runs).items()) == dict(known.items())


def test_a_listing_that_is_said_to_be_empty_is_not_asked_for() -> None:
    """An item says how many parts it has: none is asked for where there are none, or all known."""
    town, known, connector = _gallery(), empty(), Album(stated=0)
    assert not any("/notes/" in path for path in _asked(run(town, known, connector=connector)))
    connector = Album(stated=2)
    found = run(town, known, connector=connector)
    assert [path for path in _asked(found) if "/notes/" in path] == [
        "/notes/1", "/notes/2", "/notes/11",
    ]  # fmt: skip
    assert _asked(run(town, known, connector=connector)) == []


def test_what_a_listing_shows_by_itself_is_no_part() -> None:
    """A page below a page has a listing that speaks for it, whatever its id looks like."""
    town, known = Town(), empty()
    for name in ("a", "a/b"):
        town.put(name, "a page")
    run(town, known)
    del town.items["a"]
    found = run(town, known)
    assert found.kinds() == [("a", "deleted")]
    assert _asked(found) == ["/posts/a"]
