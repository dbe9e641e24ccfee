"""One run over one account: what is asked, what it settles to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Page, Problem
from archiver.capture.reading import read
from archiver.capture.settling import Settler
from tests.capture.town import SITE, Town, TownConnector, empty, fold, http, run

if TYPE_CHECKING:
    from archiver.capture.connector import Listing, Site
    from archiver.formats.http1 import HttpResponse


def _town(count: int) -> Town:
    town = Town()
    for number in range(count):
        town.put(number, f"text {number}")
    return town


def test_first_capture_takes_everything_once() -> None:
    """Every item is one observation, and the listing with its control count another."""
    found = run(_town(8), empty())
    assert sorted(found.kinds()) == [(str(n), "present") for n in range(8)]
    (listing,) = found.of_kind("listing")
    assert listing.row["reported"] == "8"
    assert len(json.loads(listing.row["listed"])) == 8
    assert found.settler.counts["posts"].unexplained == 0


def test_a_second_capture_stores_nothing() -> None:
    """Items without change are repeats: counted, not copied; no listing says it again."""
    town, known = _town(8), empty()
    run(town, known)
    again = run(town, known)
    assert again.settled == []
    assert again.settler.counts["posts"].repeats == 8


def test_states_and_edits_are_told_apart() -> None:
    """Held, hidden, removed, restored and edited each show as what they are."""
    town, known = _town(6), empty()
    run(town, known)
    town.put(0, "text 0", "waiting")
    town.put(1, "text 1", "spam")
    town.put(2, "text 2", "bin")
    town.put(3, "another text")
    assert run(town, known).kinds() == [
        ("0", "held"),
        ("1", "hidden"),
        ("2", "removed"),
        ("3", "edited"),
    ]
    for number in range(3):
        town.put(number, f"text {number}")
    # What was held was never taken down: letting it through is no restoration.
    assert run(town, known).kinds() == [("0", "present"), ("1", "restored"), ("2", "restored")]


def test_volatile_values_are_no_edit() -> None:
    """A count of views may change without the thing changing."""
    town, known = _town(2), empty()
    run(town, known)
    town.put(0, "text 0", seen="17")
    assert run(town, known).settled == []


def test_deleted_needs_two_listings_and_a_404() -> None:
    """Deletion is proven by two complete passes without the item and a direct 404."""
    town, known = _town(5), empty()
    run(town, known)
    del town.items["2"]
    found = run(town, known)
    assert found.kinds() == [("2", "deleted")]
    (deleted,) = found.of_kind("deleted")
    evidence = [value for name, value in deleted.context if name == "Archive-Evidence"]
    assert [line.partition(" ")[0] for line in evidence] == ["listing", "listing", "missing"]
    assert len(set(evidence)) == 3
    assert deleted.warc_type == "metadata"
    assert deleted.excerpts == ()
    assert run(town, known).settled == []


def test_missing_but_still_there_is_not_deleted() -> None:
    """An item that listings leave out and a direct request still shows is no deletion."""
    town, known = _town(5), empty()
    run(town, known)
    town.gone = {"2"}
    assert run(town, known).kinds() == []


def test_missing_without_a_404_is_absent_and_may_return() -> None:
    """Where there is no way to ask directly, a missing item is absent, not deleted."""

    class NoDirect(TownConnector):
        def direct(self, site: object, stream: str, native_id: str) -> None:
            return None

    town, known, connector = _town(4), empty(), NoDirect()
    run(town, known, connector=connector)
    kept = town.items.pop("1")
    assert run(town, known, connector=connector).kinds() == [("1", "absent")]
    again = run(town, known, connector=connector)
    assert (again.settled, len(again.exchanges)) == ([], 1)
    assert again.settler.counts["posts"].unexplained == 0
    town.items["1"] = kept
    assert run(town, known, connector=connector).kinds() == [("1", "restored")]


def test_a_404_that_proves_nothing_makes_nothing_deleted() -> None:
    """Where it may mean that we may not see a thing, it is absent, and not asked for again."""

    class Discreet(TownConnector):
        inconclusive = frozenset({"posts"})

    town, known, connector = _town(4), empty(), Discreet()
    run(town, known, connector=connector)
    kept = town.items.pop("1")
    first = run(town, known, connector=connector)
    assert first.kinds() == [("1", "absent")]
    (absent,) = first.of_kind("absent")
    evidence = [value for name, value in absent.context if name == "Archive-Evidence"]
    assert [line.partition(" ")[0] for line in evidence] == ["listing", "listing", "missing"]
    again = run(town, known, connector=connector)
    assert (again.settled, len(again.exchanges)) == ([], 1)
    town.items["1"] = kept
    assert run(town, known, connector=connector).kinds() == [("1", "restored")]


def test_a_question_that_failed_is_asked_by_a_later_run() -> None:
    """Whether a missing item is still there was not answered: the run says so, and is torn."""

    class Tired(Town):
        tired = True

        def answer(self, url: str) -> bytes:
            refused = self.tired and "/posts/" in url
            return http(503, b"[]") if refused else super().answer(url)

    class Telling(TownConnector):
        def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
            busy = Page(problem=Problem("transient", response.status_line))
            return busy if response.status == 503 else super().split(site, listing, response)

    town, known, connector = Tired(), empty(), Telling()
    for number in range(4):
        town.put(number, f"text {number}")
    run(town, known, connector=connector)
    del town.items["1"]
    found = run(town, known, connector=connector)
    assert found.kinds() == [("1", "absent")]
    assert found.torn
    assert set(found.incomplete) == {"posts 1"}
    town.tired = False
    assert run(town, known, connector=connector).kinds() == [("1", "deleted")]


def test_a_window_proves_no_absence() -> None:
    """A feed shows only the newest: what left it is not gone."""
    town, known, connector = _town(5), empty(), TownConnector(exhaustive=False)
    run(town, known, connector=connector)
    del town.items["0"]
    assert run(town, known, connector=connector).settled == []


def test_incremental_stops_at_what_is_known() -> None:
    """Newest first, a page with nothing new ends the listing, if the count agrees."""
    connector, known = TownConnector(newest_first=True), empty()
    town = Town()
    for number in reversed(range(12)):
        town.put(number, f"text {number}")
    run(town, known, "backfill", connector)
    found = run(town, known, "incremental", connector)
    assert len(found.exchanges) == 1
    assert found.settler.counts["posts"].unexplained == 0
    del town.items["0"]
    found = run(town, known, "incremental", connector)
    assert found.kinds() == [("0", "deleted")]
    assert found.settler.counts["posts"].unexplained == 0


def test_residue_is_kept_and_private() -> None:
    """Bytes nobody claims become an encrypted record of their own."""
    town = _town(2)
    town.extra = b'{"surprise": 1}'
    found = run(town, empty())
    (residue,) = found.of_kind("residue")
    assert residue.sensitivity == "private"
    assert b"surprise" in b"".join(excerpt.data for excerpt in residue.excerpts)


def test_what_is_not_the_platform_is_residue_not_absence() -> None:
    """A login page in place of a listing makes it incomplete; nothing is taken for gone."""
    town, known = _town(3), empty()
    run(town, known)

    class Wall(Town):
        def answer(self, url: str) -> bytes:
            assert url
            page = b"<html>Please log in</html>"
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page)

    found = run(Wall(), known)
    assert found.kinds() == []
    assert len(found.of_kind("residue")) == 1
    assert found.incomplete["board"].startswith("schema")


def test_pages_that_do_not_end_are_given_up() -> None:
    """A listing whose next page is one already asked for is incomplete, not endless."""
    town = _town(3)
    town.endless = True
    assert "do not end" in run(town, empty()).incomplete["board"]


def test_files_are_fetched_once() -> None:
    """A file is asked for when its item is new, and kept as the whole response."""
    town, known = Town(), empty()
    town.put(1, "with a picture", file="yes")
    found = run(town, known)
    assert found.kinds("media") == [("1/file", "present")]
    (file,) = [one for _, one in found.settled if one.stream == "media"]
    assert file.warc_type == "response"
    assert file.excerpts[0].data.endswith(b"file of 1")
    assert run(town, known).settled == []


def test_records_carry_no_header_that_tells_of_other_content() -> None:
    """ETag, lengths and totals of the page never go into a record."""
    for _, one in run(_town(2), empty()).settled:
        assert not any("secret-digest" in value or "X-Total" in value for _, value in one.context)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["open", "waiting", "spam", "bin", ""])),
        max_size=12,
    )
)
def test_knowledge_rebuilt_from_rows_is_the_same(steps: list[tuple[int, str]]) -> None:
    """Folding the sealed rows gives the state the run ended with, after any history."""
    town, known, runs = _town(3), empty(), []
    runs.append(run(town, known))
    for number, state in steps:
        if state:
            town.put(number, f"text {number} {state if number % 2 else ''}", state)
        else:
            town.items.pop(str(number), None)
        runs.append(run(town, known))
    assert dict(fold(runs).items()) == dict(known.items())
    assert run(town, fold(runs)).settled == []


@given(st.integers(0, 9), st.data())
def test_recovery_settles_the_same_items(count: int, data: st.DataObject) -> None:
    """Exchanges left by a crash settle to the same observations, whenever that is done."""
    live = run(_town(count), empty())
    cut = data.draw(st.integers(0, len(live.exchanges)))
    numbers = iter(range(10**6))
    settler = Settler(TownConnector(), SITE, empty(), lambda: f"again-{next(numbers)}")
    for exchange in live.exchanges[:cut]:
        settler.take(exchange, read(TownConnector(), SITE, exchange))
    for exchange in live.exchanges[:cut]:  # a second worker settles the same ones: nothing more
        settler.take(exchange, read(TownConnector(), SITE, exchange))
    again = [one for _, one in settler.drain().observations]
    items = [one for _, one in live.settled if one.kind == "present"]
    assert again == items[: len(again)]
    assert len(again) == min(count, cut * 3)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_no_bytes_raise_and_none_vanish(noise: bytes, at: int) -> None:
    """Whatever a platform sends, reading does not raise, and every byte is accounted for."""
    body = json.dumps([{"id": "1", "text": "x", "state": "open"}] * 3).encode()
    mutated = body[:at] + noise + body[at:]
    response = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(mutated), mutated)
    found = run(_Fixed(response), empty())
    for exchange in found.exchanges:
        reading = read(TownConnector(), SITE, exchange)
        covered = set()
        for sighting in reading.sightings:
            for span in sighting.item.spans:
                covered |= set(range(span.start, span.end))
        for start, end in reading.residue:
            covered |= set(range(start, end))
        left = bytes(b for i, b in enumerate(reading.body) if i not in covered)
        if not (reading.page.problem and reading.page.problem.code == "missing"):
            assert set(left) <= set(b'[]{},:" \t\r\n')


class _Fixed(Town):
    """A town that always answers the same."""

    def __init__(self, response: bytes) -> None:
        super().__init__()
        self._response = response

    def answer(self, url: str) -> bytes:
        """Answer the same."""
        assert url
        return self._response


@pytest.mark.parametrize("status", [301, 302, 307])
def test_redirect_hops_are_no_answer(status: int) -> None:
    """The exchange of a redirect's hop settles to nothing: its end is the answer."""
    response = b"HTTP/1.1 %d Moved\r\nLocation: /\r\nContent-Length: 4\r\n\r\nbody" % status
    found = run(_Fixed(response), empty())
    assert found.settled == []


