"""X: what is asked, how one logs in, what is refused, and answers of any kind at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Login, Site
from archiver.capture.legal import CONFIDENCE
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.x import X
from archiver.capture.platforms.x.capabilities import CAPABILITIES
from archiver.capture.platforms.x.costs import EVENTS, OWNED, PRICES, charges, most
from archiver.capture.platforms.x.terms import LEGAL
from archiver.columns import fields_of
from archiver.record import Request, Stream
from tests.capture.platforms.helpers import answer, left_over, row_of
from tests.capture.platforms.x import (
    ANN,
    API,
    CITY,
    CONNECTOR,
    FILM,
    MENTIONS,
    PICTURE,
    POST,
    REPLY,
    SITE,
    TIMELINE,
    answered,
    at,
    cut,
)

if TYPE_CHECKING:
    from archiver.capture.connector import Listing

CREDENTIAL = {
    "client_id": "app of the city",
    "client_secret": "hush:hush",
    "refresh_token": "refresh-token-0123456789",
    "consumer_secret": "consumer-secret",
}
ACCESS, NEXT = "access-token-0123456789", "refresh-token-9876543210"


def test_the_connector_is_registered() -> None:
    """Its platform and parser names are those that records carry."""
    assert CONNECTORS["x"].parser == "x/1"


def test_every_stream_has_a_capability_with_its_source() -> None:
    """Each cell says what is not had, who says so, and how it was proven."""
    assert {one.stream for one in CAPABILITIES} == set(Stream) - {Stream.WORKFLOW}
    for one in CAPABILITIES:
        assert one.limit
        assert one.citation.startswith("https://docs.x.com/")
        assert one.proved_by == ("cited only" if one.verdict == "forbidden" else "simulator only")


def test_legal_notes_name_document_and_day() -> None:
    """What was read has the day; what was not says so."""
    assert {one.subject for one in LEGAL} >= {"deletion", "storage", "consent"}
    for one in LEGAL:
        assert one.confidence in CONFIDENCE
        assert (one.confidence == "read") is bool(one.read_on)
        assert one.citation


# ── addresses ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url", ["https://x.com/CityOfX", "https://twitter.com/a_1/", "http://127.0.0.1:80/Quillwater"]
)
def test_pages_of_accounts_are_addresses(url: str) -> None:
    """A user name after the host, with or without a slash at its end."""
    assert CONNECTOR.refuses(url) == ""


@pytest.mark.parametrize(
    "url",
    ["https://x.com/", "https://x.com/@City", "https://x.com/a/status/1", "https://x.com/home",
     "https://x.com/City?lang=en", "https://x.com/a_name_that_is_too_long", "https://x.com/i"],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    """Single posts, X's own pages, what is no user name."""
    assert CONNECTOR.refuses(url)


@pytest.mark.parametrize("host", ["x.com", "www.x.com", "mobile.x.com", "twitter.com"])
def test_the_api_of_x_is_on_its_own_host(host: str) -> None:
    """Whichever of its names the account's address has."""
    (first,) = CONNECTOR.listings(Site("a", f"https://{host}/CityOfQ", authorised=True), "backfill")
    assert first.request.url.startswith(f"{API}/users/by/username/cityofq?")


def test_a_stand_in_answers_for_itself() -> None:
    """Any other host has the API too: nothing is sent to X."""
    site = Site("a", "http://127.0.0.1:8080/Quillwater", authorised=True)
    (first,) = CONNECTOR.listings(site, "backfill")
    assert first.request.url.startswith("http://127.0.0.1:8080/2/users/by/username/")


# ── logging in ───────────────────────────────────────────────────────────────────────────


