"""Bluesky: what is asked, how answers are cut and read, and that no byte is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.capture.connector import Listing, Login, Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.bluesky import Bluesky
from archiver.capture.platforms.bluesky.listings import COLLECTIONS
from archiver.columns import fields_of
from archiver.demo.answer import Asked
from archiver.demo.bluesky import service as stand_in
from archiver.demo.bluesky.life import CityNetwork
from archiver.header_text import is_plain
from archiver.record import Request, Stream
from tests.capture.platforms.helpers import answer, left_over, row_of

if TYPE_CHECKING:
    from archiver.capture.connector import Page, Problem

SKY = Bluesky()
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
ANN = "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"
URI = f"at://{DID}/app.bsky.feed.post/3kaaaaaaaaaaa"
REPLY = f"at://{ANN}/app.bsky.feed.post/3kbbbbbbbbbbb"
HOST = "https://pds.example"
SITE = Site("sky", f"{HOST}/profile/{DID}", authorised=True)
PUBLIC = Site("sky", f"{HOST}/profile/@{DID}", authorised=False)
NAMED = Site("sky", f"{HOST}/profile/@city.example", authorised=False)
WHO = {"handle": "city.example", "did": DID}
CREDENTIAL = {"handle": "@city.example", "password": "abcd-efgh-ijkl-mnop"}
TOKEN = "eyJ0eXAiOiJhdCtqd3QifQ.payload.signature"


def listing(name: str, nsid: str, query: str = "", stream: str = Stream.COMMENTS) -> Listing:
    """Return a listing as settling rebuilds it from a stored exchange."""
    request = Request(f"{HOST}/xrpc/{nsid}?{query}")
    return Listing(name, stream, request, "private", name.removesuffix(" newest"))


def page(name: str, nsid: str, body: object, query: str = "", status: int = 200) -> Page:
    """Cut one answer."""
    return SKY.split(SITE, listing(name, nsid, query), answer(body, status))


def raw(body: object) -> bytes:
    """Return JSON as the servers write it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def person(did: str = ANN, **more: object) -> dict[str, Any]:
    """Return a profile view."""
    viewer = {"muted": False, "blockedBy": False}
    return {"did": did, "handle": "ann.example", "viewer": viewer, "labels": [], **more}


def post(uri: str = REPLY, **more: object) -> dict[str, Any]:
    """Return a post view."""
    record = {"$type": "app.bsky.feed.post", "text": "Why?", "createdAt": "2026-03-01T10:00:00Z"}
    about = {"uri": uri, "cid": "bafyx", "author": person(), "record": record}
    return {**about, "likeCount": 0, "indexedAt": "2026-03-01T10:00:01Z", "labels": [], **more}


def node(one: dict[str, Any], *replies: object) -> dict[str, Any]:
    """Return a post with its answers, as a thread has them."""
    kind = "app.bsky.feed.defs#threadViewPost"
    return {"$type": kind, "post": one, "replies": list(replies), "threadContext": {}}


THREAD = ("app.bsky.feed.getPostThread", f"uri={URI}&depth=100&parentHeight=0")


def thread(*replies: object, head: dict[str, Any] | None = None) -> tuple[bytes, Page]:
    """Return a thread's bytes, and how they are cut."""
    body = raw({"thread": node(head or post(URI), *replies)})
    return body, page(f"comments {URI}", THREAD[0], body, THREAD[1])


def test_login_is_made_with_an_app_password() -> None:
    """One request; the token goes into a header and is a secret."""
    first = SKY.authorise(SITE, CREDENTIAL)
    assert first.request is not None
    assert first.take is not None
    assert first.request.url == f"{HOST}/xrpc/com.atproto.server.createSession"
    sent = json.loads(first.request.body)
    assert sent == {"identifier": "city.example", "password": CREDENTIAL["password"]}
    done = first.take(answer({"accessJwt": TOKEN, "refreshJwt": TOKEN[::-1], **WHO}))
    assert done.headers == (("Authorization", f"Bearer {TOKEN}"),)
    assert done.secrets == {"accessjwt": TOKEN, "refreshjwt": TOKEN[::-1]}


