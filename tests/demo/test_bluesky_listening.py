"""Listening to the stand-in's event stream: nothing missed, nothing of others, nothing twice."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.answer import Answer
from archiver.demo.bluesky.service import Bluesky
from archiver.flows import listening
from archiver.flows.accounts import find
from archiver.flows.connectors import connector
from archiver.flows.exposure import exposures
from archiver.flows.known import known_now
from archiver.flows.ledger import read_state
from archiver.flows.rebuild import rebuild
from tests.chaos.truth import Quiet, rows
from tests.demo.listening import FIREHOSE, NAME, Village, ear, sky
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


def test_both_states_are_in_the_archive(folder: Path) -> None:
    """Posted and edited, posted and deleted within a window: as it was and as it is."""
    village = Village()
    with sky(folder, village) as (ear, service):
        ear.listen(0.5)
        made: list[str] = []
        report = ear.listen(
            1.5,
            lambda: made.append(village.post(village.city, "First words")),
            lambda: village.edit(made[0], "Second words"),
            lambda: made.append(village.post(village.city, "Gone soon")),
            lambda: village.delete(made[1]),
            lambda: village.delete(village.old[0]),
            lambda: village.post(village.ann, f"Strange words to {village.city}", to=made[0]),
            when=ear.opened(2),
        )
        assert (report.incomplete, report.listened) == ({}, {"events": 1})
        kinds = ear.kinds()
        assert kinds[made[0]] == ["present", "edited"]
        assert ear.texts(made[0]) == ["First words", "Second words"]
        assert kinds[made[1]] == ["present", "absent", "absent"]
        assert ear.texts(made[1])[0] == "Gone soon"
        assert kinds[village.old[0]] == ["present", "absent", "absent"]
        ear.sound()
        assert b"Strange words" not in ear.intake()
        assert b"response-messages others" in ear.intake()
        done = ear.listen(0, mode="backfill")
        assert done.observations.get("edited", 0) == 0
        after = ear.kinds()
        for uri in (made[1], village.old[0]):
            assert after[uri] == [*kinds[uri], "deleted"]
        assert after[made[0]] == kinds[made[0]]
        ear.sound()
        assert service.firehose.refuse == ""


def test_a_reply_by_somebody_else_is_seen_before_it_is_deleted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No stream tells of it without telling of everybody: notifications are asked for meanwhile."""
    monkeypatch.setattr(listening, "POLL", 0.3)
    village, said = Village(), list[str]()
    service = Bluesky(village)
    login = {"handle": village.user, "password": village.secret}
    with ear(folder, service, "bluesky", f"/profile/{village.user}", login) as here:
        here.listen(0)

        def polls() -> int:
            return sum("listNotifications" in one.path for one in here.server.log)

        def reply() -> None:
            said.append(village.post(village.ann, "You will regret this", to=village.old[0]))
            before = polls()
            while polls() < before + 2:
                time.sleep(0.02)
            village.delete(said[0])

        report = here.listen(4.0, reply, when=here.opened(1))
        assert report.incomplete == {}
        told = [row for row in rows(here.archive) if said[0] in json.dumps(row)]
        assert "You will regret this" in {row.get("text") for row in told}
        here.sound()


def test_after_a_pause_nothing_is_missed(folder: Path) -> None:
    """From the position on: also what came and went while nobody listened, and each version."""
    village = Village()
    with sky(folder, village) as (ear, _):
        ear.listen(0.5)
        first = village.post(village.city, "One")
        village.edit(first, "Two")
        village.edit(first, "Three")
        gone = village.post(village.city, "Gone before anybody looked")
        village.delete(gone)
        ear.listen(0.5)
        kinds = ear.kinds()
        assert kinds[gone] == ["present", "absent", "absent"]
        versions = sorted(name for name in kinds if name.startswith(f"{first}/version/"))
        said = [ear.texts(name) for name in (first, *versions)]
        assert said[0] == ["Three"]
        assert sorted(said[1:]) == [["One"], ["Two"]]
        size = ear.size()
        again = ear.listen(0.5)
        assert again.observations == {}
        assert ear.size() - size == 6  # twice: a seal of intake and of nothing, what was seen
        assert ear.kinds() == kinds
        ear.sound()


