"""Bluesky's event stream: whose events are kept, what they show, and rows like those of JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Listens, Listing, Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.bluesky import Bluesky
from archiver.capture.platforms.bluesky.blocks import CBOR
from archiver.capture.platforms.bluesky.frames import choose
from archiver.demo.bluesky.encoding import blob_cid, car, cbor, ordered, record_cid
from archiver.formats.car import cid_of
from archiver.formats.http1 import parse_response
from archiver.record import Excerpt, Request, Stream
from tests.capture.platforms.helpers import answer, left_over, row_of
from tests.formats.test_websocket import framed

if TYPE_CHECKING:
    from archiver.capture.connector import Page

SKY = Bluesky()
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
ANN = "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"
HOST = "https://pds.example"
SITE = Site("sky", f"{HOST}/profile/{DID}", authorised=False)
NAMED = Site("sky", f"{HOST}/profile/city.example", authorised=True, cursors={"events": "7"})
POST = "app.bsky.feed.post"
PATH = f"{POST}/3kaaaaaaaaaaa"
URI = f"at://{DID}/{PATH}"
SOCKET = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
TIME = "2026-11-20T10:00:00.000Z"
RECORD = {"$type": POST, "text": "Road closed", "createdAt": TIME}


def event(seq: int, *ops: tuple[str, str, Any], did: str = DID, **more: object) -> bytes:
    """Return a #commit of operations: action, path, record."""
    told = [
        {
            "action": action,
            "path": path,
            "cid": {"$link": record_cid(value)} if value is not None else None,
        }
        for action, path, value in ops
    ]
    body = {
        "seq": seq, "repo": did, "rev": "3kaaaaaaaaaaa", "time": TIME, "ops": told,
        "blocks": car([value for _, _, value in ops if value is not None], did, "3k"),
        "commit": {"$link": record_cid("x")}, "tooBig": False, "rebase": False, "since": None,
        "blobs": [], **more,
    }  # fmt: skip
    return said("#commit", body)


def said(kind: str, body: object) -> bytes:
    """Return a message."""
    return cbor({"op": 1, "t": kind}) + cbor(body)


def error(name: str) -> bytes:
    """Return the message that ends a stream."""
    return cbor({"op": -1}) + cbor({"error": name, "message": "in words"})


def heard(*found: bytes, site: Site = SITE, url: str = "") -> tuple[bytes, Page]:
    """Return a window's body, and how it is cut."""
    body = b"".join(map(framed, found))
    listing = Listing(
        "events", Stream.POSTS, Request(url or subscription(site)), "private", "events"
    )
    return body, SKY.split(site, listing, parse_response(SOCKET + body))


def subscription(site: Site) -> str:
    """Return the address of the stream."""
    (listing,) = SKY.streams(site)
    return listing.request.url


def test_the_stream_is_asked_for_from_the_last_position() -> None:
    """From the beginning where there is none; it proves no absence."""
    (listing,) = SKY.streams(SITE)
    assert listing.request.url == f"{HOST}/xrpc/com.atproto.sync.subscribeRepos?cursor=0"
    assert listing.request.websocket
    assert listing.request.listen
    assert not listing.exhaustive
    later = Site("sky", SITE.url, authorised=False, cursors={"events": "42"})
    assert subscription(later).endswith("?cursor=42")
    assert SKY.streams(Site("sky", HOST, authorised=False)) == ()
    listening = {name for name, one in CONNECTORS.items() if isinstance(one, Listens)}
    assert listening == {"bluesky", "mastodon"}


