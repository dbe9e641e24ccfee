"""Discourse, Blogger, Reddit, Tumblr, Flickr: states, ids and addresses of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.capture.connector import Listing, Page, Site
from archiver.capture.platforms.blogger import Blogger
from archiver.capture.platforms.discourse import Discourse
from archiver.capture.platforms.flickr import Flickr
from archiver.capture.platforms.reddit import Reddit
from archiver.capture.platforms.tumblr import Tumblr
from archiver.demo.answer import Asked
from archiver.demo.tumblr.api import life as tumblr_life
from archiver.record import Request
from tests.capture.platforms.helpers import answer, left_over, row_of

FORUM = Site("city", "https://forum.example.gov", authorised=True)
BLOG = Site("city", "https://cityofexample.blogspot.com", authorised=True)
PICTURES = Site("city", "https://cityofexample.tumblr.com", authorised=True)
COMMUNITY = Site("city", "https://www.reddit.com/r/CityOfExample", authorised=True)


def cut(url: str, body: Any, *, one: Any, site: Site, listing: str = "posts") -> Page:  # noqa: ANN401 - any connector, any JSON
    """Cut an answer to an address."""
    found = Listing(listing, "comments", Request(url), "private", listing)
    response = answer(body)
    page: Page = one.split(site, found, response)
    assert left_over(response.body, page) == []
    return page


def post(**more: object) -> dict[str, object]:
    """Return a post of a forum."""
    return {"id": 9, "topic_id": 4, "post_number": 2, "cooked": "<p>Hi</p>", **more}


@pytest.mark.parametrize(
    ("more", "kind", "name"),
    [
        ({}, "present", "9"),
        ({"post_number": 1}, "present", "4/9"),
        ({"hidden": True}, "hidden", "9"),
        ({"deleted_at": "2026-11-20T09:00:00.000Z"}, "removed", "9"),
        ({"user_deleted": True}, "removed", "9"),
    ],
)
def test_a_forum_s_post_says_its_state(more: dict[str, object], kind: str, name: str) -> None:
    """The first of a topic is a part of that."""
    url = "https://forum.example.gov/posts.json"
    (item,) = cut(url, {"latest_posts": [post(**more)]}, one=Discourse(), site=FORUM).items
    assert (item.kind, item.native_id) == (kind, name)


def test_posts_of_a_forum_are_paged_by_id_without_a_gap() -> None:
    """Pages overlap by one; a window without posts leads to the one before it."""
    url = "https://forum.example.gov/posts.json"
    seen = []
    for asked, shown in (("", [90, 80]), ("?before=80", [80]), ("?before=31", [])):
        posts = {"latest_posts": [post(id=one) for one in shown]}
        following = cut(url + asked, posts, one=Discourse(), site=FORUM).next
        seen.append(following and following.url.partition("?")[2])
    assert seen == ["before=80", "before=31", None]


def test_what_a_login_shows_is_private_but_for_the_forum_s_name() -> None:
    """And what strangers are shown is public, unless it is hidden."""
    strangers = Site("city", FORUM.url, authorised=False)
    login = ((Discourse(), FORUM), (Reddit(), COMMUNITY), (Blogger(), BLOG), (Tumblr(), PICTURES))
    for one, site in login:
        found = one.listings(site, "backfill")
        assert {each.sensitivity for each in found if each.name != "profile"} == {"private"}
    open_ = {each.name: each.sensitivity for each in Discourse().listings(strangers, "backfill")}
    assert set(open_.values()) == {"public"}
    assert set(open_) == {"profile", "categories", "topics", "posts", "groups"}
    body = {"latest_posts": [post(), post(id=8, hidden=True), post(id=7, post_type=4)]}
    listing = Listing("posts", "comments", Request(f"{FORUM.url}/posts.json"), "public", "posts")
    items = Discourse().split(strangers, listing, answer(body)).items
    assert [item.sensitivity for item in items] == ["public", "private", "private"]


def test_a_forum_s_answers_are_told_by_their_words() -> None:
    """A wrong key is a login, a hidden thing may be gone, a limit has its seconds."""
    found = Listing("posts", "comments", Request("https://forum.example.gov/posts.json"), "", "x")
    words = "You are not permitted. The API username or key is invalid."
    for body, status, code in (
        ({"errors": [words], "error_type": "invalid_access"}, 403, "authorisation"),
        ({"errors": ["No"], "error_type": "invalid_access"}, 403, "forbidden"),
        ({"errors": ["No"], "error_type": "not_found"}, 404, "missing"),
    ):
        problem = Discourse().split(FORUM, found, answer(body, status)).problem
        assert problem is not None
        assert problem.code == code
    busy = {"errors": ["Slow"], "error_type": "rate_limit", "extras": {"wait_seconds": 17}}
    problem = Discourse().split(FORUM, found, answer(busy, 429)).problem
    assert problem is not None
    assert (problem.code, problem.retry_after) == ("rate", 17.0)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("LIVE", "present"), ("PENDING", "held"), ("DRAFT", "held"), ("SPAM", "hidden"),
        ("EMPTIED", "removed"), ("SOFT_TRASHED", "removed"), ("NEVER_SEEN", "held"),
    ],
)  # fmt: skip
def test_a_blog_s_comment_says_its_state(status: str, kind: str) -> None:
    """A state that is new is held: nobody knows that all see it."""
    url = "https://blogger.googleapis.com/v3/blogs/1/comments"
    one = {"kind": "blogger#comment", "id": "3", "status": status, "blog": {"id": "1"},
           "post": {"id": "2"}}  # fmt: skip
    body = {"kind": "blogger#commentList", "items": [one]}
    (item,) = cut(url, body, one=Blogger(), site=BLOG).items
    assert (item.kind, item.native_id, item.stream) == (kind, "1-2-3", "comments")
    direct = Blogger().direct(BLOG, "comments", "1-2-3")
    assert direct is not None
    assert direct.url == ("https://blogger.googleapis.com/v3/blogs/1/posts/2/comments/3?view=ADMIN")


def test_another_blog_is_refused() -> None:
    """Whose login it is shows in what the API answers to the account's address."""
    url = "https://blogger.googleapis.com/v3/blogs/byurl?url=x"
    body = {"kind": "blogger#blog", "id": "1", "url": "http://other.blogspot.com/"}
    found = Listing("blog", "profile", Request(url), "private", "blog")
    problem = Blogger().split(BLOG, found, answer(body)).problem
    assert problem is not None
    assert problem.code == "authorisation"


