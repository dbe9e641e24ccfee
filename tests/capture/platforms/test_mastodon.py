"""Mastodon: what is asked, what is refused, and answers of any kind at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Login
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.mastodon.capabilities import CAPABILITIES
from archiver.columns import fields_of
from archiver.record import Stream
from tests.capture.platforms.helpers import answer, left_over, row_of
from tests.capture.platforms.mastodon import (
    ANN,
    API,
    CITY,
    LETTER,
    MASTODON,
    PICTURE,
    PUBLIC,
    REPLY,
    SITE,
    TOOT,
    at,
    cut,
    listed,
    notification,
    statuses,
)

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

_RELATION = "v1/accounts/relationships?id[]=22&with_suspended=true"


def test_the_connector_is_registered() -> None:
    """Its platform and parser names are those that records carry."""
    assert CONNECTORS["mastodon"].parser == "mastodon/1"


def test_every_stream_has_a_capability_with_its_source() -> None:
    """Each cell says what is not had, who says so, and how it was proven."""
    assert {one.stream for one in CAPABILITIES} == set(Stream) - {Stream.WORKFLOW}
    for one in CAPABILITIES:
        assert one.limit
        assert one.citation.startswith("https://docs.joinmastodon.org/")
        assert one.proved_by in {"simulator only", "cited only"}
        assert (one.verdict == "forbidden") is (one.proved_by == "cited only")


# ── what is asked ────────────────────────────────────────────────────────────────────────


def test_a_login_is_a_bearer_token() -> None:
    """The token goes as RFC 6750 says; without one nothing is sent."""
    assert MASTODON.authorise(SITE, {"token": "t"}) == Login((("Authorization", "Bearer t"),))
    assert MASTODON.authorise(SITE, {}) == Login()
    assert MASTODON.secret_fields == ("token",)


@pytest.mark.parametrize("mode", ["incremental", "reconcile", "backfill", "snapshot"])
def test_first_listings(mode: str) -> None:
    """With a login all that is the owner's; names are unique and tell an incremental run."""
    found = MASTODON.listings(SITE, mode)
    assert [one.group for one in found] == [
        "settings", "profile", "notifications", "conversations", "scheduled", "favourites",
        "follow_requests", "blocks", "mutes", "domain_blocks", "filters",
    ]  # fmt: skip
    newest = mode == "incremental"
    for one in found:
        assert one.name == one.group + (" newest" if newest else "")
        assert one.sensitivity == ("public" if one.group == "profile" else "private")
        told = one.group == "notifications"
        assert one.exhaustive is not (one.group in {"settings", "profile"} or (told and newest))
        single = one.group in {"settings", "profile", "filters"}
        assert one.newest_first is (newest and not single)
        assert one.request.url.startswith(f"{API}/v")


def test_without_a_login_only_the_profile_is_asked_first() -> None:
    """It is found by its name; its item then names the account's public statuses."""
    (profile,) = MASTODON.listings(PUBLIC, "reconcile")
    assert profile.request.url == f"{API}/v1/accounts/lookup?acct=city"
    (item,) = cut(profile, CITY, site=PUBLIC).items
    (follow,) = item.follow
    assert follow.always
    assert follow.listing is not None
    assert follow.listing.request.url == f"{API}/v1/accounts/1/statuses?limit=40"
    assert follow.listing.sensitivity == "public"


@pytest.mark.parametrize("mode", ["incremental", "reconcile"])
def test_settings_name_what_goes_by_the_accounts_id(mode: str) -> None:
    """Statuses, followers and followed, in every run."""
    (settings, *_) = MASTODON.listings(SITE, mode)
    (item,) = cut(settings, CITY).items
    assert (item.stream, item.native_id, item.sensitivity) == ("profile", "1/settings", "private")
    suffix = " newest" if mode == "incremental" else ""
    found = [one.listing for one in item.follow if one.always and one.listing]
    assert [one.name for one in found] == [
        f"statuses{suffix}", f"followers{suffix}", f"following{suffix}"
    ]  # fmt: skip
    assert {one.group for one in found} == {"statuses", "followers", "following"}
    assert found[1].request.url == f"{API}/v1/accounts/1/followers?limit=80"
    assert all(one.newest_first is bool(suffix) for one in found)


def test_token_of_somebody_else_is_refused() -> None:
    """Nothing is captured in the name of another account."""
    page = MASTODON.split(SITE, listed("settings"), answer(ANN))
    assert page.problem is not None
    assert page.problem.code == "authorisation"
    assert "ann@other.example" in page.problem.message


