"""What is on a Page: people, posts, comments, media, conversations. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "Comment",
    "Conversation",
    "Live",
    "Message",
    "Person",
    "Photo",
    "Post",
    "Rating",
    "Story",
    "Video",
    "moment",
]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by the number that the Page knows."""

    id: str
    name: str


@dataclass(slots=True)
class Post:
    """A post; ``edge``: the list that has it beside the feed (``own visitor tagged``).

    ``counted`` reactions are in the total, and of nobody that the Page is told of. ``client``:
    the app that sent it, where that was not Facebook itself.
    """

    id: str
    author: Person
    text: str
    created: datetime
    edge: str = "own"
    hidden: bool = False
    due: datetime | None = None
    link: str = ""
    photos: tuple[str, ...] = ()
    reactions: dict[str, str] = field(default_factory=dict)
    counted: int = 0
    shares: list[Post] = field(default_factory=list)
    staff: str = ""
    client: str = ""


@dataclass(slots=True)
class Comment:
    """A comment on the node ``on``, or a reply to the comment ``answers``.

    ``shown`` false: it is in the count, and privacy keeps it from the Page (a person who was
    restricted, an age limit).
    """

    id: str
    on: str
    author: Person
    text: str
    created: datetime
    answers: str = ""
    hidden: bool = False
    private: bool = False
    shown: bool = True
    picture: str = ""


@dataclass(slots=True)
class Photo:
    """A photo; ``post`` is the one that shows it. ``file`` is what its address gives."""

    id: str
    caption: str
    alt: str
    created: datetime
    file: bytes
    post: str = ""
    own: bool = True


@dataclass(slots=True)
class Video:
    """A video or a reel."""

    id: str
    title: str
    text: str
    created: datetime
    file: bytes
    reel: bool = False
    published: bool = True


@dataclass(slots=True)
class Live:
    """A live video; ``status`` as Graph names it."""

    id: str
    title: str
    status: str
    created: datetime


@dataclass(slots=True)
class Story:
    """A story, for a day; ``archived``: the Page keeps it afterwards."""

    id: str
    created: datetime
    file: bytes
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """A recommendation."""

    id: str
    author: Person
    text: str
    created: datetime
    positive: bool


@dataclass(slots=True)
class Message:
    """A message; ``picture`` is the number of a file."""

    id: str
    author: Person
    text: str
    created: datetime
    picture: str = ""


@dataclass(slots=True)
class Conversation:
    """A conversation of the Page with one person, oldest message first."""

    id: str
    person: Person
    folder: str
    updated: datetime
    messages: list[Message] = field(default_factory=list)


def moment(when: datetime) -> str:
    """Return a time as Graph writes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%S+0000")