ACCOUNT = Site("city", "https://www.flickr.com/photos/cityofexample/", authorised=True)


def test_a_comment_on_flickr_is_read_as_the_manual_shows_it() -> None:
    """Members as in the example of flickr.photos.comments.getList."""
    method = "flickr.photos.comments.getList"
    url = f"https://api.flickr.com/services/rest/?method={method}&photo_id=109722179"
    said = {"id": "6065-109722179-72057594077818641", "author": "35468159852@N01",
            "authorname": "Rev Dan Catt", "datecreate": "1141841470", "_content": "Umm",
            "permalink": "http://www.flickr.com/photos/straup/109722179/#c1"}  # fmt: skip
    body = {"comments": {"photo_id": "109722179", "comment": [said]}, "stat": "ok"}
    page = cut(url, body, one=Flickr(), site=ACCOUNT, listing="comments 109722179")
    (item,) = page.items
    row = row_of(Flickr(), answer(body).body, item)
    assert (item.native_id, row["author_name"], row["text"]) == (said["id"], "Rev Dan Catt", "Umm")
    assert row["created_at"] == "2006-03-08T18:11:10.000000Z"


@pytest.mark.parametrize(
    ("code", "problem"), [(1, "missing"), (100, "authorisation"), (105, "transient"), (7, "schema")]
)
def test_flickr_tells_trouble_with_status_200(code: int, problem: str) -> None:
    """By its own numbers; one that nobody documents is no content."""
    url = "https://api.flickr.com/services/rest/?method=flickr.people.getInfo"
    found = Listing("profile", "profile", Request(url), "public", "profile")
    told = {"stat": "fail", "code": code, "message": "no"}
    said = Flickr().split(ACCOUNT, found, answer(told)).problem
    assert said is not None
    assert said.code == problem
    login = Flickr().authorise(ACCOUNT, {"api_key": "k"})
    assert (login.parameters, login.origin) == ((("api_key", "k"),), "https://api.flickr.com")


