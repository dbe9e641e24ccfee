"""A long life of the city on X: one event after another, the same for the same chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.demo import texts
from archiver.demo.founding import written
from archiver.demo.x.seed import Square

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from archiver.demo.x.things import Post

__all__ = ["Life"]

_MOST_VERSIONS = 5


class Life(Square):
    """The square with no end: `live` lets so many things happen.

    Args:
        chance: decides what happens.
    """

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self._happenings: tuple[tuple[int, Callable[[], None]], ...] = (
            (14, self._say), (22, self._answer), (6, self._answer_back), (5, self._mention),
            (4, self._quote), (8, self._edit), (7, self._delete), (9, self._fancy),
            (4, self._unfancy), (4, self._share), (7, self._write), (3, self._whisper),
            (5, self._stand), (2, self._vanish), (1, self._introduce), (1, self._vote),
        )  # fmt: skip

    def live(self, events: int) -> None:
        """Let so many things happen."""
        weights = [weight for weight, _ in self._happenings]
        verbs = [verb for _, verb in self._happenings]
        for verb in self._chance.choices(verbs, weights, k=events):
            verb()

    def settle_down(self) -> None:
        """Let nobody be suspended or protected any more."""
        for person in self.people.values():
            person.suspended = person.protected = False

    # ── What there is ────────────────────────────────────────────────────────────────
    def _anybody(self) -> int:
        return self._chance.choice(self.residents)

    def _recent(self, posts: Sequence[Post]) -> Post | None:
        return self._chance.choice(posts[-60:]) if posts else None

    def _citys(self) -> list[Post]:
        city = self.city.id
        return [one for one in self.posts.values() if one.author == city and not one.reposts]

    def _others(self) -> list[Post]:
        """Return what others said that the city's listings show for as long as it is there."""
        city, posts = self.city.id, self.posts
        return [
            one
            for one in posts.values()
            if one.author != city and not one.reposts
            and (city in self.mentioned(one)
                 or (one.talk in posts and posts[one.talk].author == city))
        ]  # fmt: skip

    def _parties(self) -> tuple[int, int]:
        """Return the city and somebody, who writes to whom left to chance."""
        city, other = self.city.id, self._anybody()
        return self._chance.choice(((city, other), (other, city)))

    def _text(self) -> str:
        return written(self._chance.randrange(10_000))

    # ── What can happen ──────────────────────────────────────────────────────────────
    def _say(self) -> None:
        media: tuple[str, ...] = ()
        if self._chance.random() < 0.3:  # noqa: PLR2004 - some of them
            kind = self._chance.choice(("photo", "video"))
            media = (self.upload(self._chance.choice(texts.PICTURES)[1], kind).key,)
        options = ("Yes", "No") if not media and self._chance.random() < 0.1 else ()  # noqa: PLR2004 - a few
        self.post(self.city.id, f"{self._text()} #Quillwater", media=media, options=options)

    def _answer(self) -> None:
        above = self._recent([*self._citys(), *self._others()])
        if above is not None:
            named = "@Quillwater " if self._chance.random() < 0.7 else ""  # noqa: PLR2004 - most
            self.post(self._anybody(), named + self._text(), answers=above.id)

    def _answer_back(self) -> None:
        above = self._recent(self._others())
        if above is not None:
            self.post(self.city.id, f"Thank you. {self._text()}", answers=above.id)

    def _mention(self) -> None:
        self.post(self._anybody(), f"@Quillwater {self._text()}")

    def _quote(self) -> None:
        post = self._recent(self._citys())
        if post is not None:
            self.post(self._anybody(), self._text(), quotes=post.id)

    def _edit(self) -> None:
        post = self._recent([*self._citys(), *self._others()])
        if post is not None and len(post.versions) < _MOST_VERSIONS:
            named = "@Quillwater " if post.author != self.city.id else ""
            self.edit(post.id, named + self._text())

    def _delete(self) -> None:
        post = self._recent([*self._citys(), *self._others()])
        if post is not None:
            self.delete(post.id)

    def _fancy(self) -> None:
        own = self._chance.random() < 0.2  # noqa: PLR2004 - some of them
        post = self._recent(self._others() if own else self._citys())
        if post is not None:
            self.like(self.city.id if own else self._anybody(), post.id)

    def _unfancy(self) -> None:
        post = self._recent([one for one in self.posts.values() if one.likes])
        if post is not None:
            self.unlike(self._chance.choice(list(post.likes)), post.id)

    def _share(self) -> None:
        own = self._chance.random() < 0.3  # noqa: PLR2004 - some of them
        post = self._recent(self._others() if own else self._citys())
        who = self.city.id if own else self._anybody()
        shared = {(one.author, one.reposts) for one in self.posts.values()}
        if post is not None and (who, post.id) not in shared:
            self.repost(who, post.id)

    def _write(self) -> None:
        who, whom = self._parties()
        self.letter(who, whom, self._text())

    def _whisper(self) -> None:
        who, whom = self._parties()
        self.whisper(who, whom, self._text())

    def _stand(self) -> None:
        """Follow, block or mute, or no longer."""
        city, other = self.city.id, self._anybody()
        kinds = [
            ("follow", other, city), ("follow", city, other), ("block", city, other),
            ("mute", city, other),
        ]  # fmt: skip
        key = self._chance.choice(kinds)
        if key in self.relations:
            self.unrelate(*key)
        else:
            self.relate(*key)

    def _vanish(self) -> None:
        """Let X suspend somebody, or somebody protect what he posts; or neither any more."""
        person = self.people[self._anybody()]
        if person.suspended or person.protected:
            person.suspended = person.protected = False
        elif self._chance.random() < 0.5:  # noqa: PLR2004 - either
            person.suspended = True
        else:
            person.protected = True

    def _introduce(self) -> None:
        self.describe(f"City hall. {self._text()[:60]}")

    def _vote(self) -> None:
        polls = [one for one in self.posts.values() if one.poll]
        post = self._recent(polls)
        if post is not None and post.poll is not None:
            self.vote(post.id, self._chance.randrange(len(post.poll.options)))