@pytest.mark.parametrize(
    ("stream", "native_id", "path"),
    [
        ("posts", "500", "v1/statuses/500"),
        ("comments", "01J9/X Y", None),
        ("comments", "01J9ZX", "v1/statuses/01J9ZX"),
        ("messages", "502", "v1/statuses/502"),
        ("posts", "500/edit/2", "v1/statuses/500/history"),
        ("posts", "scheduled/9", "v1/scheduled_statuses/9"),
        ("messages", "notification/8", None),
        ("messages", "conversation/8", None),
        ("subscribers", "follower/22", _RELATION),
        (
            "subscribers",
            "follow_request/22",
            _RELATION,
        ),
        ("moderation", "mute/22", _RELATION),
        ("moderation", "filter/3", "v2/filters/3"),
        ("moderation", "domain_block/spam.example", None),
        ("reactions", "favourite/500", "v1/statuses/500"),
        ("reactions", "500/favourited_by/22", None),
        ("media", "77", None),
        ("media", "77/file", None),
        ("profile", "1", None),
    ],
)
def test_what_can_be_asked_for_itself(stream: str, native_id: str, path: str | None) -> None:
    """Deletion is proved at a thing's own address; where there is none it stays absent."""
    request = MASTODON.direct(SITE, stream, native_id)
    assert (request and request.url) == (path and f"{API}/{path}")


# ── pages ────────────────────────────────────────────────────────────────────────────────


def test_next_page_takes_only_its_cursor_from_the_link() -> None:
    """The link may name another host, and its cursor need not be an id of what is listed."""
    link = (
        '<http://inside:3000/api/v1/accounts/1/followers?limit=80&max_id=7Ab>; rel="next", '
        '<https://social.example/x?min_id=9>; rel="prev"'
    )
    listing = at("v1/accounts/1/followers?limit=80&max_id=99", "followers", stream="subscribers")
    page = cut(listing, [ANN], ("Link", link))
    assert page.next is not None
    assert page.next.url == f"{API}/v1/accounts/1/followers?limit=80&max_id=7Ab"


def test_empty_page_with_a_next_one_is_not_the_end() -> None:
    """Only the server says which page is the last."""
    page = cut(statuses(), [], ("Link", '<https://x/?max_id=3>; rel="next"'))
    assert page.items == ()
    assert page.next is not None
    assert cut(statuses(), [TOOT], ("Link", '<https://x/?min_id=3>; rel="prev"')).next is None


@pytest.mark.parametrize("url", ["https://x/?offset=3", "https://x/?max_id=%20%0a", "https://[x"])
def test_next_page_without_a_cursor_is_no_end(url: str) -> None:
    """A listing that goes on in a way we don't know is incomplete, never taken for all."""
    page = MASTODON.split(SITE, statuses(), answer([TOOT], 200, ("Link", f'<{url}>; rel="next"')))
    assert page.problem is not None
    assert page.problem.code == "schema"
    assert len(page.items) == 1


# ── refusals ─────────────────────────────────────────────────────────────────────────────


def refused(status: int, body: object, *headers: tuple[str, str]) -> tuple[str, str, float]:
    """Return code, message and wait of the problem that an answer is."""
    problem = MASTODON.split(SITE, statuses(), answer(body, status, *headers)).problem
    assert problem is not None
    return problem.code, problem.message, problem.retry_after


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (404, "Record not found", "missing"),
        (404, "Not Found", "schema"),
        (401, "The access token was revoked", "authorisation"),
        (403, "Your login is currently disabled", "authorisation"),
        (403, "This action is outside the authorized scopes", "scope"),
        (422, "This method requires an authenticated user", "authorisation"),
        (422, "Validation failed", "schema"),
        (503, "Remote data could not be fetched", "transient"),
    ],
)
def test_refusals_in_mastodons_words(status: int, words: str, code: str) -> None:
    """Only its own words prove that a thing is gone; a scope that lacks costs one listing."""
    assert refused(status, {"error": words})[:2] == (code, f"{status} {words}")


def test_refusals_without_words() -> None:
    """A web server's page is never taken for Mastodon's word, nor for content."""
    assert refused(404, "<h1>Record not found</h1>")[0] == "schema"
    assert refused(200, "<!DOCTYPE html><title>Login</title>")[0] == "schema"
    assert refused(502, "<h1>Bad gateway</h1>")[0] == "transient"


