"""What there is on the stand-in X: people, posts, pictures, messages. Every time is UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Conversation", "Letter", "Medium", "Person", "Poll", "Post", "Roll", "Version"]


@dataclass(slots=True)
class Person:
    """Somebody with an account; ``name`` is the one after the ``@``.

    ``protected``: only followers see what is posted. ``suspended``: X shows nothing of it.
    """

    id: int
    name: str
    shown: str
    about: str
    joined: datetime
    protected: bool = False
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Medium:
    """An uploaded picture (``photo``) or film (``video``), with its description."""

    key: str
    kind: str
    description: str
    file: bytes


@dataclass(slots=True)
class Poll:
    """A question with its answers and the votes for each; it ends at ``ends``."""

    id: int
    options: tuple[str, ...]
    votes: list[int]
    ends: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a post: an edit makes a new one with an id of its own."""

    id: int
    text: str
    at: datetime


@dataclass(slots=True)
class Post:
    """A post. ``answers``, ``quotes`` and ``reposts`` are other posts, 0 for none.

    ``talk`` is the post that began the conversation; ``likes`` has who -> order; ``source`` is
    the app that sent it.
    """

    author: int
    versions: list[Version]
    talk: int
    answers: int = 0
    quotes: int = 0
    reposts: int = 0
    media: tuple[str, ...] = ()
    poll: Poll | None = None
    likes: dict[int, int] = field(default_factory=dict)
    source: str = "X Web App"

    @property
    def id(self) -> int:
        """The id of the first version: that by which the archive knows it."""
        return self.versions[0].id

    @property
    def last(self) -> Version:
        """The version that is shown."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Letter:
    """A direct message (``MessageCreate``), or a joining or leaving of a conversation."""

    id: int
    talk: str
    sender: int
    kind: str
    text: str
    at: datetime
    media: tuple[str, ...] = ()


@dataclass(slots=True)
class Conversation:
    """An encrypted conversation: of each event id, sender, time and ciphertext."""

    id: str
    people: tuple[int, ...]
    since: datetime
    events: list[tuple[str, int, datetime, str]] = field(default_factory=list)


@dataclass(slots=True)
class Roll:
    """A list of accounts that the city keeps."""

    id: int
    name: str
    about: str
    members: set[int] = field(default_factory=set)
