"""WordPress: what is asked, how answers are cut, what items say. Shapes as measured on 6.1.9."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Listing, Login, Site
from archiver.capture.platforms import CONNECTORS
from archiver.capture.platforms.wordpress import WordPress
from archiver.columns import fields_of
from archiver.record import Stream
from tests.capture.platforms.helpers import answer, left_over, row_of

WORDPRESS = WordPress()
SITE = Site("city", "https://city.example/blog", authorised=True)
PUBLIC = Site("city", "https://city.example/blog", authorised=False)

COMMENT: dict[str, Any] = {
    "id": 12,
    "post": 3,
    "parent": 0,
    "author": 0,
    "author_name": "Ann &amp; Bo",
    "author_email": "ann@mail.example",
    "author_url": "",
    "author_ip": "192.0.2.7",
    "author_user_agent": "Mozilla/5.0",
    "date": "2026-03-01T05:00:00",
    "date_gmt": "2026-03-01T10:00:00",
    "content": {"rendered": "<p>Call 555-0100</p>\n", "raw": "Call <b>555-0100</b> &amp; ask"},
    "link": "https://city.example/blog/hi/#comment-12",
    "status": "approved",
    "type": "comment",
    "author_avatar_urls": {"24": "https://avatar.example/1"},
    "meta": [],
    "_links": {"self": [{"href": "https://city.example/x"}]},
}
POST: dict[str, Any] = {
    "id": 3,
    "date_gmt": "2026-02-01T08:00:00",
    "modified_gmt": "2026-02-02T09:30:00",
    "status": "publish",
    "link": "https://city.example/blog/hi/",
    "title": {"raw": "Tea & <i>talk</i>", "rendered": "Tea &amp; <i>talk</i>"},
    "content": {"raw": "<p>Hi</p>", "rendered": "<p>Hi</p>\n", "protected": False},
    "excerpt": {"raw": "", "rendered": "<p>Hi</p>\n", "protected": False},
    "password": "",
    "author": 2,
    "featured_media": 9,
    "categories": [1, 4],
    "tags": [],
    "slug": "hi",
    "_links": {"version-history": [{"count": 2, "href": "https://city.example/r"}]},
}


def listing(name: str, site: Site = SITE, mode: str = "reconcile") -> Listing:
    """Return one of the connector's listings by its name."""
    return next(one for one in WORDPRESS.listings(site, mode) if one.name == name)


def query(one: Listing) -> dict[str, str]:
    """Return a listing's parameters."""
    return {key: values[0] for key, values in parse_qs(urlsplit(one.request.url).query).items()}


def first_item(stream: str, item: dict[str, Any], site: Site = SITE) -> tuple[Any, dict[str, str]]:
    """Return the item and the row that one thing in a listing gives."""
    response = answer([item])
    page = WORDPRESS.split(site, listing(stream, site), response)
    assert left_over(response.body, page) == []
    return page.items[0], row_of(WORDPRESS, response.body, page.items[0])


def test_the_connector_is_registered() -> None:
    """Its platform and parser names are those that records carry."""
    assert CONNECTORS["wordpress"].parser == "wordpress/1"


# ── what is asked ────────────────────────────────────────────────────────────────────────


def test_a_login_is_http_basic() -> None:
    """The application password goes as RFC 7617 says; without one nothing is sent."""
    login = WORDPRESS.authorise(SITE, {"user": "admin", "password": "a b"})
    assert login == Login((("Authorization", "Basic YWRtaW46YSBi"),))
    assert WORDPRESS.authorise(SITE, {"user": "admin", "password": ""}) == Login()


def test_full_listings_cover_every_state_in_a_stable_order() -> None:
    """All statuses, oldest first, with the parameter that makes a bad login fail."""
    full = {one.name: one for one in WORDPRESS.listings(SITE, "reconcile")}
    assert set(full) == {
        "profile", "posts", "posts trash", "pages", "pages trash", "comments", "media",
        "subscribers",
    }  # fmt: skip
    for name, one in full.items():
        if name == "profile":
            continue
        parameters = query(one)
        assert parameters["context"] == "edit"
        assert (parameters["orderby"], parameters["order"]) == ("id", "asc")
        assert parameters["per_page"] == "100"
        assert one.exhaustive
        assert not one.newest_first
        assert one.sensitivity == "private"
    assert query(full["posts"])["status"] == "any"
    assert query(full["posts trash"])["status"] == "trash"
    assert full["posts"].group == full["posts trash"].group
    assert (query(full["comments"])["status"], query(full["comments"])["type"]) == ("any", "all")
    assert query(full["media"])["status"] == "inherit,private,trash"


