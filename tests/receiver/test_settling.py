"""From the inbox to records: what was sent is in the archive, once, and verifies in depth."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from archiver.demo.city import City
from archiver.demo.faults import server_error
from archiver.demo.mastodon.api import Mastodon
from archiver.demo.mastodon.webhooks import Sent, send_to
from archiver.demo.server import CityServer
from archiver.edges.chance import SystemRandomness
from archiver.edges.clock import SystemClock
from archiver.edges.doorbell import PipeDoorbell
from archiver.edges.inbox import Inbox
from archiver.edges.memory import Fault, Killed
from archiver.errors import RefusedError
from archiver.flows import accounts
from archiver.flows.capture import capture, settle_inbox
from archiver.flows.coverage import coverages
from archiver.flows.hooks import HookJudge
from archiver.flows.settle_waiting import waiting
from archiver.flows.verify import verify
from archiver.formats.parquet import canonical_time
from archiver.receiving import Incoming
from archiver.settings import Settings
from archiver.wire import create_archive
from archiver.wire.settling import settling_archive
from tests.chaos.truth import Quiet, rows
from tests.demo.listening import Hamlet
from tests.edges.store_helpers import memory_folder
from tests.receiver.events import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive
    from archiver.receiving import Ruling

NAME = "toots"


class Home:
    """A home whose receiver is called in this process, and a town that sends to it."""

    def __init__(self, folder: Path, server: CityServer, town: Hamlet, token: str) -> None:
        self.settings = Settings(str(folder / "archive"), folder / "home")
        self.archive = create_archive(self.settings)
        self.server, self.town = server, town
        about = {"name": NAME, "platform": "mastodon", "url": f"{server.url}/@quillwater"}
        login = {"token": token} if token else {}
        accounts.add(self.archive, about, {"webhook_secret": SECRET, **login})
        accounts.approve(self.archive, NAME, "Clerk")
        self.handle = accounts.find(self.archive, NAME).handle
        self.judge = HookJudge(self.archive, "https://hooks.example.gov")
        self.place = folder / "home" / self.archive.identity.id
        self.rulings: list[Ruling] = []
        send_to(town, server.url, SECRET, self.receive)

    def receive(self, sent: Sent) -> None:
        """Take one delivery, as the receiver does, and close its file."""
        incoming = Incoming("POST", self.handle, f"/hooks/{self.handle}", sent.headers, sent.body)
        ruling = self.judge.rule(incoming)
        self.rulings.append(ruling)
        bell = PipeDoorbell(self.place / "doorbell")
        inbox = Inbox(self.place / "inbox", SystemClock(), SystemRandomness(), bell, 0.0)
        inbox.keep(ruling.letters)
        inbox.close()

    def kinds(self, native_id: int | str) -> list[str]:
        """Return the kinds of all observations of a thing."""
        found = rows(self.archive)
        return [row["kind"] for row in found if row["native_id"] == str(native_id)]

    def sound(self) -> None:
        """Verify everything in depth."""
        checked = verify(self.archive, Quiet(), deep=True)
        assert (checked.findings, checked.unreadable) == ([], 0)


@pytest.fixture
def home() -> Iterator[Home]:
    """A home, and a hamlet whose server is served."""
    town = Hamlet()
    service = Mastodon(town)
    with memory_folder() as folder, CityServer(City(), service) as server:
        yield Home(folder, server, town, service.token)


def test_a_comment_that_was_there_for_half_a_minute(home: Home) -> None:
    """Its text is in the archive, and that it is gone: no listing ever showed it."""
    capture(home.archive, NAME, "backfill", Quiet())
    said = home.town.post(home.town.ann, "@quillwater rude words")
    report = settle_inbox(home.archive, NAME, Quiet())
    assert (report.events, report.told, report.unheard) == (1, {"comments": 1}, {})
    assert home.kinds(said.id) == ["present"]
    home.town.delete(said.id)
    capture(home.archive, NAME, "backfill", Quiet())
    assert home.kinds(said.id) == ["present", "deleted"]
    found = [row for row in rows(home.archive) if row["native_id"] == str(said.id)]
    assert [row.get("text", "") for row in found] == ["@quillwater rude words", ""]
    home.sound()


def test_the_ledger_says_what_events_told_and_what_they_did_not(home: Home) -> None:
    """Both counts, and since when the receiver was up; what was settled tears no capture."""
    capture(home.archive, NAME, "backfill", Quiet())
    began = home.archive.clock.now()
    home.town.post(home.town.ann, "@quillwater told")
    settle_inbox(home.archive, NAME, Quiet(), up=began)
    home.town.hooks.clear()
    home.town.post(home.town.ann, "@quillwater not told")
    report = capture(home.archive, NAME, "incremental", Quiet())
    assert report.mode == "incremental"
    assert report.untold == {"comments": 1}
    (covered,) = coverages(home.archive)
    found = covered.document()["streams"]["comments"]["events"]
    assert (found["told"], found["untold"]) == (1, 1)
    (span,) = found["listened"]
    assert span["since"] == canonical_time(began)
    assert span["since"] < span["until"] < covered.until
    home.sound()


def test_an_edit_that_was_edited_again(home: Home) -> None:
    """Each text is kept, in the order of the deliveries, and none twice."""
    capture(home.archive, NAME, "backfill", Quiet())
    said = home.town.post(home.town.ann, "@quillwater one")
    for text in ("two", "three", "two"):
        home.town.edit(said.id, f"@quillwater {text}")
    report = settle_inbox(home.archive, NAME, Quiet())
    assert report.events == 4
    assert home.kinds(said.id) == ["present", "edited", "edited", "edited"]
    assert settle_inbox(home.archive, NAME, Quiet()).events == 0
    home.sound()


def test_a_platform_that_is_away_holds_nobody_up(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came is sealed; what it led to is not waited for, said, and seen later."""
    monkeypatch.setattr("archiver.flows.deliveries.LONGEST_WAIT", 0.0)
    capture(home.archive, NAME, "backfill", Quiet())
    said = home.town.post(home.town.ann, "@quillwater first")
    home.town.edit(said.id, "@quillwater second")
    home.server.fail("/api/v1/statuses", server_error())
    report = settle_inbox(home.archive, NAME, Quiet())
    assert home.kinds(said.id) == ["present", "edited"]
    assert "the platform asks us to wait" in report.unheard["what deliveries led to"]
    assert home.kinds(f"{said.id}/edit/1") == []
    capture(home.archive, NAME, "backfill", Quiet())
    assert home.kinds(f"{said.id}/edit/1") == ["present"]
    home.sound()


