"""A long life of a Page under every fault and ``kill -9``: the archive agrees in the end.

Captured is everything that Facebook ever showed or told; what it counts and never showed is
explained, number by number.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.platforms.facebook import Facebook as Connector
from archiver.demo import faults
from archiver.demo.answer import Answer
from archiver.demo.facebook import hooks
from archiver.errors import ArchiverError
from archiver.flows import accounts, run
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from tests.chaos.helpers import after, place_in
from tests.chaos.truth import Quiet, rows
from tests.demo.facebook import ACCOUNT, Stage, staged, wrong
from tests.demo.test_facebook_deliveries import PLACE, Hooked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from archiver.demo.answer import Asked
    from archiver.demo.facebook.page import Page
    from archiver.demo.faults import Fault
    from tests.chaos.helpers import Forks

JSON = (("Content-Type", "application/json"),)
KILLED = -9


def refused(code: int, status: int = 200) -> Fault:
    """Answer with an error of that code."""
    body = json.dumps({"error": {"code": code, "message": "No", "type": "x"}}).encode()
    return lambda _asked, _good: Answer(status, JSON, body)


def drifted(_asked: Asked, good: Answer) -> Answer:
    """Answer with a member that nobody has seen before, in each node."""
    if not good.body.startswith(b'{"data":[{'):
        return good
    body = good.body.replace(b'{"data":[{', b'{"data":[{"gadget":{"a":[1]},')
    return replace(good, body=body)


FAULTS: dict[str, Callable[[], Fault]] = {
    "429": lambda: faults.too_many_requests(2),
    "500": faults.server_error,
    "cut": lambda: faults.truncated(80),
    "reset": faults.reset,
    "code 2 in a 200": lambda: refused(2),
    "code 1": lambda: refused(1, 500),
    "rate in a 200": lambda: refused(32),
    "scope": lambda: refused(200, 403),
    "login page": faults.login_page,
    "drift": lambda: drifted,
}
"""Some pass within a run, some cost a listing of it, none may cost a record."""


class Life:
    """What happens on a Page, by chance; ``told`` gathers what its webhooks say.

    ``texts`` has every text that was ever there to be seen.
    """

    def __init__(self, page: Page, chance: Random) -> None:
        self.page = page
        self.chance = chance
        self.told: list[hooks.Change] = []
        self.texts: set[str] = set()
        self.events: Counter[str] = Counter()
        page.listeners.append(self.told.append)

    def happen(self) -> None:
        """Let one thing happen, whatever can."""
        acts = {
            "post": self.post, "comment": self.comment, "message": self.message,
            "edit": self.edit, "hide": self.hide, "delete": self.delete, "react": self.react,
            "block": self.block, "profile": self.profile, "withhold": self.withhold,
        }  # fmt: skip
        weights = [12, 30, 25, 8, 6, 5, 12, 2, 2, 3]
        (name,) = self.chance.choices(list(acts), weights)
        acts[name]()
        self.events[name] += 1

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

    def message(self) -> None:
        """Write one or many messages."""
        for _ in range(self.chance.choice([1, 1, 2, 25])):
            self.page.write(self.person(), self.words(), ours=self.chance.random() < 0.4)

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

    def words(self) -> str:
        """Return a text that nothing else has."""
        text = f"Words {len(self.texts)} of {self.chance.randint(0, 999)}"
        self.texts.add(text)
        return text

    def person(self) -> Any:  # noqa: ANN401 - whoever it is
        """Return somebody."""
        return self.chance.choice(list(self.page.people.values()))

    def one_post(self) -> str:
        """Return a recent post of the Page's own or a visitor's."""
        posts = [p.id for p in self.page.posts.values() if p.edge != "tagged" and not p.due]
        return self.chance.choice(posts[-15:])

    def deliveries(self) -> list[bytes]:
        """Return what was told since, late, out of order and some of it twice."""
        told, self.told[:] = list(self.told), []
        told += self.chance.sample(told, len(told) // 4)
        self.chance.shuffle(told)
        sent = int(self.page.now.timestamp())
        number = self.page.city.id
        return [hooks.delivery(number, told[at : at + 40], sent) for at in range(0, len(told), 40)]


def live(stage: Stage, forks: Forks, folder: Path, seed: int, events: int) -> Life:
    """Let a Page live for so many events, captured now and then, often badly."""
    chance = Random(seed)
    life = Life(stage.page, chance)
    place, kills = place_in(folder), 0
    stage.capture("backfill")
    while sum(life.events.values()) < events:
        for _ in range(chance.randint(10, 30)):
            life.happen()
        for name in chance.sample(list(FAULTS), chance.randint(0, 3)):
            prefix = chance.choice(["/v26.0/", "/v26.0/me", "/cdn/", f"/v26.0/{life.one_post()}"])
            stage.server.fail(prefix, FAULTS[name]())
        if chance.random() < 0.25:
            stage.server.faults.clear()  # a process of its own really waits
            moment = after(chance.uniform(0.1, 2.5))
            ended = forks.kill(place, moment, "capture", ACCOUNT, "--mode", "backfill")
            assert ended.code in {0, 1, KILLED}, ended.output
            kills += ended.code == KILLED
        else:
            hear(stage, life, chance)
    assert kills or events < 1000
    return life


def hear(stage: Stage, life: Life, chance: Random) -> None:
    """Capture in this process, and hand in what the webhooks told."""
    bodies = life.deliveries()
    original, left = stage.service.answer, iter(bodies)
    handed = 0

    def answer(asked: Asked) -> Answer | None:
        nonlocal handed
        if asked.path != PLACE:
            return original(asked)
        handed += 1
        return Answer(200, JSON, next(left, bodies[-1]))

    if chance.random() < 0.1:
        stage.service.refuse(463, "Session has expired")
    stage.service.answer = answer  # type: ignore[method-assign]
    mode = chance.choice(["incremental", "incremental", "reconcile", "backfill"])
    try:
        capture(stage.archive, ACCOUNT, mode, Quiet(), 60.0 * len(bodies))
    except ArchiverError:
        stage.service.renew()
        accounts.renew_credential(stage.archive, ACCOUNT, stage.service.credential)
    finally:
        stage.service.answer = original  # type: ignore[method-assign]
    for body in bodies[handed:] if handed < len(bodies) else ():  # they come again later
        life.told += [c for e in json.loads(body)["entry"] for c in e.get("changes", [])]
        life.told += [c for e in json.loads(body)["entry"] for c in e.get("messaging", [])]


def settle(stage: Stage, life: Life) -> None:
    """Capture without faults until nothing is new."""
    stage.server.faults.clear()
    while life.told:
        hear(stage, life, Random(1))
    for _ in range(6):
        if not stage.capture("backfill").observations:
            return
    raise AssertionError("the archive does not come to rest")


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
    assert issubclass(Hooked, Connector)
    with ExitStack() as open_until_end:
        stage = open_until_end.enter_context(staged(folder, most=30))
        life = live(stage, forks, folder, seed, events)
        settle(stage, life)
        assert wrong(stage.page, stage.archive) == []
        stored = {row.get("text", "") for row in rows(stage.archive)}
        assert life.texts - stored == set()
        assert explained(stage) > 0
        checked = verify(stage.archive, Quiet(), deep=True)
        assert (checked.findings, checked.unreadable) == ([], 0)
