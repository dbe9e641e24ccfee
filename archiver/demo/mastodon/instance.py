"""A Mastodon server's content, and what people do on it.

Each verb changes the content as Mastodon 4 changes its database (read from its published
source and documentation), including what happens on the side. The server has its own
clock, which every verb moves forward, so that the same verbs always make the same content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archiver.demo.picture import striped_png
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Instance", "Medium", "Notice", "Person", "Status", "Version"]

_MENTION = re.compile(r"@([a-z_]+)")
_STEP = timedelta(minutes=7, milliseconds=125)


@dataclass(slots=True)
class Person:
    """Somebody with an account; ``name`` is the one after the ``@``."""

    id: int
    name: str
    shown: str
    about: str
    joined: datetime


@dataclass(slots=True)
class Medium:
    """An uploaded picture and its description for those who cannot see it."""

    id: int
    description: str
    file: bytes


@dataclass(frozen=True, slots=True)
class Version:
    """A text that a status had, and since when."""

    text: str
    since: datetime


@dataclass(slots=True)
class Status:
    """A status; ``versions`` has its texts, the last one in force; ``boosts`` another one.

    ``answers`` is 0 where it answers none, ``talk`` the conversation it belongs to, ``client``
    the program that sent it.
    """

    id: int
    author: int
    visibility: str
    versions: list[Version]
    talk: int
    answers: int = 0
    boosts: int = 0
    mentions: tuple[int, ...] = ()
    media: tuple[int, ...] = ()
    likes: dict[int, int] = field(default_factory=dict)
    client: str = "Web"

    @property
    def text(self) -> str:
        """What it says now."""
        return self.versions[-1].text


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification to the city; ``status`` 0 where it is about none."""

    id: int
    kind: str
    person: int
    status: int
    at: datetime


