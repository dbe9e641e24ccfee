"""Positions: written when they are told to be, and a damaged cache is as good as none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Page
from archiver.capture.reading import Reading
from archiver.edges.home import LocalHome
from archiver.flows.positions import Positions
from archiver.record import Exchange

if TYPE_CHECKING:
    from pathlib import Path

PATH = "cache/cursors/town"


@pytest.fixture
def home(tmp_path: Path) -> LocalHome:
    """A home of its own."""
    return LocalHome(tmp_path / "home")


def test_what_is_noted_is_written_when_it_may_be(home: LocalHome) -> None:
    """Not before: what came before a position must be sealed."""
    positions = Positions(home, "town")
    positions.note({"events": "7", "sync": ""})
    assert positions.latest == {"events": "7"}
    assert home.read(PATH) is None
    positions.keep()
    assert Positions(home, "town").latest == {"events": "7"}
    home.remove(PATH)
    positions.keep()
    assert home.read(PATH) is None  # nothing new: nothing is written


def test_only_what_was_listened_to_tells_its_position_from_the_spool(home: LocalHome) -> None:
    """Of a listing the items may have led to what was never asked for."""
    positions = Positions(home, "town")
    reading = Reading(Page(cursor="9"), ())
    for name, purpose in (("a", {}), ("b", {"listen": "yes"})):
        exchange = Exchange("lane", 1, "", "", b"", b"", purpose={"listing": name, **purpose})
        positions.heard(exchange, reading)
    assert positions.latest == {"b": "9"}


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff"])
def test_a_damaged_cache_is_as_good_as_none(home: LocalHome, data: bytes) -> None:
    """The run then begins at the beginning."""
    home.write(PATH, data)
    assert Positions(home, "town").latest == {}
    home.write(PATH, json.dumps({"events": 7}).encode())
    assert Positions(home, "town").latest == {"events": "7"}