def test_the_address_names_who_logs_in_where_the_credential_does_not() -> None:
    """A DID or handle in the account's address is the identifier."""
    first = SKY.authorise(SITE, {"password": CREDENTIAL["password"]})
    assert first.request is not None
    assert json.loads(first.request.body)["identifier"] == DID


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"error": "AuthenticationRequired", "message": "Invalid identifier"}, 401, "Invalid"),
        ({"error": "AuthFactorTokenRequired", "message": "A code was sent"}, 401, "A code"),
        ("<html>", 200, "no session"),
        ({"accessJwt": "short", **WHO}, 200, "no access token"),
        ({"accessJwt": TOKEN}, 200, "no session"),
        ({"accessJwt": TOKEN, "handle": "ann.example", "did": ANN}, 200, "that of ann.example ("),
        ("", 404, "404"),
    ],
)
def test_a_refused_login_says_why(body: object, status: int, said: str) -> None:
    """Whatever is no session is a refusal in plain words."""
    take = SKY.authorise(SITE, CREDENTIAL).take
    assert take is not None
    done = take(answer(body, status))
    assert done.headers == ()
    assert said in done.refused


def test_an_address_without_an_account_is_refused() -> None:
    """A bare host tells not whose repository it is."""
    assert SKY.authorise(Site("x", HOST, authorised=True), CREDENTIAL).refused
    assert SKY.authorise(SITE, {}) == Login()


def test_without_a_login_only_the_repository_is_asked_for() -> None:
    """Nothing of the AppView, which would refuse."""
    urls = [one.request.url for one in SKY.listings(PUBLIC, "reconcile")]
    assert len(urls) > len(COLLECTIONS)
    assert all("/xrpc/com.atproto." in url for url in urls)


def test_a_handle_alone_names_nobody() -> None:
    """It is asked whose it is now, without its @; the answer says what address to give."""
    (only,) = SKY.listings(NAMED, "reconcile")
    assert only.request.url == f"{HOST}/xrpc/com.atproto.repo.describeRepo?repo=city.example"
    body = {"handle": "city.example", "did": DID, "didDoc": {}, "collections": []}
    found = SKY.split(NAMED, only, answer(body))
    assert found.problem is not None
    assert (found.items, found.problem.code) == ((), "forbidden")
    assert found.problem.message.endswith(f" /profile/{DID}")


def test_modes_differ_in_how_much_follows() -> None:
    """Names are unique; an incremental run asks for no signed head and repeats no threads."""
    names = {mode: [one.name for one in SKY.listings(SITE, mode)] for mode in ("incremental", "x")}
    for found in names.values():
        assert len(set(found)) == len(found)
    assert set(names["incremental"]) - set(names["x"]) == {"repository newest", "views newest"}
    body = raw({"feed": [{"post": post(URI, likeCount=2, replyCount=0)}]})
    for name, always in (("views", True), ("views newest", False)):
        (item,) = page(name, "app.bsky.feed.getAuthorFeed", body).items
        assert {follow.always for follow in item.follow} == {always}
        stated = {f.listing.name: f.listing.stated for f in item.follow if f.listing}
        assert stated == {
            f"comments {URI}": 0, f"likes {URI}": 2, f"reposts {URI}": 0, f"quotes {URI}": 0,
        }  # fmt: skip


PROBLEMS = [
    (400, {"error": "ExpiredToken", "message": "Token has expired"}, "authorisation"),
    (401, {"error": "AuthMissing", "message": "Authentication Required"}, "authorisation"),
    (400, {"error": "RecordNotFound", "message": "Could not locate record"}, "missing"),
    (400, {"error": "InvalidRequest", "message": "Could not find repo"}, "schema"),
    (400, {"error": "RepoDeactivated", "message": "x"}, "forbidden"),
    (403, {"error": "ScopeMissing", "message": "x"}, "scope"),
    (501, {"error": "MethodNotImplemented", "message": "x"}, "forbidden"),
    (502, {"error": "UpstreamFailure", "message": "x"}, "transient"),
    (500, "<html>", "transient"),
    (404, "<html>", "schema"),
    (403, "", "forbidden"),
    (200, "<html>login</html>", "schema"),
    (200, '{"records":[{"uri"', "transient"),
    (200, {"else": 1}, "schema"),
    (200, "{}", "schema"),
]


