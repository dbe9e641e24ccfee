"""Captures of a real network of the AT Protocol against its own databases and lexicons."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from archiver.demo.answer import Asked
from archiver.demo.bluesky.life import CityNetwork
from archiver.demo.bluesky.service import Bluesky
from archiver.formats.http1 import parse_response
from tests.chaos.helpers import Forks, Place
from tests.demo.bluesky import ACCOUNT, wrong
from tests.real.bluesky import oracle
from tests.real.bluesky.mirror import Mirror
from tests.real.bluesky.server import BlueskyNetwork
from tests.real.helpers import GONE, Office, Seen, in_force
from tests.real.proxy import FaultProxy, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.demo.week import Changes

pytestmark = pytest.mark.real

EXPIRED = reply(
    400,
    b'{"error":"ExpiredToken","message":"Token has expired"}',
    ("Content-Type", "application/json; charset=utf-8"),
)
TROUBLE = (
    ("/xrpc/com.atproto.repo.listRecords", "429"),
    ("/xrpc/com.atproto.repo.listRecords", "truncated"),
    ("/xrpc/app.bsky.feed.getAuthorFeed", "reset"),
    ("/xrpc/app.bsky.graph.getFollowers", EXPIRED),
    ("/xrpc/app.bsky.feed.getPostThread", "truncated"),
    ("/xrpc/app.bsky.feed.getLikes", EXPIRED),
)
KILLED_AFTER = 90
"""Requests after which the first capture is killed."""


@dataclass(slots=True)
class Story:
    """The network, the archive, and what was seen before each capture by its name."""

    server: BlueskyNetwork
    mirror: Mirror
    office: Office
    told: Changes = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    repository: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    talk: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    notified: dict[str, set[str]] = field(default_factory=dict)
    car: bytes = b""
    seen: list[Seen] = field(default_factory=list)

    def capture(self, name: str, mode: str) -> None:
        """Read the databases, capture, and hold what is then known against what was done."""
        self.server.settle()
        self.repository[name] = oracle.repository(self.server, self.mirror.city)
        self.talk[name] = oracle.talk(self.server, self.mirror.city)
        self.notified[name] = oracle.notifications(self.server, self.mirror)
        self.reports[name] = self.office.capture(ACCOUNT, mode)
        self.sizes[name] = self.office.size()
        self.wrong[name] = wrong(self.mirror, self.office.opened())

    def held(self, name: str) -> dict[tuple[str, str], Seen]:
        """Return what was in force after a capture."""
        return in_force(self.seen, self.sizes[name])

    def during(self, name: str) -> list[Seen]:
        """Return what a capture sealed."""
        names = list(self.sizes)
        first = self.sizes[names[names.index(name) - 1]]
        return [one for one in self.seen if first <= one.leaf < self.sizes[name]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Story]:
    """A network that was captured while it lived: with trouble, killed, changed."""
    assert pytestconfig.cache is not None
    folder = tmp_path_factory.mktemp("bluesky")
    cache = pytestconfig.cache.mkdir("bluesky")
    with (
        BlueskyNetwork(folder / "network", cache) as server,
        FaultProxy(server.ports["PDS_PORT"]) as proxy,
        pytest.MonkeyPatch.context() as patch,
        httpx.Client(base_url=f"{server.url}/xrpc/", timeout=60) as client,
    ):
        mirror = Mirror(server, client)
        patch.setenv("SKY_HANDLE", mirror.user)
        patch.setenv("SKY_PASSWORD", mirror.secret)
        story = Story(server, mirror, Office(folder / "archive", folder / "home"))
        story.office.done("init")
        login = ("handle=env:SKY_HANDLE", "password=env:SKY_PASSWORD")
        url = f"{proxy.url}/profile/{mirror.user}"
        story.office.add(ACCOUNT, "bluesky", url, *login)
        server.settle()
        proxy.fail("/xrpc/com.atproto.sync.getBlob", "503")  # by the kill the pictures are here
        _kill_one(story, proxy)
        for prefix, kind in TROUBLE:
            proxy.fail(prefix, kind)
        story.capture("first", "incremental")
        assert proxy.pending == 0
        story.capture("again", "reconcile")
        story.told = mirror.change()
        story.capture("changed", "backfill")  # what is edited is dated months back
        story.capture("still", "reconcile")
        story.car = mirror.client.get(
            "com.atproto.sync.getRepo", params={"did": mirror.city}
        ).content
        story.seen = story.office.seen(ACCOUNT)
        yield story


def _kill_one(story: Story, proxy: FaultProxy) -> None:
    """Begin a capture and kill it (SIGKILL) half-way."""
    forks = Forks()
    try:
        place = Place(str(story.office.archive), story.office.home)
        ended = forks.kill(place, lambda: _reached(proxy), "capture", ACCOUNT)
        assert ended.code == -9, ended.output
    finally:
        forks.close()


def _reached(proxy: FaultProxy) -> bool:
    """Tell whether enough was asked; the proxy's own threads need the time in between."""
    time.sleep(0.01)
    return len(proxy.log) > KILLED_AFTER


