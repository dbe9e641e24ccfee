"""What a homeserver does not show, or shows out of order, is never told as anything else."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.demo.matrix import api
from archiver.flows.accounts import find
from archiver.flows.capture import capture
from archiver.flows.ledger import read_state
from tests.chaos.truth import Quiet
from tests.demo.matrix import ACCOUNT, Stage, history, news, staged, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archiver.demo.answer import Answer, Asked

WITHHELD = {"ignored-people": "withheld: what 1 ignored people say is not shown to the account"}
EMPTY = (b"{}", b"[]", b'{"chunk":null}', b'{"rooms":{}}')


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The chat, served, and an archive with its account."""
    with staged(tmp_path) as made:
        yield made


def kinds(stage: Stage, stream: str, native_id: str) -> list[str]:
    """Return what was observed of one thing, oldest first."""
    return [row["kind"] for row in history(stage.archive).get((stream, native_id), ())]


def text(stage: Stage, native_id: str) -> str:
    """Return what a message says by its latest observation."""
    return history(stage.archive)["messages", native_id][-1]["text"]


def answering(stage: Stage, change: Callable[[Asked, Answer], Answer]) -> None:
    """Let every answer of the homeserver be changed."""
    plain = stage.service.answer

    def changed(asked: Asked) -> Answer | None:
        good = plain(asked)
        return change(asked, good) if good is not None else None

    stage.service.answer = changed  # type: ignore[method-assign]


def test_ignored_people_delete_nothing(stage: Stage) -> None:
    """Messages of a person whom the account ignores are absent at most, and the run says why."""
    chat, person = stage.chat, stage.chat.people[1]
    stage.capture("backfill")
    before = history(stage.archive)
    chat.ignore(person)
    unseen = chat.say(chat.works, person, "You ignore me.")
    for mode in ("incremental", "backfill"):
        report = capture(stage.archive, ACCOUNT, mode, Quiet())
        assert (report.mode, report.incomplete) == (mode, WITHHELD)
    found = news(stage, before)
    assert found["moderation"].pop(f"{chat.user}/m.ignored_user_list") == "present"
    said = Counter(kind for things in found.values() for kind in things.values())
    assert said.keys() == {"absent"}
    assert said["absent"] > 10
    assert kinds(stage, "messages", f"{chat.works}/{unseen}") == []
    chat.ignore()
    stage.capture("backfill")
    assert wrong_but_ignored(stage) == []


def wrong_but_ignored(stage: Stage) -> list[str]:
    """Name what is wrong in the archive, but for the account's own list."""
    mine = f"{stage.chat.user}/m.ignored_user_list"
    return [one for one in wrong(stage.chat, stage.archive) if mine not in one]


def test_ignored_people_cost_no_cursor(stage: Stage) -> None:
    """A run that says what is withheld leaves off where it came to, and the next goes on there."""
    stage.chat.ignore(stage.chat.people[1])
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert report.incomplete == WITHHELD
    kept = stage.archive.home.read(f"cache/cursors/{find(stage.archive, ACCOUNT).handle}")
    assert b'"sync"' in (kept or b"")
    assert capture(stage.archive, ACCOUNT, "incremental", Quiet()).requests == 4


def test_what_is_absent_is_not_asked_for_again(stage: Stage) -> None:
    """The answer would prove no more than it did; so old rooms stay cheap to read."""
    stage.capture("backfill")
    room = stage.chat.rooms[stage.chat.hall]
    for gone in [one for one in room.events if one.type == "m.room.message"][:9]:
        room.events.remove(gone)
    stage.capture("backfill")
    asked = len(stage.asked())
    assert stage.capture("backfill").observations == {}
    assert not [path for path in stage.asked()[asked:] if "/event/" in path]


def test_an_edit_taken_back_is_undone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message pages back says again what it said, though nothing names it any more."""
    monkeypatch.setattr(api, "_PAGE", 6)
    chat = stage.chat
    room = chat.rooms[chat.works]
    message = next(one for one in room.events if one.type == "m.room.message")
    edit = chat.edit(room.id, message.sender, message.id, "Wrong, and names a neighbour.")
    for number in range(15):
        chat.say(room.id, chat.user, f"Later {number}")
    stage.capture("backfill")
    native_id = f"{room.id}/{message.id}"
    assert text(stage, native_id) == "Wrong, and names a neighbour."
    chat.redact(room.id, chat.user, edit, "names a neighbour")
    stage.capture("incremental")
    assert text(stage, native_id) == message.content["body"]
    assert kinds(stage, "messages", native_id) == ["present", "edited"]
    assert stage.capture("backfill").observations == {}


def test_what_comes_late_is_seen_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said while servers lost sight of each other stands pages back; so is read."""
    monkeypatch.setattr(api, "_PAGE", 6)
    stage.capture("backfill")
    chat = stage.chat
    late = [
        chat.arrive_late(chat.works, chat.people[1], f"Said meanwhile {number}", back=20 + number)
        for number in range(3)
    ]
    stage.capture("incremental")
    for one in late:
        assert kinds(stage, "messages", f"{chat.works}/{one}") == ["present"]
    assert wrong(chat, stage.archive) == []