@pytest.mark.parametrize(("status", "body", "code"), PROBLEMS)
def test_what_is_no_content_is_a_problem(status: int, body: object, code: str) -> None:
    """Errors count by name; no page, cut or odd JSON counts as an empty listing."""
    found = page("app.bsky.feed.post", "com.atproto.repo.listRecords", body, status=status)
    assert found.problem is not None
    assert (found.problem.code, found.items) == (code, ())


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ((("ratelimit-reset", "1772359230"), ("Date", "Sun, 01 Mar 2026 10:00:00 GMT")), 30.0),
        ((("ratelimit-reset", "0"), ("Date", "Sun, 01 Mar 2026 10:00:00 GMT")), 1.0),
        ((("Retry-After", "7"), ("ratelimit-reset", "1")), 7.0),
        ((("ratelimit-reset", "soon"),), 60.0),
        ((("ratelimit-reset", "1772359230"),), 60.0),
    ],
)
def test_a_rate_limit_says_how_long(headers: tuple[tuple[str, str], ...], wait: float) -> None:
    """``ratelimit-reset`` is counted from the server's own clock."""
    body = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
    found = SKY.split(SITE, listing("x", "x"), answer(body, 429, *headers)).problem
    assert found is not None
    assert (found.code, found.retry_after) == ("rate", wait)


def test_records_carry_their_files() -> None:
    """A picture's blob is fetched by the account's DID; its description is in the post's row."""
    image = {
        "$type": "blob",
        "ref": {"$link": "bafkreiaaaaaaaaaaaaaaaaaaaa"},
        "mimeType": "image/png",
    }
    embed: Any = {"$type": "app.bsky.embed.images", "images": [{"alt": "A heron", "image": image}]}
    value: Any = {
        "$type": "app.bsky.feed.post",
        "text": "Look",
        "langs": ["en", "pl"],
        "embed": embed,
    }
    body = raw({"records": [{"uri": URI, "cid": "bafyx", "value": value}], "cursor": "3k"})
    found = page("app.bsky.feed.post", "com.atproto.repo.listRecords", body, "repo=x&cursor=old")
    (item,) = found.items
    (file,) = item.follow
    assert (item.stream, item.native_id, item.sensitivity) == ("posts", URI, "public")
    assert (file.stream, file.native_id) == ("media", "bafkreiaaaaaaaaaaaaaaaaaaaa")
    assert file.request is not None
    assert file.request.url.startswith(f"{HOST}/xrpc/com.atproto.sync.getBlob?did=did%3Aplc%3Aaaa")
    row = row_of(SKY, body, item)
    assert (row["text"], row["language"], row["alt_text"]) == ("Look", "en, pl", "A heron")
    assert json.loads(row["attachments"])[0]["media_type"] == "image/png"
    assert json.loads(row["extra"])["cid"] == "bafyx"
    assert found.next == Request(f"{HOST}/xrpc/com.atproto.repo.listRecords?repo=x&cursor=3k")
    assert left_over(body, found) == []


def test_a_cursor_leads_nowhere_but_to_the_own_server() -> None:
    """Whatever host answered last, and whatever the cursor holds."""
    body = {"records": [], "cursor": "a&b=https://evil.example"}
    request = Request("https://evil.example/xrpc/com.atproto.repo.listRecords?x=1")
    found = SKY.split(SITE, Listing("x", "posts", request, "public", "x"), answer(body))
    assert found.next is not None
    assert found.next.url.startswith(f"{HOST}/xrpc/com.atproto.repo.listRecords?x=1&cursor=a%26b")
    for odd in ("", "ł", "a b", "x" * 3000, 5, None):
        one = answer({"records": [], "cursor": odd})
        assert SKY.split(SITE, Listing("x", "posts", request, "public", "x"), one).next is None


