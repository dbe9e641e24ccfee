"""What an invented city's site holds. Every time is UTC, with whole seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Comment", "NewsItem", "Post", "Revision", "User"]


@dataclass(slots=True)
class User:
    """Somebody with an account on the site; ``role`` is WordPress's name for it."""

    id: int
    login: str
    name: str
    email: str
    role: str
    registered: datetime


@dataclass(slots=True)
class Post:
    """A post, a page or an uploaded file (``kind`` post, page, attachment).

    ``status``: publish future draft pending private trash, of a file: inherit.
    ``file`` holds the bytes of an uploaded picture and ``path`` where they are, below
    the upload folder; ``alt_text`` describes it. ``parent`` 0 means none.
    """

    id: int
    kind: str
    status: str
    title: str
    text: str
    slug: str
    author: int
    date: datetime
    modified: datetime
    parent: int = 0
    file: bytes = b""
    path: str = ""
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """The text that an edit gave a post or page; numbered together with posts."""

    id: int
    parent: int
    author: int
    date: datetime
    title: str
    text: str


@dataclass(slots=True)
class Comment:
    """A comment; ``status``: approved hold spam trash post-trashed.

    ``user`` and ``parent`` are 0 where there is none.
    """

    id: int
    post: int
    parent: int
    user: int
    name: str
    email: str
    date: datetime
    text: str
    status: str


@dataclass(slots=True)
class NewsItem:
    """One item of the news feeds; ``guid`` never changes."""

    guid: str
    title: str
    text: str
    published: datetime
    updated: datetime