def test_a_handle_is_looked_up_first() -> None:
    """The address then says whose events they are, so that settling knows it, too."""
    assert SKY.streams(replace(NAMED, authorised=False)) == ()
    (listing,) = SKY.streams(NAMED)
    assert listing.request.url.endswith("describeRepo?repo=city.example")
    assert not listing.request.listen
    page = SKY.split(NAMED, listing, answer({"did": DID, "collections": []}))
    assert page.next is not None
    assert page.next.url == (
        f"{HOST}/xrpc/com.atproto.sync.subscribeRepos?cursor=7&did={DID.replace(':', '%3A')}"
    )
    assert page.next.choose is not None
    mine = event(8, ("create", PATH, RECORD))
    assert page.next.choose([mine]) == [mine]
    _, cut = heard(mine, site=NAMED, url=page.next.url)
    assert [item.native_id for item in cut.items] == [URI]
    lost = SKY.split(NAMED, listing, answer({"collections": []}))
    assert lost.problem is not None
    assert lost.problem.code == "schema"


def test_a_commit_shows_what_it_made_changed_and_deleted() -> None:
    """Records as their blocks, deletions as the words for them; the rest is envelope."""
    second, other = {**RECORD, "text": "Road open"}, f"{POST}/3kbbbbbbbbbbb"
    body, page = heard(
        event(5, ("create", PATH, RECORD)),
        event(6, ("update", PATH, second), ("create", "com.example.thing/1", {"a": 1})),
        event(9, ("delete", other, None)),
    )
    assert page.problem is None
    assert page.cursor == "9"
    assert left_over(body, page) == []
    shown = [(one.stream, one.native_id, one.group, one.version) for one in page.items]
    assert shown == [
        ("posts", URI, POST, record_cid(RECORD)),
        ("posts", URI, POST, record_cid(second)),
        ("pages", f"at://{DID}/com.example.thing/1", "com.example.thing", record_cid({"a": 1})),
    ]
    assert [row_of(SKY, body, one).get("text") for one in page.items[:2]] == [
        "Road closed",
        "Road open",
    ]
    assert {one.content_type for one in page.items} == {CBOR}
    assert page.items[0].at == "2026-11-20T10:00:00.000000Z"
    (gone,) = page.gone
    assert (gone.native_id, gone.streams, gone.group) == (f"at://{DID}/{other}", ("posts",), POST)
    words = [body[span.start : span.end] for span in gone.spans]
    assert words[0] == cbor({"action": "delete", "path": other, "cid": None})
    assert words[1:] == [cbor(9), cbor("3kaaaaaaaaaaa"), cbor(TIME)]


def test_pictures_of_a_record_are_asked_for() -> None:
    """As they are where a listing shows the record."""
    cid = blob_cid(b"picture")
    blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": "image/png", "size": 7}
    _, page = heard(event(1, ("create", PATH, {**RECORD, "embed": {"images": [blob]}})))
    assert [follow.native_id for follow in page.items[0].follow] == [cid]


def test_events_about_the_account_itself_are_kept() -> None:
    """A new handle and a suspension each have a record; their rows say what they say."""
    who = {"did": DID, "seq": 3, "time": TIME}
    body, page = heard(
        said("#identity", {**who, "handle": "city.example"}),
        said("#account", {**who, "seq": 4, "active": False, "status": "suspended"}),
    )
    assert [one.native_id for one in page.items] == ["identity/3", "account/4"]
    assert row_of(SKY, body, page.items[0])["handle"] == "city.example"
    assert '"active":false' in row_of(SKY, body, page.items[1])["extra"]
    assert left_over(body, page) == []


def test_events_of_others_are_left_out_but_for_the_last_position() -> None:
    """Nothing of theirs is stored; what can't be read is kept, for it may be ours."""
    mine, info = event(1, ("create", PATH, RECORD)), said("#info", {"name": "Hello"})
    theirs = event(2, ("create", PATH, {**RECORD, "text": f"about {DID}"}), did=ANN)
    quoting = event(3, ("create", PATH, {"repo": DID}), did=ANN)
    odd = b"\xff"
    kept = choose(DID, [mine, info, theirs, odd, quoting])
    assert kept[:4] == [mine, info, b"", odd]
    assert kept[4] == said("#commit", {"seq": 3})
    body, page = heard(*filter(None, kept))
    assert page.cursor == "3"
    assert len(page.items) == 1
    assert left_over(body, page) == [framed(odd)]
    assert choose(DID, []) == []
    nameless = said("#new", {"did": ANN})
    assert choose(DID, [nameless]) == [b""]


