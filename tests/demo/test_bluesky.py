"""The stand-in network by itself: its records, its refusals, its limits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.demo.answer import Asked
from archiver.demo.bluesky.encoding import blob_cid, car, record_cid, tid
from archiver.demo.bluesky.life import CityNetwork
from archiver.demo.bluesky.service import Bluesky
from archiver.errors import UsageError

BASE = "http://city.example"


@pytest.fixture(scope="module")
def network() -> CityNetwork:
    """A network that no test changes."""
    return CityNetwork()


def ask(service: Bluesky, target: str, token: str = "", **body: str) -> tuple[int, Any]:
    """Ask the stand-in; a body makes it a procedure."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    method, sent = ("POST", json.dumps(body).encode()) if body else ("GET", b"")
    answer = service.answer(Asked(method, f"/xrpc/{target}", BASE, headers, sent))
    assert answer is not None
    return answer.status, json.loads(answer.body)


def session(service: Bluesky, network: CityNetwork, password: str = "") -> tuple[int, Any]:
    """Log in as the city."""
    login = {"identifier": network.user, "password": password or network.secret}
    return ask(service, "com.atproto.server.createSession", **login)


def test_identifiers_are_those_of_the_specification() -> None:
    """A file's and a record's CID, and a record key, as other software computes them."""
    assert blob_cid(b"") == "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
    assert record_cid({}) == "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"
    early, late = (tid(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2))
    assert len(early) == len(late) == 13
    assert early < late


def test_numbers_and_links_are_encoded_as_dag_cbor() -> None:
    """Heads are the shortest that hold a number; a link is a tag, not a map."""
    sizes = [len(car([number], "did:plc:x", "3k")) for number in (1, 24, 256, 65536, 1 << 40)]
    assert [size - sizes[0] for size in sizes] == [0, 1, 2, 4, 8]
    link = {"$link": blob_cid(b"")}
    assert record_cid({"a": link}) != record_cid({"a": {"$link": blob_cid(b"x")}})
    assert record_cid([True, False, None, link]).startswith("bafyrei")


def test_only_the_right_password_opens(network: CityNetwork) -> None:
    """A wrong one is refused; a token that nobody gave, or none, is not taken."""
    service = Bluesky(network, uses=1)
    assert session(service, network, "wrong")[1]["error"] == "AuthenticationRequired"
    token = session(service, network)[1]["accessJwt"]
    target = f"app.bsky.actor.getProfile?actor={network.city}"
    assert ask(service, target, token)[1]["handle"] == network.user
    errors = {given: ask(service, target, given)[1]["error"] for given in ("", "x", token)}
    assert errors == {"": "AuthMissing", "x": "InvalidToken", token: "ExpiredToken"}


def test_what_is_not_there_is_refused_by_name(network: CityNetwork) -> None:
    """Methods, repositories, records, files and posts have errors of their own."""
    service = Bluesky(network)
    token = session(service, network)[1]["accessJwt"]
    record = f"repo={network.city}&collection=app.bsky.feed.post&rkey=3k"
    errors = {
        "app.bsky.feed.getNothing": (501, "MethodNotImplemented"),
        "com.atproto.repo.describeRepo?repo=x": (400, "RepoNotFound"),
        "com.atproto.repo.listRecords?repo=x&collection=y": (400, "InvalidRequest"),
        f"com.atproto.repo.getRecord?{record}": (400, "RecordNotFound"),
        "com.atproto.sync.getBlob?did=x&cid=y": (400, "InvalidRequest"),
        "app.bsky.feed.getPostThread?uri=at://x/y/z": (400, "NotFound"),
    }
    for target, expected in errors.items():
        status, body = ask(service, target, token)
        assert (status, body["error"]) == expected


def test_pages_have_cursors_until_nothing_is_left(network: CityNetwork) -> None:
    """Each page begins after the cursor; only an empty one has none."""
    service = Bluesky(network, largest=20)
    target = f"com.atproto.repo.listRecords?repo={network.user}&collection=app.bsky.feed.post"
    seen, cursor = [], ""
    while True:
        page = ask(service, f"{target}&limit=100&cursor={cursor}")[1]
        seen += [one["uri"] for one in page["records"]]
        assert len(page["records"]) <= 20
        if "cursor" not in page:
            break
        cursor = page["cursor"]
    assert page["records"] == []
    assert len(seen) == len(set(seen)) == len(network.of("app.bsky.feed.post", network.city))


def test_other_addresses_are_not_its_own(network: CityNetwork) -> None:
    """The city's other services answer them; every so many requests one is refused."""
    service = Bluesky(network, throttle=2)
    assert service.answer(Asked("GET", "/feed", BASE)) is None
    target = f"com.atproto.sync.getLatestCommit?did={network.city}"
    assert [ask(service, target)[0] for _ in range(4)] == [200, 429, 200, 429]


def test_verbs_refuse_what_is_not_there() -> None:
    """A verb on an unknown record raises, and an entry whose post is gone is left out."""
    network = CityNetwork()
    with pytest.raises(UsageError):
        network.edit("at://did:plc:x/app.bsky.feed.post/3k", "text")
    repost = network.record(network.shared)
    network.delete(repost.value["subject"]["uri"])
    service = Bluesky(network)
    token = session(service, network)[1]["accessJwt"]
    target = f"app.bsky.feed.getAuthorFeed?actor={network.user}&limit=100"
    shown = ask(service, target, token)[1]["feed"]
    assert network.shared not in {one.get("reason", {}).get("uri") for one in shown}