DOCUMENTED = {
    "followers": {"name", "following", "url", "updated"},
    "blocks": {"name", "url", "updated", "title", "description"},
    "notes": {
        "type", "timestamp", "blog_name", "blog_uuid", "blog_url", "followed", "avatar_shape",
        "reply_text", "added_text", "post_id", "reblog_parent_blog_name",
    },
}  # fmt: skip
"""Members of things in lists, as Tumblr's manual names them (tumblr/docs, api.md)."""


@pytest.mark.parametrize("method", sorted(DOCUMENTED))
def test_the_stand_in_for_tumblr_says_what_the_manual_names(method: str) -> None:
    """No member of a follower, a blocked blog or a note that nobody documents."""
    service = tumblr_life()
    grant = {"authorization": "Bearer quill-tumblr-access-0001"}
    post_id = next(iter(service.posts))
    target = f"/v2/blog/quillwater/{method}?id={post_id}"
    told = service.answer(Asked("GET", target, "http://x", grant))
    assert told is not None
    document = json.loads(told.body)
    assert set(document) == {"meta", "response"}
    things = next(one for one in document["response"].values() if isinstance(one, list))
    assert things
    assert {name for thing in things for name in thing} <= DOCUMENTED[method]


def test_lists_of_tumblr_go_on_until_they_are_shown_whole() -> None:
    """By the number of all, where it is told; by links, where nothing goes by offset."""
    api = "https://api.tumblr.com/v2/blog/b"
    people = {"users": [{"name": "a"}, {"name": "b"}], "total_users": 3}
    linked = {"posts": [], "_links": {"next": {"query_params": {"before_id": "5"}}}}
    for url, told, after in (
        (f"{api}/followers?offset=0", people, f"{api}/followers?offset=2"),
        (f"{api}/followers?offset=1", people, None),
        (f"{api}/posts/queue?offset=9", {"posts": []}, None),
        (f"{api}/posts/draft?npf=true", linked, f"{api}/posts/draft?npf=true&before_id=5"),
        (f"{api}/posts/draft?npf=true", {"posts": []}, None),
    ):
        body: dict[str, object] = {"meta": {"status": 200, "msg": "OK"}, "response": told}
        following = cut(url, body, one=Tumblr(), site=PICTURES, listing="x").next
        assert (following and following.url) == after


@pytest.mark.parametrize(("state", "kind"), [("published", "present"), ("queued", "held")])
def test_a_post_on_tumblr_is_its_blocks(state: str, kind: str) -> None:
    """Texts one on a line, the largest of each picture as a part of it, notes where there are."""
    url = "https://api.tumblr.com/v2/blog/cityofexample.tumblr.com/posts?npf=true&offset=0"
    picture = "https://64.media.tumblr.com/a/b.png"
    media = [{"url": picture}, {"url": "https://x.example/c.png"}]
    blocks: list[dict[str, object]] = [{"type": "text", "text": text} for text in ("One", "Two")]
    blocks.append({"type": "image", "media": media})
    one = {"id": 7, "id_string": "7", "state": state, "note_count": 2, "content": blocks}
    body = {"meta": {"status": 200, "msg": "OK"}, "response": {"posts": [one], "total_posts": 1}}
    page = cut(url, body, one=Tumblr(), site=PICTURES)
    found = Listing("posts", "posts", Request(url), "private", "posts")
    (item,) = Tumblr().split(PICTURES, found, answer(body)).items
    assert (item.kind, item.native_id) == (kind, "7")
    assert page.next is not None
    assert page.next.url.endswith("offset=1")
    assert [one.role for one in item.follow] == ["listing", "file"]
    assert item.follow[1].native_id == "7/file/a_b.png"
    assert row_of(Tumblr(), answer(body).body, item)["text"] == "One\nTwo"


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"body": "Hi"}, "present"),
        ({"body": "[deleted]", "author": "[deleted]"}, "removed"),
        ({"body": "[removed]"}, "hidden"),
        ({"body": "Hi", "removed": True}, "hidden"),
        ({"body": "Hi", "banned_by": "clerk"}, "hidden"),
        ({"body": "Hi", "spam": True}, "hidden"),
    ],
)
def test_a_comment_on_reddit_says_its_state(more: dict[str, object], kind: str) -> None:
    """What its author deleted is removed, what moderators removed is hidden."""
    url = "https://oauth.reddit.com/r/CityOfExample/comments?raw_json=1"
    thing = {"kind": "t1", "data": {"id": "c1", "link_id": "t3_p1", "edited": False, **more}}
    body = {"kind": "Listing", "data": {"after": None, "children": [thing]}}
    page = cut(url, body, one=Reddit(), site=COMMUNITY, listing="comments")
    (item,) = page.items
    assert (item.kind, item.group) == (kind, "thread p1")
    row = row_of(Reddit(), answer(body).body, item)
    assert (row["text"], row["thread_id"]) == (more["body"], "p1")


