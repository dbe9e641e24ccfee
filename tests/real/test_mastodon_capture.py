"""Captures of a Mastodon API against its own database: nothing missing, nothing invented.

No real Mastodon runs here: the server is mastodon_mock (`tests.real.mastodon.server`), a
mock of other people's making, on SQLite. What is proven is that connector and archive
agree with somebody else's reading of Mastodon's API, not with Mastodon itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from archiver.demo.mastodon.truth import differences
from tests.chaos.helpers import Forks, changes, place_in
from tests.real.daemons import free_port
from tests.real.environments import pinned
from tests.real.helpers import Office, Seen, in_force
from tests.real.mastodon import oracle
from tests.real.mastodon.life import Life
from tests.real.mastodon.server import CITY, PINNED, MastodonMock
from tests.real.proxy import FaultProxy, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archiver.demo.mastodon.truth import Truth

pytestmark = [pytest.mark.real, pytest.mark.more]

ACCOUNT = "city-toots"
TOKEN = "CITY_TOOTS_TOKEN"
CAPTURES = ("first", "again", "reread", "week", "still", "spoilt")
STREAMS = (*oracle.STREAMS, "profile")


@dataclass(slots=True)
class Story:
    """The mock behind a proxy, and by the name of each capture its truth and its report."""

    mock: MastodonMock
    proxy: FaultProxy
    office: Office
    life: Life
    truths: dict[str, Truth] = field(default_factory=dict)
    reports: dict[str, dict[str, object]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def capture(self, name: str, mode: str) -> None:
        """Read the database, then capture the account."""
        self.truths[name] = oracle.read(self.mock)
        self.reports[name] = self.office.capture(ACCOUNT, mode)
        self.sizes[name] = self.office.size()

    def during(self, name: str) -> dict[str, dict[str, str]]:
        """Return what a capture sealed: stream -> native id -> kinds."""
        names = list(self.sizes)
        before = names.index(name) - 1
        first = self.sizes[names[before]] if before >= 0 else 0
        found: dict[str, dict[str, str]] = {}
        for one in self.seen:
            if first <= one.leaf < self.sizes[name] and one.kind not in {"listing", "residue"}:
                kinds = found.setdefault(one.thing[0], {})
                kinds[one.thing[1]] = " ".join(filter(None, [kinds.get(one.thing[1]), one.kind]))
        return found


@pytest.fixture(scope="module")
def programs(pytestconfig: pytest.Config) -> Path:
    """The mock's programs, installed once."""
    return pinned(pytestconfig.cache.mkdir("mastodon"), PINNED)