def test_a_login_refreshes_the_token_and_asks_whose_it_is() -> None:
    """Basic proof of the app, the spent token, and what is kept of the answer."""
    login = CONNECTOR.authorise(SITE, CREDENTIAL)
    assert login.request is not None
    assert login.take is not None
    assert (login.request.method, login.request.url) == ("POST", f"{API}/oauth2/token")
    sent = parse_qs(login.request.body.decode())
    assert sent == {
        "grant_type": ["refresh_token"],
        "refresh_token": [CREDENTIAL["refresh_token"]],
    }
    # "app of the city:hush:hush", form-encoded before base64 (RFC 6749 §2.3.1)
    proof = "Basic YXBwJTIwb2YlMjB0aGUlMjBjaXR5Omh1c2glM0FodXNo"
    assert dict(login.request.headers)["Authorization"] == proof
    told = {"access_token": ACCESS, "refresh_token": NEXT, "token_type": "bearer"}
    second = login.take(answer(told))
    bearer = (("Authorization", f"Bearer {ACCESS}"),)
    assert second.request == Request(f"{API}/users/me", headers=bearer)
    assert second.keep == {"refresh_token": NEXT}
    assert set(second.secrets.values()) == {ACCESS, NEXT}
    assert second.take is not None
    done = second.take(answer({"data": CITY}))
    assert done == Login(
        bearer, secrets=second.secrets, origin="https://api.x.com", keep=second.keep
    )


def test_an_app_without_a_secret_names_itself() -> None:
    """A public client has nothing to prove itself with."""
    login = CONNECTOR.authorise(SITE, CREDENTIAL | {"client_secret": ""})
    assert login.request is not None
    assert "Authorization" not in dict(login.request.headers)
    assert parse_qs(login.request.body.decode())["client_id"] == ["app of the city"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"error": "invalid_request", "error_description": "It was invalid."}, 400, "It was inv"),
        (b"<html>", 503, "503"),
        ({"access_token": "short"}, 200, "no access token"),
        (b"\xff", 200, "no access token"),
    ],
)
def test_a_refused_login_says_why(body: object, status: int, words: str) -> None:
    """In X's words where it has any."""
    login = CONNECTOR.authorise(SITE, CREDENTIAL)
    assert login.take is not None
    refused = login.take(answer(body, status)).refused
    assert words in refused
    assert CREDENTIAL["refresh_token"] not in refused


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"data": ANN}, "the token is that of ann_q, not of cityofq"),
        ({"data": {"id": "5"}}, "somebody else"),
        (b"[]", "does not say whose"),
    ],
)
def test_the_token_of_somebody_else_is_refused(body: object, words: str) -> None:
    """Nothing is captured in the name of another account; the new refresh token is kept."""
    login = CONNECTOR.authorise(SITE, CREDENTIAL)
    assert login.take is not None
    second = login.take(answer({"access_token": ACCESS, "refresh_token": NEXT}))
    assert second.take is not None
    refused = second.take(answer(body))
    assert words in refused.refused
    assert refused.keep == {"refresh_token": NEXT}


def test_without_a_credential_there_is_no_login() -> None:
    """X then refuses the first request, and the run says so."""
    assert CONNECTOR.authorise(SITE, {}) == Login()
    assert set(CONNECTOR.secret_fields) < set(CONNECTOR.credential_fields)
    assert set(CONNECTOR.webhook_fields) <= set(CONNECTOR.secret_fields)


# ── what is asked ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", ["incremental", "reconcile", "sweep"])
def test_the_account_leads_to_everything(mode: str) -> None:
    """Mentions before posts, so that a comment belongs to the listing that tells of it."""
    (first,) = CONNECTOR.listings(SITE, mode)
    (item,) = cut(first, {"data": CITY}).items
    assert (item.stream, item.native_id, item.sensitivity) == ("profile", "1", "public")
    found = [one.listing for one in item.follow if one.listing and one.always]
    assert [one.group for one in found] == [
        "mentions", "posts", "likes", "followers", "following", "blocking", "muting", "lists",
        "messages", "chats",
    ]  # fmt: skip
    newest = mode == "incremental"
    for one in found:
        assert one.name == one.group + (" newest" if newest else "")
        assert one.newest_first is newest
        assert one.exhaustive is (one.group not in {"messages", "chats"})
        assert one.sensitivity == ("public" if one.group in {"mentions", "posts"} else "private")
    assert {one.group: one.stated for one in found if one.stated} == {
        "followers": 3, "following": 2,
    }  # fmt: skip


def test_replies_and_retweets_are_not_left_out() -> None:
    """The timeline is asked for whole: no ``exclude``; own numbers are asked for with it."""
    (first,) = CONNECTOR.listings(SITE, "backfill")
    (item,) = cut(first, {"data": CITY}).items
    posts = next(one.listing for one in item.follow if one.listing and one.listing.group == "posts")
    query = parse_qs(urlsplit(posts.request.url).query)
    assert "exclude" not in query
    assert "organic_metrics" in query["post.fields"][0].split(",")
    assert "edit_history_post_ids" in query["expansions"][0].split(",")