def test_a_stream_that_breaks_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a message is left where it is; the next window begins before it."""
    monkeypatch.setattr(listening, "SHORTEST_PAUSE", 0.01)
    village = Village()
    with sky(folder, village) as (ear, _):
        for cut in (150, 600, 1100, 2600):
            ear.server.fail(FIREHOSE, faults.truncated(cut))
        late = village.post(village.city, "Late")
        village.delete(late)
        report = ear.listen(3.0)
        assert report.incomplete == {}
        assert report.listened["events"] >= 5
        kinds = ear.kinds()
        assert kinds[late] == ["present", "absent", "absent"]
        assert all(len(kinds[uri]) == 1 for uri in village.old)
        assert "residue" not in report.observations
        ear.sound()


@pytest.mark.parametrize("name", ["OutdatedCursor", "FutureCursor", "ConsumerTooSlow"])
def test_a_lost_position_is_said_and_the_next_sweep_closes_the_gap(folder: Path, name: str) -> None:
    """The run is incomplete and says why; nothing is taken for unchanged."""
    village = Village()
    with sky(folder, village) as (ear, service):
        ear.listen(0.5)
        village.delete(village.old[1])
        if name == "OutdatedCursor":
            service.firehose.oldest = len(village.log) + 1
        elif name == "FutureCursor":
            del village.log[2:]
        else:
            service.firehose.refuse = name
        report = ear.listen(0.5)
        assert report.incomplete["events"].startswith(f"gap: {name}: ")
        ear.listen(0, mode="backfill")
        assert ear.kinds()[village.old[1]][-1] == "deleted"
        village.post(village.city, "New")
        ear.listen(0.5)
        assert ear.listen(0.5).incomplete == {}
        ear.sound()


def test_a_refused_stream_ends_the_listening(folder: Path) -> None:
    """No window after the first; the listings stand as they are."""
    village = Village()
    with sky(folder, village) as (ear, _):
        said = (("Content-Type", "application/json"),)
        body = b'{"error":"MethodNotImplemented","message":"Method Not Implemented"}'
        ear.server.fail(FIREHOSE, lambda _asked, _good: Answer(404, said, body))
        report = ear.listen(30.0)
        assert report.incomplete["events"].startswith("forbidden")
        assert ear.kinds()[village.old[0]] == ["present"]
        ear.server.fail(FIREHOSE, faults.reset())
        for _ in range(4):
            ear.server.fail(FIREHOSE, faults.reset())


def test_silence_costs_no_seals(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows with nothing in them are sealed together, at the end."""
    monkeypatch.setattr(listening, "WINDOW", 0.2)
    village = Village()
    with sky(folder, village) as (ear, _):
        ear.listen(0.3)
        size = ear.size()
        report = ear.listen(2.0)
        assert report.listened["events"] >= 5
        assert ear.size() - size <= 6
        monkeypatch.setattr(listening, "SEAL_SECONDS", 0.0)
        size = ear.size()
        ear.listen(1.0)
        assert ear.size() - size > 6


def test_what_a_run_read_stays_what_its_listings_read(folder: Path) -> None:
    """Listening moves no bound of what may have come and gone unseen."""
    village = Village()
    with sky(folder, village) as (ear, _):
        ear.listen(0, mode="backfill")
        handle = find(ear.archive, NAME).handle
        whole = exposures(read_state(ear.archive), handle)
        ear.listen(0.8, lambda: village.post(village.city, "News"))
        now = exposures(read_state(ear.archive), handle)
        assert {name: one.whole_since for name, one in now.items()} == {
            name: one.whole_since for name, one in whole.items()
        }
        assert now["posts"].new_since > whole["posts"].new_since


def test_the_view_of_what_is_known_is_the_same_when_made_again(folder: Path) -> None:
    """Events leave nothing in the cache that the rows do not say."""
    village = Village()
    with sky(folder, village) as (ear, _):
        ear.listen(0.4)
        uri = village.post(village.city, "One")
        village.edit(uri, "Two")
        village.delete(village.old[2])
        ear.listen(0.6)
        handle, kind = find(ear.archive, NAME).handle, connector("bluesky")
        kept = dict(known_now(ear.archive, read_state(ear.archive), handle, kind).items())
        rebuild(ear.archive, Quiet())
        made = dict(known_now(ear.archive, read_state(ear.archive), handle, kind).items())
        assert {k: (v.state, v.group) for k, v in kept.items()} == {
            k: (v.state, v.group) for k, v in made.items()
        }
