"""The invented city of Quillwater: a blog and a news feed, before anything is captured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.blog import Blog
from archiver.demo.founding import found
from archiver.demo.things import NewsItem
from archiver.demo.week import spend
from archiver.errors import UsageError
from archiver.record import Kind, Stream

if TYPE_CHECKING:
    from archiver.demo.week import Changes

__all__ = ["City"]

NEWS = 24
"""News items at the start; the feeds show fewer."""


class City(Blog):
    """A city's blog (see `Blog` for what can happen on it) and its news, oldest first.

    ``user`` and ``secret`` are the login name and application password that the stand-in
    server takes for an administrator's.
    """

    name = texts.CITY
    user = texts.STAFF[0][0]
    secret = "open door only this demo city"  # noqa: S105 - opens nothing but the stand-in

    def __init__(self) -> None:
        super().__init__()
        found(self)
        self.news: list[NewsItem] = []
        for number in range(NEWS):
            title, text = texts.NOTICES[number % len(texts.NOTICES)]
            self.announce(title.format(street=texts.STREETS[number % len(texts.STREETS)]), text)

    def change(self) -> Changes:
        """Let one eventful week happen on the blog; return what changed (`week.spend`)."""
        return spend(self)

    def change_news(self) -> Changes:
        """Publish one news item and correct another; return what changed in the feeds."""
        new = self.announce("Ferry Street reopened", "The culvert is repaired. Thank you all.")
        corrected = self.correct(self.news[-3].guid, "Corrected: starts at 9 a.m., not at 8.")
        return {Stream.POSTS: {new.guid: Kind.PRESENT, corrected.guid: Kind.EDITED}}

    def announce(self, title: str, text: str) -> NewsItem:
        """Publish a news item."""
        when = self._tick()
        guid = f"tag:quillwater.example,2026:news/{len(self.news) + 1}"
        self.news.append(NewsItem(guid, title, text, when, when))
        return self.news[-1]

    def correct(self, guid: str, text: str) -> NewsItem:
        """Change the text of a news item. Raises `UsageError` where there is none."""
        for item in self.news:
            if item.guid == guid:
                item.text, item.updated = text, self._tick()
                return item
        raise UsageError("the stand-in city has no such news", where=guid)