@pytest.mark.parametrize(
    ("collection", "stream", "sensitivity"),
    [
        ("app.bsky.feed.like", "reactions", "public"),
        ("app.bsky.graph.follow", "subscribers", "private"),
        ("app.bsky.graph.block", "moderation", "private"),
        ("app.bsky.actor.profile", "profile", "public"),
        ("com.whtwnd.blog.entry", "pages", "public"),
    ],
)
def test_collections_have_their_streams(collection: str, stream: str, sensitivity: str) -> None:
    """Each record goes where its collection belongs; other applications' are pages."""
    uri = f"at://{DID}/{collection}/self"
    body = raw({"records": [{"uri": uri, "cid": "bafyx", "value": {"subject": ANN}}]})
    (item,) = page(collection, "com.atproto.repo.listRecords", body).items
    assert (item.stream, item.sensitivity) == (stream, sensitivity)
    row = row_of(SKY, body, item)
    assert ANN in (row.get("parent_id", "") or row["extra"])


def test_answers_are_comments_nested_as_they_are() -> None:
    """Every level is an item with its own bytes; the head is envelope; nothing is left over."""
    deep = f"at://{ANN}/app.bsky.feed.post/3kccccccccccc"
    root = {"uri": URI, "cid": "x"}
    inner = post(deep)
    inner["record"]["reply"] = {"root": root, "parent": {"uri": REPLY, "cid": "y"}}
    body, found = thread(node(post(), node(inner)))
    assert [item.native_id for item in found.items] == [REPLY, deep]
    assert {item.kind for item in found.items} == {"present"}
    assert left_over(body, found) == []
    row = row_of(SKY, body, found.items[1])
    assert (row["parent_id"], row["thread_id"]) == (REPLY, URI)
    assert (row["author_id"], row["author_name"]) == (ANN, "ann.example")
    assert row["created_at"] == "2026-03-01T10:00:00.000000Z"
    assert "indexedAt" in json.loads(row["volatile"])


def test_hidden_and_blocked_answers_are_hidden() -> None:
    """The head's thread gate hides one; a block leaves an address only; both are private."""
    other = f"at://{ANN}/app.bsky.feed.post/3kddddddddddd"
    kind = "app.bsky.feed.defs#blockedPost"
    author = {"did": ANN, "viewer": {"blocking": f"at://{DID}/app.bsky.graph.block/3k"}}
    blocked = {"$type": kind, "uri": other, "blocked": True, "author": author}
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": URI, "notFound": True}
    gate = {"uri": URI, "cid": "x", "record": {"hiddenReplies": [REPLY]}}
    body, found = thread(node(post()), blocked, gone, head=post(URI, threadgate=gate))
    assert [(i.native_id, i.kind, i.sensitivity) for i in found.items] == [
        (REPLY, "hidden", "private"),
        (other, "hidden", "private"),
    ]
    assert left_over(body, found) == []
    assert row_of(SKY, body, found.items[1])["state"] == "blocked"


@pytest.mark.parametrize(
    "shown",
    [
        {"viewer": {"bookmarked": True}},
        {"viewer": {"threadMuted": True}},
        {"author": person(viewer={"muted": True})},
        {"author": person(labels=[{"val": "!no-unauthenticated"}])},
    ],
)
def test_what_only_the_account_sees_is_private(shown: dict[str, Any]) -> None:
    """Mutes and bookmarks are its own affair, and some people want no public display."""
    _, found = thread(node(post(**shown)))
    assert found.items[0].sensitivity == "private"
    _, plain = thread(node(post()))
    assert plain.items[0].sensitivity == "public"


def test_answers_that_a_thread_does_not_show_are_asked_for() -> None:
    """A post that has answers, but shows none, leads to a listing of its own."""
    _, found = thread(node(post(replyCount=3)))
    (follow,) = found.items[0].follow
    assert follow.listing is not None
    assert follow.listing.name == f"replies {REPLY}"
    assert follow.always


