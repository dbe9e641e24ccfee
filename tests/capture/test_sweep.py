"""Sweeps: what a run proves that looks back to a moment, and what it must not say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Follow, Listing, Page, Problem
from archiver.capture.sweep import MANY
from archiver.record import Request
from tests.capture import town as towns
from tests.capture.town import Run, Town, TownConnector, empty, http

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Item, Site
    from archiver.capture.known import Known
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt

SINCE = "2026-10-10T00:00:00.000000Z"


def day(number: int) -> str:
    """Return a time in October."""
    return f"2026-10-{number:02}T12:00:00.000000Z"


class Dated(TownConnector):
    """The board, newest first by time; items may lead to a listing of their own."""

    def __init__(self) -> None:
        super().__init__(newest_first=True)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Enumerate the board."""
        return tuple(replace(one, dated=True) for one in super().listings(site, mode))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read the time as well."""
        one = json.loads(excerpts[0].data)
        return super().parse(excerpts, context) | ({"created_at": one["at"]} if "at" in one else {})

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Take 403 for forbidden."""
        if response.status == 403:
            return Page(problem=Problem("forbidden", response.status_line))
        return super().split(site, listing, response)


def october(count: int = 27) -> Town:
    """Return a town with an item for each day, newest first, without a count."""
    town = Town(total=False)
    for number in range(count, 0, -1):
        town.put(number, f"text {number}", at=day(number))
    return town


def sweep(town: Town, known: Known, connector: TownConnector | None = None) -> Run:
    """Look back to the tenth."""
    return towns.run(town, known, "reconcile", connector or Dated(), reaches={"posts": SINCE})


def known_of(town: Town, connector: TownConnector | None = None) -> Known:
    """Return what is known once everything was read."""
    known = empty()
    towns.run(town, known, "backfill", connector or Dated())
    return known


def test_a_sweep_ends_where_nothing_is_young_enough() -> None:
    """It reads the pages that it must, and says how far back it looked."""
    town = october()
    known = known_of(town)
    town.put(12, "another text", at=day(12))
    town.put(3, "another text", at=day(3))
    found = sweep(town, known)
    assert found.kinds() == [("12", "edited")]
    assert len(found.exchanges) == 7  # of nine: the seventh page has the ninth to the seventh
    assert found.since == {"posts": SINCE}
    assert found.settler.counts["posts"].whole == 1


def test_a_sweep_does_not_stop_at_news_with_old_dates() -> None:
    """Things written today may be dated long ago: behind a page of them may be more."""
    known, town = known_of(october()), Town(total=False)
    for number in range(100, 112):
        town.put(number, f"imported {number}", at=day(1))
    for number in range(27, 0, -1):
        town.put(number, f"text {number}", at=day(number))
    found = sweep(town, known)
    assert len(found.kinds()) == 12
    assert {kind for _, kind in found.kinds()} == {"present"}


def test_what_is_young_and_gone_is_deleted_on_evidence() -> None:
    """Two passes back to the moment without it, which say so, and the platform's own word."""
    town = october()
    known = known_of(town)
    del town.items["20"], town.items["4"]
    found = sweep(town, known)
    assert found.kinds() == [("20", "deleted")]
    evidence = [value for name, value in found.of_kind("deleted")[0].context]
    assert [line.partition(" ")[0] for line in evidence][-3:] == ["listing", "listing", "missing"]
    for one in found.of_kind("listing"):
        assert json.loads(one.excerpts[0].data)["since"] == SINCE
    assert towns.run(town, known, "backfill", Dated()).kinds() == [("4", "deleted")]


def test_nothing_is_said_of_what_a_sweep_did_not_prove() -> None:
    """Not of what is older, has moved in time, is pinned, or has no time of its own."""
    town = october()
    town.items = {"2": {**town.items["2"], "pinned": "yes"}, **town.items}  # old, and on top
    town.put("x", "no time")
    known = known_of(town)
    town.put(15, "text 15", at=day(1))  # dated back: it stands elsewhere now
    town.items["15"] = town.items.pop("15")
    found = sweep(town, known)
    assert found.kinds() == [("15", "edited")]
    assert found.since == {"posts": SINCE}
    town.gone = {"14", "x"}  # not listed, but there
    assert sweep(town, known).settled == []


