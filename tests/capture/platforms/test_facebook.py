"""Facebook: addresses, login, lists, pages, errors, limits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Problem, Site
from archiver.capture.delivery import Receives
from archiver.capture.legal import CONFIDENCE
from archiver.capture.platforms.facebook import nodes
from archiver.capture.platforms.graph import usage
from archiver.record import Stream
from tests.capture.platforms.facebook import (
    COMMENT,
    FACEBOOK,
    MESSAGE,
    PAGE,
    PAGING,
    POST,
    SITE,
    at,
    cut,
    error,
    listed,
)
from tests.capture.platforms.helpers import answer, left_over, row_of

FEED = at("104/feed?fields=id,from{name}&limit=100", "feed")

# ── Addresses and login ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://www.facebook.com/CityOfX", True), ("https://m.facebook.com/city.of.x/", True),
        ("https://www.facebook.com/profile.php?id=10040000001", True),
        ("https://www.facebook.com/people/City-of-X/10040000001/", True),
        ("https://www.facebook.com/p/City-of-X-10040000001", True),
        ("http://127.0.0.1:8080/CityOfX", True), ("https://www.facebook.com/", False),
        ("https://www.facebook.com/groups/1234567", False),
        ("https://www.facebook.com/CityOfX?ref=nav", False),
        ("https://www.facebook.com/profile.php?id=x", False),
        ("https://www.facebook.com/CityOfX/posts/1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_those_of_pages(url: str, *, good: bool) -> None:
    """A name or a number; what else there is on Facebook is no Page."""
    assert (FACEBOOK.refuses(url) == "") == good


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://www.facebook.com/CityOfX", "https://graph.facebook.com"),
        ("https://facebook.com/CityOfX", "https://graph.facebook.com"),
        ("http://127.0.0.1:8080/CityOfX", "http://127.0.0.1:8080"),
        ("https://notfacebook.com/CityOfX", "https://notfacebook.com"),
    ],
)
def test_the_token_goes_to_the_api_in_a_header(url: str, origin: str) -> None:
    """Never into an address; to Graph for a Page on Facebook, elsewhere to that very host."""
    site = replace(SITE, url=url)
    login = FACEBOOK.authorise(site, {"token": "EAAB-1", "app_secret": "s3cret-s3cret"})
    assert (login.headers, login.origin) == ((("Authorization", "Bearer EAAB-1"),), origin)
    (first,) = FACEBOOK.listings(site, "backfill")
    assert first.request.url.startswith(f"{origin}/v26.0/me?fields=id,name,")
    assert "EAAB" not in first.request.url
    assert isinstance(FACEBOOK, Receives)


def test_without_a_credential_nothing_is_sent() -> None:
    """Graph then refuses, in its own words."""
    assert FACEBOOK.authorise(SITE, {}).headers == ()


def test_whose_token_it_is_decides_what_is_asked() -> None:
    """The right Page leads to all its lists; another's token is refused before anything else."""
    (first,) = FACEBOOK.listings(SITE, "backfill")
    page = cut(first, PAGE)
    names = [one.listing.name for one in page.items[0].follow if one.listing]
    assert len(names) == len(set(names)) > 15
    assert all(one.always for one in page.items[0].follow)
    assert page.cursor == "104"
    other = FACEBOOK.split(SITE, first, answer(PAGE | {"username": "Another", "id": "9"}))
    assert other.problem == Problem(
        "authorisation", "the token is that of Another, which is not the Page of this address"
    )
    newest = cut(FACEBOOK.listings(SITE, "incremental")[0], PAGE)
    suffixes = {
        one.listing.name.endswith(" newest") for one in newest.items[0].follow if one.listing
    }
    assert suffixes == {True}


def test_counts_of_followers_are_a_record_of_their_own() -> None:
    """They change without the profile; the platform names nobody."""
    profile, count = cut(FACEBOOK.listings(SITE, "backfill")[0], PAGE).items
    assert (count.stream, count.native_id) == ("profile", "count")
    body = answer(PAGE).body
    assert json.loads(row_of(FACEBOOK, body, count)["extra"]) == {
        "fan_count": 10, "followers_count": 12,
    }  # fmt: skip
    row = row_of(FACEBOOK, body, profile)
    assert (row["handle"], row["name"], row["text"]) == ("CityOfX", "City of X", "News")
    assert "followers_count" not in row["extra"] + row["volatile"]
    cell = next(one for one in FACEBOOK.capabilities if one.stream == Stream.SUBSCRIBERS)
    assert cell.verdict == "forbidden"


def test_no_key_to_broadcast_with_is_asked_for() -> None:
    """Addresses under which a live video is sent in would stand in records."""
    asked = nodes.LIVE + nodes.VIDEO
    assert not [one for one in ("stream_url", "ingest_streams", "dash_ingest") if one in asked]


