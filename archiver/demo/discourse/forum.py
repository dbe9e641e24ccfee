"""The forum of the invented city: people, categories, topics, posts, conversations, a week."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.demo.picture import striped_png

__all__ = ["Forum", "Person", "Post", "Topic"]

_BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PICTURE = "/uploads/default/original/1X/3f2a9c.png"
"""Where the forum keeps the picture that a post shows."""


@dataclass(slots=True)
class Person:
    """Somebody who is registered; ``id`` 1 is the forum's administrator."""

    id: int
    username: str
    name: str
    joined: datetime


@dataclass(slots=True)
class Post:
    """A post: ``old`` are its earlier texts, ``likes`` who likes it."""

    id: int
    topic: int
    number: int
    author: Person
    raw: str
    at: datetime
    changed: datetime
    old: list[str] = field(default_factory=list)
    likes: list[Person] = field(default_factory=list)
    reply_to: int | None = None
    hidden: bool = False
    deleted: datetime | None = None


@dataclass(slots=True)
class Topic:
    """A topic in a category, or a conversation where ``with_`` names those who take part."""

    id: int
    title: str
    category: int
    author: Person
    at: datetime
    tags: tuple[str, ...] = ()
    with_: tuple[Person, ...] = ()
    posts: list[Post] = field(default_factory=list)
    closed: bool = False
    deleted: datetime | None = None


class Forum:
    """All that is on it, and what may happen there."""

    def __init__(self) -> None:
        self.title = "Quillwater Talks"
        self.about = "The forum of the City of Quillwater"
        self.now = _BEGAN
        self.people = [
            Person(number, name, full, _BEGAN)
            for number, (name, full) in enumerate(
                (
                    ("clerk", "R. Alvarez, City Clerk"), ("maya", "Maya Chen"),
                    ("tom", "Tom Okafor"), ("ferry", "Ferry Neighbors"),
                ),
                start=1,
            )
        ]  # fmt: skip
        self.categories: dict[int, tuple[str, int | None]] = {
            4: ("Announcements", None), 5: ("Streets", None), 6: ("Ferry Street", 5),
        }  # fmt: skip
        self.groups = {1: ("admins", self.people[:1]), 41: ("streets", self.people[1:3])}
        self.topics: dict[int, Topic] = {}
        self.files = {PICTURE: striped_png(3)}
        self.log: list[tuple[int, str, int]] = []
        self._ids = {"topic": 10, "post": 20}
        self._found()

    @property
    def posts(self) -> dict[int, Post]:
        """All posts, by id."""
        return {post.id: post for topic in self.topics.values() for post in topic.posts}

    def _next(self, kind: str) -> int:
        self._ids[kind] += 1
        return self._ids[kind]

    def _later(self) -> datetime:
        self.now += timedelta(minutes=7)
        return self.now

    def begin(
        self, author: Person, title: str, raw: str, category: int = 4,
        tags: tuple[str, ...] = (), with_: tuple[Person, ...] = (),
    ) -> Topic:  # fmt: skip
        """Begin a topic, or a conversation."""
        topic = Topic(self._next("topic"), title, category, author, self._later(), tags, with_)
        self.topics[topic.id] = topic
        self.reply(author, topic, raw)
        return topic

    def reply(self, author: Person, topic: Topic, raw: str, to: int | None = None) -> Post:
        """Say something in a topic."""
        now, number = self._later(), len(topic.posts) + 1
        post = Post(self._next("post"), topic.id, number, author, raw, now, now, reply_to=to)
        topic.posts.append(post)
        return post

    def edit(self, post: Post, raw: str) -> None:
        """Give a post another text; the one before is kept as a revision."""
        post.old.append(post.raw)
        post.raw, post.changed = raw, self._later()

    def delete(self, post: Post) -> None:
        """Let staff delete a post, which only they see from then on."""
        post.deleted = self._later()
        self._note("delete_post", post.topic)

    def destroy(self, topic: Topic) -> None:
        """Take a topic away for good, as who cleans a database does."""
        del self.topics[topic.id]

    def _note(self, action: str, topic: int) -> None:
        self.log.append((len(self.log) + 1, action, topic))

    def _found(self) -> None:
        clerk, maya, tom, ferry = self.people
        welcome = self.begin(clerk, "Welcome", "Be kind.\n\nThe **rules**", tags=("rules",))
        self.reply(maya, welcome, "Glad to be here").likes.extend([clerk, tom])
        streets = self.begin(tom, "Potholes on Mill Road", "There are *nine* of them", 5)
        for number in range(24):
            self.reply((maya, ferry)[number % 2], streets, f"Here is number {number}", to=1)
        self.edit(streets.posts[3], "Here is number 2, near the school")
        self.reply(ferry, streets, f"A picture: ![pothole]({PICTURE})")
        spam = self.reply(ferry, streets, "Cheap loans")
        spam.hidden = True
        self.begin(maya, "A tree that fell", "Near the library", 6)
        talk = self.begin(maya, "My permit", "Is it ready?", with_=(clerk,))
        for number in range(22):
            self.reply((clerk, maya)[number % 2], talk, f"Word {number} about the permit")
        self._note("change_site_setting", 0)

    def change(self) -> dict[str, dict[str, str]]:
        """Let a week pass. Returns what a complete capture then finds: stream, id, kind."""
        clerk, maya, tom, _ferry = self.people
        welcome, streets, tree, talk = list(self.topics.values())
        self.now += timedelta(days=6)
        self.edit(welcome.posts[1], "Very glad to be here")
        self.delete(streets.posts[5])
        new = self.reply(clerk, streets, "They are filled")
        new.likes.append(tom)
        topic = self.begin(clerk, "Council meets on Tuesday", "At seven")
        said = self.reply(maya, talk, "Thank you")
        self.destroy(tree)
        self.groups[41] = ("streets", self.people[1:])
        return {
            "comments": {
                str(welcome.posts[1].id): "edited", str(streets.posts[5].id): "removed",
                str(new.id): "present",
                f"{welcome.posts[1].id}/revision/2": "present",
            },
            "posts": {
                str(topic.id): "present", f"{topic.id}/{topic.posts[0].id}": "present",
                str(tree.id): "absent",
            },
            "messages": {f"{talk.id}/{said.id}": "present"},
            "reactions": {f"{new.id}/{tom.id}": "present"},
            "subscribers": {"group/41/member/4": "present"},
        }  # fmt: skip