def test_incremental_listings_show_news_first() -> None:
    """They may stop early; those that repeat others never count."""
    for one in WORDPRESS.listings(SITE, "incremental"):
        if one.name != "profile":
            assert query(one)["order"] == "desc"
            assert one.newest_first
            assert one.exhaustive is not one.name.endswith("changed")
    groups = {one.group for one in WORDPRESS.listings(SITE, "incremental")}
    assert groups == {one.group for one in WORDPRESS.listings(SITE, "reconcile")}


@pytest.mark.parametrize("mode", ["incremental", "reconcile", "backfill", "snapshot"])
def test_without_a_login_only_the_public_is_asked(mode: str) -> None:
    """No statuses, no users, context=view; names are unique."""
    public = WORDPRESS.listings(PUBLIC, mode)
    assert {one.stream for one in public} == {"profile", "posts", "pages", "comments", "media"}
    assert len({one.name for one in public}) == len(public)
    for one in public:
        assert "status" not in query(one)
        assert query(one).get("context", "view") == "view"
        assert one.sensitivity == "public"


@pytest.mark.parametrize(
    ("stream", "native_id", "route"),
    [
        ("posts", "3", "/wp/v2/posts/3"),
        ("pages", "4", "/wp/v2/pages/4"),
        ("comments", "12", "/wp/v2/comments/12"),
        ("subscribers", "1", "/wp/v2/users/1"),
        ("media", "9", "/wp/v2/media/9"),
        ("posts", "3/revision/17", "/wp/v2/posts/3/revisions/17"),
        ("pages", "4/revision/18", "/wp/v2/pages/4/revisions/18"),
        ("posts", "a b?&", "/wp/v2/posts/a%20b%3F%26"),
    ],
)
def test_each_thing_can_be_asked_for_itself(stream: str, native_id: str, route: str) -> None:
    """Deletion is proved on the thing's own address."""
    request = WORDPRESS.direct(SITE, stream, native_id)
    assert request is not None
    assert request.url == f"{SITE.url}/index.php?rest_route={route}&context=edit"


def test_files_and_the_profile_have_no_direct_request() -> None:
    """Their addresses follow from nothing that is kept."""
    assert WORDPRESS.direct(SITE, "media", "9/file") is None
    assert WORDPRESS.direct(SITE, "profile", "site") is None


# ── paging ───────────────────────────────────────────────────────────────────────────────


def test_the_next_page_takes_only_its_number_from_the_link() -> None:
    """The link may name another host; the request stays on the account's own."""
    link = (
        '<https://city.example/wp-json/>; rel="https://api.w.org/", '
        '<http://inside:81/wp-json/wp/v2/comments?rest_route=%2Fwp&page=3>; rel="next"'
    )
    page = WORDPRESS.split(SITE, listing("comments"), answer([COMMENT], 200, ("Link", link)))
    assert page.next is not None
    assert page.next.url == listing("comments").request.url + "&page=3"


def test_an_empty_page_with_a_next_one_is_not_the_end() -> None:
    """Only the platform says which page is the last."""
    link = '<https://city.example/x?page=2>; rel="next"'
    page = WORDPRESS.split(SITE, listing("posts"), answer([], 200, ("Link", link)))
    assert page.items == ()
    assert page.next is not None


@pytest.mark.parametrize(
    "link",
    [
        '<https://x/?page=1>; rel="prev"',
        '<https://x/?page=%2e>; rel="next"',
        "<https://x/>; rel=next",
        "",
    ],
)
def test_no_link_ends_the_listing(link: str) -> None:
    """A link without a page number is none."""
    page = WORDPRESS.split(SITE, listing("posts"), answer([POST], 200, ("Link", link)))
    assert page.next is None


