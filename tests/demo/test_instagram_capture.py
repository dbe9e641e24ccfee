"""Whole captures of the stand-in Instagram: its content, its changes, its misbehaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.facebook.views import READABLE
from archiver.errors import AuthorisationError
from archiver.flows.capture import capture
from archiver.flows.verify import verify
from tests.chaos.truth import Quiet
from tests.demo.facebook import held, history
from tests.demo.instagram import ACCOUNT, Stage, staged, wrong
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The account, served, and an archive of it."""
    with memory_folder() as folder, staged(folder) as made:
        yield made


def kinds(stage: Stage, before: dict[tuple[str, str], list[dict[str, str]]]) -> dict[str, str]:
    """Return what was observed since ``before``: stream and id -> kinds."""
    found = {}
    for (stream, name), seen in history(stage.archive).items():
        new = seen[len(before.get((stream, name), ())) :]
        if new:
            found[f"{stream} {name}"] = " ".join(row["kind"] for row in new)
    return found


def test_captures_hold_everything_and_then_exactly_the_changes(stage: Stage) -> None:
    """Every stream equals the account's; a second capture stores nothing, a third what changed."""
    account = stage.account
    report = stage.capture("incremental")
    assert report.mode == "backfill"
    assert all(one["residue"] == one["unexplained"] == 0 for one in report.streams.values())
    assert wrong(account, stage.archive) == []
    for mode in ("incremental", "backfill"):
        assert stage.capture(mode).observations == {}
    before = history(stage.archive)
    said = {one.text: one.id for one in account.comments.values()}
    old, gone = account.own[0], account.own[2]
    changes = account.change()
    stage.capture("backfill")
    assert wrong(account, stage.archive) == []
    told = kinds(stage, before)
    assert told == {f"{s} {name}": kind for s in changes for name, kind in changes[s].items()}
    assert told[f"posts {old}"] == "edited"
    assert told[f"posts {gone}"] == "deleted"
    assert told[f"comments {said['Lovely']}"] == "hidden"
    assert told[f"comments {said['Yes 2']}"] == "deleted"
    assert told["profile count"] == told[f"profile {account.number}"] == "edited"
    assert stage.capture("backfill").observations == {}
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


def test_replies_beyond_those_beside_a_comment_are_there(stage: Stage) -> None:
    """A comment with more of them leads to a list of its own."""
    stage.capture("backfill")
    texts = {
        row.get("text") for (stream, _), row in held(stage.archive).items() if stream == "comments"
    }
    assert {f"Yes {number}" for number in range(5)} <= texts
    assert any("/replies?" in one.path for one in stage.server.log)
    assert "Restricted" not in texts


def test_messages_that_can_not_be_read_are_known_by_id(stage: Stage) -> None:
    """As on Facebook: what is refused is on record, and what was read stays."""
    report = stage.capture("backfill")
    assert report.unread["messages"]["lacking"] == 4
    talk = next(iter(stage.account.conversations.values()))
    found = held(stage.archive)
    states = [found["messages", f"{one.id}/content"].get("state", "") for one in talk.messages]
    assert states == ["refused"] * 4 + [""] * READABLE


def test_a_story_that_is_over_is_neither_lost_nor_deleted(stage: Stage) -> None:
    """It is listed for a day; that it is not any more proves nothing."""
    stage.capture("backfill")
    before = history(stage.archive)
    story = next(one.id for one in stage.account.media.values() if one.edge == "stories")
    stage.account.remove(story)
    stage.capture("backfill")
    assert kinds(stage, before) == {}
    assert held(stage.archive)["posts", f"story/{story}"]["kind"] == "present"


@pytest.mark.parametrize("name", ["429", "500", "cut", "reset"])
def test_failures_that_pass_change_nothing_in_the_end(stage: Stage, name: str) -> None:
    """Lists, replies, messages and files fail once each: the same run has everything."""
    made = {
        "429": faults.too_many_requests(2), "500": faults.server_error(),
        "cut": faults.truncated(40), "reset": faults.reset(),
    }  # fmt: skip
    for prefix in ("/v26.0/me", f"/v26.0/{stage.account.number}/media", "/v26.0/m_", "/cdn/"):
        stage.server.fail(prefix, made[name])
    stage.capture("incremental")
    assert stage.server.faults == []
    assert wrong(stage.account, stage.archive) == []


def test_the_token_of_another_account_is_refused(stage: Stage) -> None:
    """Nothing is asked for with it."""
    stage.account.handle = "somewhere"
    with pytest.raises(AuthorisationError, match="the token is that of somewhere"):
        capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert held(stage.archive) == {}