@pytest.fixture(scope="module")
def story(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A life of more than three hundred events, captured again and again."""
    folder, port = tmp_path_factory.mktemp("mastodon"), free_port()
    with (
        MastodonMock(folder / "mock", programs, public=port) as mock,
        FaultProxy(mock.port, port=port) as proxy,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(TOKEN, mock.token(CITY))
        life, office = Life(mock), Office(folder / "archive", folder / "home")
        life.found()
        office.done("init")
        office.add(ACCOUNT, "mastodon", f"{proxy.url}/@{CITY}", f"token=env:{TOKEN}")
        made = Story(mock, proxy, office, life)
        made.capture("first", "incremental")
        made.capture("again", "incremental")
        made.capture("reread", "reconcile")
        life.week()
        made.capture("week", "reconcile")
        made.capture("still", "reconcile")
        _spoil(made)
        made.capture("spoilt", "reconcile")
        made.seen = office.seen(ACCOUNT)
        yield made


def _spoil(story: Story) -> None:
    """Change a little, and have answers of every kind fail once or twice."""
    number = int(story.life.id_of(CITY))
    story.life.edit(CITY, story.life.posts[3], "Edited before the storm.")
    story.life.say("rosa", f"@{CITY} is the bridge open?")
    for kind in ("reset", "truncated", "500"):
        story.proxy.fail(f"/api/v1/accounts/{number}/statuses", kind)
    story.proxy.fail("/api/v1/notifications", "truncated")
    story.proxy.fail("/api/v1/statuses/", "503", skip=5)
    story.proxy.fail("/api/v1/conversations", "reset")
    refused = b'{"error":"Too many requests"}'
    date = ("Date", "Fri, 20 Nov 2026 10:00:00 GMT")
    reset = ("X-RateLimit-Reset", "2026-11-20T10:00:01.500000Z")
    story.proxy.fail("/api/v1/statuses/", reply(429, refused, date, reset), skip=9)


def test_life_has_three_hundred_events(story: Story) -> None:
    """Several people made more than three hundred events."""
    assert story.life.events >= 300


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.parametrize("stream", STREAMS)
def test_archive_equals_the_database(story: Story, capture: str, stream: str) -> None:
    """After each capture every thing of a stream, and what it says, is that of the database."""
    truth = story.truths[capture].get(stream, {})
    found = {
        native_id: one.row
        for (name, native_id), one in in_force(story.seen, story.sizes[capture]).items()
        if name == stream and one.kind != "residue"
    }
    if stream == "reactions":  # what hung on a post that is gone can no longer be asked for
        posts = story.truths[capture]["posts"]
        found = {n: row for n, row in found.items() if n in truth or n.split("/")[0] in posts}
    assert found.keys() == truth.keys()
    for native_id, columns in truth.items():
        row = found[native_id]
        extra = columns.get("extra", "")
        assert extra in row.get("extra", "")
        told = {name: row.get(name, "") for name in columns if name != "extra"}
        assert told == {name: value for name, value in columns.items() if name != "extra"}


@pytest.mark.parametrize("capture", CAPTURES)
def test_nothing_is_left_over(story: Story, capture: str) -> None:
    """Every listing was read to its end; no byte of an answer that came whole is residue."""
    report = story.reports[capture]
    streams = report["streams"]
    assert report["incomplete"] == {}
    assert isinstance(streams, dict)
    assert set(streams) >= set(STREAMS) - {"media"}
    assert all(one["unexplained"] == 0 for one in streams.values())
    assert capture == "spoilt" or all(one["residue"] == 0 for one in streams.values())


@pytest.mark.parametrize("capture", ["again", "reread", "still"])
def test_capture_without_news_seals_nothing(story: Story, capture: str) -> None:
    """A second capture, incremental or reconciling, makes not one observation."""
    assert story.reports[capture]["observations"] == {}


@pytest.mark.parametrize(("capture", "before"), [("week", "reread"), ("spoilt", "still")])
def test_capture_after_changes_shows_exactly_those(story: Story, capture: str, before: str) -> None:
    """Each thing that changed makes one observation of the right kind, and no other does."""
    told = differences(story.truths[before], story.truths[capture])
    assert story.during(capture) == told
    assert capture != "week" or set(told) == set(STREAMS)


def test_private_streams_are_stored_encrypted_only(story: Story) -> None:
    """Letters, followers and blocked accounts are in encrypted units, and so are private posts."""
    for one in story.seen:
        if one.thing[0] in {"messages", "subscribers", "moderation"}:
            assert one.sensitivity == "private"
        if one.row.get("state") in {"private", "direct", "scheduled"}:
            assert one.sensitivity == "private"
    public = {one.thing[0] for one in story.seen if one.sensitivity == "public"}
    assert public >= {"posts", "comments", "reactions", "media", "profile"}


def test_edited_and_deleted_texts_are_kept(story: Story) -> None:
    """A text from before an edit or a deletion is found in the archive."""
    before, after = story.truths["reread"]["comments"], story.truths["week"]["comments"]
    gone = [one["markup"] for n, one in before.items() if n not in after and "/" not in n]
    changed = [one["markup"] for n, one in before.items() if n in after and after[n] != one]
    kept = {one.row.get("markup") for one in story.seen if one.block}
    assert gone
    assert changed
    assert kept >= {*gone, *changed}


def test_archive_verifies_in_depth(story: Story) -> None:
    """Every file, record, row and commitment of the whole story holds."""
    report = story.office.done("verify", "--deep").data
    assert report["records"] >= len(story.seen)
    assert report["unreadable"] == 0


def test_killed_captures_lose_and_double_nothing(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills half-way, and a token that ran out between: the archive equals the database."""
    place, forks = place_in(tmp_path / "place"), Forks()
    place.home.parent.mkdir()
    place.environ[TOKEN] = story.mock.token(CITY)
    forks.done(place, "init")
    login = ("--credential", f"token=env:{TOKEN}")
    address = f"{story.proxy.url}/@{CITY}"
    about = ("--platform", "mastodon", "--url", address, *login)
    forks.done(place, "account", "add", ACCOUNT, *about)
    forks.done(place, "account", "approve", ACCOUNT, "--by", "Clerk")
    for count in (1, 2):
        moment = changes(place.inside / "spool", 1, ".warc", count)
        forks.kill(place, moment, "capture", "--mode", "reconcile")
    expired = reply(
        401, b'{"error":"The access token expired"}', ("Content-Type", "application/json")
    )
    story.proxy.fail("/api/v1/followers", expired)
    story.proxy.fail("/api/v1/blocks", expired)
    assert forks.run(place, "capture").code == 3
    story.proxy.clear()
    forks.done(place, "capture", "--mode", "reconcile")
    forks.close()
    monkeypatch.setenv(TOKEN, story.mock.token(CITY))
    office = Office(tmp_path / "place" / "archive", place.home)
    seen = [one for one in office.seen(ACCOUNT) if one.kind != "residue"]
    assert in_force(seen, office.size()).keys() == {
        (stream, name) for stream, things in oracle.read(story.mock).items() for name in things
    }
    assert office.done("verify", "--deep").data["unreadable"] == 0