def test_life_is_long_enough(story: Story) -> None:
    """Hundreds of acts by many people stand behind what is captured."""
    assert story.mirror.acts > 400
    assert len(story.mirror.accounts) > 15


@pytest.mark.parametrize("name", ["first", "changed"])
def test_every_stream_equals_what_was_done(story: Story, name: str) -> None:
    """Nothing is missing, nothing invented, no column tells otherwise."""
    # The AppView itself lacks some notifications (`oracle.notifications`), which are held
    # against its tables below; of answers that were cut there is residue.
    aside = (
        "missing ('messages', ",
        "invented ('posts', 'residue/",
        "invented ('comments', 'residue/",
    )
    said = [one for one in story.wrong[name] if not one.startswith(aside)]
    assert said == []
    assert story.reports[name]["incomplete"] == {}
    counts = story.reports[name]["streams"].values()
    assert all(one["unexplained"] == 0 for one in counts)


@pytest.mark.parametrize("name", ["first", "again", "changed", "still"])
def test_own_records_equal_the_repository(story: Story, name: str) -> None:
    """Addresses and CIDs are those in the PDS's own file, no more and no less."""
    own = f"at://{story.mirror.city}/"
    kept = {
        (native_id, json.loads(one.row["extra"])["cid"])
        for (_, native_id), one in story.held(name).items()
        if native_id.startswith(own) and native_id.count("/") == 4 and "value" in one.item
    }
    assert kept == story.repository[name]
    assert len(kept) > 90


@pytest.mark.parametrize("name", ["first", "changed"])
def test_what_others_do_equals_the_appview(story: Story, name: str) -> None:
    """Replies, quotes, likes, reposts, followers, blocks and mutes are those in its tables."""
    own = f"at://{story.mirror.city}/"
    kept = {
        thing
        for thing in story.held(name)
        if thing[0] in {"comments", "reactions", "subscribers", "moderation"}
        and not (thing[0] != "comments" and thing[1].startswith(own) and thing[1].count("/") == 4)
        and not thing[1].endswith("/view")
        and not thing[1].startswith("residue/")
    }
    assert kept == story.talk[name]


@pytest.mark.parametrize("name", ["first", "changed"])
def test_notifications_equal_the_appview(story: Story, name: str) -> None:
    """All that it shows are held; what it shows no more stays as it was last seen."""
    kept = {native_id for stream, native_id in story.held(name) if stream == "messages"}
    assert kept >= story.notified[name]
    assert kept - story.notified[name] <= story.notified["first"]
    assert len(kept) > 100


def test_second_capture_stores_nothing(story: Story) -> None:
    """Where nothing changed, nothing is stored, also after trouble and a kill."""
    for name in ("again", "still"):
        assert [one.row["native_id"] for one in story.during(name)] == []


def test_capture_after_changes_shows_exactly_them(story: Story) -> None:
    """Each change makes one observation of the right kind, and nothing else does."""
    told = {stream: dict(things) for stream, things in story.told.items()}
    edited = {one for one, kind in told["messages"].items() if kind == "edited"}
    # Those that the AppView had not made until then (`oracle.notifications`) are new, too.
    before, after = story.notified["again"], story.notified["changed"]
    told["messages"] = dict.fromkeys(after - before, "present")
    told["messages"] |= dict.fromkeys(edited & before & after, "edited")
    seen: dict[str, dict[str, str]] = {stream: {} for stream in told}
    for one in story.during("changed"):
        if one.kind != "listing":
            assert one.row["native_id"] not in seen[one.row["stream"]]
            seen[one.row["stream"]][one.row["native_id"]] = one.kind
    assert seen["messages"] == told["messages"]
    assert seen == told