def test_the_next_capture_takes_what_waits_first(home: Home) -> None:
    """Then its listings have nothing new to show; what no event told is counted."""
    capture(home.archive, NAME, "backfill", Quiet())
    home.town.post(home.town.ann, "@quillwater told")
    report = capture(home.archive, NAME, "reconcile", Quiet())
    assert (report.events, report.told) == (1, {"comments": 1})
    assert report.untold == {}
    home.town.hooks.clear()
    home.town.post(home.town.ann, "@quillwater not told")
    report = capture(home.archive, NAME, "reconcile", Quiet())
    assert (report.events, report.untold) == (0, {"comments": 1})
    home.sound()


def test_what_was_seen_since_is_not_undone(home: Home) -> None:
    """A delivery that waited while a listing showed the newer text says nothing new."""
    capture(home.archive, NAME, "backfill", Quiet())
    said = home.town.post(home.town.ann, "@quillwater old text")
    held = replace(home.archive, open_inbox=None)
    home.town.statuses[said.id].versions[-1] = replace(said.versions[-1], text="@quillwater new")
    capture(held, NAME, "backfill", Quiet())
    settle_inbox(home.archive, NAME, Quiet())
    assert home.kinds(said.id) == ["present"]
    texts = [row["text"] for row in rows(home.archive) if row["native_id"] == str(said.id)]
    assert texts == ["@quillwater new"]


def test_what_came_before_an_account_was_retired_is_settled(home: Home) -> None:
    """It was sent to an approved account; nobody asks the platform for what it leads to."""
    capture(home.archive, NAME, "backfill", Quiet())
    said = home.town.post(home.town.ann, "@quillwater at the last moment")
    home.town.edit(said.id, "@quillwater at the very last moment")
    accounts.retire(home.archive, NAME, "Clerk")
    asked = len(home.server.log)
    archive = settling_archive(home.settings)
    assert waiting(archive) == {home.handle: NAME}
    assert settle_inbox(archive, NAME, Quiet()).events == 2
    assert waiting(archive) == {}
    assert home.kinds(said.id) == ["present", "edited"]
    assert len(home.server.log) == asked
    with pytest.raises(RefusedError, match="account is retired"):
        capture(archive, NAME, "incremental", Quiet())
    home.judge.renew()
    home.town.post(home.town.ann, "@quillwater too late")
    assert home.rulings[-1].status == 403
    home.sound()


