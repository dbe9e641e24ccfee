"""Captures of a real Matrix homeserver (Synapse) against its own database.

Nothing missing, nothing invented, after each capture of a scripted life; changes appear
exactly; through 429s, cut answers, resets, expired tokens and kills.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.chaos.helpers import Forks, changes, place_in
from tests.real.environments import pinned
from tests.real.helpers import Office, Seen, in_force
from tests.real.matrix import oracle
from tests.real.matrix.life import CITY, Life
from tests.real.matrix.server import PINNED, Synapse
from tests.real.proxy import FaultProxy, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.real, pytest.mark.more]

ACCOUNT = "city-chat"
USER, SECRET = "CITY_CHAT_USER", "CITY_CHAT_PASSWORD"
LOGIN = (f"user=env:{USER}", f"password=env:{SECRET}")
CAPTURES = ("first", "again", "reread", "week", "still", "spoilt", "calm")
STREAMS = (
    "messages", "reactions", "subscribers", "moderation", "media", "profile", "pages",
)  # fmt: skip
API = "/_matrix/client/v3"
JSON = ("Content-Type", "application/json")
EXPIRED = reply(401, b'{"errcode":"M_UNKNOWN_TOKEN","error":"expired","soft_logout":true}', JSON)
LIMITED = reply(429, b'{"errcode":"M_LIMIT_EXCEEDED","error":"x","retry_after_ms":700}', JSON)


@dataclass(slots=True)
class Story:
    """The homeserver behind a proxy, and by the name of each capture truth and report."""

    server: Synapse
    proxy: FaultProxy
    office: Office
    life: Life
    truths: dict[str, oracle.Truth] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The account's address."""
        return f"{self.proxy.url}/{self.server.user(CITY)}"

    def capture(self, name: str, mode: str) -> None:
        """Read the database, then capture the account."""
        self.truths[name] = oracle.read(self.server)
        before = len(self.proxy.log)
        (self.reports[name],) = self.office.run("capture", ACCOUNT, "--mode", mode).data
        self.requests[name] = len(self.proxy.log) - before
        self.sizes[name] = self.office.size()

    def during(self, name: str) -> dict[oracle.Thing, str]:
        """Return what a capture sealed of the platform's things: kinds, one after another."""
        names = list(self.sizes)
        before = names.index(name) - 1
        first = self.sizes[names[before]] if before >= 0 else 0
        found: dict[oracle.Thing, str] = {}
        for one in self.seen:
            if first <= one.leaf < self.sizes[name] and one.kind not in {"listing", "residue"}:
                found[one.thing] = " ".join(filter(None, [found.get(one.thing), one.kind]))
        return found


@pytest.fixture(scope="module")
def programs(pytestconfig: pytest.Config) -> Path:
    """Synapse, installed once."""
    return pinned(pytestconfig.cache.mkdir("synapse"), PINNED)


