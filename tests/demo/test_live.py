"""Tests of the demo city as a program of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from archiver.demo.city import City
from archiver.demo.live import LiveCity
from tests.demo.helpers import API

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def live() -> Iterator[LiveCity]:
    """A city on which people can comment."""
    with LiveCity(City()) as server:
        yield server


def newest(url: str) -> str:
    """Return what the newest comment says."""
    query = {"orderby": "id", "order": "desc", "per_page": "1"}
    return str(httpx.get(f"{url}{API}/comments", params=query).json()[0]["content"]["rendered"])


def test_what_is_said_is_on_the_blog(live: LiveCity) -> None:
    """A comment that is posted is shown, with its name and its words."""
    said = {"name": "Inés Caldera", "text": "A xylophone stood on Ferry Street."}
    answer = httpx.post(f"{live.url}/say", params=said)
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in said} == said
    assert "xylophone" in newest(live.url)


def test_without_words_a_resident_speaks(live: LiveCity) -> None:
    """A comment without name and text is some resident's."""
    before = len(live.city.comments)
    answer = httpx.post(f"{live.url}/say").json()
    assert answer["text"]
    assert answer["name"]
    assert len(live.city.comments) == before + 1


def test_only_posting_says_something(live: LiveCity) -> None:
    """Reading the address changes nothing."""
    before = len(live.city.comments)
    assert httpx.get(f"{live.url}/say", params={"text": "no"}).status_code == 405
    assert len(live.city.comments) == before


def test_the_program_lives_and_ends_on_a_signal(tmp_path: Path) -> None:
    """It writes down its address, comments by itself, and ends cleanly on SIGTERM."""
    place = tmp_path / "address"
    command = [sys.executable, "-m", "archiver.demo.live", str(place), "0.05"]
    with subprocess.Popen(command) as program:
        while not (place.is_file() and place.read_text().endswith("\n")):
            assert program.poll() is None
            time.sleep(0.02)
        url = place.read_text().strip()
        first = newest(url)
        while newest(url) == first:
            time.sleep(0.02)
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0
