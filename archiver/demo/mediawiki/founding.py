"""Quillwater's wiki: how it begins, and one eventful week on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.mediawiki.office import ManagedWiki
from archiver.demo.mediawiki.shapes import moment
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.mediawiki.wiki import Revision, Upload

__all__ = ["CityWiki"]

_PAGES = 24


class CityWiki(ManagedWiki):
    """The wiki on which staff keep notes for residents, and residents ask on talk pages."""

    def __init__(self) -> None:
        super().__init__()
        for login, name, _ in texts.STAFF:
            self.register(name, *(("sysop", "bureaucrat") if login == "records" else ()))
        for name in texts.RESIDENTS[:8]:
            self.register(name)
        for number in range(_PAGES):
            self._topic(number)
        self.upload("Ferry Street.png", "The culvert on Ferry Street", user=2)
        self.upload("Ferry Street.png", "A sharper picture", user=2)
        self.upload("Parade.png", "The parade", user=3)
        self.edit("Council:Minutes 2026", "The council met.", user=1)
        self.edit("Cheap watches", "Buy watches at http://watches.example", user=12)
        self.delete("Cheap watches", "spam")
        told = self.talk("Talk:Ferry Street", f"Call me at {texts.PHONE}.", user=5)
        self.edit("Talk:Ferry Street", "''removed''", user=1)
        self.hide(told.id, "text", "user")

    def _topic(self, number: int) -> None:
        street = texts.STREETS[number % len(texts.STREETS)]
        title, text = texts.NOTICES[number % len(texts.NOTICES)]
        name = street if self.find(street) is None else f"{street} ({number})"
        self.edit(name, f"== {title.format(street=street)} ==\n{text}", user=1 + number % 4)
        if number % 3 == 0:
            said = texts.REPLIES[number % len(texts.REPLIES)]
            self.talk(f"Talk:{name}", f"== Question ==\n{said}", user=5 + number % 7)
            self.edit(name, f"{text}\n\nSee the talk page.", user=2, comment="answer")

    def change(self) -> dict[str, dict[str, str]]:
        """Let one week happen; return stream -> native id -> kind of what it leads to.

        As a complete capture (reconcile) sees it; the log's and the files' own additions
        included.
        """
        log, revisions, uploads = len(self.log), len(self.revisions), len(self.uploads)
        streets = [page.title for page in self.pages.values() if page.ns == 0]
        pages: dict[str, str] = {}
        edited = self.edit(streets[2], "Repaired. 🎉", user=2, comment="news")
        pages[str(edited.page)] = Kind.EDITED
        pages[str(self.move(streets[4], f"{streets[4]}, repaired").id)] = Kind.EDITED
        gone = self.delete(streets[5], "merged into another page")
        pages |= {str(gone[0].page): str(Kind.DELETED)} | _each(gone, Kind.REMOVED)
        pages[str(self.restore("Cheap watches", "evidence").id)] = Kind.PRESENT
        pages |= _each(self.history(self.page("Cheap watches").id), Kind.RESTORED)
        hidden = self.history(self.page(streets[6]).id)[0]
        pages |= _each([self.hide(hidden.id, "text")], Kind.HIDDEN)
        media = self._pictures(pages)
        new = [self.revisions[number] for number in range(revisions + 1, len(self.revisions) + 1)]
        pages |= _each(new, Kind.PRESENT)
        people: dict[str, str] = {str(self.register("Wen Marlowe").id): Kind.PRESENT}
        people[str(self.block(6, "shouting").id)] = Kind.EDITED
        for upload in self.uploads[uploads:]:
            media |= _both(upload, Kind.PRESENT)
        return {
            Stream.PAGES: pages,
            Stream.MEDIA: media,
            Stream.SUBSCRIBERS: people,
            Stream.MODERATION: {str(one.id): Kind.PRESENT for one in self.log[log:]},
        }

    def _pictures(self, pages: dict[str, str]) -> dict[str, str]:
        """Give one file a new version and delete another; return what became of the old."""
        again = self.upload("Ferry Street.png", "After the repair", user=2)
        pages[str(self.page(f"File:{again.name}").id)] = Kind.EDITED
        (parade,) = self.versions("File:Parade.png")
        gone = self.delete("File:Parade.png", "no permission")
        pages |= {str(gone[0].page): str(Kind.DELETED)} | _each(gone, Kind.REMOVED)
        name = f"{parade.name}/{moment(parade.time)}"
        return {name: Kind.REMOVED, f"{name}/file": Kind.ABSENT}


def _each(revisions: list[Revision], kind: str) -> dict[str, str]:
    return {f"revision/{revision.id}": kind for revision in revisions}


def _both(upload: Upload, kind: str) -> dict[str, str]:
    """Return an upload and its bytes, which are a record of their own."""
    name = f"{upload.name}/{moment(upload.time)}"
    return {name: kind, f"{name}/file": kind}