def test_a_very_deep_thread_is_cut() -> None:
    """Nesting that no strict reader takes is read all the same."""
    body = raw(post())
    for _ in range(300):
        body = b'{"post":%b,"replies":[%b]}' % (raw(post()), body)
    whole = b'{"thread":{"post":%b,"replies":[%b]}}' % (raw(post(URI)), body)
    found = page(f"comments {URI}", THREAD[0], whole, THREAD[1])
    assert len(found.items) == 300
    assert found.problem is None


@pytest.mark.parametrize(("depth", "code"), [("100", "end"), ("0", "missing")])
def test_a_post_that_is_gone_ends_its_thread(depth: str, code: str) -> None:
    """Asked for itself it is missing; its listing has come to its end."""
    query = f"uri={URI}&depth={depth}"
    gone = {"thread": {"$type": "app.bsky.feed.defs#notFoundPost", "uri": URI, "notFound": True}}
    error = {"error": "NotFound", "message": f"Post not found: {URI}"}
    for body, status in ((gone, 200), (error, 400)):
        found = page(f"comments {URI}", THREAD[0], body, query, status)
        assert found.problem is not None
        assert found.problem.code == code


DIRECT = [
    ("posts", URI, "com.atproto.repo.getRecord?repo="),
    ("moderation", f"at://{DID}/app.bsky.graph.block/3k", "com.atproto.repo.getRecord?repo="),
    ("posts", f"at://{DID}/app.bsky.feed.repost/3k/view", "com.atproto.repo.getRecord?repo="),
    ("moderation", f"{URI}/view", "app.bsky.feed.getPostThread?uri="),
    ("comments", REPLY, "app.bsky.feed.getPostThread?uri="),
    ("comments", f"{REPLY}/quote", "app.bsky.feed.getPostThread?uri="),
    ("subscribers", f"follower/{ANN}", "app.bsky.graph.getRelationships?actor="),
    ("subscribers", f"following/{ANN}", "app.bsky.graph.getRelationships?actor="),
    ("moderation", f"mute/{ANN}", "app.bsky.actor.getProfile?actor="),
    ("reactions", f"{URI}/like/{ANN}", ""),
    ("profile", "view", ""),
    ("media", "repository/3k", ""),
    ("messages", f"notification/like/{URI}", ""),
]


@pytest.mark.parametrize(("stream", "native_id", "asked"), DIRECT)
def test_single_things_are_asked_for_where_that_is_possible(
    stream: str, native_id: str, asked: str
) -> None:
    """A record by its repository, a post by its thread, a relation by its question."""
    request = SKY.direct(SITE, stream, native_id)
    assert (request.url.removeprefix(f"{HOST}/xrpc/") if request else "").startswith(asked)
    assert bool(request) == bool(asked)


def _relation(group: str, nsid: str, body: object, asked: str) -> Problem | None:
    found = page(group, nsid, body, asked)
    assert found.items == ()
    assert left_over(answer(body).body, found) == [] or found.problem
    return found.problem


def told(did: str = ANN, actor: str = DID, **more: object) -> dict[str, Any]:
    """Return what getRelationships says of two accounts."""
    return {"actor": actor, "relationships": [{"did": did, **more}]}