def test_news_in_order_cost_two_pages(stage: Stage) -> None:
    """Only what is out of order makes a room be read to its beginning."""
    stage.capture("backfill")
    stage.chat.say(stage.chat.works, stage.chat.people[1], "In order")
    asked = len(stage.asked())
    stage.capture("incremental")
    assert sum("/messages" in path for path in stage.asked()[asked:]) == 2


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_what_was_said_in_a_closed_room_stays_private(stage: Stage, hours: int) -> None:
    """By whatever clock it was opened: what came before lies in no plain file."""
    chat, person = stage.chat, stage.chat.people[1]
    room = chat.open_room("Task force", chat.user, topic="closed")
    chat.member(room, person, "join")
    early = chat.say(room, person, "Unheardword: said behind closed doors")
    opened = {"history_visibility": "world_readable"}
    chat.change_state(room, chat.user, "m.room.history_visibility", opened)
    chat.rooms[room].events[-1].when += hours * 3600 * 1000
    for number in range(90):  # three pages, of which the last has the opening and what was before
        chat.say(room, person, f"Openword {number}")
    stage.capture("backfill")
    chat.edit(room, person, early, "Corrected since")
    stage.capture("incremental")
    assert wrong(chat, stage.archive) == []
    plain = b"".join(map(_content, stage.archive_files()))
    assert b"Unheardword" not in plain
    assert b"Openword 89" in plain


def _content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@pytest.mark.parametrize("body", EMPTY)
@pytest.mark.parametrize("what", ["/state", "/messages", "/sync"])
def test_an_empty_answer_is_no_empty_listing(stage: Stage, what: str, body: bytes) -> None:
    """Whatever is not the documented list is not understood, and nothing is absent by it."""
    stage.capture("backfill")
    before = history(stage.archive)

    def emptied(asked: Asked, good: Answer) -> Answer:
        return replace(good, body=body) if asked.path.endswith(what) else good

    answering(stage, emptied)
    report = capture(stage.archive, ACCOUNT, "backfill", Quiet())
    assert news(stage, before) == {}
    assert report.incomplete
    assert all(why.startswith("schema: ") for why in report.incomplete.values())


def test_a_homeserver_without_filters_is_captured_whole(stage: Stage) -> None:
    """A server may include more fields than were asked for: the cursor is kept all the same."""
    stage.service.plain = True
    assert stage.capture("backfill").streams["profile"]["residue"] == 0
    assert wrong(stage.chat, stage.archive) == []
    before = history(stage.archive)
    told = stage.chat.change()
    assert stage.capture("incremental").mode == "incremental"
    assert news(stage, before) == told
    assert stage.capture("backfill").observations.keys() <= {"listing"}


def test_a_refused_text_is_asked_for_again(stage: Stage) -> None:
    """What a redacted message said may be readable later, whatever else of its room was."""
    chat = stage.chat
    levels = chat.rooms[chat.works].state["m.room.power_levels", ""].content["users"]
    mine = levels.pop(chat.user)
    stage.capture("backfill")
    hidden = [thing for thing in history(stage.archive) if thing[1].endswith(" unredacted")]
    levels[chat.user] = mine
    first, *more = [one for one in chat.rooms[chat.works].redacted if message(stage, one)]
    assert more
    assert not [one for one in hidden if one[1].startswith(chat.works)]
    refuse = {f"{chat.works}/{one} unredacted" for one in more}

    def refusing(asked: Asked, good: Answer) -> Answer:
        asks = "unredacted" in asked.query and not asked.path.endswith(first.replace("$", "%24"))
        return api.refusal(403, "M_FORBIDDEN", "not yet") if asks else good

    plain = stage.service.answer
    answering(stage, refusing)
    stage.capture("backfill")
    assert kinds(stage, "messages", f"{chat.works}/{first} unredacted") == ["hidden"]
    stage.service.answer = plain  # type: ignore[method-assign]
    stage.capture("backfill")
    assert refuse <= {name for _, name in history(stage.archive)}


def message(stage: Stage, event_id: str) -> bool:
    """Say whether an event of the works' room is a message."""
    event = stage.chat.rooms[stage.chat.works].find(event_id)
    return event is not None and event.type == "m.room.message"


def test_cursors_are_not_kept_where_something_broke_off(stage: Stage) -> None:
    """What is withheld excuses no other listing."""
    stage.chat.ignore(stage.chat.people[1])

    def torn(asked: Asked, good: Answer) -> Answer:
        return replace(good, body=b"{}") if asked.path.endswith("/state") else good

    answering(stage, torn)
    capture(stage.archive, ACCOUNT, "backfill", Quiet())
    handle = find(stage.archive, ACCOUNT).handle
    assert stage.archive.home.read(f"cache/cursors/{handle}") is None
    assert read_state(stage.archive).segments()
