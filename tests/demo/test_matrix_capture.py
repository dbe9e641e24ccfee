"""Whole captures of the stand-in homeserver: its content, its changes, its misbehaviour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.matrix.api import refusal
from archiver.errors import AuthorisationError
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from archiver.flows.segments import read_table
from archiver.flows.verify import verify
from archiver.formats.parquet import rows_of
from tests.chaos.truth import Quiet
from tests.demo.matrix import ACCOUNT, Stage, history, news, staged, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.answer import Answer, Asked
    from archiver.demo.faults import Fault

API = "/_matrix/client/v3"
PLACES = (f"{API}/sync", f"{API}/rooms/", f"{API}/profile", "/_matrix/client/v1/media")


def limited() -> Fault:
    """Return a homeserver's own rate limit: the wait is in the body alone."""

    def spoil(_asked: Asked, _good: Answer) -> Answer:
        answer = refusal(429, "M_LIMIT_EXCEEDED", "Too Many Requests", retry_after_ms=2500)
        return replace(answer, headers=answer.headers[:2])

    return spoil


PASSING: dict[str, Callable[[], Fault]] = {
    "429": limited,
    "500": faults.server_error,
    "cut off": lambda: faults.truncated(10),
    "reset": faults.reset,
}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The chat, served, and an archive with its account."""
    with staged(tmp_path) as made:
        yield made


def test_first_capture_holds_everything(stage: Stage) -> None:
    """Every stream equals the homeserver's state; the archive verifies."""
    report = stage.capture("incremental")
    assert report.mode == "backfill"
    assert all(one["residue"] == 0 for one in report.streams.values())
    assert wrong(stage.chat, stage.archive) == []
    checked = verify(stage.archive, Quiet(), deep=True)
    assert (checked.findings, checked.unreadable) == ([], 0)


@pytest.mark.parametrize(("mode", "most"), [("incremental", 3), ("backfill", 60)])
def test_second_capture_stores_nothing(stage: Stage, mode: str, most: int) -> None:
    """Where nothing changed, not one observation is made; incremental asks three things."""
    stage.capture("backfill")
    asked = len(stage.asked())
    assert stage.capture(mode).observations == {}
    assert len(stage.asked()) - asked <= most + 1  # and the login


@pytest.mark.parametrize("mode", ["incremental", "backfill"])
def test_capture_after_the_week_shows_exactly_its_changes(stage: Stage, mode: str) -> None:
    """Each change makes one observation of the right kind, and nothing else does."""
    stage.capture("backfill")
    before = history(stage.archive)
    told = stage.chat.change()
    stage.capture(mode)
    assert news(stage, before) == told
    assert wrong(stage.chat, stage.archive) == []
    # A first full reading of a new room leaves its listings as evidence, and nothing else.
    assert stage.capture("backfill").observations.keys() <= {"listing"}
    assert stage.capture("backfill").observations == {}
    assert stage.capture("incremental").observations == {}


def test_history_reads_like_a_story(stage: Stage) -> None:
    """An edited message shows each text in turn, a redacted one what it said before."""
    first = stage.chat.chats[0]
    person = stage.chat.people[0]
    lamp = stage.chat.say(first, person, "The lamp is at no. 12.")
    stage.capture("backfill")
    stage.chat.edit(first, person, lamp, "The lamp is at no. 14.")
    stage.capture("incremental")
    stage.chat.redact(first, person, lamp)
    stage.capture("incremental")
    seen = history(stage.archive)["messages", f"{first}/{lamp}"]
    assert [(row["kind"], row.get("text", "")) for row in seen] == [
        ("present", "The lamp is at no. 12."),
        ("edited", "The lamp is at no. 14."),
        ("removed", ""),
    ]
    hidden = history(stage.archive)["messages", f"{first}/{lamp} unredacted"]
    assert [row["kind"] for row in hidden] == ["hidden"]
    assert "The lamp is at no. 12." in hidden[0]["text"] + hidden[0]["extra"]


def test_old_message_edited_is_seen_at_once(stage: Stage) -> None:
    """An edit of a message pages back is read incrementally, by the message's own address."""
    stage.capture("backfill")
    room = stage.chat.rooms[stage.chat.works]
    old = next(one for one in room.events if one.type == "m.room.message")
    stage.chat.edit(room.id, old.sender, old.id, "Said otherwise.")
    stage.capture("incremental")
    seen = history(stage.archive)["messages", f"{room.id}/{old.id}"]
    assert [row["kind"] for row in seen] == ["present", "edited"]
    assert seen[-1]["text"] == "Said otherwise."


def test_forgotten_room_is_absent_never_deleted(stage: Stage) -> None:
    """A room that the homeserver no longer names is absent; what was said in it stays."""
    stage.capture("backfill")
    gone = stage.chat.rooms.pop(stage.chat.staff)
    stage.capture("backfill")
    found = history(stage.archive)
    assert [row["kind"] for row in found["profile", gone.id]] == ["present", "absent"]
    messages = [seen for (_, name), seen in found.items() if name.startswith(f"{gone.id}/")]
    assert {row["kind"] for seen in messages for row in seen} <= {"present", "removed", "held"}