def test_every_stream_has_a_cited_cell_and_every_note_an_honest_source() -> None:
    """Nothing is said to be proven that is not."""
    cells = {one.stream: one for one in FACEBOOK.capabilities}
    assert cells.keys() == set(Stream) - {Stream.WORKFLOW}
    assert all(one.citation.startswith("https://") and one.limit for one in cells.values())
    assert {one.proved_by for one in cells.values()} == {"simulator only", "cited only"}
    assert {one.confidence for one in FACEBOOK.legal} <= set(CONFIDENCE)
    assert all(bool(one.read_on) == (one.confidence == "read") for one in FACEBOOK.legal)
    assert {"storage", "deletion"} <= {one.subject for one in FACEBOOK.legal}


# ── Pages ────────────────────────────────────────────────────────────────────────────────


def test_the_next_page_is_asked_for_by_its_cursor_alone() -> None:
    """Neither host nor token of the address that the answer names; an empty page goes on."""
    page = cut(FEED, listed(paging=PAGING))
    assert page.items == ()
    assert page.next is not None
    assert page.next.url == f"{FEED.request.url}&after=QVB"
    again = cut(
        replace(FEED, request=page.next), listed(paging=PAGING | {"cursors": {"after": "C"}})
    )
    assert again.next is not None
    assert again.next.url == f"{FEED.request.url}&after=C"
    last = {"cursors": {"after": "QVB"}}
    assert cut(FEED, listed(POST, paging=last)).next is None
    assert cut(FEED, listed(POST)).next is None


def test_pages_by_time_are_followed_too() -> None:
    """Where there is no cursor, what the address says of the position, and nothing else of it."""
    told = "https://graph.facebook.com/v26.0/1/x?access_token=EAABs&until=17&__paging_token=e&x=1"
    page = cut(FEED, listed(paging={"next": told}))
    assert page.next is not None
    assert page.next.url == f"{FEED.request.url}&until=17&__paging_token=e"


@pytest.mark.parametrize("told", ["https://x.example/?access_token=E", "https://[", 7, ["a"]])
def test_a_next_page_without_a_place_ends_nothing(told: object) -> None:
    """The listing is incomplete then, and says why."""
    page = FACEBOOK.split(SITE, FEED, answer(listed(POST, paging={"next": told})))
    assert page.next is None
    assert page.problem is not None
    assert page.problem.code == "schema"
    assert page.items


def test_a_count_is_an_upper_bound_in_the_words_of_the_manual() -> None:
    """Comments and reactions that privacy keeps back are in it."""
    comments = at("104_1/comments?filter=stream", "comments 104_1", "comments")
    page = cut(comments, listed(COMMENT, summary={"order": "x", "total_count": 3}))
    assert page.total == "3"
    assert "privacy and deletion" in page.bound
    assert cut(FEED, listed(POST)).bound == ""


# ── Errors ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (190, 463, "authorisation"), (190, 460, "authorisation"), (190, 0, "authorisation"),
        (102, 0, "authorisation"), (104, 0, "authorisation"), (10, 0, "scope"), (200, 0, "scope"),
        (299, 0, "scope"), (3, 0, "scope"), (4, 0, "rate"), (17, 0, "rate"), (32, 0, "rate"),
        (613, 0, "rate"), (80001, 0, "rate"), (80006, 0, "rate"), (100, 33, "missing"),
        (100, 0, "schema"), (100, 34, "schema"), (368, 0, "forbidden"), (1, 0, "transient"),
        (2, 0, "transient"), (2635, 0, "sunset"), (987654, 0, "schema"),
    ],
)  # fmt: skip
def test_errors_are_told_by_their_codes(status: int, code: int, subcode: int, kind: str) -> None:
    """Whatever the status is, 200 as well."""
    page = FACEBOOK.split(SITE, FEED, answer(error(code, subcode), status))
    assert page.problem is not None
    assert page.problem.code == kind
    assert page.items == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (error(190, 463), "has expired"), (error(190, 460), "password was changed"),
        (error(190, 467), "was revoked"), (error(200, 0, "Requires x"), "(200) Requires x"),
    ],
)  # fmt: skip
def test_errors_say_why(body: object, words: str) -> None:
    """The platform's words, and what a subcode means."""
    problem = FACEBOOK.split(SITE, FEED, answer(body, 400)).problem
    assert problem is not None
    assert words in problem.message


