"""Captures of a real MediaWiki against its own database: nothing missing, nothing invented."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.chaos.helpers import Forks, Place, changes
from tests.real.helpers import Office, Seen
from tests.real.mediawiki import life, oracle
from tests.real.mediawiki.reading import held
from tests.real.mediawiki.server import MediaWiki
from tests.real.proxy import FaultProxy, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.real.mediawiki.oracle import Truth

pytestmark = pytest.mark.real

ACCOUNT = "city-wiki"
LOGIN = ("user=env:WIKI_USER", "password=env:WIKI_PASSWORD")
EXPIRED = reply(
    200,
    b'{"error":{"code":"assertuserfailed","info":"You are no longer logged in."}}',
    ("Content-Type", "application/json; charset=utf-8"),
    ("MediaWiki-API-Error", "assertuserfailed"),
)


@dataclass(slots=True)
class Story:
    """The wiki, the archive, and by the name of each capture its truth, report and end."""

    wiki: MediaWiki
    office: Office
    events: int = 0
    truths: dict[str, Truth] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def capture(self, name: str, mode: str, account: str = ACCOUNT) -> None:
        """Read the database, then capture the wiki."""
        self.truths[name] = oracle.read(self.wiki)
        self.reports[name] = self.office.capture(account, mode)
        self.sizes[name] = self.office.size()

    def during(self, name: str) -> list[Seen]:
        """Return what a capture sealed of the wiki's things, in ledger order."""
        names = list(self.sizes)
        first = self.sizes[names[names.index(name) - 1]] if names[0] != name else 0
        return [
            one
            for one in self.seen
            if first <= one.leaf < self.sizes[name]
            and one.kind != "listing"
            and one.row["stream"] != "profile"
        ]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A wiki captured while it lives: founded, untouched, busy, a little, untouched."""
    folder = tmp_path_factory.mktemp("wiki")
    with MediaWiki(folder / "site") as wiki, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIKI_USER", wiki.user)
        patch.setenv("WIKI_BLIND", wiki.blind)
        patch.setenv("WIKI_PASSWORD", wiki.password)
        one = Story(wiki, Office(folder / "archive", folder / "home"), life.found(wiki))
        one.office.done("init")
        one.office.add(ACCOUNT, "mediawiki", wiki.api, *LOGIN)
        one.capture("first", "incremental")
        one.capture("again", "incremental")
        one.capture("reread", "reconcile")
        life.busy(wiki)
        one.capture("busy", "reconcile")
        life.small(wiki)
        one.capture("small", "incremental")
        one.capture("calm", "reconcile")
        one.capture("still", "reconcile")
        one.seen = one.office.seen(ACCOUNT)
        yield one


def test_the_life_was_a_life(story: Story) -> None:
    """At least three hundred events by a dozen people, of every kind."""
    assert story.events >= 300
    truth = story.truths["first"]
    assert Counter(stream for stream, _ in truth)["pages"] > 250
    assert {state for state, _ in truth.values()} == {"present", "hidden", "removed"}


@pytest.mark.parametrize("name", ["first", "busy", "calm"])
def test_every_stream_equals_the_database(story: Story, name: str) -> None:
    """What the archive holds after a complete capture is what the wiki's database holds."""
    assert held(story.seen, story.sizes[name]) == story.truths[name]


@pytest.mark.parametrize("name", ["first", "again", "reread", "busy", "small", "calm", "still"])
def test_counts_explain_everything(story: Story, name: str) -> None:
    """No run leaves anything unread, unexplained or not understood."""
    report = story.reports[name]
    assert report["incomplete"] == {}
    for counts in report["streams"].values():
        assert (counts["unexplained"], counts["residue"]) == (0, 0)


@pytest.mark.parametrize("name", ["again", "reread", "still"])
def test_nothing_new_is_stored_of_what_did_not_change(story: Story, name: str) -> None:
    """A second capture of the same wiki, in any mode, adds nothing."""
    assert story.during(name) == []
    assert story.reports[name]["observations"] == {}


def test_a_busy_day_shows_exactly(story: Story) -> None:
    """Edits, moves, deletions, restorations, hidden and shown parts, blocks: these, once each."""
    found = [(one.thing, one.kind) for one in story.during("busy")]
    wanted = oracle.changes(story.truths["reread"], story.truths["busy"])
    assert dict(found) == wanted
    assert len(found) == len(wanted)
    kinds = {"present", "edited", "deleted", "absent", "restored", "hidden", "removed"}
    assert {kind for _, kind in found} == kinds


def test_an_incremental_capture_sees_all_but_gone_pages(story: Story) -> None:
    """The log leads to everything but the end of a page's own record; that waits for the next."""
    wanted = oracle.changes(story.truths["busy"], story.truths["small"])
    late = {thing: kind for thing, kind in wanted.items() if kind == "deleted"}
    assert {one.thing: one.kind for one in story.during("small")} == {
        thing: kind for thing, kind in wanted.items() if thing not in late
    }
    assert {one.thing: one.kind for one in story.during("calm")} == late
    assert story.reports["small"]["requests"] < story.reports["calm"]["requests"]