@pytest.mark.parametrize("ties", [True, False])
def test_a_tie_at_the_moment_is_read(ties: bool) -> None:  # noqa: FBT001 - a parameter
    """What is dated at the very moment is looked at, however many share it."""
    town = Town(total=False)
    for number in range(30, 0, -1):
        town.put(number, "text", at=SINCE if ties and 5 < number < 26 else day(number % 9 + 1))
    known = known_of(town)
    town.put(7, "another text", at=town.items["7"]["at"])
    assert sweep(town, known).kinds() == ([("7", "edited")] if ties else [])


def test_what_the_platform_does_not_tell_of_itself_makes_it_read_everything() -> None:
    """No address for a thing, or one that is refused: then only the whole listing tells."""

    class NoDirect(Dated):
        def direct(self, site: object, stream: str, native_id: str) -> None:
            return None

    class Refusing(Town):
        def answer(self, url: str) -> bytes:
            return http(403, b"[]") if "/posts/" in url else super().answer(url)

    for town, connector in ((october(), NoDirect()), (Refusing(total=False), Dated())):
        for number in range(27, 0, -1):
            town.items.pop(str(number), None)
            town.put(number, f"text {number}", at=day(number))
        known = known_of(town, connector)
        del town.items["20"]
        found = sweep(town, known, connector)
        assert found.kinds() == [("20", "absent")]
        assert found.since == {}


def test_much_that_is_not_where_it_should_be_makes_it_read_everything() -> None:
    """A list in another order than it says costs a whole reading, not a question for each."""
    town = Town(total=False)
    for number in range(MANY + 20):
        town.put(number, "text", at=day(20))
    known = known_of(town)
    town.put("old", "text", at=day(1))
    town.items = {"a": {"id": "a", "text": "", "state": "open", "at": day(1)}, **town.items}
    towns.run(town, known, "backfill", Dated())
    town.items = {**{key: town.items[key] for key in ("a", "old")}, **town.items}
    third = {"id": "b", "text": "", "state": "open", "at": day(2)}
    town.items = {"a": town.items["a"], "old": town.items["old"], "b": third, **town.items}
    towns.run(town, known, "backfill", Dated())
    found = sweep(town, known)
    assert found.settled == []
    assert found.since == {}
    assert not any("/posts/" in one.url for one in found.exchanges)


def test_another_count_than_ours_makes_it_read_everything() -> None:
    """Something older went: the platform counts one less than the archive has."""
    town = october()
    town.total = True
    known = known_of(town)
    assert sweep(town, known).since == {"posts": SINCE}
    del town.items["2"]
    found = sweep(town, known)
    assert found.kinds() == [("2", "deleted")]
    assert found.since == {}
    assert found.settler.counts["posts"].unexplained == 0


def test_what_news_made_it_read_whole_is_read_whole_twice() -> None:
    """Both passes go to the end, so that the older thing that went is missing from both."""
    town = october()
    town.total = True
    known = known_of(town)
    for number in range(27, 0, -3):
        town.put(number, "edited", at=day(number))  # news on each page
    del town.items["2"]
    found = sweep(town, known)
    assert [kind for _, kind in found.kinds()] == ["edited"] * 9 + ["deleted"]
    assert found.since == {}
    counts = found.settler.counts["posts"]
    assert (counts.reported, counts.seen, counts.unexplained) == (26, 26, 0)


