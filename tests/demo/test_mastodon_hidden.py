"""What a Mastodon server leaves out: nothing is taken for deleted that it only does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo.answer import Answer
from archiver.flows.capture import capture
from archiver.record import Stream
from tests.chaos.truth import Quiet
from tests.demo.mastodon import ACCOUNT, Stage, history, news, staged
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.demo.mastodon.instance import Person

API = "/api/v1"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


@pytest.fixture
def stage(folder: Path) -> Iterator[Stage]:
    """The town, served, and an archive with its account."""
    with staged(folder) as made:
        yield made


def follower(stage: Stage) -> Person:
    """Return somebody who follows the city."""
    town = stage.town
    return next(
        town.people[who]
        for kind, who, whom in town.relations
        if (kind, whom) == ("follow", town.city.id)
    )


def said(stage: Stage, prefix: str, body: bytes, times: int = 9) -> None:
    """Let the next answers to what begins with a path be a body that came with success."""
    answer = Answer(200, (("Content-Type", "application/json"),), body)
    for _ in range(times):
        stage.server.fail(prefix, lambda _asked, _good: answer)


@pytest.mark.parametrize("knows_suspended", [True, False])
def test_a_suspended_follower_is_not_deleted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, knows_suspended: bool
) -> None:
    """Whom the moderators suspend is in no list: absent, and there again when they relent."""
    stage.capture("backfill")
    before = history(stage.archive)
    who = follower(stage)
    stage.town.suspended.add(who.id)
    monkeypatch.setattr(stage.service, "knows_suspended", knows_suspended)
    stage.capture("reconcile")
    assert news(stage, before)[Stream.SUBSCRIBERS] == {f"follower/{who.id}": "absent"}
    stage.town.suspended.clear()
    stage.capture("reconcile")
    assert news(stage, before)[Stream.SUBSCRIBERS] == {f"follower/{who.id}": "absent restored"}


def test_an_error_that_came_with_success_deletes_nobody(stage: Stage) -> None:
    """An empty list of followers, and an error in place of each relation: absent at most."""
    stage.capture("backfill")
    before = history(stage.archive)
    said(stage, f"{API}/accounts/{stage.town.city.id}/followers", b"[]", 2)
    said(stage, f"{API}/accounts/relationships", b'{"error":"Service unavailable"}', 30)
    report = capture(stage.archive, ACCOUNT, "reconcile", Quiet())
    kinds = set(news(stage, before)[Stream.SUBSCRIBERS].values())
    assert kinds == {"absent"}
    assert any(one.startswith("schema: ") for one in report.incomplete.values())


def test_an_object_in_place_of_a_list_proves_nothing(stage: Stage) -> None:
    """Nothing is absent by it, and the run says which lists it could not read."""
    stage.capture("backfill")
    before = history(stage.archive)
    for place in ("domain_blocks", "conversations", "blocks"):
        said(stage, f"{API}/{place}", b"{}", 2)
    report = capture(stage.archive, ACCOUNT, "reconcile", Quiet())
    assert news(stage, before) == {}
    assert set(report.incomplete) == {"domain_blocks", "conversations", "blocks"}