@pytest.mark.parametrize("name", ["post_count", "tweet_count"])
def test_more_posts_than_x_names_are_told(name: str) -> None:
    """A question of its own, whose answer is that the rest is withheld; not in each hour."""
    many = CITY | {"public_metrics": {name: 3201}}
    (first,) = CONNECTOR.listings(SITE, "reconcile")
    (item,) = cut(first, {"data": many}).items
    beyond = item.follow[-1].listing
    assert beyond is not None
    assert beyond.name == "posts beyond the limit"
    page = CONNECTOR.split(SITE, beyond, answer({"data": many}))
    assert page.problem is not None
    assert page.problem.code == "withheld"
    assert "3201" in page.problem.message
    (first,) = CONNECTOR.listings(SITE, "incremental")
    (item,) = cut(first, {"data": many}).items
    assert all(one.listing and one.listing.group != beyond.group for one in item.follow)


@pytest.mark.parametrize(
    ("stream", "native_id", "path"),
    [
        ("posts", "100", "tweets/100"),
        ("comments", "101", "tweets/101"),
        ("posts", "100/edit/1", ""),
        ("posts", "100/metrics/100", ""),
        ("posts", "../users/1", ""),
        ("reactions", "100/liking_users/22", ""),
        ("subscribers", "follower/22", ""),
        ("moderation", "block/22", "users/22"),
        ("moderation", "mute/22", "users/22"),
        ("moderation", "mute/x", ""),
        ("profile", "list/9", "lists/9"),
        ("profile", "1", ""),
        ("messages", "5", ""),
        ("media", "3_7", ""),
    ],
)
def test_what_can_be_asked_for_itself(stream: str, native_id: str, path: str) -> None:
    """Posts, blocks, mutes, lists; not what costs a cent to learn what two listings tell."""
    request = CONNECTOR.direct(SITE, stream, native_id)
    assert (request is None) is (path == "")
    assert request is None or request.url.startswith(f"{API}/{path}?")


@pytest.mark.parametrize(
    ("told", "code"),
    [(["followed_by"], "missing"), ([], "missing"), (["blocking"], None), (None, None)],
)
def test_a_block_is_over_where_x_says_so(told: list[str] | None, code: str | None) -> None:
    """Where it tells nothing of the relation, nothing is concluded."""
    user = {"id": "22", "username": "ann_q"} | ({} if told is None else {"connection_status": told})
    page = CONNECTOR.split(SITE, at("users/22", "blocking", "moderation"), answer({"data": user}))
    assert (page.problem.code if page.problem else None) == code
    other = CONNECTOR.split(SITE, at("users/23", "blocking", "moderation"), answer({"data": user}))
    assert other.problem is not None
    assert other.problem.code == "schema"


# ── problems ─────────────────────────────────────────────────────────────────────────────

KIND = "https://api.x.com/2/problems/"
DATE = ("Date", "Sun, 01 Mar 2026 10:00:00 GMT")
AT_TEN = 1772359200


def told(kind: str, title: str = "T", detail: str = "D", **more: str) -> dict[str, str]:
    """Return a problem of X's."""
    return {"type": f"{KIND}{kind}", "title": title, "detail": detail, **more}


