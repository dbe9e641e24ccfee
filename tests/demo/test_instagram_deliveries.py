"""What Instagram's webhooks tell, from the stand-in's body to sealed records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo.facebook import hooks
from archiver.flows import run
from archiver.flows.show import show
from archiver.flows.verify import verify
from archiver.record import Stream, record_id
from tests.chaos.truth import Quiet
from tests.demo.facebook import history
from tests.demo.graph import hand_in
from tests.demo.instagram import ACCOUNT, Hooked, Stage, staged, wrong
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = "You will regret this"


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The account, served, with an archive that has captured it once."""
    monkeypatch.setattr(run, "connector", lambda _platform: Hooked())
    with memory_folder() as folder, staged(folder) as made:
        made.capture("backfill")
        yield made


def commented(stage: Stage) -> tuple[str, bytes]:
    """Let somebody comment; return the comment's id, and the delivery that tells of it."""
    account, told = stage.account, list[hooks.Change]()
    account.listeners.append(told.append)
    said = account.remark(account.own[0], account.crowd[0], WORDS).id
    account.listeners.clear()
    sent = int(account.now.timestamp())
    return said, hooks.delivery(account.number, told, sent, kind="instagram")


def test_a_comment_gone_before_anybody_asked_is_there_and_said_to_be_gone(stage: Stage) -> None:
    """Its words stand in the event; the refusal to show it is the word that it is no more."""
    said, body = commented(stage)
    stage.account.erase(said)
    hand_in(stage.archive, ACCOUNT, stage.service, [body, body])
    seen = history(stage.archive)
    told = [name for _, name in seen if name.startswith(f"{said}/event/")]
    assert [seen["comments", name][0]["text"] for name in told] == [WORDS]
    assert [row["kind"] for row in seen["comments", said]] == ["absent"]
    shown = show(stage.archive, record_id("instagram", ACCOUNT, Stream.COMMENTS, said))
    assert [one["evidence"][0].partition(" ")[0] for one in shown] == ["missing"]
    assert wrong(stage.account, stage.archive) == []
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


def test_a_known_one_is_deleted_once_whatever_comes_late(stage: Stage) -> None:
    """Its delivery comes again, with another time, after the comment was seen and taken back."""
    said, body = commented(stage)
    hand_in(stage.archive, ACCOUNT, stage.service, [body])
    stage.account.erase(said)
    late = body.replace(b'"time":1', b'"time":2', 1)
    assert late != body
    hand_in(stage.archive, ACCOUNT, stage.service, [late])
    stage.capture("backfill")
    kinds = [row["kind"] for row in history(stage.archive)["comments", said]]
    assert kinds == ["present", "deleted"]
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)
