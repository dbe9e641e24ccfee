"""A long life of a Page under every fault and ``kill -9``: the archive agrees in the end.

Captured is everything that Facebook ever showed or told; what it counts and never showed is
explained, number by number.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING

import pytest

from archiver.flows import run
from archiver.flows.verify import verify
from tests.chaos.graph import Happening, live, settle
from tests.chaos.truth import Quiet, rows
from tests.demo.facebook import ACCOUNT, Stage, staged, wrong
from tests.demo.test_facebook_deliveries import Hooked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.demo.facebook.page import Page
    from tests.chaos.helpers import Forks


class Life(Happening):
    """What happens on a Page."""

    def __init__(self, page: Page, chance: Random) -> None:
        super().__init__(page, chance, "page", page.city.id)
        self.page = page

    def acts(self) -> dict[str, tuple[int, Callable[[], None]]]:
        """Return what can happen, by name, and how often."""
        return {
            "post": (12, self.post), "comment": (30, self.comment), "message": (25, self.message),
            "edit": (8, self.edit), "hide": (6, self.hide), "delete": (5, self.delete),
            "react": (12, self.react), "block": (2, self.block), "profile": (2, self.profile),
            "withhold": (3, self.withhold),
        }  # fmt: skip

    def post(self) -> None:
        """Publish a post, or let a visitor write one."""
        page, chance = self.page, self.chance
        edge = chance.choice(["own", "own", "visitor"])
        page.post(self.words(), by=None if edge == "own" else self.person(), edge=edge)

    def comment(self) -> None:
        """Comment on a recent post, or answer a comment."""
        post = self.one_post()
        answered = [c.id for c in self.page.comments.values() if c.on == post and not c.answers]
        answers = self.chance.choice([*answered[-3:], "", ""])
        self.page.comment(post, self.person(), self.words(), answers=answers)

    def edit(self) -> None:
        """Change a comment or a post."""
        said = [one.id for one in self.page.comments.values() if one.shown]
        if said and self.chance.random() < 0.7:
            self.page.edit_comment(self.chance.choice(said), self.words())
        else:
            self.page.edit(self.one_post(), self.words())

    def hide(self) -> None:
        """Hide a comment, or show it again."""
        said = [one for one in self.page.comments.values() if one.shown]
        if said:
            one = self.chance.choice(said)
            self.page.hide(one.id, hidden=not one.hidden)

    def delete(self) -> None:
        """Delete a comment or a post."""
        said = [one.id for one in self.page.comments.values() if one.shown]
        if said and self.chance.random() < 0.8:
            self.page.delete_comment(self.chance.choice(said))
        elif len(self.page.posts) > 12:
            self.page.delete_post(self.one_post())

    def react(self) -> None:
        """React, or take that back."""
        post, person = self.page.posts[self.one_post()], self.person()
        if person.id in post.reactions:
            self.page.unreact(post.id, person)
        else:
            self.page.react(post.id, person, self.chance.choice(["LIKE", "LOVE", "SAD"]))

    def block(self) -> None:
        """Block somebody, or no more."""
        person = self.person()
        turn = self.page.unblock if person.id in self.page.blocked else self.page.block
        turn(person)

    def profile(self) -> None:
        """Change the profile; let people follow."""
        self.page.about = f"About {self.chance.random()}"
        self.page.follow(self.chance.randint(1, 9))

    def withhold(self) -> None:
        """Count something that is not shown."""
        self.page.comment(self.one_post(), self.person(), "Nobody sees this", shown=False)
        self.page.posts[self.one_post()].counted += 1

    def one_post(self) -> str:
        """Return a recent post of the Page's own or a visitor's."""
        posts = [p.id for p in self.page.posts.values() if p.edge != "tagged" and not p.due]
        return self.chance.choice(posts[-15:])


def explained(stage: Stage) -> int:
    """Return how many things are counted and not shown, as kept listings say it.

    What is listed and what the Page keeps back make the number reported, for every thread.
    """
    report = stage.capture("backfill")
    page, found = stage.page, 0
    for stream in ("comments", "reactions"):
        assert report.streams[stream]["unexplained"] == 0
    latest = {row["native_id"]: row for row in rows(stage.archive) if row["kind"] == "listing"}
    said = list(page.comments.values())
    for post in page.posts.values():
        shown = sum(one.on == post.id and one.shown for one in said)
        hidden = sum(one.on == post.id and not one.shown for one in said)
        for kind, there, lacking in (
            ("comments", shown, hidden), ("reactions", len(post.reactions), post.counted),
        ):  # fmt: skip
            if there + lacking and post.edge != "tagged" and not post.due:
                row = latest[f"listing/{kind} {post.id}"]
                assert int(row["reported"]) == there + lacking, (kind, post.id)
                assert len(json.loads(row["listed"])) == there, (kind, post.id)
                found += lacking
    return found


@pytest.mark.parametrize(
    ("seed", "events"),
    [(1, 150), pytest.param(2, 2000, marks=pytest.mark.soak),
     pytest.param(3, 2000, marks=pytest.mark.soak)],
)  # fmt: skip
def test_a_long_life_is_captured_whatever_goes_wrong(
    forks: Forks, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int, events: int
) -> None:
    """What is there equals the Page; what was ever said is there; all counts are explained."""
    monkeypatch.setattr(run, "connector", lambda _platform: Hooked())
    with ExitStack() as open_until_end:
        stage = open_until_end.enter_context(staged(folder, most=30))
        life = Life(stage.page, Random(seed))
        assert live(stage, life, ACCOUNT, forks, folder, events) or events < 1000
        settle(stage, life, ACCOUNT, Random(1))
        assert wrong(stage.page, stage.archive) == []
        stored = {row.get("text", "") for row in rows(stage.archive)}
        assert life.texts - stored == set()
        assert explained(stage) > 0
        checked = verify(stage.archive, Quiet(), deep=True)
        assert (checked.findings, checked.unreadable) == ([], 0)