def test_a_listing_is_known_by_its_name_alone() -> None:
    """Settling has no more than the stored name, and cuts the same."""
    stored = Listing("posts 3 revisions", "posts", listing("posts").request, "private", "g")
    link = '<https://x/?page=2>; rel="next"'
    page = WORDPRESS.split(SITE, stored, answer([], 200, ("Link", link)))
    assert page.next is not None
    assert "/wp/v2/posts/3/revisions&" in page.next.url
    assert page.next.url.endswith("&page=2")
    strange = Listing("gone", "posts", listing("posts").request, "private", "g")
    assert WORDPRESS.split(SITE, strange, answer([], 200, ("Link", link))).next is None


def test_the_total_is_wordpress_own() -> None:
    """X-WP-Total as spelt; anything but a number is no total."""
    one = listing("posts")
    assert WORDPRESS.split(SITE, one, answer([POST], 200, ("X-WP-Total", "117"))).total == "117"
    assert WORDPRESS.split(SITE, one, answer([POST], 200, ("X-WP-Total", "many"))).total == ""


def test_the_count_of_comments_holds_only_with_a_login() -> None:
    """Without one WordPress counts comments on private posts that it does not show."""
    total = ("X-WP-Total", "224")
    for site, expected in ((SITE, "224"), (PUBLIC, "")):
        page = WORDPRESS.split(site, listing("comments", site), answer([COMMENT], 200, total))
        assert page.total == expected


# ── problems ─────────────────────────────────────────────────────────────────────────────


FORBIDDEN_STATUS = {"status": {"code": "rest_forbidden_status"}}


def _error(code: str, status: int, **data: object) -> dict[str, Any]:
    return {"code": code, "message": "…", "data": {"status": status, **data}}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (_error("rest_post_invalid_page_number", 400), 400, "end"),
        (_error("rest_revision_invalid_page_number", 400), 400, "end"),
        (_error("rest_post_invalid_id", 404), 404, "missing"),
        (_error("rest_comment_invalid_id", 404), 404, "missing"),
        (_error("rest_user_invalid_id", 404), 404, "missing"),
        (_error("rest_post_invalid_parent", 404), 404, "missing"),
        (_error("rest_no_route", 404), 404, "schema"),
        ("<html>Not found</html>", 404, "schema"),
        (_error("rest_forbidden_context", 401), 401, "authorisation"),
        (_error("incorrect_password", 401), 401, "authorisation"),
        (_error("rest_invalid_param", 400, details=FORBIDDEN_STATUS), 400, "authorisation"),
        (_error("rest_invalid_param", 400), 400, "schema"),
        (_error("rest_forbidden", 403), 403, "authorisation"),
        (_error("blocked_by_firewall", 403), 403, "forbidden"),
        ("<html>403</html>", 403, "forbidden"),
        (_error("too_many", 429), 429, "rate"),
        ("", 503, "transient"),
        (_error("db_error", 500), 500, "transient"),
        (_error("rest_forbidden_context", 401), 200, "authorisation"),
        (_error("plugin_says_no", 400), 200, "schema"),
        ('<html><form id="loginform"></form></html>', 200, "authorisation"),
        ("<html>Briefly unavailable for scheduled maintenance.</html>", 200, "transient"),
        ("<br />Warning: x in y[{}]", 200, "schema"),
        ("", 200, "schema"),
        ('[{"id":1},{"id":2', 200, "transient"),
        ('[{"id":1,"a":[2]', 200, "transient"),
        ('{"id":1,"a":{"b":2}', 200, "transient"),
        ("[", 200, "transient"),
    ],
)  # fmt: skip
def test_what_is_no_content_is_a_problem(body: object, status: int, code: str) -> None:
    """Error codes, status codes, HTML and cut bodies are told apart."""
    page = WORDPRESS.split(SITE, listing("posts"), answer(body, status, length=False))
    assert page.problem is not None
    assert page.problem.code == code
    assert page.items == ()


def test_a_redirect_to_the_login_page_is_no_content() -> None:
    """The login is what is missing."""
    response = answer("", 302, ("Location", "https://city.example/wp-login.php?x"))
    problem = WORDPRESS.split(SITE, listing("posts"), response).problem
    assert problem is not None
    assert problem.code == "authorisation"


def test_a_refusal_without_a_login_is_final() -> None:
    """Nobody's permissions are short where nobody logged in."""
    problem = WORDPRESS.split(
        PUBLIC, listing("posts", PUBLIC), answer(_error("rest_x", 403), 403)
    ).problem
    assert problem is not None
    assert problem.code == "forbidden"