class Failing(Town):
    """A town that counts nothing, where some pages are answered with an error."""

    def __init__(self, count: int) -> None:
        super().__init__(total=False)
        self.failing: dict[int, int] = {}
        for number in range(count):
            self.put(number, f"text {number}")

    def answer(self, url: str) -> bytes:
        """Fail for the chosen pages."""
        status = self.failing.get(int(url.rpartition("=")[2])) if "?page=" in url else None
        return http(status, b"[]") if status else super().answer(url)


class Reading(TownConnector):
    """Newest first; takes 403 for forbidden and 503 for trouble that passes."""

    def __init__(self) -> None:
        super().__init__(newest_first=True)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Say what an error means."""
        codes = {403: "forbidden", 503: "transient"}
        if response.status in codes:
            return Page(problem=Problem(codes[response.status], response.status_line))
        return super().split(site, listing, response)


@pytest.mark.parametrize("status", [403, 503])
def test_a_listing_that_breaks_in_the_middle_is_torn(status: int) -> None:
    """Whatever broke it: what came before is no proof of what comes after."""
    town, known = Failing(10), empty()
    town.failing = {3: status}
    assert run(town, known, "backfill", Reading()).torn


@pytest.mark.parametrize("status", [403, 503])
def test_a_mending_run_that_can_not_begin_mends_nothing(status: int) -> None:
    """What an earlier run left out stays to be read, until a run has read it."""
    town, known = Failing(10), empty()
    town.failing = {3: status}
    run(town, known, "backfill", Reading())
    town.failing = {1: status}
    # What is forbidden may stay so for ever: that is said, and no reason to mend again.
    torn = run(town, known, "reconcile", Reading(), mend=True).torn
    assert torn is (status == 503)
    town.failing = {}
    found = run(town, known, "reconcile", Reading(), mend=torn)
    assert (len(found.kinds()), found.torn) == (4, False)


def test_what_was_never_to_be_had_is_not_torn() -> None:
    """A listing that we may not see, and of which nothing is known, is no reason to read on."""
    town, known = Failing(10), empty()
    town.failing = {1: 403}
    assert not run(town, known, "reconcile", Reading(), mend=True).torn


class Bell(TownConnector):
    """The board twice: as news, which things may leave, and as it is."""

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Enumerate the news, then the board."""
        (board,) = super().listings(site, mode)
        return (replace(board, name="news", group="news"), board)