def test_an_edited_post_is_held_with_both_texts(story: Story) -> None:
    """The PDS forgets the text before; the archive has it."""
    (uri,) = (one for one, kind in story.told["posts"].items() if kind == "edited")
    texts = [one.row["text"] for one in story.seen if one.thing == ("posts", uri)]
    assert len(texts) == 2
    assert texts[1] == "Corrected: the street reopens on Friday."
    assert texts[0] != texts[1]


def test_files_are_byte_for_byte(story: Story) -> None:
    """Pictures have the identifiers that their posts give; the repository is the PDS's own."""
    files = {one.row["native_id"]: one for one in story.seen if one.row["stream"] == "media"}
    for (did, cid), (data, _) in story.mirror.blobs.items():
        if did == story.mirror.city:
            assert parse_response(files[cid].block).body == data
    rev = story.mirror.accounts[story.mirror.city].rev
    held = files[f"repository/{rev}"]
    assert parse_response(held.block).body == story.car
    assert held.row["file_sha256"] == sha256(story.car).hexdigest()
    assert held.sensitivity == "private"


def test_what_is_not_public_is_encrypted(story: Story) -> None:
    """Followers, notifications, mutes, blocks and hidden answers are in private units."""
    for one in story.seen:
        if one.row["stream"] in {"subscribers", "messages", "moderation"} or one.kind == "hidden":
            assert one.sensitivity == "private", one.thing
    assert any(one.kind in GONE for one in story.seen)


# ── The stand-in against the published lexicons and the real network ─────────────────────

METHODS = (
    ("com.atproto.repo.describeRepo", "repo"),
    ("com.atproto.repo.listRecords", "repo"),
    ("app.bsky.actor.getProfile", "actor"),
    ("app.bsky.feed.getAuthorFeed", "actor"),
    ("app.bsky.graph.getFollowers", "actor"),
    ("app.bsky.graph.getFollows", "actor"),
    ("app.bsky.graph.getMutes", ""),
    ("app.bsky.graph.getBlocks", ""),
    ("app.bsky.graph.getListMutes", ""),
    ("app.bsky.notification.listNotifications", ""),
    ("com.atproto.sync.getLatestCommit", "did"),
)
ABOUT = (
    "app.bsky.feed.getPostThread",
    "app.bsky.feed.getLikes",
    "app.bsky.feed.getRepostedBy",
    "app.bsky.feed.getQuotes",
)
NOTHING = "bafkreibjfgx2gprinfvicegelk5kosd6y2frmqpqzwqkg7usac74l3t2v4"
"""The identifier of a file that nobody has."""
MORE = {"knownFollowers", "didDoc", "associated", "verification", "seenAt"}
"""What the real network says besides, and the connector keeps without looking into it."""
BESIDES = {"replyDisabled", "repost", "like", "lists"}
"""How the account itself stands to a post: likewise."""


def _targets(network: CityNetwork) -> list[tuple[str, str]]:
    """Return method and query of every request that both are asked."""
    found = []
    for nsid, who in METHODS:
        query = f"{who}={network.city}&limit=100" if who else "limit=100"
        query += "&collection=app.bsky.feed.post" if nsid.endswith("listRecords") else ""
        found.append((nsid, query))
    found += [(nsid, f"uri={uri}") for nsid in ABOUT for uri in network.posts[3:15]]
    return found


def _stand_in(service: Bluesky, target: str, token: str = "") -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = service.answer(Asked("GET", f"/xrpc/{target}", "http://localhost", headers))
    assert answer is not None
    return answer.status, json.loads(answer.body)


def _logged_in(service: Bluesky, network: CityNetwork) -> str:
    body = json.dumps({"identifier": network.user, "password": network.secret}).encode()
    path = "/xrpc/com.atproto.server.createSession"
    answer = service.answer(Asked("POST", path, "http://localhost", {}, body))
    assert answer is not None
    return str(json.loads(answer.body)["accessJwt"])


