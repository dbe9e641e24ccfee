"""A wiki's content, and what people do to it.

Each verb changes the content as MediaWiki 1.39 changes its database (measured on one),
including what happens on the side: log entries, revisions of moves. The wiki has its own
clock, which every verb moves forward, so that the same verbs always make the same wiki.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.demo.picture import striped_png
from archiver.errors import UsageError

__all__ = ["NAMESPACES", "Entry", "Person", "Revision", "Upload", "Wiki", "WikiPage"]

OPENED = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
_STEP = timedelta(minutes=11)
NAMESPACES = {
    0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Quillwater Wiki", 5: "Quillwater Wiki talk",
    6: "File", 7: "File talk", 3000: "Council", 3001: "Council talk",
}  # fmt: skip
"""Those in use, by number; MediaWiki has more that are empty here."""


@dataclass(slots=True)
class WikiPage:
    """A page; ``title`` begins with its namespace's name. ``latest`` is a revision's number."""

    id: int
    ns: int
    title: str
    latest: int = 0


@dataclass(slots=True)
class Revision:
    """A revision; ``page`` is that it belongs or belonged to, ``hidden`` its hidden parts.

    ``archived``: the title under which it was deleted, empty while its page is there.
    """

    id: int
    page: int
    parent: int
    user: int
    time: datetime
    text: str
    comment: str
    hidden: frozenset[str] = frozenset()
    archived: str = ""


@dataclass(slots=True)
class Entry:
    """A log entry, with the page's number at the time."""

    id: int
    type: str
    action: str
    title: str
    page: int
    user: int
    time: datetime
    comment: str
    params: dict[str, object] = field(default_factory=dict)
    hidden: bool = False


@dataclass(slots=True)
class Upload:
    """One version of a file; ``name`` without namespace."""

    id: int
    name: str
    user: int
    time: datetime
    data: bytes
    comment: str
    deleted: bool = False


@dataclass(slots=True)
class Person:
    """An account; ``block`` is the reason of its block, empty without one."""

    id: int
    name: str
    groups: tuple[str, ...]
    registered: datetime
    block: str = ""


