"""The invented city's community: posts, comments, moderators, modmail, and a week."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from archiver.demo.picture import striped_png

__all__ = ["Community", "Mail", "Written"]

_BEGAN = 1_793_610_000
"""Seconds since 1970: in November 2026."""
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Written:
    """A post, or a comment where it has a ``post``; ``parent`` is the comment that it answers."""

    id: str
    author: str
    text: str
    at: int
    title: str = ""
    post: str = ""
    parent: str = ""
    picture: str = ""
    edited: int = 0
    removed: bool = False
    deleted: bool = False


@dataclass(slots=True)
class Mail:
    """A conversation with the moderators: who wrote what, and when."""

    id: str
    subject: str
    said: list[tuple[str, str, str, int]] = field(default_factory=list)


class Community:
    """What is in it, and what may happen there."""

    name = "Quillwater"
    clerk = "quill_clerk"

    def __init__(self) -> None:
        self.posts: dict[str, Written] = {}
        self.comments: dict[str, Written] = {}
        self.mails: dict[str, Mail] = {}
        self.letters: list[Written] = []
        self.log: list[tuple[str, str, str, int]] = []
        self.banned: dict[str, int] = {"cheap_loans": _BEGAN}
        self.files = {"/media/mill-road.png": striped_png(7)}
        self._ids = count(36**5 + 71)
        self._now = _BEGAN
        self._found()

    def _next(self) -> tuple[str, int]:
        self._now += 60
        number, text = next(self._ids), ""
        while number:
            number, rest = divmod(number, 36)
            text = _LETTERS[rest] + text
        return text, self._now

    def post(self, author: str, title: str, text: str, picture: str = "") -> Written:
        """Post something."""
        one, now = self._next()
        self.posts[one] = Written(one, author, text, now, title, picture=picture)
        return self.posts[one]

    def say(self, author: str, post: Written, text: str, to: Written | None = None) -> Written:
        """Comment on a post, or answer a comment."""
        one, now = self._next()
        parent = to.id if to else ""
        self.comments[one] = Written(one, author, text, now, post=post.id, parent=parent)
        return self.comments[one]

    def write(self, mail: Mail, author: str, text: str) -> str:
        """Say something in a conversation with the moderators."""
        one, now = self._next()
        mail.said.append((one, author, text, now))
        return one

    def mail(self, author: str, subject: str, text: str) -> Mail:
        """Begin a conversation with the moderators."""
        one = self._next()[0]
        self.mails[one] = Mail(one, subject)
        self.write(self.mails[one], author, text)
        return self.mails[one]

    def letter(self, author: str, subject: str, text: str) -> Written:
        """Send the clerk a private message."""
        one, now = self._next()
        self.letters.append(Written(one, author, text, now, subject))
        return self.letters[-1]

    def edit(self, one: Written, text: str) -> None:
        """Give a post or comment another text."""
        one.text, one.edited = text, self._next()[1]

    def remove(self, one: Written) -> None:
        """Let a moderator take it away; moderators still see it."""
        one.removed = True
        name, now = self._next()
        kind = "removecomment" if one.post else "removelink"
        self.log.append((name, kind, f"t{1 if one.post else 3}_{one.id}", now))

    def _found(self) -> None:
        mill = self.post("maya", "Mill Road closes", "From Monday on")
        first = self.say("tom", mill, "For how long?")
        self.say(self.clerk, mill, "Two weeks", first)
        for number in range(9):
            self.say("ferry", mill, f"Comment number {number}")
        self.remove(self.say("cheap_loans", mill, "Buy now"))
        for number in range(5):
            self.post("tom", f"Topic {number}", f"Text of topic {number}")
        self.post("maya", "The road today", "", "/media/mill-road.png")
        self.remove(self.post("cheap_loans", "Loans", "Buy now"))
        mail = self.mail("tom", "My post", "Where is it?")
        self.write(mail, self.clerk, "It waits for review")
        self.letter("maya", "Permit", "Is it ready?")

    def change(self) -> dict[str, dict[str, str]]:
        """Let a week pass. Returns what a complete capture then finds: stream, id, kind."""
        self._now += 6 * 86_400
        _mill, topic, second, third, *_ = self.posts.values()
        asked, told, comment, *_ = self.comments.values()
        self.edit(topic, "Text of topic 0, corrected")
        self.remove(second)
        del self.posts[third.id]
        self.edit(told, "Three weeks")
        asked.deleted = True
        self.remove(comment)
        new = self.post(self.clerk, "Mill Road is open", "Again")
        thanks = self.say("maya", new, "Thank you")
        mail = next(iter(self.mails.values()))
        said = self.write(mail, "tom", "Thank you")
        letter = self.letter("tom", "Parking", "Where?")
        self.banned["rude"] = self._now
        del self.comments[next(one for one in self.comments.values() if "8" in one.text).id]
        return {
            "posts": {
                topic.id: "edited", second.id: "hidden", third.id: "deleted", new.id: "present",
            },
            "comments": {
                told.id: "edited", asked.id: "removed", comment.id: "hidden", thanks.id: "present",
            },
            "messages": {f"{mail.id}/{said}": "present", letter.id: "present"},
            "moderation": {"banned/rude_id": "present"},
        }  # fmt: skip