@pytest.mark.parametrize(
    ("status", "body", "headers", "code", "wait"),
    [
        (401, {"title": "Unauthorized"}, (), "authorisation", 0),
        (403, {"title": "Forbidden", "type": "about:blank"}, (), "scope", 0),
        (403, told("client-forbidden"), (), "forbidden", 0),
        (402, told("credits", "CreditsDepleted"), (), "budget", 0),
        (429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]},
         (("x-rate-limit-reset", str(AT_TEN + 90)), DATE), "rate", 90),
        (429, b"", (("x-rate-limit-reset", str(AT_TEN - 5)), DATE), "rate", 1),
        (429, b"", (("x-rate-limit-reset", "soon"), DATE), "rate", 60),
        (429, b"", (("x-rate-limit-reset", str(AT_TEN)),), "rate", 60),
        (429, b"", (("x-user-limit-24hour-remaining", "0"),
                    ("x-user-limit-24hour-reset", str(AT_TEN + 3600)), DATE), "quota", 3600),
        (429, told("usage-capped") | {"period": "Daily"}, (), "quota", 60),
        (429, told("usage-capped") | {"period": "Monthly"}, (), "budget", 0),
        (503, b"<html>", (), "transient", 0),
        (404, told("resource-not-found"), (), "missing", 0),
        (404, b"<html>", (), "schema", 0),
        (200, b"<html>", (), "schema", 0),
        (200, b'{"data":[{"id":"1"', (), "transient", 0),
        (200, {"errors": [told("resource-not-found")]}, (), "missing", 0),
        (200, {"errors": [told("resource-not-found", detail="User has been suspended")]}, (),
         "withheld", 0),
        (200, {"errors": [told("not-authorized-for-resource")]}, (), "withheld", 0),
        (200, {"errors": [told("invalid-request")]}, (), "schema", 0),
        (200, {"data": [], "errors": [told("field-hydration-failure")]}, (), "transient", 0),
    ],
)  # fmt: skip
def test_problems_are_told_apart(
    status: int, body: object, headers: tuple[tuple[str, str], ...], code: str, wait: float
) -> None:
    """By X's own words and headers; waits are counted from the answer's own clock."""
    page = CONNECTOR.split(SITE, at("tweets/100", "posts"), answer(body, status, *headers))
    assert page.problem is not None
    assert (page.problem.code, page.problem.retry_after) == (code, wait)
    assert page.items == ()


def test_a_listing_is_never_missing() -> None:
    """Not found of a whole timeline says nothing of the posts in it."""
    page = CONNECTOR.split(SITE, TIMELINE, answer({"errors": [told("resource-not-found")]}))
    assert page.problem is not None
    assert page.problem.code == "forbidden"


def test_partial_errors_leave_what_came() -> None:
    """What could not be shown beside it is a declared value with its id."""
    gone = told("resource-not-found", resource_type="tweet", resource_id="55")
    page = cut(TIMELINE, answered(POST) | {"errors": [gone]})
    assert [one.native_id for one in page.items] == ["100"]
    assert "resource-not-found tweet 55" in {one.value for one in page.claims}


@pytest.mark.parametrize(
    ("listing", "name"),
    [(TIMELINE, "pagination_token"), (at("tweets/search/all?query=a"), "next_token")],
)
def test_the_next_page_has_its_token(listing: Listing, name: str) -> None:
    """In place of the one before; everything else stays as it was asked."""
    body = answered(POST) | {"meta": {"next_token": "7140w"}}
    page = cut(listing, body)
    assert page.next is not None
    assert page.next.url == f"{listing.request.url}&{name}=7140w"
    again = CONNECTOR.split(SITE, at(page.next.url.removeprefix(f"{API}/")), answer(body))
    assert again.next == page.next


def test_a_token_that_can_not_be_sent_is_no_end() -> None:
    """The listing is then not read to its end, and the run says so."""
    page = CONNECTOR.split(SITE, TIMELINE, answer(answered(POST) | {"meta": {"next_token": "a b"}}))
    assert page.problem is not None
    assert page.problem.code == "schema"
    assert len(page.items) == 1


# ── any answer at all ────────────────────────────────────────────────────────────────────

BODIES: list[tuple[Listing, dict[str, Any]]] = [
    (TIMELINE, answered(POST, POST | {"id": "7", "edit_history_post_ids": ["6", "7"]},
                        media=[PICTURE, FILM], posts=[POST | {"id": "6"}])),
    (MENTIONS, answered(REPLY)),
    (at("users/1/liked_tweets", "likes", "reactions"), answered(REPLY)),
    (at("users/1/followers", "followers", "subscribers"), answered(ANN)),
    (at("users/1/blocking", "blocking", "moderation"), answered(ANN)),
    (at("dm_events", "messages", "messages"),
     answered({"id": "9", "event_type": "MessageCreate", "sender_id": "22", "text": "Hi"})),
    (at("chat/conversations/1:22/events", "chat 1:22", "messages"),
     answered({"id": "e", "encoded_event": "AA", "sender_id": "22"})),
    (at("users/1/owned_lists", "lists", "profile"), answered({"id": "4", "name": "Towns"})),
    (at("users/by/username/cityofq", "account", "profile"), {"data": CITY}),
    (CONNECTOR.deliveries(SITE),
     {"data": {"event_uuid": "5", "event_type": "post.create", "filter": {"user_id": "1"},
               "payload": POST, "includes": {"users": [CITY]}}}),
    (CONNECTOR.deliveries(SITE),
     {"data": {"event_uuid": "6", "event_type": "follow.follow", "filter": {"user_id": "1"},
               "payload": {"source": {"data": ANN}, "target": {"data": CITY}}}}),
]  # fmt: skip


