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
from archiver.demo.presences import presences
from archiver.flows import accounts
from archiver.flows.capture import capture
from archiver.flows.search import Query, search
from archiver.settings import Settings
from archiver.wire import create_archive
from tests.chaos.truth import Quiet
from tests.demo.helpers import API

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.flows.archive import Archive


@pytest.fixture
def live() -> Iterator[LiveCity]:
    """A city on whose blog people can comment."""
    with LiveCity(City()) as server:
        yield server


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveCity, Archive]]:
    """A city on which people speak everywhere, and an archive that has captured it."""
    folder = tmp_path_factory.mktemp("everywhere")
    archive = create_archive(Settings(str(folder / "archive"), folder / "home"))
    city = City()
    places = presences(city)
    with LiveCity(city, places=places) as server:
        for one in places:
            about = {"name": one.name, "platform": one.platform, "url": server.url + one.path}
            accounts.add(archive, about, one.credential)
            accounts.approve(archive, one.name, "Clerk")
            capture(archive, one.name, "incremental", Quiet())
        yield server, archive


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
    """Reading the address shows a form and changes nothing; other methods are refused."""
    before = len(live.city.comments)
    shown = httpx.get(f"{live.url}/say", params={"text": "no"})
    assert shown.status_code == 200
    assert "<option>city-blog</option>" in shown.text
    assert httpx.put(f"{live.url}/say", params={"text": "no"}).status_code == 405
    assert len(live.city.comments) == before


def test_the_form_tells_what_was_said(live: LiveCity) -> None:
    """A browser that sends the form is shown the words, as words."""
    said = {"on": "city-blog", "name": "Marta", "text": "<script>alert(1)</script>"}
    shown = httpx.post(f"{live.url}/say", data=said, headers={"Accept": "text/html,*/*"})
    assert shown.status_code == 201
    assert "Marta said on city-blog: &lt;script&gt;" in shown.text
    assert "<script>" not in shown.text


def test_where_nobody_can_speak_is_told(live: LiveCity) -> None:
    """An account that the city has not is refused, and those that it has are named."""
    answer = httpx.post(f"{live.url}/say", data={"on": "city-hall", "text": "Hello?"})
    assert answer.status_code == 404
    assert "city-blog" in answer.json()["message"]


PLACES = {
    "city-blog": "comments",
    "city-chat": "messages",
    "city-news": "posts",
    "city-page": "comments",
    "city-pictures": "comments",
    "city-sky": "comments",
    "city-toots": "comments",
    "city-tube": "comments",
    "city-wiki": "pages",
    "city-x": "comments",
}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_said_is_captured(everywhere: tuple[LiveCity, Archive], place: str) -> None:
    """Whoever speaks, wherever: the next incremental capture brings it, and it is found."""
    server, archive = everywhere
    words = {"Inés Caldera": "xylophone", "marta w.": "theremin", "李雷": "guqin"}
    for name, word in words.items():
        said = {"on": place, "name": name, "text": f"A {word} on Ferry Street."}
        for _ in range(2):  # somebody new, then somebody known
            assert httpx.post(f"{server.url}/say", data=said).json() == said
    report = capture(archive, place, "incremental", Quiet())
    assert report.incomplete == {}
    for word in words.values():
        query = Query(text=word, account=place, stream=PLACES[place])
        found = search(archive, query, private=True).hits
        assert found
        assert all(word in hit["text"] for hit in found)


def test_residents_speak_in_turn_everywhere(everywhere: tuple[LiveCity, Archive]) -> None:
    """Left alone, the city goes on on each of its presences."""
    server, _ = everywhere
    assert {server.speak().on for _ in server.voices} == set(PLACES)


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