def test_a_rate_limit_says_how_long_to_wait() -> None:
    """Retry-After goes with the problem."""
    response = answer(_error("slow", 429), 429, ("Retry-After", "17"))
    problem = WORDPRESS.split(SITE, listing("posts"), response).problem
    assert problem is not None
    assert problem.retry_after == 17.0


# ── items ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "kind", "sensitivity"),
    [
        ("publish", "present", "public"),
        ("approved", "present", "public"),
        ("inherit", "present", "public"),
        ("hold", "held", "private"),
        ("pending", "held", "private"),
        ("draft", "held", "private"),
        ("future", "held", "private"),
        ("private", "held", "private"),
        ("auto-draft", "held", "private"),
        ("plugin-state", "held", "private"),
        ("spam", "hidden", "private"),
        ("trash", "removed", "private"),
        ("post-trashed", "removed", "private"),
    ],
)
def test_each_state_has_its_kind(status: str, kind: str, sensitivity: str) -> None:
    """Only what everybody can see is public; unknown states are not."""
    item, row = first_item("posts", POST | {"status": status})
    assert (item.kind, item.sensitivity, row["state"]) == (kind, sensitivity, status)


def test_comments_seen_with_a_login_are_private() -> None:
    """Their bytes hold their authors' e-mail and IP addresses, in every state."""
    item, row = first_item("comments", COMMENT | {"status": "approved"})
    assert (item.kind, item.sensitivity, row["state"]) == ("present", "private", "approved")


def test_a_post_behind_a_password_is_private() -> None:
    """Its text and the password itself are in the item."""
    item, row = first_item("posts", POST | {"password": "tide"})
    assert item.sensitivity == "private"
    assert json.loads(row["extra"])["password"] == "tide"


def test_users_are_always_private() -> None:
    """Subscribers are personal data in every state."""
    item, row = first_item(
        "subscribers",
        {
            "id": 4, "username": "ann", "name": "Ann &amp; Co", "email": "a@mail.example",
            "url": "https://ann.example", "description": "Likes <b>tea</b>", "locale": "en_US",
            "link": "https://city.example/author/ann", "roles": ["subscriber"],
            "registered_date": "2026-01-01T00:00:00+00:00", "meta": {"persisted_preferences": []},
        },
    )  # fmt: skip
    assert (item.native_id, item.sensitivity) == ("4", "private")
    assert row == {
        "handle": "ann",
        "name": "Ann & Co",
        "email": "a@mail.example",
        "text": "Likes tea",
        "markup": "Likes <b>tea</b>",
        "language": "en_US",
        "url": "https://city.example/author/ann",
        "roles": '["subscriber"]',
        "created": "2026-01-01T00:00:00+00:00",
        "created_source": "registered_date",
        "created_precision": "second",
        "created_at": "2026-01-01T00:00:00.000000Z",
        "volatile": '{"meta":{"persisted_preferences":[]}}',
        "extra": '{"url":"https:\\/\\/ann.example"}',
    }


def test_a_comment_gives_its_row() -> None:
    """Every member is in a column, in extra or in volatile."""
    item, row = first_item("comments", COMMENT)
    assert (item.native_id, item.page_url) == ("12", COMMENT["link"])
    assert row == {
        "thread_id": "3",
        "author_name": "Ann & Bo",
        "author_email": "ann@mail.example",
        "author_ip": "192.0.2.7",
        "author_agent": "Mozilla/5.0",
        "created": "2026-03-01T10:00:00",
        "created_source": "date_gmt",
        "created_precision": "second",
        "created_at": "2026-03-01T10:00:00.000000Z",
        "markup": "Call <b>555-0100</b> &amp; ask",
        "text": "Call 555-0100 & ask",
        "url": "https://city.example/blog/hi/#comment-12",
        "state": "approved",
        "volatile": '{"content":{"rendered":"<p>Call 555-0100<\\/p>\\n"},'
        '"_links":{"self":[{"href":"https:\\/\\/city.example\\/x"}]}}',
        "extra": '{"date":"2026-03-01T05:00:00","type":"comment",'
        '"author_avatar_urls":{"24":"https:\\/\\/avatar.example\\/1"},"meta":[]}',
    }