@pytest.mark.parametrize(
    ("group", "body", "code"),
    [
        ("followers", told(followedBy="at://x"), ""),
        ("followers", told(following="at://x"), "missing"),
        ("follows", told(following="at://x"), ""),
        ("follows", told(), "missing"),
        ("follows", told(did=f"{ANN}c"), "schema"),
        ("follows", told(actor=ANN), "schema"),
        ("follows", {"relationships": [{"actor": ANN, "notFound": True}]}, ""),
        ("follows", {"actor": DID, "relationships": [{"actor": "x", "notFound": True}]}, "schema"),
        ("follows", {"actor": DID, "relationships": [{}]}, "schema"),
        ("follows", {"actor": DID, "relationships": []}, "schema"),
    ],
)
def test_a_relation_that_is_over_is_missing(group: str, body: object, code: str) -> None:
    """Only the AppView's own answer about the two says so; of whom it does not know, nothing."""
    found = _relation(group, "app.bsky.graph.getRelationships", body, f"actor={DID}&others={ANN}")
    assert (found.code if found else "") == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (person(viewer={"muted": True}), ""),
        (person(viewer={"muted": False}), "missing"),
        (person(viewer={}), "schema"),
        ({"did": ANN}, "schema"),
        (person(DID), "schema"),
    ],
)
def test_a_mute_that_is_over_is_missing(body: object, code: str) -> None:
    """The person's profile, shown to the account, says whether it is still muted."""
    found = _relation("mutes", "app.bsky.actor.getProfile", body, f"actor={ANN}")
    assert (found.code if found else "") == code


def test_a_repository_leads_to_its_head_and_to_other_collections() -> None:
    """The head only where everything is read; the file by its revision."""
    body = {"handle": "city.example", "did": DID, "didDoc": {}, "collections": ["a.b.c", "x y"]}
    nsid = "com.atproto.repo.describeRepo"
    (item,) = page("repository", nsid, body).items
    names = [follow.listing.name for follow in item.follow if follow.listing]
    assert names == ["a.b.c", "commit"]
    (item,) = page("repository newest", nsid, body).items
    assert [follow.listing.name for follow in item.follow if follow.listing] == ["a.b.c"]
    head = {"cid": "bafyx", "rev": "3kaa"}
    (item,) = page("commit", "com.atproto.sync.getLatestCommit", head, f"did={DID}").items
    assert [follow.native_id for follow in item.follow] == ["repository/3kaa"]
    row = row_of(SKY, raw(head), item)
    assert row == {"volatile": '{"cid":"bafyx","rev":"3kaa"}'}


def test_a_notification_of_an_answer_leads_to_its_thread() -> None:
    """To the first post where that is the account's own, else to what was answered."""
    foreign = f"at://{ANN}/app.bsky.feed.post/3kroot"
    for root, name in ((f"{URI}root", f"{URI}root"), (foreign, URI)):
        record = {"text": "So?", "reply": {"root": {"uri": root}, "parent": {"uri": URI}}}
        one = {"uri": REPLY, "cid": "x", "author": person(), "reason": "reply"}
        body = raw({"notifications": [{**one, "reasonSubject": URI, "record": record}]})
        nsid = "app.bsky.notification.listNotifications"
        (item,) = page("notifications", nsid, body).items
        (follow,) = item.follow
        assert follow.listing is not None
        assert follow.listing.name == f"comments {name}"
        assert (item.stream, item.sensitivity) == ("messages", "private")
        row = row_of(SKY, body, item)
        assert (row["title"], row["text"], row["author_id"]) == ("reply", "So?", ANN)


@pytest.mark.parametrize("changed", ["displayName", "description", "labels", "avatar"])
def test_a_like_stays_the_same_whatever_its_author_is_called(changed: str) -> None:
    """A profile is not part of a reaction."""
    rows = []
    for value in ("one", "two"):
        shown: Any = [{"val": value}] if changed == "labels" else value
        like = {"actor": person() | {changed: shown}, "createdAt": "2026-03-01T10:00:00Z"}
        body = raw({"likes": [like]})
        (item,) = page(f"likes {URI}", "app.bsky.feed.getLikes", body, f"uri={URI}").items
        assert item.native_id == f"{URI}/like/{ANN}"
        rows.append(row_of(SKY, body, item))
    assert rows[0].pop("volatile") != rows[1].pop("volatile")
    assert rows[0] == rows[1]
    assert (rows[0]["parent_id"], rows[0]["author_name"]) == (URI, "ann.example")