def _paths(value: object, before: str = "") -> set[str]:
    """Return every member's place in a JSON value, without what is not looked into."""
    if isinstance(value, list):
        return {path for one in value for path in _paths(one, f"{before}[]")}
    if isinstance(value, dict):
        inner = {f"{before}.{name}": one for name, one in value.items() if name not in MORE}
        return set(inner).union(*(_paths(one, path) for path, one in inner.items()))
    return set()


def test_stand_in_keeps_to_the_lexicons(story: Story) -> None:
    """Every answer of the stand-in is one that the published lexicon allows."""
    network = CityNetwork()
    service = Bluesky(network)
    token = _logged_in(service, network)
    for nsid, query in _targets(network):
        status, body = _stand_in(service, f"{nsid}?{query}", token)
        assert status == 200
        if nsid.endswith("describeRepo"):
            body["didDoc"] = {}
        assert story.server.lexicon_error(nsid, body) == ""


def test_stand_in_answers_in_the_shape_of_the_real_network(story: Story) -> None:
    """Asked the same after the same life, both give the same members in the same places."""
    network = CityNetwork()
    network.change()
    service = Bluesky(network)
    token = _logged_in(service, network)
    shapes: dict[str, tuple[set[str], set[str]]] = {}
    mirror = story.mirror
    login = {"identifier": mirror.user, "password": mirror.secret}
    session = mirror.client.post("com.atproto.server.createSession", json=login).json()
    headers = {"Authorization": f"Bearer {session['accessJwt']}"}
    for (nsid, ours), (_, theirs) in zip(_targets(network), _targets(mirror), strict=True):
        real = mirror.client.get(f"{nsid}?{theirs}", headers=headers)
        known = shapes.setdefault(nsid, (set(), set()))
        known[0].update(_paths(_stand_in(service, f"{nsid}?{ours}", token)[1]))
        known[1].update(_paths(real.json()))
    invented = {(nsid, path) for nsid, (own, real) in shapes.items() for path in own - real}
    lacking = {(nsid, path) for nsid, (own, real) in shapes.items() for path in real - own}
    assert invented == set()
    assert {one for one in lacking if one[1].rpartition(".")[2] not in BESIDES} == set()


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("com.atproto.repo.getRecord?repo={did}&collection=app.bsky.feed.post&rkey=none", {}),
        ("com.atproto.repo.describeRepo?repo=nobody.test", {}),
        (f"com.atproto.sync.getBlob?did={{did}}&cid={NOTHING}", {}),
        ("app.bsky.actor.getProfile?actor={did}", {}),
        ("app.bsky.actor.getProfile?actor={did}", {"authorization": "Bearer x.y.z"}),
    ],
)
def test_stand_in_refuses_in_the_words_of_the_real_network(
    story: Story, target: str, headers: dict[str, str]
) -> None:
    """Status and name of the error are the same."""
    mirror, network = story.mirror, CityNetwork()
    real = mirror.client.get(target.format(did=mirror.city), headers=headers)
    path = f"/xrpc/{target.format(did=network.city)}"
    ours = Bluesky(network).answer(Asked("GET", path, "http://localhost", headers))
    assert ours is not None
    assert ours.status == real.status_code
    assert json.loads(ours.body)["error"] == real.json()["error"]


def test_stand_in_has_no_post_in_the_same_words(story: Story) -> None:
    """A thread of a post that never was: 400 ``NotFound``, as the real AppView says it."""
    mirror, network = story.mirror, CityNetwork()
    service = Bluesky(network)
    target = "app.bsky.feed.getPostThread?uri=at://{}/app.bsky.feed.post/none"
    login = {"identifier": mirror.user, "password": mirror.secret}
    session = mirror.client.post("com.atproto.server.createSession", json=login).json()
    real = httpx.get(
        f"{story.server.url}/xrpc/{target.format(mirror.city)}",
        headers={"Authorization": f"Bearer {session['accessJwt']}"},
    )
    status, ours = _stand_in(service, target.format(network.city), _logged_in(service, network))
    assert (status, ours["error"]) == (real.status_code, real.json()["error"])
    assert (status, ours["error"]) == (400, "NotFound")