def test_a_reply_names_what_it_answers() -> None:
    """Ids are opaque text as spelt; a user's comment names the user."""
    _, row = first_item("comments", COMMENT | {"parent": 11, "author": 5})
    assert (row["parent_id"], row["thread_id"], row["author_id"]) == ("11", "3", "5")


def test_a_post_gives_its_row() -> None:
    """Raw text is markup, its plain form is text; rendered forms are volatile."""
    _, row = first_item("posts", POST)
    assert (row["title"], row["text"], row["markup"]) == ("Tea & talk", "Hi", "<p>Hi</p>")
    assert (row["author_id"], row["state"]) == ("2", "publish")
    assert row["modified_at"] == "2026-02-02T09:30:00.000000Z"
    assert row["tags"] == '{"categories":[1,4]}'
    assert row["attachments"] == '[{"role":"featured_media","id":9}]'
    assert "rendered" in row["volatile"]
    assert row["extra"] == '{"password":"","slug":"hi"}'
    assert "summary" not in row


def test_without_a_login_the_rendered_text_is_the_markup() -> None:
    """What everybody sees is all there is."""
    content = {"rendered": "<p>A<br />\nB</p>\n", "protected": False}
    _, row = first_item("posts", {"id": 3, "content": content}, PUBLIC)
    assert row["markup"] == "<p>A<br />\nB</p>\n"
    assert row["text"] == "A\nB"
    assert row["extra"] == '{"content":{"protected":false}}'


@pytest.mark.parametrize("date", ["0000-00-00T00:00:00", None, "", "soon"])
def test_an_empty_date_has_no_instant(date: str | None) -> None:
    """The text stays, the timestamp is not invented."""
    _, row = first_item("posts", POST | {"date_gmt": date})
    assert "created_at" not in row
    assert row.get("created", "") == (date or "")


def test_an_edited_post_asks_for_its_revisions() -> None:
    """As a listing of its own, private, once there are any."""
    item, _ = first_item("posts", POST)
    follow = item.follow[0]
    assert (follow.role, follow.stream) == ("listing", "posts")
    assert follow.listing.group == "posts 3 revisions"
    assert follow.listing.sensitivity == "private"
    assert "/wp/v2/posts/3/revisions&" in follow.listing.request.url
    assert first_item("posts", POST | {"_links": {}})[0].follow == ()
    assert first_item("posts", POST, PUBLIC)[0].follow == ()


def test_revisions_are_records_of_their_own() -> None:
    """Their id names the post; they are never public."""
    revision = {"id": 17, "parent": 3, "author": 2, "date_gmt": "2026-02-02T09:30:00",
                "slug": "3-revision-v1", "content": {"raw": "Old", "rendered": "Old"}}  # fmt: skip
    one = Listing("posts 3 revisions", "posts", listing("posts").request, "private", "g")
    response = answer([revision])
    page = WORDPRESS.split(SITE, one, response)
    item = page.items[0]
    assert (item.native_id, item.stream, item.sensitivity) == ("3/revision/17", "posts", "private")
    row = row_of(WORDPRESS, response.body, item)
    assert (row["text"], row["parent_id"]) == ("Old", "3")


def test_a_medium_asks_for_its_file_on_the_same_host_only() -> None:
    """What lies elsewhere is described, not fetched."""
    medium = {"id": 9, "status": "inherit", "mime_type": "image/jpeg", "post": 3,
              "alt_text": "A pier", "caption": {"raw": "Pier", "rendered": "<p>Pier</p>"},
              "source_url": "https://city.example/up/2026/pier%20one.jpg"}  # fmt: skip
    item, row = first_item("media", medium)
    follow = item.follow[0]
    assert (follow.role, follow.stream, follow.native_id) == ("file", "media", "9/file")
    assert follow.request.url == medium["source_url"]
    assert row["file_name"] == "pier one.jpg"
    assert (row["media_type"], row["alt_text"], row["caption"]) == ("image/jpeg", "A pier", "Pier")
    assert row["parent_id"] == "3"
    away, _ = first_item("media", medium | {"source_url": "https://cdn.example/pier.jpg"})
    assert away.follow == ()