class Wiki:
    """Pages, revisions, log, files and users, each by number; every verb returns what it made.

    Verbs raise `UsageError` for a page or person that is not there. ``closed``: only those
    with an account may read. ``files_at``: another address under which its files lie.
    """

    def __init__(self) -> None:
        self.now = OPENED
        self.closed = False
        self.files_at = ""
        self.pages: dict[int, WikiPage] = {}
        self.revisions: dict[int, Revision] = {}
        self.log: list[Entry] = []
        self.uploads: list[Upload] = []
        self.people: dict[int, Person] = {}
        self._last_page = 0

    # ── pages ────────────────────────────────────────────────────────────────────────
    def edit(self, title: str, text: str, *, user: int = 1, comment: str = "") -> Revision:
        """Save a page, making it where there is none."""
        page = self.find(title)
        if page is None:
            self._last_page += 1
            page = WikiPage(self._last_page, namespace_of(title), title)
            self.pages[page.id] = page
            self._note("create", "create", page, user, comment)
        return self._revise(page, text, user, comment)

    def talk(self, title: str, text: str, *, user: int) -> Revision:
        """Add a signed section to a talk page."""
        page = self.find(title)
        before = f"{self.revisions[page.latest].text}\n\n" if page else ""
        signed = f"{before}{text} — {self.person(user).name}, {self.now:%H:%M, %d %B %Y} (UTC)"
        return self.edit(title, signed, user=user, comment="/* new section */")

    def move(self, title: str, to: str, *, user: int = 1) -> WikiPage:
        """Give a page another title, leaving no redirect; MediaWiki makes a revision of it."""
        page = self.page(title)
        words = f"{self.person(user).name} moved page [[{title}]] to [[{to}]]"
        about: dict[str, object] = {
            "target_ns": namespace_of(to),
            "target_title": to,
            "suppressredirect": True,
        }
        self._note("move", "move", page, user, "", about)
        for upload in self.uploads:
            if f"File:{upload.name}" == title:
                upload.name = to.partition(":")[2]
        page.title, page.ns = to, namespace_of(to)
        self._revise(page, self.revisions[page.latest].text, user, words)
        return page

    def delete(self, title: str, reason: str, *, user: int = 1) -> list[Revision]:
        """Delete a page, and its file if it has one; return its revisions, now archived."""
        page = self.page(title)
        gone = self.history(page.id)
        for revision in gone:
            revision.archived = title
        for upload in self.versions(title):
            upload.deleted = True
        del self.pages[page.id]
        self._note("delete", "delete", page, user, reason)
        return gone

    def restore(self, title: str, reason: str, *, user: int = 1) -> WikiPage:
        """Bring a deleted page back under its old number, with all revisions and files."""
        archived = [r for r in self.revisions.values() if r.archived == title]
        if not archived:
            raise UsageError("the stand-in wiki deleted no such page", where=title)
        page = WikiPage(archived[0].page, namespace_of(title), title, archived[-1].id)
        self.pages[page.id] = page
        for revision in archived:
            revision.archived = ""
        for upload in self.uploads:
            upload.deleted &= f"File:{upload.name}" != title
        self._note("delete", "restore", page, user, reason, {"count": {"revisions": len(archived)}})
        return page

    def hide(self, number: int, *parts: str, user: int = 1) -> Revision:
        """Hide parts of a revision (``text user comment``); none shows them all again."""
        revision = self.revisions[number]
        revision.hidden = frozenset(parts)
        self._tick()
        about: dict[str, object] = {"type": "revision", "ids": [number]}
        page = self.pages[revision.page]
        self._note("delete", "revision", page, user, "personal information", about)
        return revision

    # ── files and people ─────────────────────────────────────────────────────────────
    def upload(self, name: str, comment: str, *, user: int = 1) -> Upload:
        """Upload a picture, or a new version of one."""
        number = len(self.uploads) + 1
        again = self.find(f"File:{name}") is not None
        revision = self.edit(f"File:{name}", comment, user=user, comment=comment)
        page = self.pages[revision.page]
        self.uploads.append(Upload(number, name, user, revision.time, striped_png(number), comment))
        self._note("upload", "overwrite" if again else "upload", page, user, comment)
        return self.uploads[-1]

    def register(self, name: str, *groups: str) -> Person:
        """Make an account."""
        number = len(self.people) + 1
        self.people[number] = Person(number, name, groups, self._tick())
        self._note_user("newusers", "create", number, number, {"userid": number})
        return self.people[number]

    def block(self, number: int, reason: str, *, user: int = 1) -> Person:
        """Keep an account from editing."""
        person = self.person(number)
        person.block = reason
        self._note_user("block", "block", number, user, {"duration": "infinity"}, reason)
        return person

    # ── looking things up ────────────────────────────────────────────────────────────
    def find(self, title: str) -> WikiPage | None:
        """Return the page of a title, None without one."""
        return next((page for page in self.pages.values() if page.title == title), None)

    def page(self, title: str) -> WikiPage:
        """Return the page of a title."""
        page = self.find(title)
        if page is None:
            raise UsageError("the stand-in wiki has no such page", where=title)
        return page

    def person(self, number: int) -> Person:
        """Return an account."""
        if number not in self.people:
            raise UsageError("the stand-in wiki has no such user", where=str(number))
        return self.people[number]

    def history(self, page: int) -> list[Revision]:
        """Return the revisions of a page, oldest first."""
        return [r for r in self.revisions.values() if r.page == page and not r.archived]

    def versions(self, title: str) -> list[Upload]:
        """Return what was uploaded under a title and not deleted, newest first."""
        found = (u for u in self.uploads if f"File:{u.name}" == title and not u.deleted)
        return sorted(found, key=lambda upload: upload.time, reverse=True)

    def _revise(self, page: WikiPage, text: str, user: int, comment: str) -> Revision:
        number = len(self.revisions) + 1
        made = Revision(number, page.id, page.latest, user, self._tick(), text, comment)
        self.revisions[number] = made
        page.latest = number
        return made

    def _note(
        self,
        kind: str,
        action: str,
        page: WikiPage,
        user: int,
        comment: str,
        params: dict[str, object] | None = None,
    ) -> None:
        number, when = len(self.log) + 1, self._tick()
        entry = Entry(number, kind, action, page.title, page.id, user, when, comment, params or {})
        self.log.append(entry)

    def _note_user(
        self,
        kind: str,
        action: str,
        whom: int,
        user: int,
        params: dict[str, object],
        comment: str = "",
    ) -> None:
        page = WikiPage(0, 2, f"User:{self.people[whom].name}")
        self._note(kind, action, page, user, comment, params)

    def _tick(self) -> datetime:
        self.now += _STEP
        return self.now


def namespace_of(title: str) -> int:
    """Return the number of the namespace in which a title lies."""
    prefix = title.partition(":")[0] if ":" in title else ""
    return next((number for number, name in NAMESPACES.items() if name == prefix), 0)
