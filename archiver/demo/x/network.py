"""X's content, and what people do on it.

Each verb changes the content as X's documentation says that X does, including what
happens on the side. The network has its own clock, which every verb moves forward, so that the same
verbs always make the same content; ids have the time in their upper bits, as X makes them.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import shake_256
from typing import TYPE_CHECKING, Any

from archiver.demo.picture import striped_png
from archiver.demo.x.things import Conversation, Letter, Medium, Person, Poll, Post, Roll, Version
from archiver.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["EPOCH", "Network"]

EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
"""The zero of X's ids: milliseconds since then stand above 22 lower bits."""
_MENTION = re.compile(r"@([A-Za-z0-9_]{1,15})")
_STEP = timedelta(minutes=7, milliseconds=125)
_MOST_EDITS = 5


class Network:
    """People, posts, media, relations, messages; ``city`` is whose login is used.

    ``posts`` is by the id of the first version. ``relations`` has (kind, who, whom) ->
    order: ``follow block mute``. ``listeners`` are told each event of the account's when it
    happens: its kind and what it is about (`archiver.demo.x.hooks`). Verbs return what they
    made, and raise `UsageError` for what is not there.
    """

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 3, 15, 0, tzinfo=UTC)
        self.people: dict[int, Person] = {}
        self.posts: dict[int, Post] = {}
        self.media: dict[str, Medium] = {}
        self.relations: dict[tuple[str, int, int], int] = {}
        self.letters: dict[int, Letter] = {}
        self.chats: dict[str, Conversation] = {}
        self.rolls: dict[int, Roll] = {}
        self.pinned = 0
        self.listeners: list[Callable[[str, Any], None]] = []
        self._order = 0
        self.city = self.join("Quillwater", "City of Quillwater", "News from city hall")

    # ── People ───────────────────────────────────────────────────────────────────────
    def join(self, name: str, shown: str, about: str = "") -> Person:
        """Make an account."""
        when = self._tick()
        person = Person(self._id(), name, shown, about, when)
        self.people[person.id] = person
        return person

    def describe(self, about: str) -> None:
        """Give the city's profile another text."""
        self._tick()
        before, self.city.about = self.city.about, about
        self._tell("profile.update.bio", (before, about))

    def relate(self, kind: str, who: int, whom: int) -> None:
        """Follow, block or mute."""
        self._tick()
        self._order += 1
        self.relations[kind, who, whom] = self._order
        if self.city.id in {who, whom}:
            self._tell(f"{kind}.{kind}", (who, whom))

    def unrelate(self, kind: str, who: int, whom: int) -> None:
        """Take a relation back."""
        self._tick()
        if self.relations.pop((kind, who, whom), None) is None:
            raise UsageError("the stand-in has no such relation", where=kind)
        if self.city.id in {who, whom}:
            self._tell(f"{kind}.un{kind}", (who, whom))

    def related(self, kind: str, *, who: int = 0, whom: int = 0) -> list[tuple[int, Person]]:
        """Return (order, person) of those who stand so to one."""
        found = [
            (order, self.people[b if who else a])
            for (one, a, b), order in self.relations.items()
            if one == kind and (a == who or b == whom)
        ]
        return [(order, person) for order, person in found if not person.suspended]

    # ── Posts ────────────────────────────────────────────────────────────────────────
    def post(
        self,
        who: int,
        text: str,
        *,
        answers: int = 0,
        quotes: int = 0,
        media: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
    ) -> Post:
        """Publish a post; ``@name`` in it mentions somebody."""
        when = self._tick()
        before = self.get(answers) if answers else None
        number = self._id()
        poll = None
        if options:
            ends = when + timedelta(days=1)
            poll = Poll(number + 1, options, [0] * len(options), ends)
        made = Post(
            who, [Version(number, text, when)], before.talk if before else number, answers,
            quotes, media=media, poll=poll,
        )  # fmt: skip
        self.posts[number] = made
        self._told(made)
        return made

    def edit(self, number: int, text: str) -> Post:
        """Edit a post: a new version, which from now on is the one that is shown."""
        post = self.get(number)
        if len(post.versions) > _MOST_EDITS:
            raise UsageError("a post may be edited five times", where=str(number))
        post.versions.append(Version(self._id_at(self._tick()), text, self.now))
        self._told(post)
        return post

    def delete(self, number: int) -> Post:
        """Delete a post with all its versions, its reposts, likes and media."""
        post = self.get(number)
        self._tick()
        for repost in [one for one in self.posts.values() if one.reposts == number]:
            self.posts.pop(repost.id)
        for key in post.media:
            self.media.pop(key)
        self.posts.pop(number)
        self.pinned = 0 if self.pinned == number else self.pinned
        if post.author == self.city.id:
            self._tell("post.delete", post)
        return post

    def repost(self, who: int, number: int) -> Post:
        """Repost a post."""
        original = self.get(number)
        name = self.people[original.author].name
        when = self._tick()
        made = Post(
            who, [Version(self._id(), f"RT @{name}: {original.last.text[:100]}", when)], 0,
            reposts=original.id,
        )  # fmt: skip
        made.talk = made.id
        self.posts[made.id] = made
        if who == self.city.id:
            self._tell("post.create", made)
        elif original.author == self.city.id:
            self._tell("post.repost.create", made)
        return made

    def like(self, who: int, number: int) -> None:
        """Like a post."""
        self._tick()
        self._order += 1
        self.get(number).likes[who] = self._order
        if self.city.id in {who, self.get(number).author}:
            self._tell("like.create", (who, number))

    def unlike(self, who: int, number: int) -> None:
        """Take a like back."""
        self._tick()
        self.get(number).likes.pop(who)

    def vote(self, number: int, option: int) -> None:
        """Vote in a poll."""
        poll = self.get(number).poll
        if poll is None:
            raise UsageError("the post has no poll", where=str(number))
        self._tick()
        poll.votes[option] += 1

    def upload(self, description: str, kind: str = "photo") -> Medium:
        """Upload a new small picture or film."""
        seed = len(self.media) + self._order
        self._order += 1
        prefix = "3" if kind == "photo" else "7"
        medium = Medium(f"{prefix}_{self._id()}", kind, description, striped_png(seed % 250))
        self.media[medium.key] = medium
        return medium

    # ── Messages ─────────────────────────────────────────────────────────────────────
    def letter(self, who: int, whom: int, text: str, media: tuple[str, ...] = ()) -> Letter:
        """Send a direct message."""
        when = self._tick()
        talk = "-".join(str(one) for one in sorted((who, whom)))
        sent = Letter(self._id(), talk, who, "MessageCreate", text, when, media)
        self.letters[sent.id] = sent
        if self.city.id in {who, whom}:
            self._tell("dm.sent" if who == self.city.id else "dm.received", (sent, whom))
        return sent

    def whisper(self, who: int, whom: int, text: str) -> None:
        """Send an encrypted message; the stand-in keeps what X would: no text."""
        when = self._tick()
        name = ":".join(str(one) for one in sorted((who, whom)))
        chat = self.chats.setdefault(name, Conversation(name, (who, whom), when))
        seed = shake_256(f"{name} {text} {self._id()}".encode())
        digest = seed.hexdigest(16)
        event = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
        cipher = b64encode(seed.digest(48 + 3 * len(text))).decode()
        chat.events.append((event, who, when, cipher))
        self._tell("chat.sent" if who == self.city.id else "chat.received", (chat, event))

    def roll(self, name: str, about: str) -> Roll:
        """Make a list of the city's."""
        self._tick()
        made = Roll(self._id(), name, about)
        self.rolls[made.id] = made
        return made

    # ── Looking things up ────────────────────────────────────────────────────────────
    def get(self, number: int) -> Post:
        """Return a post by the id of its first version."""
        if number not in self.posts:
            raise UsageError("the stand-in has no such post", where=str(number))
        return self.posts[number]

    def version(self, number: int) -> tuple[Post, int] | None:
        """Return a post and the place of the version that has this id."""
        for post in self.posts.values():
            for place, one in enumerate(post.versions):
                if one.id == number:
                    return post, place
        return None

    def place_at(self, post: Post, when: datetime) -> int:
        """Return the place of the version of a post that was shown at a moment."""
        return max(place for place, one in enumerate(post.versions) if one.at <= when)

    def mentioned(self, post: Post) -> set[int]:
        """Return whom a post names, and whose post it answers; a repost is no mention."""
        if post.reposts:
            return set()
        names = {name.lower() for name in _MENTION.findall(post.last.text)}
        found = {one.id for one in self.people.values() if one.name.lower() in names}
        above = self.posts.get(post.answers)
        return (found | ({above.author} if above else set())) - {post.author}

    def below(self, number: int) -> Iterator[Post]:
        """Yield all posts of the conversation that a post began, without it."""
        return (one for one in self.posts.values() if one.talk == number != one.id)

    def is_shown(self, post: Post) -> bool:
        """Say whether the city is shown a post: not of whom X or its author keeps from it."""
        author = self.people[post.author]
        city = self.city.id
        if author.id == city:
            return True
        if author.suspended or ("block", author.id, city) in self.relations:
            return False
        return not author.protected or ("follow", city, author.id) in self.relations

    def _told(self, post: Post) -> None:
        """Tell what a new post, or a new version of one, is to the city."""
        city = self.city.id
        if post.author == city:
            self._tell("post.create", post)
            return
        above, quoted = self.posts.get(post.answers), self.posts.get(post.quotes)
        if city in self.mentioned(post):
            self._tell("post.mention.create", post)
        if above is not None and above.author == city:
            self._tell("post.reply.create", post)
        if quoted is not None and quoted.author == city:
            self._tell("post.quote.create", post)

    def _tell(self, kind: str, subject: object) -> None:
        for listener in self.listeners:
            listener(kind, subject)

    def _id(self) -> int:
        """Return a new id of this moment; several of one moment follow each other."""
        return self._id_at(self.now)

    def _id_at(self, when: datetime) -> int:
        self._order += 1
        return ((when - EPOCH) // timedelta(milliseconds=1) << 22) + self._order % (1 << 22)

    def _tick(self) -> datetime:
        self.now += _STEP
        return self.now