def test_rate_limit_is_waited_for_by_the_servers_own_clock() -> None:
    """X-RateLimit-Reset against Date; Retry-After where it is given; a minute without either."""
    date = ("Date", "Fri, 20 Nov 2026 10:00:00 GMT")
    body = {"error": "Too many requests"}
    for reset, wait in (
        ("2026-11-20T10:04:30.500000Z", 270.5),
        ("1795168830", 30.0),
        ("2026-11-20T09:00:00Z", 1.0),
        ("2036-11-20T09:00:00Z", 3600.0),
        ("soon", 60.0),
    ):
        assert refused(429, body, date, ("X-RateLimit-Reset", reset))[0] == "rate"
        assert refused(429, body, date, ("X-RateLimit-Reset", reset))[2] == wait
    assert refused(429, body, date, ("Retry-After", "7"))[2] == 7.0


@pytest.mark.parametrize("end", [10, 200, -1])
def test_cut_answers_are_passing_trouble(end: int) -> None:
    """JSON that does not end came over a line that did."""
    whole = answer([TOOT, REPLY]).body
    response = answer(whole[:end], length=False)
    problem = MASTODON.split(SITE, statuses(), response).problem
    assert problem is not None
    assert problem.code == "transient"


# ── anything at all ──────────────────────────────────────────────────────────────────────

BODIES: tuple[tuple[str, object], ...] = (
    ("v1/accounts/1/statuses", [TOOT | {"media_attachments": [PICTURE]}, REPLY, LETTER]),
    ("v1/notifications", [notification("mention", REPLY), notification("follow", None)]),
    ("v1/conversations", [{"id": "8", "accounts": [ANN], "last_status": LETTER}]),
    ("v1/statuses/500/context", {"ancestors": [REPLY], "descendants": [TOOT]}),
    ("v1/statuses/500/history", [TOOT]),
    ("v1/statuses/500/favourited_by", [ANN]),
    ("v1/accounts/1/followers", [ANN]),
    ("v1/accounts/verify_credentials", CITY | {"source": {"note": "x"}}),
    ("v1/accounts/relationships?id[]=2", [{"id": "2", "followed_by": True}]),
    ("v1/scheduled_statuses", [{"id": "5", "params": {"text": "x"}}]),
    ("v1/domain_blocks", ["spam.example"]),
    ("v2/filters", [{"id": "3", "title": "x"}]),
)
STREAMS = {
    "v1/statuses/500/favourited_by": "reactions",
    "v1/accounts/1/followers": "subscribers",
    "v1/accounts/verify_credentials": "profile",
    "v1/domain_blocks": "moderation",
    "v2/filters": "moderation",
}


def account_for(response: HttpResponse, path: str) -> None:
    """Cut and read an answer; check that every byte is accounted for and every row storable."""
    for name in ("followers", "messages 8", "favourites"):
        page = MASTODON.split(SITE, at(path, name, STREAMS.get(path, "posts")), response)
        if page.problem is None:
            left_over(response.body, page)
        for item in page.items:
            row = row_of(MASTODON, response.body, item)
            assert set(row) <= {column.name for column in fields_of(item.stream)}
            assert all(value.encode() or True for value in row.values())


@given(st.data())
def test_mutated_answers_never_raise_and_never_vanish(data: st.DataObject) -> None:
    """Bytes changed, cut out and put in anywhere: items, claims, frame and residue are all."""
    path, value = data.draw(st.sampled_from(BODIES))
    body = bytearray(answer(value).body)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body)))
        new = data.draw(
            st.binary(max_size=6) | st.sampled_from([b'"', b"{", b"]", b"null", b"\xff"])
        )
        body[place : place + data.draw(st.integers(0, 8))] = new
    account_for(answer(bytes(body)), path)


@given(st.sampled_from(BODIES), st.data())
def test_members_of_any_type_are_read(case: tuple[str, object], data: st.DataObject) -> None:
    """Members of types that nobody documents are set aside, never an error."""
    path, value = case
    odd = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=4,
    )
    one = value[0] if isinstance(value, list) else value
    if isinstance(one, dict):
        name = data.draw(st.sampled_from(sorted(one)))
        one = {**one, name: data.draw(odd)}
    account_for(answer([one] if isinstance(value, list) else one), path)


@pytest.mark.parametrize("path", [path for path, _ in BODIES])
@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b"[7]", b'["x"]', b"[[]]", b"[null]", b'[{"id":"a/b"}]', b'[{"id":""}]',
     b'[{"id":true}]', b'\xef\xbb\xbf[{"id":"1"}]', b'[{"id":"\\ud83d"}]', b"[" * 2000],
)  # fmt: skip
def test_odd_answers_are_accounted_for(path: str, body: bytes) -> None:
    """What has no id that fits in an address is no item; nothing raises."""
    account_for(answer(body), path)