@pytest.fixture(scope="module")
def story(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A life of more than three hundred events, captured again and again."""
    folder = tmp_path_factory.mktemp("matrix")
    with (
        Synapse(folder / "synapse", programs) as server,
        FaultProxy(server.port) as proxy,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(USER, server.user(CITY))
        patch.setenv(SECRET, server.password(CITY))
        life, office = Life(server), Office(folder / "archive", folder / "home")
        life.found()
        made = Story(server, proxy, office, life)
        office.done("init")
        office.add(ACCOUNT, "matrix", made.address, *LOGIN)
        made.capture("first", "incremental")
        made.capture("again", "incremental")
        made.capture("reread", "reconcile")
        life.week()
        made.capture("week", "incremental")
        made.capture("still", "incremental")
        _spoil(made)
        made.capture("spoilt", "reconcile")
        assert not proxy.pending
        made.capture("calm", "reconcile")
        made.seen = office.seen(ACCOUNT)
        yield made


def _spoil(story: Story) -> None:
    """Change a little, and have answers of every kind fail once or twice."""
    story.life.say("works", "marta", "Said in the storm")
    story.life.edit("works", *story.life.plain("works")[2], "Edited in the storm")
    story.life.share("dm marta", "marta", 77)
    kinds: tuple[str | bytes, ...] = ("reset", "truncated", "500", EXPIRED)
    for number, kind in enumerate(kinds):
        for what in ("/state", "/messages"):  # each request fails once: a second try waits longer
            story.proxy.fail(f"{API}/rooms/", kind, holding=what, skip=2 * number)
    story.proxy.fail(f"{API}/sync", "truncated")
    story.proxy.fail(f"{API}/sync", EXPIRED)
    story.proxy.fail(f"{API}/rooms/", LIMITED, times=2, skip=30)
    story.proxy.fail("/_matrix/client/v1/media/", "truncated")
    story.proxy.fail("/_matrix/client/v1/media/", "429")


def test_life_has_three_hundred_events(story: Story) -> None:
    """Several people made more than three hundred events."""
    assert story.life.events >= 300


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.parametrize("stream", STREAMS)
def test_archive_equals_the_database(story: Story, capture: str, stream: str) -> None:
    """After each capture every thing of a stream, and what it says, is that of the database."""
    truth = {thing: one for thing, one in story.truths[capture].items() if thing[0] == stream}
    held = in_force(story.seen, story.sizes[capture])
    found = oracle.told({thing: one for thing, one in held.items() if thing[0] == stream})
    assert found.keys() == truth.keys()
    assert found == truth


@pytest.mark.parametrize("capture", CAPTURES)
def test_nothing_is_left_over(story: Story, capture: str) -> None:
    """Listings are read to their end, no whole answer leaves residue; a ban is said once."""
    report, shut = story.reports[capture], story.life.rooms["shut"]
    said = {" ".join(name.split(" ")[:2]): why for name, why in report["incomplete"].items()}
    banned = {f"room {shut}": "forbidden: 403 M_FORBIDDEN"}
    assert said == (banned if capture == "week" else {})
    for counts in report["streams"].values():
        assert counts["unexplained"] == 0
        assert capture == "spoilt" or counts["residue"] == 0


@pytest.mark.parametrize("capture", ["again", "reread", "still"])
def test_capture_without_news_seals_nothing(story: Story, capture: str) -> None:
    """A second capture, incremental or reconciling, makes not one observation."""
    assert story.reports[capture]["observations"] == {}
    assert capture == "reread" or story.requests[capture] == 4  # login, profile, sync, ignored


@pytest.mark.parametrize(("capture", "before"), [("week", "reread"), ("spoilt", "still")])
def test_capture_after_changes_shows_exactly_those(story: Story, capture: str, before: str) -> None:
    """Each thing that changed makes one observation of the right kind, and no other does."""
    expected = oracle.differences(story.truths[before], story.truths[capture])
    assert story.during(capture) == expected
    assert capture != "week" or {stream for stream, _ in expected} == set(STREAMS)
    assert story.truths[before].keys() <= story.truths[capture].keys()


def test_only_open_rooms_are_public(story: Story) -> None:
    """Members, closed rooms and redacted texts are in encrypted units."""
    hall = story.life.rooms["hall"]
    for one in story.seen:
        if one.sensitivity == "public" and one.thing[0] not in {"media", "profile"}:
            assert one.kind == "listing" or one.thing[1].partition("/")[0] == hall
            assert one.thing[0] != "subscribers"
            assert one.kind != "removed"


def test_redacted_texts_are_kept(story: Story) -> None:
    """What a message said before its redaction is in its history, and as moderators see it."""
    redacted = [one for one in story.seen if one.kind == "removed" and one.thing[0] == "messages"]
    known = {one.thing: one for one in story.seen if one.row.get("text")}
    assert redacted
    assert any(one.thing in known for one in redacted)
    for one in redacted:
        assert known["messages", f"{one.thing[1]} unredacted"].kind == "hidden"


def test_secrets_are_nowhere(story: Story) -> None:
    """Neither password nor token is in an answer that was kept."""
    tokens = [story.server.password(CITY), "syt_"]
    for _, message in story.office.intake().values():
        assert not any(token.encode() in message for token in tokens)


def test_archive_verifies_in_depth(story: Story) -> None:
    """Every file, record, row and commitment of the whole story holds."""
    report = story.office.done("verify", "--deep").data
    assert report["records"] >= len(story.seen)
    assert report["unreadable"] == 0


def test_ignored_people_delete_nothing(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whom the account ignores is not shown to it: absent at most, and each run says so."""
    with Synapse(tmp_path / "synapse", programs) as server:
        monkeypatch.setenv(USER, server.user(CITY))
        monkeypatch.setenv(SECRET, server.password(CITY))
        life, office = Life(server), Office(tmp_path / "archive", tmp_path / "home")
        for name in (CITY, "jane", "bo"):
            server.register(name)
        life.room("hall", CITY, preset="public_chat")
        for name in ("jane", "bo"):
            life.join("hall", name)
        said = [life.say("hall", "jane", f"Complaint {number}") for number in range(3)]
        other = life.say("hall", "bo", "Hello")
        office.done("init")
        office.add(ACCOUNT, "matrix", f"{server.url}/{server.user(CITY)}", *LOGIN)
        office.capture(ACCOUNT, "backfill")
        kept = f"user/{server.user(CITY)}/account_data/m.ignored_user_list"
        ignored: dict[str, Any] = {server.user("jane"): {}}
        server.call(CITY, "PUT", kept, json={"ignored_users": ignored})
        said.append(life.say("hall", "jane", "You ignore me"))
        for mode in ("incremental", "reconcile", "reconcile"):
            (report,) = office.run("capture", ACCOUNT, "--mode", mode).data
            told = "withheld: what 1 ignored people say is not shown to the account"
            assert (report["mode"], report["incomplete"]) == (mode, {"ignored-people": told})
        server.call(CITY, "PUT", kept, json={"ignored_users": {}})
        office.capture(ACCOUNT, "reconcile")
    seen = office.seen(ACCOUNT)
    kinds = [[one.kind for one in seen if one.thing[1].endswith(event)] for event in (*said, other)]
    assert kinds == [["present", "absent", "restored"]] * 3 + [["present"], ["present"]]


def _in(room: str, thing: oracle.Thing) -> bool:
    """Say whether a thing is in a room; a new home never saw one that banned the city."""
    return thing == ("pages", room) or thing[1].startswith(f"{room}/")


def test_killed_captures_lose_and_double_nothing(story: Story, tmp_path: Path) -> None:
    """Kills half-way, and tokens that run out between: the archive equals the database."""
    place, forks = place_in(tmp_path / "place"), Forks()
    place.home.parent.mkdir()
    place.environ |= {USER: story.server.user(CITY), SECRET: story.server.password(CITY)}
    login = [part for one in LOGIN for part in ("--credential", one)]
    about = ("--platform", "matrix", "--url", story.address, *login)
    with closing(forks):
        forks.done(place, "init")
        forks.done(place, "account", "add", ACCOUNT, *about)
        forks.done(place, "account", "approve", ACCOUNT, "--by", "Clerk")
        for count in (1, 2):
            moment = changes(place.inside / "spool", 1, ".warc", count)
            forks.kill(place, moment, "capture", "--mode", "reconcile")
        story.proxy.fail(f"{API}/rooms/", EXPIRED, times=2, skip=3)
        forks.run(place, "capture", "--mode", "reconcile")
        last = forks.run(place, "capture", "--mode", "reconcile")
    # This home never saw the room that banned the city, and says so each time it reads all.
    shut = story.life.rooms["shut"]
    unread = [line for line in last.output.splitlines() if "not complete" in line]
    assert unread == [f"{ACCOUNT}: room {shut}: not complete: forbidden: 403 M_FORBIDDEN"]
    assert not story.proxy.pending
    office = Office(tmp_path / "place" / "archive", place.home)
    seen = office.seen(ACCOUNT)
    truth = oracle.read(story.server)
    wanted = {thing: one for thing, one in truth.items() if not _in(shut, thing)}
    assert oracle.told(in_force(seen, office.size())) == wanted
    things = [
        one.thing
        for one in seen
        # A new home may first be told of rooms as they were two minutes ago.
        if one.kind not in {"listing", "residue"} and one.thing[0] != "profile"
    ]
    assert len(things) == len(set(things))
    assert office.done("verify", "--deep").data["unreadable"] == 0