def test_what_slipped_in_of_others_makes_no_record() -> None:
    """Also where nobody left it out before: it is envelope, no item and no residue."""
    body, page = heard(event(2, ("create", PATH, RECORD), ("delete", PATH, None), did=ANN))
    assert (page.items, page.gone, page.cursor) == ((), (), "2")
    assert left_over(body, page) == []


@pytest.mark.parametrize(
    ("message", "said_so", "cursor"),
    [
        (said("#info", {"name": "OutdatedCursor", "message": "old"}), "OutdatedCursor: old", ""),
        (error("FutureCursor"), "FutureCursor: in words", "0"),
        (error("ConsumerTooSlow"), "ConsumerTooSlow: in words", ""),
        (said("#sync", {"did": DID, "seq": 4, "rev": "3k", "blocks": b""}), "#sync", "4"),
        (event(5, tooBig=True), "tooBig", "5"),
    ],
)
def test_lost_events_are_said_to_be_lost(message: bytes, said_so: str, cursor: str) -> None:
    """A gap has a reason; what came beside it counts, and nothing is left over."""
    body, page = heard(event(3, ("create", PATH, RECORD)), message)
    assert page.problem is not None
    assert page.problem.code == "gap"
    assert page.problem.message.startswith(said_so)
    assert len(page.items) == 1
    assert page.cursor == (cursor or "3")
    assert left_over(body, page) == []


@pytest.mark.parametrize(
    ("tree", "gap"), [({"e": [], "l": None}, False), ({"e": [1], "l": None}, True)]
)
def test_a_new_repository_loses_nothing(tree: object, gap: bool) -> None:  # noqa: FBT001 - a table
    """Set to have no records, as at the beginning; any other setting may hide changes."""
    commit = {"did": DID, "rev": "3k", "data": {"$link": record_cid(tree)}, "version": 3}
    told = {"did": DID, "seq": 4, "rev": "3k", "blocks": _car_of(commit)}
    body, page = heard(said("#sync", told))
    assert (page.problem is not None) == gap
    assert left_over(body, page) == []


def _car_of(value: object) -> bytes:
    """Return a CAR file of one block."""
    head, block = cbor({"version": 1, "roots": []}), cbor(value)
    named = cid_of(block) + block
    return bytes((len(head),)) + head + bytes((len(named) & 127 | 128, len(named) >> 7)) + named


@pytest.mark.parametrize(
    "message",
    [
        event(1, ("create", "no record", RECORD)),
        event(1, ("create", PATH, RECORD), blocks=b""),
        event(1, ("create", PATH, RECORD), blocks=b"\x01\x01"),
        event(1, ("create", PATH, [1])),
        said("#commit", {"repo": DID, "seq": 1}),
        said("#commit", {"repo": DID, "seq": 1, "ops": [7]}),
        said("#new", {"did": DID, "seq": 1}),
        cbor({"op": 1, "t": "#commit"}) + cbor({"repo": DID}) + b"more",
        cbor([1]) + cbor({"repo": DID}),
        b"text",
    ],
)
def test_what_is_not_understood_is_residue(message: bytes) -> None:
    """The whole message is left over, and no record is made up."""
    body, page = heard(message)
    assert page.items == ()
    assert left_over(body, page) == [body]


def test_other_answers_are_no_events() -> None:
    """An error is one; a window of nothing but heartbeats shows nothing."""
    (listing,) = SKY.streams(SITE)
    refused = SKY.split(SITE, listing, answer({"error": "InvalidRequest", "message": "no"}, 400))
    assert refused.problem is not None
    assert refused.problem.code == "schema"
    body = framed(b"", 9) + framed(b"\x03\xe8", 8)
    quiet = SKY.split(SITE, listing, parse_response(SOCKET + body))
    assert (quiet.items, quiet.cursor) == ((), "")
    assert left_over(body, quiet) == []