def test_a_label_changes_the_state_of_a_post() -> None:
    """What moderation says of it is told; an empty list says nothing."""
    label = {"src": DID, "uri": REPLY, "val": "spam", "cts": "2026-03-01T10:00:00Z"}
    rows = []
    for labels in ([], [label]):
        body, found = thread(node(post(labels=labels)))
        rows.append(row_of(SKY, body, found.items[0]))
    assert "state" not in rows[0]
    assert rows[1]["state"] == "spam"


def test_odd_json_is_read_and_flagged() -> None:
    """White space, a lone surrogate and a doubled member lose nothing."""
    body = (
        b'{ "records" : [ {"uri": "%b", "cid":"a","cid":"b",'
        b'"value":{"text":"\\ud83d","x":1e400}} ] }' % URI.encode()
    )
    found = page("app.bsky.feed.post", "com.atproto.repo.listRecords", body)
    (item,) = found.items
    row = row_of(SKY, body, item)
    assert row["text"] == "\\ud83d"
    assert "lone-surrogate text" in row["flags"]
    assert left_over(body, found) == []


NETWORK = CityNetwork()
NETWORK.change()
SERVICE = stand_in.Bluesky(NETWORK)
CITY = Site("sky", f"http://pds/profile/{NETWORK.city}", authorised=True)


def _bodies() -> list[tuple[Listing, bytes]]:
    """Return every answer of the stand-in that a capture asks for, with its listing."""
    first = SKY.authorise(CITY, {"password": NETWORK.secret, "handle": NETWORK.user}).request
    assert first is not None
    target = first.url.removeprefix("http://pds")
    session = SERVICE.answer(Asked("POST", target, "http://pds", {}, first.body))
    assert session is not None
    headers = {"authorization": f"Bearer {json.loads(session.body)['accessJwt']}"}
    left, found = list(SKY.listings(CITY, "reconcile")), []
    while left:
        one = left.pop(0)
        asked = Asked("GET", one.request.url.removeprefix("http://pds"), "http://pds", headers)
        given = SERVICE.answer(asked)
        assert given is not None
        found.append((one, given.body))
        items = SKY.split(CITY, one, answer(given.body)).items
        left += [f.listing for item in items for f in item.follow if f.listing is not None]
    return found


BODIES = _bodies()


def test_no_byte_of_the_stand_in_is_left_over() -> None:
    """Every answer of a whole network is items and envelope; every row fits its stream."""
    assert len(BODIES) > 100
    for one, body in BODIES:
        found = SKY.split(CITY, one, answer(body))
        assert found.problem is None
        assert left_over(body, found) == []
        for item in found.items:
            row = row_of(SKY, body, item)
            assert set(row) <= {column.name for column in fields_of(item.stream)}
            assert "flags" not in row


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_mutated_answers_never_raise_and_never_vanish(data: st.DataObject) -> None:
    """Whatever bytes come, nothing is raised and every byte is accounted for."""
    one, body = data.draw(st.sampled_from(BODIES))
    mutated = bytearray(body[:4000])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, max(0, len(mutated) - 1)))
        junk = data.draw(
            st.sampled_from([b"", b'"', b"{", b"}", b"[", b"]", b",", b"\xff", b"\\u"])
        )
        mutated[place : place + data.draw(st.integers(0, 40))] = junk
    if data.draw(st.booleans()):
        mutated += b"}"
    found = SKY.split(CITY, one, answer(bytes(mutated)))
    if found.problem is None:
        left_over(bytes(mutated), found)
    for item in found.items:
        assert is_plain(item.native_id)
        row_of(SKY, bytes(mutated), item)


@given(st.binary(max_size=60), st.sampled_from([one for one, _ in BODIES[:30]]))
def test_any_bytes_are_taken(body: bytes, one: Listing) -> None:
    """No body at all is a reason to raise."""
    SKY.split(CITY, one, answer(body))


def test_capabilities_speak_of_every_stream() -> None:
    """Each cell has its citation; the connector is registered."""
    assert {cell.stream for cell in SKY.capabilities} == set(Stream) - {Stream.WORKFLOW}
    assert all(cell.citation.startswith("https://") for cell in SKY.capabilities)
    assert CONNECTORS["bluesky"].parser == "bluesky/1"
