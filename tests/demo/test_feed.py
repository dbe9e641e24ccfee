"""Tests of the stand-in's news feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

import feedparser
import pytest

from archiver.demo.answer import Answer, Asked
from archiver.demo.city import City
from archiver.demo.feed import SHOWN, Feeds
from tests.demo.helpers import BASE, header, read

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = {
    "/feed": "application/rss+xml",
    "/feed/atom": "application/atom+xml",
    "/feed.json": "application/feed+json",
    "/broken-feed": "application/rss+xml",
}


def fetch(city: City, path: str) -> Answer:
    """Return a feed that is there."""
    answer = Feeds(city).answer(Asked("GET", path, BASE))
    assert answer is not None
    return answer


def newest(city: City) -> list[str]:
    """Return the identifiers that a feed should show, in order."""
    return [item.guid for item in reversed(city.news[-SHOWN:])]


def guids(entries: Iterable[dict[str, str]]) -> list[str]:
    """Return the identifiers of parsed entries."""
    return [entry["id"] for entry in entries]


@pytest.mark.parametrize("path", KINDS)
def test_feeds_say_what_they_are(path: str) -> None:
    """Each has its media type, also under its address with a slash at the end."""
    city = City()
    assert header(fetch(city, path), "Content-Type") == f"{KINDS[path]}; charset=UTF-8"
    assert fetch(city, f"{path}/") == fetch(city, path)


def test_other_paths_are_no_feed() -> None:
    """Whatever else is asked for is left to others."""
    assert Feeds(City()).answer(Asked("GET", "/feeds", BASE)) is None


@pytest.mark.parametrize("path", ["/feed", "/feed/atom"])
def test_xml_feeds_are_well_formed(path: str) -> None:
    """RSS and Atom parse without complaint and show the newest items first."""
    city = City()
    parsed = feedparser.parse(fetch(city, path).body)
    assert not parsed.bozo
    assert guids(parsed.entries) == newest(city)
    assert parsed.entries[0].title == city.news[-1].title
    assert {entry.author for entry in parsed.entries} == {"City Clerk"}


def test_the_json_feed_shows_the_same_items() -> None:
    """JSON Feed 1.1 has the same items, with both dates."""
    city = City()
    document = read(fetch(city, "/feed.json"))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert guids(document["items"]) == newest(city)
    assert [item["content_text"] for item in document["items"]] == [
        item.text for item in reversed(city.news[-SHOWN:])
    ]


def test_the_broken_feed_is_not_xml() -> None:
    """No XML parser takes it, yet a lenient one finds every item."""
    city = City()
    body = fetch(city, "/broken-feed").body
    with pytest.raises(expat.ExpatError):
        expat.ParserCreate().Parse(body, True)  # noqa: FBT003 - positional in the C module
    parsed = feedparser.parse(body)
    assert parsed.bozo
    assert guids(parsed.entries) == newest(city)
    assert body.count(b"<item>") == body.count(b"</item>") == SHOWN


def test_feeds_forget_the_oldest() -> None:
    """A new item pushes the oldest out: what is missing from a feed is not deleted."""
    city = City()
    before = newest(city)
    city.announce("New", "text")
    after = guids(feedparser.parse(fetch(city, "/feed").body).entries)
    assert after[1:] == before[:-1]


def test_a_correction_keeps_its_identifier() -> None:
    """A corrected item has a new text and a newer date under the old identifier."""
    city = City()
    guid = city.news[-2].guid
    old = {entry.id: entry for entry in feedparser.parse(fetch(city, "/feed/atom").body).entries}
    city.correct(guid, "corrected")
    new = {entry.id: entry for entry in feedparser.parse(fetch(city, "/feed/atom").body).entries}
    assert new[guid].content[0].value == "corrected"
    assert new[guid].updated > old[guid].updated
    assert new[guid].published == old[guid].published
