"""Months of sweeps: every change within its bound, far fewer requests, no false absence."""

from __future__ import annotations

import random
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from archiver.capture.connector import Site
from archiver.capture.known import Known
from archiver.capture.platforms.mastodon import Mastodon
from archiver.capture.platforms.wordpress import WordPress, listings
from archiver.demo.city import City
from archiver.demo.mastodon.api import Mastodon as MastodonServer
from archiver.demo.mastodon.seed import Town
from archiver.demo.wordpress.api import WordPress as WordPressServer
from tests.capture.months import BASE, DAY, Archive, Change, age_of, nights

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from archiver.capture.known import Thing

GONE = ("absent", "deleted")
MONTHS = 8 * 7
"""Nights of a simulation: twice the longest interval."""
BLOG_NIGHTS = 6 * 7


def check(archive: Archive, changes: list[Change], end: datetime) -> None:
    """Assert that each change whose time is over was found, within its bound."""
    late = []
    for one in changes:
        night = archive.found(one.thing, one.kinds, one.at)
        if one.bound <= end and (night is None or night > one.bound):
            late.append((one, night))
    assert late == []
    assert sum(one.bound <= end for one in changes) > len(changes) * 0.3


def check_absences(archive: Archive, night: datetime, there: set[Thing]) -> None:
    """Assert that nothing a run said to be gone is ``there``, and nothing came back."""
    for when, one in reversed(archive.seen):
        if when < night:
            break
        thing = one.stream, one.native_id.partition("/edit/")[0]
        assert one.kind not in GONE or thing not in there, one
        assert one.kind != "restored", one


# ── a blog: listings by time, counted by the platform ────────────────────────────────────


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages of five things in place of a hundred."""
    monkeypatch.setattr(listings, "PER_PAGE", "5")
    listings._first_pages.cache_clear()
    yield
    listings._first_pages.cache_clear()


def blog() -> tuple[City, Archive]:
    """Return a city's blog and an archive of it."""
    city = City()
    login = b64encode(f"{city.user}:{city.secret}".encode()).decode()
    archive = Archive(
        WordPress(), Site("blog", BASE, authorised=True), WordPressServer(city),
        {"authorization": f"Basic {login}"},
    )  # fmt: skip
    return city, archive


@pytest.mark.usefixtures("short_pages")
def test_months_of_a_blog() -> None:
    """Comments are edited and deleted at any age; each is found as early as its age says."""
    city, archive = blog()
    rng = random.Random(7)
    first = archive.run(city.now, "backfill")
    changes: list[Change] = []
    asked, touched = 0, set[int]()
    for night in nights(city.now, BLOG_NIGHTS):
        city.now = night - DAY / 2
        post = city.publish(f"Notice {night:%B %d}", "Please note.")
        for number in range(2):
            city.comment(post.id, f"Remark {number}", name="Devon Marsh")
        known = sorted(set(city.comments) - touched)
        known = [n for n in known if archive.known.get(("comments", str(n)))]
        for number in rng.sample(known, min(2, len(known))):
            thing, now = ("comments", str(number)), city.now
            age = age_of(archive, thing, now)
            touched.add(number)
            if rng.random() < 0.8:
                city.edit_comment(number, f"Changed on {night:%B %d}")
                changes.append(Change(thing, ("edited",), now, age))
            else:
                city.delete_comment(number)
                changes.append(Change(thing, ("deleted",), now, age))
        asked += archive.run(night, "reconcile")
        written = {(stream, str(n)) for stream in ("posts", "pages", "media") for n in city.posts}
        check_absences(archive, night, written | {("comments", str(n)) for n in city.comments})
    check(archive, changes, night)
    full = Archive(archive.connector, archive.site, archive.service, archive.headers)
    whole = (first + full.run(night, "backfill")) / 2 * BLOG_NIGHTS
    assert asked < whole


@pytest.mark.usefixtures("short_pages")
def test_quiet_months_of_a_blog_cost_little() -> None:
    """Without deletions, which the platform's counts tell at once, a night reads a few pages."""
    city, archive = blog()
    for number in range(150):  # two years
        city.now += 5 * DAY
        post = city.publish(f"Notice {number}", "Please note.")
        city.comment(post.id, "Thank you", name="Devon Marsh")
    archive.run(city.now, "backfill")
    asked = sum(archive.run(night, "reconcile") for night in nights(city.now, 28))
    full = Archive(archive.connector, archive.site, archive.service, archive.headers)
    assert full.run(city.now, "backfill") * 28 > 3 * asked
    assert {one.kind for _, one in full.seen} & {*GONE} == set()


# ── a microblog: what hangs on each status is asked for apart ────────────────────────────


def microblog() -> tuple[Town, Archive]:
    """Return a town and an archive of its account."""
    town = Town()
    server = MastodonServer(town, most=15)
    site = Site("toots", f"{BASE}/@quillwater", authorised=True)
    return town, Archive(Mastodon(), site, server, {"authorization": f"Bearer {server.token}"})


def happen(town: Town, archive: Archive, rng: random.Random, text: str) -> list[Change]:
    """Let a reply of any age be edited; or let it go and another one come in its place."""
    changed = {one.native_id for _, one in archive.seen if one.kind == "edited"}
    replies = [
        one
        for one in town.statuses.values()
        if one.answers and one.author != town.city.id and str(one.id) not in changed
        and len(one.versions) == 1 and archive.known.get(("comments", str(one.id)))
    ]  # fmt: skip
    one, now = rng.choice(replies), town.now
    thing = ("comments", str(one.id))
    age = age_of(archive, thing, now)
    answered = any(other.answers == one.id for other in town.statuses.values())
    if answered or rng.random() < 0.7:
        town.edit(one.id, text)
        return [Change(thing, ("edited",), now, age)]
    town.delete(one.id)
    town.post(town.residents[0], "Me too.", answers=one.answers)
    return [Change(thing, GONE, now, age)]


def test_months_of_a_microblog() -> None:
    """Replies that are edited, and likes that change hands, show in no count of the platform."""
    town, archive = microblog()
    rng = random.Random(11)
    archive.run(town.now, "backfill")
    changes: list[Change] = []
    asked = whole = 0
    for number, night in enumerate(nights(town.now, MONTHS)):
        town.now = night - DAY / 2
        post = town.post(town.city.id, f"Notice of {night:%B %d}")
        town.post(town.residents[number % 15], "Thank you.", answers=post.id)
        town.like(town.residents[number % 15], post.id)
        changes += happen(town, archive, rng, f"Changed on {night:%B %d}")
        asked += archive.run(night, "reconcile")
        there = {("messages", f"notification/{n}") for n in town.notices}
        for stream in ("posts", "comments", "messages"):
            there |= {(stream, str(n)) for n in town.statuses}
        check_absences(archive, night, there)
        if number % 28 == 27:  # what a full reading would have asked in each of these nights
            full = Archive(archive.connector, archive.site, archive.service, archive.headers)
            full.known = Known(dict(archive.known.items()), archive.known.key)
            whole += 28 * full.run(night, "backfill")
    check(archive, changes, night)
    assert whole > 1.5 * asked


def test_who_lost_everything_reads_everything() -> None:
    """Without what runs said of themselves, a sweep is a full reading."""
    town, archive = microblog()
    archive.run(town.now, "backfill")
    later = town.now + timedelta(days=2)
    whole = archive.run(later, "backfill")
    archive.runs.clear()
    assert archive.run(later, "reconcile") == whole
    assert archive.runs[0]["since"] == {}
