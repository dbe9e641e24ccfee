"""The invented city's blog on Blogger: posts, pages, comments, and a week."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.demo.picture import striped_png

__all__ = ["Blog", "Comment", "Entry"]

BLOG = "7341906552048816200"
_BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Comment:
    """A comment; ``to`` is the one that it answers."""

    id: str
    author: str
    text: str
    at: datetime
    status: str = "LIVE"
    to: str = ""


@dataclass(slots=True)
class Entry:
    """A post or a page."""

    id: str
    title: str
    text: str
    at: datetime
    changed: datetime
    status: str = "LIVE"
    labels: tuple[str, ...] = ()
    picture: str = ""
    comments: list[Comment] = field(default_factory=list)


class Blog:
    """What is on the blog, and what may happen there."""

    def __init__(self) -> None:
        self.name = "Quillwater Notes"
        self.posts: dict[str, Entry] = {}
        self.pages: dict[str, Entry] = {}
        self.files = {"/img/b/mill-road.png": striped_png(5)}
        self._now = _BEGAN
        self._id = 8100000000000000000
        self._found()

    def _next(self) -> tuple[str, datetime]:
        self._id += 7919
        self._now += timedelta(minutes=11)
        return str(self._id), self._now

    def write(self, title: str, text: str, status: str = "LIVE", *labels: str) -> Entry:
        """Write a post."""
        one, now = self._next()
        self.posts[one] = Entry(one, title, text, now, now, status, labels)
        return self.posts[one]

    def page(self, title: str, text: str, status: str = "LIVE") -> Entry:
        """Make a page."""
        one, now = self._next()
        self.pages[one] = Entry(one, title, text, now, now, status)
        return self.pages[one]

    def comment(self, post: Entry, author: str, text: str, status: str = "LIVE") -> Comment:
        """Say something under a post."""
        one, now = self._next()
        to = post.comments[0].id if post.comments else ""
        post.comments.append(Comment(one, author, text, now, status, to))
        return post.comments[-1]

    def edit(self, entry: Entry, text: str) -> None:
        """Give a post or page another text."""
        entry.text, entry.changed = text, self._next()[1]

    def _found(self) -> None:
        mill = self.write("Mill Road closes", "<p>From <b>Monday</b> on</p>", "LIVE", "streets")
        mill.picture = "/img/b/mill-road.png"
        for author, text in (("Maya Chen", "For how long?"), ("Tom Okafor", "Two weeks, I hear")):
            self.comment(mill, author, text)
        self.comment(mill, "Cheap Loans", "Buy <i>now</i>", "SPAM")
        self.comment(mill, "Ferry Neighbors", "Is this on?", "PENDING")
        for number in range(6):
            self.write(f"Note {number}", f"<p>Note number {number}</p>")
        self.write("Budget", "<p>Not yet</p>", "DRAFT")
        self.page("About", "<p>The city's blog</p>")
        self.page("Contact", "<p>City Hall</p>")

    def change(self) -> dict[str, dict[str, str]]:
        """Let a week pass. Returns what a complete capture then finds: stream, id, kind."""
        self._now += timedelta(days=6)
        mill, note, second, *_ = self.posts.values()
        asked, told, _spam, waits = mill.comments
        self.edit(note, "<p>Note number 0, corrected</p>")
        second.status = "SOFT_TRASHED"
        new = self.write("Mill Road is open", "<p>Again</p>")
        told.status, told.text = "EMPTIED", ""
        waits.status = "LIVE"
        mill.comments.remove(asked)
        thanks = self.comment(new, "Maya Chen", "Thank you")
        contact = list(self.pages.values())[1]
        del self.pages[contact.id]
        under = f"{BLOG}-{mill.id}"
        return {
            "posts": {
                f"{BLOG}-{note.id}": "edited", f"{BLOG}-{second.id}": "removed",
                f"{BLOG}-{new.id}": "present",
            },
            "comments": {
                f"{under}-{told.id}": "removed", f"{under}-{asked.id}": "deleted",
                f"{BLOG}-{new.id}-{thanks.id}": "present", f"{under}-{waits.id}": "present",
            },
            "pages": {f"{BLOG}-{contact.id}": "deleted"},
        }  # fmt: skip
