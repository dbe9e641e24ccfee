"""An Instagram account's content, and what people and staff do on it.

The account is linked to a Page, whose token reads it and whose conversations it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archiver.demo.facebook.page import Page
from archiver.demo.facebook.things import Comment
from archiver.demo.picture import striped_png

if TYPE_CHECKING:
    from datetime import datetime

    from archiver.demo.facebook.things import Person

__all__ = ["Account", "Medium"]


@dataclass(slots=True)
class Medium:
    """A post, a story, a live video or a picture of an album; ``edge`` is the list that has it."""

    id: str
    caption: str
    alt: str
    created: datetime
    file: bytes
    edge: str = "media"
    author: str = ""
    likes: int = 0
    children: list[Medium] = field(default_factory=list)


class Account(Page):
    """The account ``handle``, of the Page that it is linked to."""

    first = 17_841_000_000

    def __init__(self, handle: str = "cityofquillwater") -> None:
        super().__init__()
        self.handle = handle
        self.number = self._number()
        self.biography = "Pictures of the city"
        self.media: dict[str, Medium] = {}

    def show(self, caption: str, alt: str = "", *, pictures: int = 1, edge: str = "media",
             author: str = "") -> Medium:  # fmt: skip
        """Publish a post, of several pictures an album; a story, a live video; or be tagged."""
        made = Medium(
            self._number(), caption, alt, self._tick(), self._file(), edge, author or self.handle
        )
        if pictures > 1:
            made.children = [
                Medium(self._number(), "", f"{alt} {place + 1}", made.created, self._file(place))
                for place in range(pictures)
            ]
        self.media[made.id] = made
        return made

    def recaption(self, number: str, caption: str) -> None:
        """Give a post another caption."""
        self._tick()
        self.media[number].caption = caption

    def remove(self, number: str) -> None:
        """Delete a post, with the comments on it; or end a story or a live video."""
        self._tick()
        del self.media[number]
        self.comments = {k: one for k, one in self.comments.items() if one.on != number}

    def remark(
        self, on: str, person: Person, text: str, *, answers: str = "", shown: bool = True
    ) -> Comment:
        """Comment on a post, or reply to a comment; of a restricted person nothing is shown."""
        comment = Comment(self._number(), on, person, text, self._tick(), answers, shown=shown)
        self.comments[comment.id] = comment
        if shown:
            media = {"id": on, "media_product_type": "FEED"}
            value = {"id": comment.id, "text": text, "media": media,
                     "from": {"id": person.id, "username": person.name}}  # fmt: skip
            value |= {"parent_id": answers} if answers else {}
            self._tell({"field": "comments", "value": value})
        return comment

    def conceal(self, number: str, *, hidden: bool = True) -> None:
        """Hide a comment, or show it again; no webhook tells of it."""
        self._tick()
        self.comments[number].hidden = hidden

    def erase(self, number: str) -> None:
        """Delete a comment with the replies to it; no webhook tells of it."""
        self._tick()
        self.comments = {
            k: one for k, one in self.comments.items() if number not in {k, one.answers}
        }

    def like(self, number: str) -> None:
        """Like a post; nobody is told who did."""
        self._tick()
        self.media[number].likes += 1

    def find(self, number: str) -> Medium | None:
        """Return a post or a picture of an album."""
        every = [one for post in self.media.values() for one in (post, *post.children)]
        return next((one for one in every if one.id == number), None)

    def _file(self, more: int = 0) -> bytes:
        return striped_png((len(self.media) * 7 + more) % 250)