class Instance:
    """People, statuses, media, relations, each by number; ``city`` is whose login is used.

    ``relations`` has (kind, who, whom) -> number: ``follow follow_request block mute``.
    ``talks`` has (conversation, participants) -> number. ``suspended`` are people whom the
    moderators took out of every list, until they think better of it, ``limited`` those whom
    they show to followers only. Verbs return what they made, and raise `UsageError` for a
    number that is not there. ``listeners`` are told each event of the city's own stream when
    it happens: its name and what it is about; ``hooks`` of what administrators are sent.
    """

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 3, 15, 0, tzinfo=UTC)
        self.people: dict[int, Person] = {}
        self.statuses: dict[int, Status] = {}
        self.media: dict[int, Medium] = {}
        self.relations: dict[tuple[str, int, int], int] = {}
        self.notices: dict[int, Notice] = {}
        self.talks: dict[tuple[int, frozenset[int]], int] = {}
        self.scheduled: dict[int, tuple[str, datetime]] = {}
        self.domains: list[str] = []
        self.filters: dict[int, str] = {}
        self.listeners: list[Callable[[str, Any], None]] = []
        self.hooks: list[Callable[[str, Status], None]] = []
        self.suspended: set[int] = set()
        self.limited: set[int] = set()
        self._last = 114_000_000_000_000_000
        self.city = self.join("quillwater", "City of Quillwater", "News from city hall")

    # ── Accounts ─────────────────────────────────────────────────────────────────────
    def join(self, name: str, shown: str, about: str = "") -> Person:
        """Make an account."""
        person = Person(self._number(), name, shown, about, self._tick())
        self.people[person.id] = person
        return person

    def describe(self, about: str) -> None:
        """Give the city's profile another text."""
        self._tick()
        self.city.about = about

    def relate(self, kind: str, who: int, whom: int) -> None:
        """Follow, ask to follow, block or mute; the city is notified of the first two."""
        self.relations[kind, who, whom] = self._number()
        if whom == self.city.id and kind.startswith("follow"):
            self._notify(kind, who)

    def unrelate(self, kind: str, who: int, whom: int) -> None:
        """Take a relation back; the notification of it goes as well."""
        self._tick()
        if self.relations.pop((kind, who, whom), None) is None:
            raise UsageError("the stand-in has no such relation", where=kind)
        self._forget(lambda one: one.kind == kind and one.person == who)

    # ── Statuses ─────────────────────────────────────────────────────────────────────
    def post(
        self,
        who: int,
        text: str,
        *,
        answers: int = 0,
        visibility: str = "public",
        media: tuple[int, ...] = (),
    ) -> Status:
        """Publish a status; ``@name`` in it mentions somebody."""
        before = self.status(answers) if answers else None
        names = {person.name: person.id for person in self.people.values()}
        mentions = tuple(names[name] for name in _MENTION.findall(text) if name in names)
        number, when = self._number(), self._tick()
        talk = before.talk if before else number
        made = Status(
            number, who, visibility, [Version(text, when)], talk, answers, 0, mentions, media
        )
        self.statuses[number] = made
        if visibility == "direct":
            parties = (talk, frozenset({who, *mentions}))
            self.talks.setdefault(parties, self._number())
            if self.city.id in parties[1]:
                self._tell("conversation", parties)
        self._send("status.created", made)
        if self._at_home(made):
            self._tell("update", made)
        if self.city.id in mentions and who != self.city.id:
            self._notify("mention", who, number)
        return made

    def edit(self, number: int, text: str) -> Status:
        """Give a status another text; the server keeps the old one."""
        status = self.status(number)
        status.versions.append(Version(text, self._tick()))
        self._send("status.updated", status)
        if self._at_home(status):
            self._tell("status.update", status)
        return status

    def delete(self, number: int) -> Status:
        """Delete a status with its boosts, likes and files; answers to it answer none then."""
        status = self.status(number)
        self._tick()
        for boost in [one for one in self.statuses.values() if one.boosts == number]:
            self.statuses.pop(boost.id)
        for answer in self.statuses.values():
            answer.answers = 0 if answer.answers == number else answer.answers
        for medium in status.media:
            self.media.pop(medium)
        self._forget(lambda one: one.status == number)
        self.statuses.pop(number)
        self.talks = {key: talk for key, talk in self.talks.items() if self.last_of(key)}
        if self._at_home(status) or self.city.id in status.mentions:
            self._tell("delete", number)
        return status

    def boost(self, who: int, number: int) -> Status:
        """Boost a status."""
        original = self.status(number)
        boost = self.post(who, "")
        boost.boosts = original.id
        if original.author == self.city.id != who:
            self._notify("reblog", who, number)
        return boost

    def like(self, who: int, number: int) -> None:
        """Mark a status as a favourite."""
        status = self.status(number)
        status.likes[who] = self._number()
        if status.author == self.city.id != who:
            self._notify("favourite", who, number)

    def unlike(self, who: int, number: int) -> None:
        """Take a favourite back; the notification of it goes as well."""
        self._tick()
        self.status(number).likes.pop(who)
        self._forget(lambda one: (one.kind, one.person, one.status) == ("favourite", who, number))

    def upload(self, description: str) -> Medium:
        """Upload a new small picture."""
        medium = Medium(self._number(), description, striped_png(len(self.media)))
        self.media[medium.id] = medium
        return medium

    def schedule(self, text: str) -> int:
        """Leave a status of the city's for later."""
        number = self._number()
        self.scheduled[number] = (text, self.now + timedelta(days=30))
        return number

    def publish(self, number: int) -> Status:
        """Publish a scheduled status now."""
        return self.post(self.city.id, self.scheduled.pop(number)[0])

    def add_filter(self, title: str) -> int:
        """Make a filter of the city's for what it does not want to see."""
        number = self._number()
        self.filters[number] = title
        self._tell("filters_changed", None)
        return number

    # ── Looking things up ────────────────────────────────────────────────────────────
    def status(self, number: int) -> Status:
        """Return a status."""
        if number not in self.statuses:
            raise UsageError("the stand-in has no such status", where=str(number))
        return self.statuses[number]

    def last_of(self, talk: tuple[int, frozenset[int]]) -> Status | None:
        """Return the last message of a conversation among these people."""
        found = [
            one
            for one in self.statuses.values()
            if one.visibility == "direct"
            and (one.talk, frozenset({one.author, *one.mentions})) == talk
        ]
        return found[-1] if found else None

    def answers_to(self, number: int) -> list[Status]:
        """Return what answers a status, and what answers that, in depth first order."""
        found = []
        for one in [one for one in self.statuses.values() if one.answers == number]:
            found += [one, *self.answers_to(one.id)]
        return found

    def _notify(self, kind: str, person: int, status: int = 0) -> None:
        number = self._number()
        self.notices[number] = Notice(number, kind, person, status, self._tick())
        self._tell("notification", self.notices[number])

    def _at_home(self, status: Status) -> bool:
        """Say whether a status is in the city's home timeline: its own, or whom it follows."""
        followed = ("follow", self.city.id, status.author) in self.relations
        return status.author == self.city.id or followed

    def _tell(self, event: str, subject: object) -> None:
        for listener in self.listeners:
            listener(event, subject)

    def _send(self, event: str, status: Status) -> None:
        for hook in self.hooks:
            hook(event, status)

    def _forget(self, which: Callable[[Notice], bool]) -> None:
        self.notices = {n: one for n, one in self.notices.items() if not which(one)}

    def _number(self) -> int:
        self._last += 65_537 * 41  # time in the upper bits, as Mastodon makes them
        return self._last

    def _tick(self) -> datetime:
        self.now += _STEP
        return self.now
