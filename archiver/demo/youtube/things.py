"""The stand-in's things: people, videos, comments, captions, playlists, messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "HELD", "PUBLISHED", "REJECTED", "SPAM",
    "Caption", "Comment", "Message", "Person", "Place", "Playlist", "Video",
]  # fmt: skip

HELD, SPAM, PUBLISHED, REJECTED = "heldForReview", "likelySpam", "published", "rejected"
"""States of a comment."""


@dataclass(slots=True)
class Person:
    """Somebody with a channel; ``open``: all may see to whom he is subscribed."""

    id: str
    handle: str
    name: str
    about: str
    joined: datetime
    open: bool = True


@dataclass(slots=True)
class Video:
    """A video; ``publish_at`` is set where it is scheduled, ``chat`` where it was broadcast."""

    id: str
    title: str
    about: str
    tags: tuple[str, ...]
    privacy: str
    at: datetime
    picture: bytes
    publish_at: datetime | None = None
    views: int = 0
    likes: int = 0
    chat: str = ""
    life: str = ""


@dataclass(slots=True)
class Comment:
    """A comment, or a reply where it has a ``parent``."""

    id: str
    video: str
    author: str
    text: str
    at: datetime
    changed: datetime
    status: str = PUBLISHED
    parent: str = ""
    likes: int = 0


@dataclass(slots=True)
class Caption:
    """A caption track."""

    id: str
    video: str
    language: str
    name: str
    text: str
    changed: datetime


@dataclass(slots=True)
class Place:
    """A place in a playlist."""

    id: str
    video: str
    note: str
    at: datetime


@dataclass(slots=True)
class Playlist:
    """A playlist and what is in it, in order."""

    id: str
    title: str
    about: str
    privacy: str
    at: datetime
    places: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """A message or event of a live chat; ``about`` is what it takes back, or whom it puts out."""

    id: str
    chat: str
    kind: str
    author: str
    text: str
    at: datetime
    about: str = ""