class Ringing(Town):
    """A town where items in ``dismissed`` are on the board and no longer among the news."""

    def __init__(self) -> None:
        super().__init__(total=False)
        self.dismissed: set[str] = set()
        self.asked: list[str] = []

    def answer(self, url: str) -> bytes:
        """Show the news first, then the board."""
        self.asked.append(url.removeprefix(SITE.url))
        first = self.asked.count("/?page=1") % 2 == 1
        self.gone = self.dismissed if first else set()
        return super().answer(url)


def test_what_left_one_listing_and_is_elsewhere_is_not_asked_for() -> None:
    """It is there: nobody asks for it by itself, and nothing is said of it."""
    town, known = Ringing(), empty()
    for number in range(3):
        town.put(number, f"text {number}")
    run(town, known, connector=Bell())
    town.dismissed = {"1"}
    town.asked.clear()
    assert run(town, known, connector=Bell()).settled == []
    assert town.asked == ["/?page=1", "/?page=1"]


def test_what_left_one_listing_and_is_nowhere_is_asked_for() -> None:
    """Two passes without it and its own 404: it is deleted, as from any other listing."""
    town, known = Ringing(), empty()
    for number in range(3):
        town.put(number, f"text {number}")
    run(town, known, connector=Bell())
    del town.items["1"]
    town.asked.clear()
    assert run(town, known, connector=Bell()).kinds() == [("1", "deleted")]
    assert town.asked == ["/?page=1", "/?page=1", "/posts/1", "/?page=1"]


class Counting(Ringing):
    """One that counts the dismissed among its news."""

    def answer(self, url: str) -> bytes:
        """Say how many there are."""
        counted = f"\r\nX-Total: {len(self.items)}\r\nETag"
        return super().answer(url).replace(b"\r\nETag", counted.encode(), 1)


def test_what_is_counted_here_and_shown_elsewhere_is_explained() -> None:
    """The listing shows less than it counts; the run saw the rest in another one."""
    town, known = Counting(), empty()
    for number in range(3):
        town.put(number, f"text {number}")
    run(town, known, connector=Bell())
    town.dismissed = {"1"}
    counts = run(town, known, connector=Bell()).settler.counts["posts"]
    assert (counts.reported, counts.seen, counts.unexplained) == (6, 6, 0)
