"""A channel's content, the people around it, and its clock."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from archiver.demo.youtube.things import PUBLISHED, Person
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.demo.youtube.things import Caption, Comment, Message, Playlist, Video

__all__ = ["Channel", "taken"]

_T = TypeVar("_T")
_STEP = timedelta(minutes=7)


class Channel:
    """The channel ``city`` and everything on it, each thing by its id.

    Subscriptions are ``who -> (subscription's id, since)``. ``open_chats`` are those of
    broadcasts that are live. Verbs return what they made, and raise `UsageError` for an id
    that is not there. ``listeners`` are told which video is new or changed, or gone.
    """

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 3, 15, 0, tzinfo=UTC)
        self._count = 0
        self.people: dict[str, Person] = {}
        self.videos: dict[str, Video] = {}
        self.comments: dict[str, Comment] = {}
        self.captions: dict[str, Caption] = {}
        self.playlists: dict[str, Playlist] = {}
        self.subscribers: dict[str, tuple[str, datetime]] = {}
        self.following: dict[str, tuple[str, datetime]] = {}
        self.members: dict[str, datetime] = {}
        self.sections: dict[str, str] = {}
        self.messages: dict[str, Message] = {}
        self.open_chats: set[str] = set()
        self.moderators: dict[str, str] = {}
        self.listeners: list[Callable[[str, bool], None]] = []
        self.city = self.join("cityofquillwater", "City of Quillwater", "News from city hall")
        self.stream = self._id("stream")
        self.stream_key = f"quil-{self._id('key')[:8]}-0000-live"

    # ── People ───────────────────────────────────────────────────────────────────────
    def join(self, handle: str, name: str, about: str = "", *, shows: bool = True) -> Person:
        """Make a channel."""
        number = f"UC{self._id('channel', 22)}"
        person = Person(number, handle, name, about, self._tick(), shows)
        self.people[number] = person
        return person

    def describe(self, about: str) -> None:
        """Give the city's channel another description."""
        self._tick()
        self.city.about = about

    def subscribe(self, who: str) -> None:
        """Subscribe to the city's channel."""
        self.subscribers[self.person(who).id] = (self._id("subscription", 43), self._tick())

    def unsubscribe(self, who: str) -> None:
        """Take a subscription back."""
        self._tick()
        taken(self.subscribers, who)

    def show(self, who: str, *, shows: bool) -> None:
        """Let all see to whom somebody is subscribed, or nobody."""
        self._tick()
        self.person(who).open = shows

    def follow(self, who: str) -> None:
        """Let the city subscribe to a channel."""
        self.following[self.person(who).id] = (self._id("subscription", 43), self._tick())

    def unfollow(self, who: str) -> None:
        """Let the city take a subscription back."""
        self._tick()
        taken(self.following, who)

    def support(self, who: str) -> None:
        """Become a paying member."""
        self.members[self.person(who).id] = self._tick()

    def leave(self, who: str) -> None:
        """Be a paying member no more."""
        self._tick()
        taken(self.members, who)

    # ── Looking things up ────────────────────────────────────────────────────────────
    def person(self, number: str) -> Person:
        """Return somebody by the id of his channel."""
        return _get(self.people, number)

    def video(self, number: str) -> Video:
        """Return a video."""
        return _get(self.videos, number)

    def track(self, number: str) -> Caption:
        """Return a caption track."""
        return _get(self.captions, number)

    def said(self, number: str) -> Comment:
        """Return a comment."""
        return _get(self.comments, number)

    def listed(self, number: str) -> Playlist:
        """Return a playlist."""
        return _get(self.playlists, number)

    def replies(self, comment: str, *statuses: str) -> list[Comment]:
        """Return the replies to a comment that are in one of these states, oldest first."""
        wanted = statuses or (PUBLISHED,)
        return [
            one for one in self.comments.values()
            if one.parent == comment and one.status in wanted
        ]  # fmt: skip

    def uploads(self) -> list[Video]:
        """Return all videos, newest first."""
        return sorted(self.videos.values(), key=lambda one: (one.at, one.id), reverse=True)

    def _tell(self, video: str, *, gone: bool) -> None:
        for listener in self.listeners:
            listener(video, gone)

    def _id(self, kind: str, length: int = 20) -> str:
        """Return a new id: it looks as those of YouTube do, and is the same in every studio."""
        self._count += 1
        digest = sha256(f"{kind} {self._count}".encode()).digest()
        return urlsafe_b64encode(digest + digest).decode().replace("=", "A")[:length]

    def _tick(self) -> datetime:
        self.now += _STEP
        return self.now


def _get(things: Mapping[str, _T], number: str) -> _T:
    if number not in things:
        raise UsageError("the stand-in has no such thing", where=number)
    return things[number]


def taken(things: dict[str, _T], number: str) -> None:
    """Take a thing out of others. Raises `UsageError`."""
    _get(things, number)
    del things[number]
