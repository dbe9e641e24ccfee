"""A long life on Instagram under every fault and ``kill -9``: the archive agrees in the end.

Captured is everything that Instagram ever showed or told; what a post counts and never showed
is explained, number by number.
"""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from archiver.flows import run
from archiver.flows.verify import verify
from tests.chaos.graph import Happening, live, settle
from tests.chaos.truth import Quiet, rows
from tests.demo.facebook import held
from tests.demo.instagram import ACCOUNT, Hooked, Stage, staged, wrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.demo.instagram.account import Account
    from tests.chaos.helpers import Forks


class Life(Happening):
    """What happens on an account. Of captions and the profile nobody is told: they are compared."""

    def __init__(self, account: Account, chance: Random) -> None:
        super().__init__(account, chance, "instagram", account.number)
        self.account = account

    def acts(self) -> dict[str, tuple[int, Callable[[], None]]]:
        """Return what can happen, by name, and how often."""
        return {
            "post": (10, self.post), "passing": (5, self.passing), "comment": (34, self.comment),
            "message": (20, self.message), "unsend": (2, self.unsend), "edit": (6, self.edit),
            "hide": (8, self.hide), "erase": (8, self.erase), "delete": (2, self.delete),
            "like": (6, self.like), "profile": (2, self.profile), "withhold": (4, self.withhold),
        }  # fmt: skip

    def post(self) -> None:
        """Publish a picture or an album, or be tagged by somebody."""
        pictures, tagged = self.chance.choice([1, 1, 3]), self.chance.random() < 0.2
        about = {"edge": "tags", "author": "somebody"} if tagged else {"edge": "media"}
        self.account.show(self.caption(), "A picture", pictures=1 if tagged else pictures, **about)

    def passing(self) -> None:
        """Begin a story or a live video, or end the oldest."""
        edges = {"stories", "live_media"}
        there = [one.id for one in self.account.media.values() if one.edge in edges]
        if len(there) > self.chance.randint(0, 4):
            self.account.remove(there[0])
        else:
            self.account.show(self.caption(), edge=self.chance.choice(sorted(edges)))

    def comment(self) -> None:
        """Comment on a recent post, or reply to a comment; sometimes take it back at once."""
        post = self.one_post()
        first = [c.id for c in self.account.comments.values() if (c.on, c.answers) == (post, "")]
        answers = self.chance.choice([*first[-3:], "", ""])
        said = self.account.remark(post, self.person(), self.words(), answers=answers)
        if self.chance.random() < 0.1:
            self.account.erase(said.id)

    def unsend(self) -> None:
        """Take a message back."""
        talk = self.chance.choice(list(self.account.conversations.values()))
        if len(talk.messages) > 1:
            self.account.unsend(self.chance.choice(talk.messages).id)

    def edit(self) -> None:
        """Give a post another caption."""
        self.account.recaption(self.one_post(), self.caption())

    def hide(self) -> None:
        """Hide a comment, or show it again."""
        for one in self._some_comment():
            self.account.conceal(one, hidden=not self.account.comments[one].hidden)

    def erase(self) -> None:
        """Delete a comment with the replies to it."""
        for one in self._some_comment():
            self.account.erase(one)

    def delete(self) -> None:
        """Delete a post with all that was said on it."""
        if sum(one.edge == "media" for one in self.account.media.values()) > 12:
            self.account.remove(self.one_post())

    def like(self) -> None:
        """Like a post."""
        self.account.like(self.one_post())

    def profile(self) -> None:
        """Change the profile; let people follow."""
        self.account.biography = f"About {self.chance.random()}"
        self.account.follow(self.chance.randint(1, 9))

    def withhold(self) -> None:
        """Count a comment that is not shown: its author is restricted."""
        self.account.remark(self.one_post(), self.person(), "Nobody sees this", shown=False)

    def caption(self) -> str:
        """Return a caption that no other post has."""
        return f"Caption {self.chance.random()}"

    def one_post(self) -> str:
        """Return a recent post of the account's own."""
        posts = [one.id for one in self.account.media.values() if one.edge == "media"]
        return self.chance.choice(posts[-15:])

    def _some_comment(self) -> list[str]:
        said = [one.id for one in self.account.comments.values() if one.shown]
        return [self.chance.choice(said)] if said else []


def explained(stage: Stage) -> int:
    """Return how many comments posts count and nothing shows, as the archive says it.

    Those in the archive and those that Instagram keeps back, of restricted people, make the
    number that it reports with the post. Each gets a new caption first: what a post counts is
    on record with what it said then.
    """
    account = stage.account
    for post in account.media.values():
        post.caption = f"{post.caption} (last)"
    report = stage.capture("backfill")
    assert report.streams["comments"]["unexplained"] == 0
    found = held(stage.archive)
    captured = Counter(
        account.comments[name].on for stream, name in found if name in account.comments
    )
    lacking = Counter(one.on for one in account.comments.values() if not one.shown)
    for post in account.media.values():
        if post.edge == "media":
            reported = json.loads(found["posts", post.id]["volatile"])["comments_count"]
            assert reported == captured[post.id] + lacking[post.id], post.id
    return lacking.total()


@pytest.mark.parametrize(
    ("seed", "events"),
    [(9, 30), pytest.param(2, 2000, marks=pytest.mark.soak),
     pytest.param(3, 2000, marks=pytest.mark.soak)],
)  # fmt: skip
def test_a_long_life_is_captured_whatever_goes_wrong(
    forks: Forks, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int, events: int
) -> None:
    """What is there equals the account; what was told is there; all counts are explained."""
    monkeypatch.setattr(run, "connector", lambda _platform: Hooked())
    with staged(folder, most=30) as stage:
        life = Life(stage.account, Random(seed))
        assert live(stage, life, ACCOUNT, forks, folder, events) or events < 1000
        settle(stage, life, ACCOUNT, Random(1))
        assert wrong(stage.account, stage.archive) == []
        stored = {row.get("text", "") for row in rows(stage.archive)}
        assert life.texts - stored == set()
        assert explained(stage) > 0
        checked = verify(stage.archive, Quiet(), deep=True)
        assert (checked.findings, checked.unreadable) == ([], 0)