def test_an_error_that_asks_for_less_is_not_tried_for_ever() -> None:
    """Nor is one with a flag that it may pass taken for good."""
    much = error(1, 0, "Please reduce the amount of data you're asking for, then retry")
    passing = error(987, 0, is_transient=True)
    codes = [FACEBOOK.split(SITE, FEED, answer(one, 500)).problem for one in (much, passing)]
    assert [one.code for one in codes if one] == ["too-large", "transient"]


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        ("X-Business-Use-Case-Usage",
         '{"104":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":7}]}', 420.0),
        ("X-App-Usage", '{"call_count":100,"total_time":25}', 300.0),
        ("X-Business-Use-Case-Usage",
         '{"104":[{"estimated_time_to_regain_access":99999}]}', 86400.0),
        ("Retry-After", "12", 12.0),
        ("X-Business-Use-Case-Usage", "no json", 300.0),
    ],
)  # fmt: skip
def test_how_long_to_wait_is_said_by_headers(name: str, value: str, seconds: float) -> None:
    """In minutes, by what was asked for; else what Facebook usually takes."""
    problem = FACEBOOK.split(SITE, FEED, answer(error(4), 400, (name, value))).problem
    assert problem is not None
    assert problem.retry_after == seconds


def test_the_share_of_a_limit_that_is_used() -> None:
    """The largest of all that any header tells."""
    headers = (
        ("X-App-Usage", '{"call_count":28,"total_time":25,"total_cputime":25}'),
        ("X-Business-Use-Case-Usage", '{"1":[{"call_count":3},{"total_time":64.5}],"2":[7]}'),
    )
    assert usage.used(answer({}, 200, *headers)) == 64
    assert usage.used(answer({})) == 0


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("<html>Log in</html>", 200, "schema"), ("", 200, "schema"), ("[]", 200, "schema"),
        ("{}", 200, "schema"), ('{"data":[{"id":"1"', 200, "transient"), ("", 502, "transient"),
        ("<html>", 404, "schema"), ('{"error":"no code"}', 400, "schema"),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_graph(body: str, status: int, kind: str) -> None:
    """A login page is never content, and a wrong address proves no deletion."""
    problem = FACEBOOK.split(SITE, FEED, answer(body, status)).problem
    assert problem is not None
    assert problem.code == kind


# ── Bytes that nobody foresaw ────────────────────────────────────────────────────────────

BODIES = [
    (FEED, listed(POST, POST | {"id": "104_2"}, paging=PAGING)),
    (at("104_1/comments", "comments 104_1", "comments"),
     listed(COMMENT, summary={"total_count": 1})),
    (at("t_1/messages", "messages t_1", "messages"), listed(MESSAGE)),
    (at("m_1", "content m_1", "messages"), error(100, 33)),
    (at("me", "profile", "profile"), PAGE),
    (at("me", "deliveries", "messages", "deliveries"), {"object": "page", "entry": [
        {"id": "104", "time": 1, "changes": [{"field": "feed", "value": {
            "item": "comment", "verb": "add", "comment_id": "1_2", "post_id": "104_1"}}]},
        {"id": "104", "time": 1, "messaging": [{"timestamp": 5, "message": {"mid": "m_1"}}]}]}),
]  # fmt: skip


@given(st.data())
def test_mutated_answers_never_raise_and_never_vanish(data: st.DataObject) -> None:
    """Bytes changed, cut out and put in anywhere: items, claims, frame and residue are all."""
    listing, value = data.draw(st.sampled_from(BODIES))
    body = bytearray(answer(value).body)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body)))
        new = data.draw(
            st.binary(max_size=6)
            | st.sampled_from([b'"', b"{", b"]", b"null", b"\xff", b"\\ud800"])
        )
        body[place : place + data.draw(st.integers(0, 8))] = new
    response = answer(bytes(body))
    page = FACEBOOK.split(SITE, listing, response)
    if page.problem is None or page.items:
        left_over(response.body, page)
    for item in page.items:
        assert item.native_id.isprintable()
        row_of(FACEBOOK, response.body, item)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from([*POST, *COMMENT, *MESSAGE, "data", "value", "entry", "changes"]),
            inner, max_size=4),
        max_leaves=12,
    ),
    st.sampled_from(BODIES),
)  # fmt: skip
def test_members_of_any_type_are_read(value: object, case: tuple[object, object]) -> None:
    """Documented names with values of other types: read or left over, never lost."""
    listing = case[0]
    for body in (value, listed(value), {"object": "page", "entry": [value]}):
        response = answer(body)
        page = FACEBOOK.split(SITE, listing, response)  # type: ignore[arg-type]
        if page.problem is None:
            left_over(response.body, page)
        for item in page.items:
            row_of(FACEBOOK, response.body, item)


def test_a_site_of_another_kind_is_none_of_ours() -> None:
    """Its Page is known by number only where its address or an earlier run says so."""
    site = Site(
        "page", "https://www.facebook.com/CityOfX", authorised=True, cursors={"profile": "9"}
    )
    body = {"object": "page", "entry": [{"id": "104", "time": 1, "changes": []}]}
    page = cut(FACEBOOK.deliveries(site), body, site)
    assert [one.name for one in page.claims if "another" in one.name] == [
        "entry of another account"
    ]