def test_what_a_thread_names_by_id_is_asked_for() -> None:
    """A hundred at a time; the rest is carried along, and what is too deep is said."""
    names = [f"c{number}" for number in range(130)]
    more = {"kind": "more", "data": {"count": 130, "id": "c0", "children": names}}
    listings = [{"kind": "Listing", "data": {"children": one}} for one in ([], [more])]
    url = "https://oauth.reddit.com/comments/p1?threaded=false"
    page = cut(url, listings, one=Reddit(), site=COMMUNITY, listing="thread p1")
    assert page.next is not None
    assert page.next.url.count("%2C") + page.next.url.count(",") == 99
    assert page.next.carried == ",".join(names[100:])
    deep = {"kind": "more", "data": {"count": 0, "id": "_", "children": []}}
    listings[1] = {"kind": "Listing", "data": {"children": [deep]}}
    page = cut(url, listings, one=Reddit(), site=COMMUNITY, listing="thread p1")
    assert page.next is None
    assert page.problem is not None
    assert page.problem.code == "withheld"


@pytest.mark.parametrize(
    ("one", "bad"),
    [
        (Discourse(), "https://forum.example.gov/latest"),
        (Discourse(), "https://forum.example.gov/?a=b"),
        (Blogger(), "https://www.blogger.com/"),
        (Blogger(), "https://a.blogspot.com/2026/11/x.html"),
        (Tumblr(), "https://cityofexample.tumblr.com/post/1"),
        (Flickr(), "https://www.flickr.com/photos/city/123/"),
        (Tumblr(), "https://www.tumblr.com/"),
        (Reddit(), "https://www.reddit.com/user/city"),
        (Reddit(), "https://www.reddit.com/r/x?a=b"),
    ],
)
def test_addresses_are_those_of_accounts(one: Any, bad: str) -> None:  # noqa: ANN401 - any connector
    """Not of a page within, nor of where things are written."""
    assert one.refuses(bad) != ""
    assert one.refuses(one.address_form) == ""


def test_logins_go_to_where_the_api_is() -> None:
    """Never to the host of an account's page, where that is another one."""
    tokens = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    granted = answer({"access_token": "t", "token_type": "bearer"})
    for one, site, asked, sent in (
        (Reddit(), COMMUNITY, "https://www.reddit.com/api/v1/access_token",
         "https://oauth.reddit.com"),
        (Tumblr(), PICTURES, "https://api.tumblr.com/v2/oauth2/token", "https://api.tumblr.com"),
        (Blogger(), BLOG, "https://oauth2.googleapis.com/token", "https://blogger.googleapis.com"),
    ):  # fmt: skip
        step = one.authorise(site, tokens)
        assert step.request is not None
        assert step.take is not None
        assert (step.request.url, step.take(granted).origin) == (asked, sent)
    assert Reddit().listings(Site("x", COMMUNITY.url, authorised=False), "backfill") == ()
    assert Discourse().authorise(FORUM, {"user": "clerk"}).headers == ()