def test_a_version_is_asked_for_by_its_cid() -> None:
    """So that an old one, too, gets the platform's own word that it is gone."""
    request = SKY.direct(SITE, Stream.POSTS, f"{URI}/version/bafyold")
    assert request is not None
    assert request.url.endswith(f"collection={POST}&rkey=3kaaaaaaaaaaa&cid=bafyold")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CIDS = st.binary(max_size=4).map(blob_cid)
LINKS = CIDS.map(lambda cid: {"$link": cid})
REFS = st.fixed_dictionaries({"uri": st.just(URI), "cid": CIDS})
BLOBS = st.fixed_dictionaries(
    {"$type": st.just("blob"), "ref": LINKS, "mimeType": TEXT, "size": st.integers(0, 2**40)}
)
IMAGES = st.fixed_dictionaries({"image": BLOBS, "alt": TEXT})
NAMES = TEXT.filter(lambda name: name not in {"$link", "$bytes"})
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT | LINKS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
RECORDS = {
    POST: st.fixed_dictionaries(
        {"$type": st.just(POST), "text": TEXT, "createdAt": st.just(TIME) | TEXT},
        optional={
            "langs": st.lists(TEXT, max_size=3),
            "tags": st.lists(TEXT, max_size=3),
            "reply": st.fixed_dictionaries({"root": REFS, "parent": REFS}),
            "embed": st.fixed_dictionaries(
                {"$type": TEXT}, optional={"images": st.lists(IMAGES, max_size=2), "record": REFS}
            ),
            "facets": st.lists(ANYTHING, max_size=2),
            "unknown": ANYTHING,
        },
    ),
    "app.bsky.feed.like": st.fixed_dictionaries({"subject": REFS, "createdAt": TEXT}),
    "app.bsky.graph.follow": st.fixed_dictionaries({"subject": st.just(ANN), "createdAt": TEXT}),
    "app.bsky.actor.profile": st.fixed_dictionaries(
        {"displayName": TEXT, "description": TEXT}, optional={"avatar": BLOBS, "1": ANYTHING}
    ),
    "com.example.other": st.dictionaries(NAMES, ANYTHING, max_size=4),
}


def in_json(value: object) -> object:
    """Return a value with its members in the order of ECMAScript, as the PDS writes them."""
    if isinstance(value, list):
        return [in_json(one) for one in value]
    if not isinstance(value, dict):
        return value
    plain = {name for name in value if name.isascii() and name.isdigit()}
    indices = {name for name in plain if str(int(name)) == name and int(name) < 2**32 - 1}
    names = sorted(indices, key=int) + [name for name in value if name not in indices]
    return {name: in_json(value[name]) for name in names}


@given(st.sampled_from(sorted(RECORDS)).flatmap(lambda n: st.tuples(st.just(n), RECORDS[n])))
def test_a_record_reads_the_same_from_the_stream_and_from_a_listing(made: tuple[str, Any]) -> None:
    """Not one field of the row differs, whatever the record holds."""
    collection, value = made
    uri = f"at://{DID}/{collection}/self"
    body, page = heard(event(1, ("create", f"{collection}/self", value)))
    (item,) = page.items
    listed = {"uri": uri, "cid": record_cid(value), "value": in_json(ordered(value))}
    text = json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()
    about = {"stream": item.stream, "native_id": uri}
    assert row_of(SKY, body, item) == SKY.parse((Excerpt("item", text),), about)


@given(st.binary(max_size=60))
def test_no_bytes_raise_and_none_vanish(data: bytes) -> None:
    """Each byte of a window is an item, envelope or residue, whatever came."""
    body, page = heard(data, event(1, ("create", PATH, RECORD)))
    left_over(body, page)
    for role in ("record", "event"):
        SKY.parse((Excerpt(role, data),), {"stream": "posts", "native_id": URI})
    choose(DID, [data])