def test_hidden_and_deleted_texts_are_there_and_encrypted(story: Story) -> None:
    """A text that was hidden before its first capture is in the archive, and in no plain file."""
    (one, *_) = (one for one in story.seen if life.SECRET in one.row.get("text", ""))
    assert (one.kind, one.sensitivity) == ("hidden", "private")
    for other in story.seen:
        if other.kind in ("hidden", "removed") or other.row["stream"] == "subscribers":
            assert other.sensitivity == "private"
    plain = b"".join(path.read_bytes() for path in story.office.archive.rglob("*.parquet"))
    assert b"555-0117, please take it out" not in plain


def test_an_account_without_rights_says_what_it_cannot_see(story: Story) -> None:
    """Deleted texts are then a reported gap, and nothing that is there is called absent."""
    story.office.add("blind", "mediawiki", story.wiki.api, "user=env:WIKI_BLIND", LOGIN[1])
    reply = story.office.run("capture", "blind", "--mode", "backfill")
    (report,) = reply.data
    assert set(report["incomplete"]) == {"revisions deleted", "media deleted"}
    assert all("permissiondenied" in why for why in report["incomplete"].values())
    seen = story.office.seen("blind")
    assert {one.kind for one in seen} <= {"present", "hidden", "listing"}
    here = {thing for thing, (state, _) in oracle.read(story.wiki).items() if state != "removed"}
    assert {one.thing for one in seen if one.kind != "listing"} - {("profile", "site")} == here


def test_of_a_closed_wiki_nothing_is_public(story: Story) -> None:
    """Where strangers may not read, all is private to a member and closed to a stranger."""
    story.office.add("members", "mediawiki", story.wiki.api, *LOGIN)
    story.office.add("strangers", "mediawiki", story.wiki.api)
    story.wiki.close_to_strangers(closed=True)
    try:
        assert story.office.capture("members", "backfill")["incomplete"] == {}
        (report,) = story.office.run("capture", "strangers", "--mode", "backfill").data
    finally:
        story.wiki.close_to_strangers(closed=False)
    found = [one for one in story.office.seen("members") if one.kind != "listing"]
    assert len(found) == len(oracle.read(story.wiki)) + 1
    assert {one.sensitivity for one in found} == {"private"}
    assert all("readapidenied" in why for why in report["incomplete"].values())
    assert {one.thing for one in story.office.seen("strangers")} <= {("profile", "site")}


def test_trouble_on_the_way_loses_nothing(story: Story) -> None:
    """Under 429s, errors, cut and reset answers and expired logins, all is captured once."""
    with FaultProxy(story.wiki.port) as proxy:
        story.office.add("troubled", "mediawiki", f"{proxy.url}/api.php", *LOGIN)
        bad: tuple[str | bytes, ...] = (EXPIRED, "truncated", "reset", "429", "503")
        for asked, kinds in (("generator=allpages", bad), ("list=", bad[:3])):
            for number, kind in enumerate(kinds):
                proxy.fail(f"/api.php?action=query&{asked}", kind, skip=2 * number)
        proxy.fail("/images/", "truncated")
        proxy.fail("/images/", "reset", skip=2)
        report = story.office.capture("troubled", "backfill")
        assert (report["incomplete"], proxy.pending) == ({}, 0)
        assert sum(passed.fault != "" for passed in proxy.log) == 10
        assert sum(passed.method == "POST" for passed in proxy.log) == 3
        seen = story.office.seen("troubled")
        assert held(seen, story.office.size()) == oracle.read(story.wiki)
        size = story.office.size()
        assert story.office.capture("troubled", "reconcile")["incomplete"] == {}
        later = [one for one in story.office.seen("troubled") if one.leaf >= size]
        assert [one.thing for one in later if one.kind != "listing"] == []


def test_a_killed_capture_is_finished_by_the_next(story: Story, tmp_path: Path) -> None:
    """``kill -9`` half-way: the next run loses nothing and doubles nothing."""
    place = Place(str(tmp_path / "archive"), tmp_path / "home")
    forks = Forks()
    try:
        forks.done(place, "init")
        options = [part for one in LOGIN for part in ("--credential", one)]
        about = ("--platform", "mediawiki", "--url", story.wiki.api)
        forks.done(place, "account", "add", ACCOUNT, *about, *options)
        forks.done(place, "account", "approve", ACCOUNT, "--by", "Clerk")
        half = changes(place.inside / "spool", 1, ".warc", 1)
        ended = forks.kill(place, half, "capture")
        assert ended.code == -9
        forks.done(place, "capture")
        forks.done(place, "capture", "--mode", "reconcile")
    finally:
        forks.close()
    office = Office(tmp_path / "archive", tmp_path / "home")
    seen = office.seen(ACCOUNT)
    assert held(seen, office.size()) == oracle.read(story.wiki)
    things = Counter(one.thing for one in seen if one.kind != "listing")
    assert {thing for thing, count in things.items() if count > 1} == set()
    office.done("verify", "--deep")