def test_the_profile_is_the_site_itself() -> None:
    """Name and description of the site are one record."""
    response = answer({"name": "Harbor &amp; City", "description": "News", "gmt_offset": "-5"})
    page = WORDPRESS.split(SITE, listing("profile"), response)
    assert [item.native_id for item in page.items] == ["site"]
    row = row_of(WORDPRESS, response.body, page.items[0])
    assert row == {
        "name": "Harbor & City",
        "text": "News",
        "markup": "News",
        "extra": '{"gmt_offset":"-5"}',
    }


def test_a_direct_answer_is_one_item() -> None:
    """The thing asked for itself is cut like one of a listing."""
    response = answer(COMMENT | {"status": "trash"})
    page = WORDPRESS.split(SITE, listing("comments"), response)
    assert [(item.native_id, item.kind) for item in page.items] == [("12", "removed")]
    assert left_over(response.body, page) == []


def test_one_odd_item_does_not_hide_the_others() -> None:
    """A lone surrogate, a wrong type and a missing id in one page."""
    body = b'[{"id":1,"content":{"raw":"\\ud83d"}},{"id":2,"status":7},{"x":3},4,{"id":"5"}]'
    response = answer(body)
    page = WORDPRESS.split(SITE, listing("comments"), response)
    assert [(item.native_id, item.kind) for item in page.items] == [
        ("1", "present"),
        ("2", "present"),
        ("5", "present"),
    ]
    assert left_over(body, page) == [b',{"x":3},4,']
    assert row_of(WORDPRESS, body, page.items[0])["flags"] == '["lone-surrogate content"]'


@pytest.mark.parametrize("bad", ['"a\\nb"', "null", "true", "[]", '""', "1.5"])
def test_an_id_must_be_a_number_or_printable_text(bad: str) -> None:
    """Anything else is residue, and never gets into a header line."""
    body = f'[{{"id":{bad}}}]'.encode()
    page = WORDPRESS.split(SITE, listing("posts"), answer(body))
    assert page.items == ()
    assert left_over(body, page) == [body]


def test_a_link_that_is_no_web_address_is_no_page_url() -> None:
    """The row keeps it verbatim, the header line does not."""
    item, row = first_item("posts", POST | {"link": "https://x\r\nSet-Cookie: y"})
    assert item.page_url == ""
    assert row["url"] == "https://x\r\nSet-Cookie: y"


def test_rows_fit_their_columns() -> None:
    """No stream gives a field that its schema has no column for."""
    for stream, item in (("posts", POST), ("pages", POST), ("comments", COMMENT), ("media", POST)):
        _, row = first_item(stream, item)
        assert set(row) <= {column.name for column in fields_of(stream)}


# ── any bytes ────────────────────────────────────────────────────────────────────────────

SEEDS = [
    answer([COMMENT, COMMENT | {"id": 13}]).body,
    answer([POST]).body,
    answer(COMMENT).body,
    json.dumps([POST], indent=1).encode(),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return an answer with a few bytes cut, changed or put in."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        gone = draw(st.integers(0, 30))
        body = body[:at] + draw(st.binary(max_size=5)) + body[at + gone :]
    return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body


@given(damaged(), st.sampled_from(sorted(Stream)))
def test_damaged_answers_never_raise_and_never_vanish(body: bytes, stream: str) -> None:
    """Every byte is item, frame or residue, and every row can be stored."""
    one = Listing(stream, stream, listing("posts").request, "private", stream)
    page = WORDPRESS.split(SITE, one, answer(body))
    left_over(body, page)
    for item in page.items:
        for name, value in row_of(WORDPRESS, body, item).items():
            assert value.encode()
            if name in ("extra", "volatile", "flags"):
                json.loads(value)


@given(st.lists(st.integers(0, 10**20), unique=True, max_size=5))
def test_undamaged_answers_leave_no_residue(ids: list[int]) -> None:
    """Every item is found, whatever its id."""
    response = answer([COMMENT | {"id": one} for one in ids])
    page = WORDPRESS.split(SITE, listing("comments"), response)
    assert [item.native_id for item in page.items] == [str(one) for one in ids]
    assert left_over(response.body, page) == []


def test_a_file_address_that_is_none_is_flagged() -> None:
    """The row keeps it; no file is asked for."""
    item, row = first_item("media", {"id": 9, "source_url": "http://[oops/a.jpg"})
    assert item.follow == ()
    assert row["flags"] == '["not-a-url source_url"]'
    assert json.loads(row["attachments"]) == [{"role": "file", "url": "http://[oops/a.jpg"}]
