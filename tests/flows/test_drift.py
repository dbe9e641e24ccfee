"""What a platform sends that it never sent before: counted, reported, remembered by this home."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from archiver.flows.status import status
from tests.flows import test_asking
from tests.flows.test_asking import archive, captured, gate, registered, server

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from archiver.demo.answer import Asked
    from archiver.demo.server import CityServer
    from archiver.flows.archive import Archive

__all__ = ["archive", "gate", "server"]

NEW = {"posts .mood string", "posts .mood_of array", "posts .mood_of[] number"}


def moody(known: Callable[[Asked, str], bytes], asked: Asked, shown: str) -> bytes:
    """Return what the gate shows, with members that it never had, in one room's messages."""
    things = json.loads(known(asked, shown))
    if asked.path == "/gate/room/r3":
        things = [{**one, "mood": "secret words", "mood_of": [1], "text": "new"} for one in things]
    return json.dumps(things).encode()


def test_new_members_are_reported_by_path(
    archive: Archive, server: CityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run is the beginning; what came is told once, with a new fingerprint."""
    registered(archive, server)
    first = captured(archive)
    assert (first.drift, len(first.fingerprint)) == ({}, 64)
    monkeypatch.setattr(test_asking, "_things", partial(moody, test_asking._things))
    for name in archive.home.names("cache/cursors/"):
        archive.home.remove(name)
    second = captured(archive)
    assert second.drift == dict.fromkeys(NEW, 3)
    assert second.fingerprint != first.fingerprint
    assert captured(archive).drift == {}
    (told,) = status(archive)["accounts"]
    assert set(told["drift"]) == NEW
    assert told["fingerprint"] == second.fingerprint
    assert "secret words" not in json.dumps(told)


def test_without_the_cache_the_next_run_is_a_beginning(
    archive: Archive, server: CityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells nothing, rather than all."""
    registered(archive, server)
    captured(archive)
    monkeypatch.setattr(test_asking, "_things", partial(moody, test_asking._things))
    for place in ("cache/shapes/", "cache/cursors/"):
        for name in archive.home.names(place):
            archive.home.remove(name)
    report = captured(archive)
    assert report.observations["edited"] == 3
    assert report.drift == {}
