"""Listening to the stand-in's user stream: what Mastodon forgets at once is in the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archiver.demo import faults
from archiver.demo.answer import Answer
from archiver.errors import AuthorisationError
from archiver.flows import listening
from tests.demo.listening import USER_STREAM, Hamlet, toots
from tests.edges.store_helpers import memory_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where there is one: no test waits for a disk."""
    with memory_folder() as path:
        yield path


def live(town: Hamlet, made: dict[str, int]) -> None:
    """Write, edit and delete; note the numbers of what was written."""
    city = town.city.id
    made["post"] = town.post(city, "First words").id
    town.edit(made["post"], "Second words")
    made["gone"] = town.post(city, "Gone soon").id
    town.delete(made["gone"])
    made["direct"] = town.post(town.ann, "@quillwater psst", visibility="direct").id
    made["answer"] = town.post(town.ann, "@quillwater rude", answers=town.old[1]).id
    town.delete(made["answer"])
    town.delete(town.old[0])
    made["strange"] = town.post(town.ben, "Strange words").id
    town.delete(made["strange"])


def test_both_states_are_in_the_archive(folder: Path) -> None:
    """Of posts, answers and direct messages; of strangers an id at most."""
    town = Hamlet()
    with toots(folder, town) as (ear, _):
        made: dict[str, int] = {}
        report = ear.listen(2.0, lambda: live(town, made), when=lambda: bool(town.listeners))
        assert (report.incomplete, report.listened) == ({}, {"events": 1})
        kinds = ear.kinds()
        assert kinds[str(made["post"])] == ["present", "edited"]
        assert ear.texts(str(made["post"])) == ["First words", "Second words"]
        assert kinds[f"{made['post']}/edit/1"] == ["present"]
        for name in ("gone", "answer"):
            assert kinds[str(made[name])] == ["present", "absent", "absent"]
        assert kinds[str(town.old[0])] == ["present", "absent", "absent"]
        assert kinds[str(made["direct"])] == ["present"]
        assert kinds[str(made["strange"])] == ["absent"]
        assert ear.texts(str(made["strange"])) == [""]
        ear.sound()
        assert b"Strange words" not in ear.intake()
        assert b"response-body others 1 decoded" in ear.intake()
        ear.listen(0, mode="backfill")
        after = ear.kinds()
        for number in (made["gone"], made["answer"], town.old[0]):
            assert after[str(number)][-1] == "deleted"
        for name in ("post", "direct", "strange"):
            assert after[str(made[name])] == kinds[str(made[name])]
        ear.sound()


def test_a_stream_that_breaks_is_opened_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happened in between is left to listings; half an event is residue."""
    monkeypatch.setattr(listening, "SHORTEST_PAUSE", 0.01)
    town = Hamlet()
    with toots(folder, town) as (ear, _):
        ear.server.fail(USER_STREAM, faults.truncated(300))
        report = ear.listen(
            2.5, lambda: town.post(town.city.id, "Cut"), lambda: town.post(town.city.id, "Lost"),
            when=lambda: bool(town.listeners),
        )  # fmt: skip
        assert report.listened["events"] == 2
        assert report.incomplete == {"events": "schema: a part of an answer was not understood"}
        assert report.observations["residue"] == 1
        ear.listen(0)
        texts = {text for name in ear.kinds() for text in ear.texts(name)}
        assert {"Cut", "Lost"} <= texts
        ear.sound()


def test_streams_elsewhere_are_not_listened_to(folder: Path) -> None:
    """The token stays where the account is, and the run says why it heard nothing."""
    town = Hamlet()
    with toots(folder, town) as (ear, _):
        body = b'{"configuration":{"urls":{"streaming":"wss://streaming.example"}}}'
        kind = (("Content-Type", "application/json"),)
        ear.server.fail("/api/v2/instance", lambda _asked, _good: Answer(200, kind, body))
        report = ear.listen(20.0)
        assert report.incomplete["events"].startswith("forbidden: its streams are on another host")
        assert ear.kinds()[str(town.old[0])] == ["present"]


def test_a_token_that_ends_ends_the_run(folder: Path) -> None:
    """What had come until then is sealed."""
    town = Hamlet()
    with toots(folder, town) as (ear, service):
        error = b'{"error":"The access token was revoked"}'
        kind = (("Content-Type", "application/json"),)
        ear.server.fail(USER_STREAM, lambda _asked, _good: Answer(401, kind, error))
        with pytest.raises(AuthorisationError):
            ear.listen(5.0)
        assert ear.kinds()[str(town.old[0])] == ["present"]
        ear.sound()
        assert service.token