def test_of_strangers_nothing_is_stored(home: Home) -> None:
    """Their statuses are answered with 200, and are in no file of the home or the archive."""
    home.town.post(home.town.ben, "Sentinel words of a stranger")
    assert (home.rulings[-1].status, home.rulings[-1].letters) == (200, ())
    home.town.post(home.town.ann, "@quillwater for the city")
    settle_inbox(home.archive, NAME, Quiet())
    for path in home.place.parent.parent.rglob("*"):
        if path.is_file():
            assert b"Sentinel words" not in path.read_bytes()


def test_an_account_that_is_being_captured_is_left_to_that(home: Home) -> None:
    """The process that settles does not wait for a capture that may last for days."""
    home.town.post(home.town.ann, "@quillwater while it lasts")
    archive = settling_archive(home.settings)
    assert waiting(archive) == {home.handle: NAME}
    with home.archive.open_spool(home.handle), pytest.raises(RefusedError, match="being captured"):
        settle_inbox(archive, NAME, Quiet())
    assert settle_inbox(archive, NAME, Quiet()).events == 1
    assert waiting(archive) == {}


def test_what_is_sent_while_we_listen_is_settled_between_two_windows(home: Home) -> None:
    """By the capture that listens, with what it knows: nothing twice."""
    said: list[int] = []

    def speak() -> None:
        while not home.town.listeners:
            time.sleep(0.01)
        said.append(home.town.post(home.town.ann, "@quillwater heard and sent").id)

    speaking = Thread(target=speak)
    speaking.start()
    report = capture(home.archive, NAME, "backfill", Quiet(), 2.0)
    speaking.join()
    assert report.events == 1
    assert home.kinds(said[0]) == ["present"]
    home.sound()


class DyingStore:
    """A store whose process dies at one of its operations."""

    def __init__(self, store: object, number: int, fault: Fault) -> None:
        self._store = store
        self._left = number
        self._fault = fault
        self.asked = 0

    def __getattr__(self, name: str) -> object:
        """Return an operation of the store, counted where it writes."""
        found = getattr(self._store, name)
        return partial(self._write, found) if name in {"create", "swap", "delete"} else found

    def _write(self, act: object, *arguments: object) -> object:
        assert callable(act)
        self.asked += 1
        dies = self.asked == self._left
        if dies and self._fault == Fault.KILL_BEFORE:
            raise Killed
        result = act(*arguments)
        if dies:
            raise Killed
        return result


def dying(archive: Archive, number: int, fault: Fault) -> tuple[Archive, DyingStore]:
    """Return the archive, as a process has it that dies at its so-manieth write."""
    store = DyingStore(archive.store, number, fault)
    return replace(archive, store=store), store  # type: ignore[arg-type] # it passes all on


@pytest.mark.parametrize(
    "faults",
    [
        (Fault.KILL_BEFORE, Fault.KILL_AFTER),
        pytest.param((Fault.KILL_AFTER, Fault.KILL_BEFORE), marks=pytest.mark.soak),
        pytest.param((Fault.KILL_BEFORE,) * 2, marks=pytest.mark.soak),
        pytest.param((Fault.KILL_AFTER,) * 2, marks=pytest.mark.soak),
    ],
)
def test_a_kill_at_any_write_loses_and_doubles_nothing(
    home: Home, faults: tuple[Fault, Fault]
) -> None:
    """The next to settle, or to capture, brings all that was received, each once."""
    said = []
    number = 0
    while True:
        number += 1
        said.append(home.town.post(home.town.ann, f"@quillwater number {number}").id)
        archive, store = dying(home.archive, number, faults[number % 2])
        try:
            settle_inbox(archive, NAME, Quiet())
        except Killed:
            continue
        assert store.asked < number
        break
    assert number > 8
    settle_inbox(home.archive, NAME, Quiet())
    for native_id in said:
        assert home.kinds(native_id) == ["present"]
    assert waiting(home.archive) == {}
    home.sound()