class Threads(Dated):
    """Each item leads to the answers to it."""

    def _item(self, site: Site, one: dict[str, str], start: int, end: int) -> Item:
        item = super()._item(site, one, start, end)
        if one.get("answer"):
            return item
        name = f"answers {one['id']}"
        listing = Listing(
            name, "comments", Request(f"{site.url}/a/{one['id']}"), "public", name
        )  # fmt: skip
        follow = Follow("listing", "comments", listing=listing, always=True, ages=True)
        return replace(item, follow=(follow,))

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Take an item of such a listing for a comment."""
        page = super().split(site, listing, response)
        if listing.stream != "comments":
            return page
        return replace(page, items=tuple(replace(one, stream="comments") for one in page.items))


class Talking(Town):
    """Items with answers."""

    answers: dict[str, list[dict[str, str]]]

    def answer(self, url: str) -> bytes:
        """Return the answers to an item."""
        path = url.removeprefix(towns.SITE.url)
        if path.startswith("/a/"):
            return http(200, json.dumps(self.answers.get(path[3:], [])).encode())
        return super().answer(url)


def test_what_hangs_on_an_item_is_asked_for_by_the_younger_of_both() -> None:
    """An old item with a young answer is due, one with old answers is not."""
    town = Talking(total=False)
    town.answers = {}
    for number in range(27, 0, -1):
        town.put(number, f"text {number}", at=day(number))
        when = day(20) if number == 2 else day(number)
        answer = {"id": f"a{number}", "text": "yes", "state": "open", "at": when, "answer": "yes"}
        town.answers[str(number)] = [answer]
    known = known_of(town, Threads())
    reaches = {"posts": SINCE, "comments": SINCE}
    found = towns.run(town, known, "reconcile", Threads(), reaches=reaches)
    asked = {one.url.rpartition("/")[2] for one in found.exchanges if "/a/" in one.url}
    assert asked == {"2", *(str(n) for n in range(10, 28))}
    # The board itself was read to its end: something young may hang on any of its items.
    assert found.since == {"comments": SINCE}


class Moving(TownConnector):
    """Two boards; an item stands on one of them."""

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Enumerate both, each a group of its own."""
        assert mode
        return tuple(
            Listing(name, "posts", Request(f"{site.url}/{name}"), "public", name)
            for name in ("first", "second")
        )

    def direct(self, site: Site, stream: str, native_id: str) -> None:
        """Have no address for single items."""


class Boards(Town):
    """What stands on which board."""

    boards: dict[str, list[str]]

    def answer(self, url: str) -> bytes:
        """Return a board."""
        ids = self.boards[url.rpartition("/")[2]]
        return http(200, json.dumps([self.items[one] for one in ids]).encode())


def test_a_thing_that_moved_is_not_missed_where_the_run_saw_it() -> None:
    """Neither on its way to a board that is read later, nor to one that was read before."""
    town, known = Boards(), empty()
    for number in range(4):
        town.put(number, "text")
    town.boards = {"first": ["0", "1"], "second": ["2", "3"]}
    towns.run(town, known, "backfill", Moving())
    town.boards = {"first": ["0", "3"], "second": ["2", "1"]}
    assert towns.run(town, known, "reconcile", Moving()).settled == []
    town.boards = {"first": ["0"], "second": ["2", "1"]}
    assert towns.run(town, known, "reconcile", Moving()).kinds() == [("3", "absent")]


@pytest.mark.parametrize("address", ["/f/1?key=%5Breplaced%3A%20token%5D", "/f/1?key=********"])
def test_a_file_whose_address_held_a_credential_is_not_asked_for(address: str) -> None:
    """Nobody knows the address any more; the run says so, and asks nothing in vain."""

    class Telling(TownConnector):
        def _item(self, site: Site, one: dict[str, str], start: int, end: int) -> Item:
            item = super()._item(site, one, start, end)
            request = Request(site.url + address)
            return replace(item, follow=tuple(replace(f, request=request) for f in item.follow))

    town, known = Town(), empty()
    town.put(1, "with a picture", file="yes")
    found = towns.run(town, known, "reconcile", Telling())
    assert [one.url for one in found.exchanges] == [f"{towns.SITE.url}/?page=1"]
    assert found.incomplete["media 1/file"].startswith("lacking: its address has a credential")
    assert not found.torn