def test_purged_message_is_absent(stage: Stage) -> None:
    """What nothing shows any more may as well be hidden from us: Matrix proves no deletion."""
    stage.capture("backfill")
    room = stage.chat.rooms[stage.chat.hall]
    gone = next(one for one in room.events if one.type == "m.room.message")
    room.events.remove(gone)
    stage.capture("backfill")
    seen = history(stage.archive)["messages", f"{room.id}/{gone.id}"]
    assert [row["kind"] for row in seen][-1] == "absent"


def test_only_open_rooms_are_public(stage: Stage) -> None:
    """Nothing of a closed room, of a member or of what was redacted is in a plain file."""
    stage.chat.change()
    stage.capture("backfill")
    hall, public = stage.chat.hall, set()
    for segment in read_state(stage.archive).segments():
        if segment.stage != "settle" or not segment.leaves or segment.sensitivity != "public":
            continue
        for row in rows_of(read_table(stage.archive, segment)):
            public.add(row["stream"])
            assert row["kind"] in {"present", "listing"}
            if row["stream"] not in {"media", "profile"} and row["kind"] == "present":
                assert row["native_id"].partition("/")[0] == hall
    assert public == {"messages", "moderation", "reactions", "pages", "profile", "media"}


@pytest.mark.parametrize("name", PASSING)
def test_failures_that_pass_lose_nothing(stage: Stage, name: str) -> None:
    """Every kind of request fails twice: the same run has everything."""
    for place in PLACES:
        for _ in range(2):
            stage.server.fail(place, PASSING[name]())
    stage.capture("incremental")
    assert stage.server.faults == []
    assert len(stage.clock.slept) == 2 * len(PLACES)
    waits = [60.0 if seconds > 30 else 2.5 for seconds in stage.clock.slept]
    assert name != "429" or stage.clock.waited(*waits)  # a file's body is not read: a minute
    assert name != "429" or set(waits) == {2.5, 60.0}
    assert wrong(stage.chat, stage.archive) == []


@pytest.mark.parametrize("lifetime", [1, 2, 3])
def test_tokens_that_run_out_are_renewed(stage: Stage, lifetime: int) -> None:
    """Tokens good for a few requests, also between a message and its file: one run has all."""
    stage.service.lifetime = lifetime
    stage.capture("backfill")
    assert stage.service.logins > 3
    refused = {one.path for one in stage.server.log if one.status == 401}
    assert any(path.startswith("/_matrix/client/v1/media") for path in refused)
    stage.service.lifetime = 0
    stage.capture("backfill")
    assert wrong(stage.chat, stage.archive) == []


def test_limits_are_waited_for(stage: Stage) -> None:
    """A homeserver that refuses every second request is captured whole."""
    stage.service.throttle = 2
    stage.capture("backfill")
    waits = [2.0 if seconds >= 2 else 1.5 for seconds in stage.clock.slept]
    assert stage.clock.waited(*waits)
    assert set(waits) == {1.5, 2.0}
    assert wrong(stage.chat, stage.archive) == []


def test_lost_cursor_costs_requests_only(stage: Stage) -> None:
    """A token that the homeserver does not know begins anew, and finds the same."""
    stage.capture("backfill")
    cursor = f'{{"sync": "{"x" * 12}"}}'.encode()
    handle = accounts.find(stage.archive, ACCOUNT).handle
    stage.archive.home.write(f"cache/cursors/{handle}", cursor)
    before = history(stage.archive)
    told = stage.chat.change()
    stage.capture("incremental")
    assert news(stage, before) == told


def test_wrong_password_is_said(stage: Stage) -> None:
    """A refused login ends the run with a plain error; nothing is recorded."""
    accounts.renew_credential(
        stage.archive, ACCOUNT, {"user": "city", "password": "not the password"}
    )
    with pytest.raises(AuthorisationError, match="403 M_FORBIDDEN"):
        capture(stage.archive, ACCOUNT, "incremental", Quiet())
    assert history(stage.archive) == {}


def test_access_token_does_as_well(stage: Stage) -> None:
    """With user ``token`` the password is an access token; another user's is refused."""
    stage.capture("backfill")  # logs in, so that there is a token
    token = f"syt_Y2l0eQ_{stage.service.logins:020}"
    accounts.renew_credential(stage.archive, ACCOUNT, {"user": "token", "password": token})
    assert stage.capture("backfill").observations == {}
    stage.chat.user = "@somebody:else.example"
    with pytest.raises(AuthorisationError, match="not that of @city"):
        capture(stage.archive, ACCOUNT, "incremental", Quiet())


def test_ban_is_said_once_and_deletes_nothing(stage: Stage) -> None:
    """A room that bans the city shows nothing any more: what was captured of it stands."""
    stage.capture("backfill")
    chat = stage.chat
    chat.member(chat.works, chat.user, "ban", by=chat.people[3])
    before = history(stage.archive)
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert report.incomplete == {f"room {chat.works}": "forbidden: 403 M_FORBIDDEN"}
    assert news(stage, before) == {"profile": {chat.works: "removed"}}
    assert stage.capture("backfill").observations == {}