@given(st.sampled_from(BODIES), st.data())
def test_mutated_answers_never_raise_and_lose_no_byte(
    case: tuple[Listing, dict[str, object]], data: st.DataObject
) -> None:
    """Whatever came: each byte is an item's, declared, frame or residue; rows can be stored."""
    listing, whole = case
    body = bytearray(json.dumps(whole).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        piece = data.draw(st.sampled_from([b'"', b"}", b"null", b"\xff", b",", b"5", b"[]", b"{"]))
        body[place : place + data.draw(st.integers(0, 8))] = piece
    response = answer(bytes(body))
    page = CONNECTOR.split(SITE, listing, response)
    if page.problem is None:
        left_over(response.body, page)
    for item in page.items:
        row = row_of(CONNECTOR, response.body, item)
        assert row.keys() <= {column.name for column in fields_of(item.stream)}


@given(st.sampled_from([listing for listing, _ in BODIES]), st.binary(max_size=300))
def test_any_bytes_are_judged(listing: Listing, body: bytes) -> None:
    """Neither cutting nor reading raises."""
    page = CONNECTOR.split(SITE, listing, answer(body))
    assert page.problem is not None or page.items == ()


# ── costs ────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_charged_by_its_things() -> None:
    """Own posts are owned reads, people and posts that they refer to are not; each once."""
    body = answer(answered(POST, POST | {"id": "7"}, posts=[REPLY, POST])).body
    found = list(charges(f"{API}/users/1/tweets?max_results=100", body))
    assert [(one.name, one.amount) for one in found] == [
        ("posts/100", OWNED), ("posts/7", OWNED), ("posts/101", PRICES["posts"]),
        ("users/1", PRICES["users"]), ("users/22", PRICES["users"]),
    ]  # fmt: skip


def test_files_cost_nothing() -> None:
    """They are not the API's, whatever they hold."""
    file = "https://pbs.twimg.com/media/a.jpg"
    assert most(file) == 0
    assert list(charges(file, answer(answered(POST)).body)) == []


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        (f"{API}/users/1/tweets?max_results=100", "users/:id/tweets"),
        (f"{API}/tweets/77", "tweets/:id"),
        (f"{API}/dm_events", "dm_events"),
        ("https://pbs.twimg.com/media/a.jpg", ""),
    ],
)
def test_requests_are_counted_by_endpoint(url: str, scope: str) -> None:
    """A window that is closed for one does not close others."""
    headers = (("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "30"))
    (one,) = X().allowances(url, replace(answer({}), headers=headers))
    assert (one.scope, one.left, one.shared) == (scope, 0, False)
    assert X().scope(url) == scope


@pytest.mark.parametrize(
    ("path", "price"),
    [
        ("users/1/followers?max_results=1000", 1_000_000),
        ("users/1/mentions?max_results=100", 100_000),
        ("tweets/search/all?query=conversation_id:1&max_results=500", 2_500_000),
        ("tweets/5/liking_users?max_results=100", 1_000_000),
        ("tweets/5", 5_000),
        ("users/by/username/a", 10_000),
        ("users/22", 10_000),
        ("dm_events?max_results=100", 1_000_000),
        ("lists/4", 5_000),
    ],
)
def test_the_most_that_a_request_costs_is_known_before(path: str, price: int) -> None:
    """In millionths of a dollar, by the number that is asked for."""
    assert most(f"{API}/{path}") == price


@given(st.binary(max_size=200))
def test_charges_never_raise(body: bytes) -> None:
    """What can't be read is charged for nothing here."""
    assert isinstance(list(charges(f"{API}/dm_events", body)), list)


def test_every_event_that_is_cut_has_its_price() -> None:
    """Of the kinds that were read."""
    assert EVENTS["post.delete"] == 0
    assert all(price >= 0 for price in EVENTS.values())
