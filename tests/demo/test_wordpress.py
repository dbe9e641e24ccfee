"""Tests of the WordPress stand-in; tests/real/test_standin_contract.py has the real one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from archiver.demo.answer import Asked
from archiver.demo.city import City
from archiver.demo.wordpress.api import WordPress
from tests.demo.helpers import API, BASE, ask, basic, header, read, walk

ALL = {
    "posts?status=publish,future,draft,pending,private,trash&context=edit": 61,
    "pages?context=edit": 4,
    "media?context=edit": 6,
    "users?context=edit": 19,
}


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("listing", ALL)
def test_the_pages_of_a_listing_name_everything_once(listing: str, size: int) -> None:
    """Following ``next`` from page to page shows each thing exactly once."""
    pages = list(walk(City(), listing, size))
    numbers = [item["id"] for page in pages for item in page]
    assert len(numbers) == len(set(numbers)) == ALL[listing]
    assert all(len(page) == size for page in pages[:-1])


@pytest.mark.parametrize("order", ["orderby=id&order=asc", "orderby=date_gmt", "orderby=post"])
def test_all_comments_are_in_the_listing_of_any_status(order: str) -> None:
    """``status=any`` has every comment, whatever its state."""
    city = City()
    shown = [c for page in walk(city, f"comments?status=any&type=all&{order}", 100) for c in page]
    assert {c["id"]: c["status"] for c in shown} == {c.id: c.status for c in city.comments.values()}


def test_the_statuses_part_the_comments() -> None:
    """Approved, held, spam and trash together are all comments."""
    city = City()
    totals = {
        status: int(header(ask(city, f"{API}/comments?status={status}&per_page=1"), "X-WP-Total"))
        for status in ("approve", "hold", "spam", "trash", "all", "any")
    }
    parts = [totals[status] for status in ("approve", "hold", "spam", "trash")]
    assert sum(parts) == totals["any"]
    assert totals["approve"] + totals["hold"] == totals["all"]
    assert all(parts)


def test_comments_of_a_trashed_post_are_only_under_any() -> None:
    """They turn ``post-trashed`` and leave the listings of the ordinary states."""
    city = City()
    post = city.publish("Title", "text").id
    comment = city.comment(post, "hello", name="A").id
    city.trash_post(post)
    found = {
        status: read(ask(city, f"{API}/comments?post={post}&status={status}&_fields=id"))
        for status in ("approve", "hold", "spam", "trash", "any", "post-trashed")
    }
    expected = [{"id": comment}]
    assert found.pop("any") == found.pop("post-trashed") == expected
    assert not any(found.values())


def test_revisions_are_the_texts_that_edits_gave() -> None:
    """Each edit leaves its new text; the first text is not among them."""
    city = City()
    post = city.publish("Title", "first").id
    city.edit_post(post, text="second")
    city.edit_post(post, text="third")
    shown = read(ask(city, f"{API}/posts/{post}/revisions?context=edit"))
    assert [one["content"]["raw"] for one in shown] == ["third", "second"]
    links = read(ask(city, f"{API}/posts/{post}"))["_links"]
    assert links["version-history"][0]["count"] == 2
    assert links["predecessor-version"][0]["id"] == shown[0]["id"]


def test_strangers_see_published_things_only() -> None:
    """Without a login there are only published posts and approved comments."""
    city = City()
    posts = read(ask(city, f"{API}/posts?per_page=100", login=False))
    assert {post["status"] for post in posts} == {"publish"}
    comments = read(ask(city, f"{API}/comments?per_page=100", login=False))
    assert {comment["status"] for comment in comments} == {"approved"}
    users = read(ask(city, f"{API}/users?per_page=100", login=False))
    assert {user["id"] for user in users} == {1, 2, 3, 4}


def test_private_members_are_shown_to_editors_only() -> None:
    """E-mail addresses, network addresses and raw texts need ``context=edit``."""
    city = City()
    for login in (True, False):
        body = ask(city, f"{API}/comments?per_page=100", login=login).body.decode()
        assert "@mail.example" not in body
        assert "author_ip" not in body
        assert '"raw"' not in body
    assert b"@mail.example" in ask(city, f"{API}/comments?context=edit").body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic //8="},
        {"authorization": "Bearer x"},
        basic("records", "wrong"),
        basic("nobody", City.secret),
    ],
)
def test_a_bad_login_makes_a_stranger(headers: dict[str, str]) -> None:
    """As with the real one, nothing is refused that the public may see."""
    blog = WordPress(City())
    assert blog.answer(Asked("GET", f"{API}/posts", BASE, headers)).status == 200
    assert blog.answer(Asked("GET", f"{API}/posts?context=edit", BASE, headers)).status == 401
    me = blog.answer(Asked("GET", f"{API}/users/me", BASE, headers))
    assert (me.status, read(me)["code"]) == (401, "rest_not_logged_in")


def test_spaces_in_the_application_password_do_not_count() -> None:
    """It is accepted as shown and as typed without spaces."""
    city = City()
    for secret in (city.secret, city.secret.replace(" ", "")):
        asked = Asked("GET", f"{API}/users/me", BASE, basic(city.user, secret))
        assert WordPress(city).answer(asked).status == 200


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("posts?per_page=101", 400, "rest_invalid_param"),
        ("posts?page=99", 400, "rest_post_invalid_page_number"),
        ("posts?orderby=include", 400, "rest_orderby_include_missing_include"),
        ("posts/999999", 404, "rest_post_invalid_id"),
        ("posts/1", 404, "rest_post_invalid_id"),
        ("posts/999999/revisions", 404, "rest_post_invalid_parent"),
        ("posts/5/revisions/999999", 404, "rest_post_invalid_id"),
        ("posts/5/revisions?offset=99", 400, "rest_revision_invalid_offset_number"),
        ("comments/999999", 404, "rest_comment_invalid_id"),
        ("users/999999", 404, "rest_user_invalid_id"),
        ("media/5", 404, "rest_post_invalid_id"),
        ("nothing", 404, "rest_no_route"),
        ("posts/abc", 404, "rest_no_route"),
    ],
)
def test_bad_requests_are_refused_by_code(target: str, status: int, code: str) -> None:
    """Errors carry WordPress's status and code, twice: in HTTP and in the body."""
    answer = ask(City(), f"{API}/{target}")
    document = read(answer)
    assert (answer.status, document["code"]) == (status, code)
    assert document["data"]["status"] == status


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("posts?context=edit", "rest_forbidden_context"),
        ("posts/5?context=edit", "rest_forbidden_context"),
        ("posts/61", "rest_forbidden"),
        ("posts/5/revisions", "rest_cannot_read"),
        ("comments?context=edit", "rest_forbidden_context"),
        ("comments?status=hold", "rest_forbidden_param"),
        ("comments?post=61", "rest_cannot_read_post"),
        ("comments/1?context=edit", "rest_forbidden_context"),
        ("comments/13", "rest_cannot_read"),
        ("users?context=edit", "rest_forbidden_context"),
        ("users?roles=subscriber", "rest_user_cannot_view"),
        ("users?orderby=email", "rest_forbidden_orderby"),
        ("users/5", "rest_user_cannot_view"),
        ("users/5?context=edit", "rest_forbidden_context"),
        ("users/me", "rest_not_logged_in"),
    ],
)
def test_strangers_are_refused_by_code(target: str, code: str) -> None:
    """What only editors may see is 401 for the public, never 404, and open to editors."""
    city = City()
    answer = ask(city, f"{API}/{target}", login=False)
    assert (answer.status, read(answer)["code"]) == (401, code)
    assert ask(city, f"{API}/{target}").status == 200


@pytest.mark.parametrize(
    ("query", "name", "code", "message"),
    [
        ("page=0", "page", "rest_out_of_bounds", "greater than or equal to 1"),
        ("per_page=x", "per_page", "rest_invalid_type", "not of type integer"),
        ("page[]=1", "page", "rest_invalid_type", "not of type integer"),
        ("order=up", "order", "rest_not_in_enum", "is not one of asc and desc."),
        ("context=x", "context", "rest_not_in_enum", "view, embed, and edit."),
        ("after=soon", "after", "rest_invalid_date", "Invalid date."),
        ("after=2026-13-01T00:00:00", "after", "rest_invalid_date", "Invalid date."),
        ("include=1,x", "include", "rest_invalid_type", "include[1] is not of type"),
        ("status=bogus", "status", "rest_not_in_enum", "status[0] is not one of"),
    ],
)
def test_bad_parameters_are_named(query: str, name: str, code: str, message: str) -> None:
    """A bad parameter is refused with its name, and why."""
    answer = ask(City(), f"{API}/posts?{query}")
    data = read(answer)["data"]
    assert answer.status == data["status"] == 400
    assert data["details"][name]["code"] == code
    assert message in data["params"][name]


def test_strangers_may_not_choose_a_status() -> None:
    """That is refused as a bad parameter: 400, with 401 inside."""
    answer = ask(City(), f"{API}/posts?status=draft", login=False)
    detail = read(answer)["data"]["details"]["status"]
    assert (answer.status, detail["code"]) == (400, "rest_forbidden_status")
    assert detail["data"] == {"status": 401}


def test_bad_parameters_are_reported_in_two_rounds() -> None:
    """Paging is checked first; only then all the others, together."""
    both = read(ask(City(), f"{API}/posts?order=up&orderby=x&per_page=0"))
    assert list(both["data"]["params"]) == ["per_page"]
    rest = read(ask(City(), f"{API}/posts?order=up&orderby=x"))
    assert list(rest["data"]["params"]) == ["order", "orderby"]


def test_an_offset_past_the_end_counts_nothing() -> None:
    """Posts then give an empty page and the total 0; comments give the true total."""
    city = City()
    posts = ask(city, f"{API}/posts?offset=999")
    comments = ask(city, f"{API}/comments?offset=999")
    assert read(posts) == read(comments) == []
    assert header(posts, "X-WP-Total") == "0"
    assert int(header(comments, "X-WP-Total")) > 100


def test_files_of_hidden_posts_are_hidden_but_counted() -> None:
    """A stranger does not see the file of a draft, yet the total has it."""
    city = City()
    draft = city.publish("Draft", "x", status="draft")
    hidden = city.upload("Hidden", "alt", parent=draft.id)
    answer = ask(city, f"{API}/media?per_page=100", login=False)
    assert hidden.id not in {item["id"] for item in read(answer)}
    assert int(header(answer, "X-WP-Total")) == len(read(answer)) + 1


def test_writing_is_no_route() -> None:
    """The stand-in only reads."""
    answer = ask(City(), f"{API}/posts", method="POST")
    assert (answer.status, read(answer)["code"]) == (404, "rest_no_route")


def test_modified_after_is_in_local_time_unless_it_names_a_zone() -> None:
    """A date without a zone is six hours behind UTC, like the site."""
    city = City()
    post = city.publish("Title", "text")
    local = post.modified - timedelta(hours=6)
    for moment, found in (
        (f"{local - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}", [{"id": post.id}]),
        (f"{local:%Y-%m-%dT%H:%M:%S}", []),
        (f"{post.modified:%Y-%m-%dT%H:%M:%S}Z", []),
        (f"{post.modified - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}Z", [{"id": post.id}]),
    ):
        answer = ask(city, f"{API}/posts?modified_after={moment}&_fields=id")
        assert read(answer) == found


def test_dates_are_given_twice() -> None:
    """``date`` is local and ``date_gmt`` UTC, both without a zone, six hours apart."""
    for post in read(ask(City(), f"{API}/posts?per_page=100")):
        local, utc = (datetime.fromisoformat(post[name]) for name in ("date", "date_gmt"))
        assert utc - local == timedelta(hours=6)


def test_an_answer_changes_the_links_of_what_it_answers() -> None:
    """The first answer adds ``children`` to a comment that nobody edited."""
    city = City()
    comment = city.comment(5, "hello", name="A").id
    before = read(ask(city, f"{API}/comments/{comment}"))
    city.comment(5, "hi", name="B", parent=comment)
    after = read(ask(city, f"{API}/comments/{comment}"))
    assert after["_links"].pop("children")
    assert after == before


def test_json_is_spelt_as_php_spells_it() -> None:
    """Bodies are ASCII with escaped slashes, and still say the same."""
    answer = ask(City(), f"{API}/comments?per_page=100")
    assert answer.body.isascii()
    assert b"http:\\/\\/city.example" in answer.body
    assert b"http://" not in answer.body
    assert any("¿" in comment["content"]["rendered"] for comment in read(answer))


def test_uploaded_files_are_pictures() -> None:
    """Each file is where its item says, as long as it says, and a PNG."""
    city = City()
    files = read(ask(city, f"{API}/media"))
    bodies = set()
    for item in files:
        answer = ask(city, item["source_url"].removeprefix(BASE), login=False)
        assert header(answer, "Content-Type") == item["mime_type"] == "image/png"
        assert len(answer.body) == item["media_details"]["filesize"]
        assert answer.body.startswith(b"\x89PNG\r\n\x1a\n")
        assert item["alt_text"]
        bodies.add(answer.body)
    assert len(bodies) == len(files) == 6


def test_a_removed_file_is_gone() -> None:
    """After removal both the item and the file answer 404."""
    city = City()
    item = read(ask(city, f"{API}/media"))[0]
    city.remove_media(item["id"])
    assert ask(city, f"{API}/media/{item['id']}").status == 404
    assert ask(city, item["source_url"].removeprefix(BASE)).status == 404


def test_the_api_is_found_from_the_front_page() -> None:
    """The front page and unknown pages name the API's root; both forms of address work."""
    city = City()
    for target, status in (("/", 200), ("/no-such-page/", 404)):
        answer = ask(city, target)
        assert (answer.status, header(answer, "Link")) == (
            status,
            f'<{BASE}/wp-json/>; rel="https://api.w.org/"',
        )
    index = read(ask(city, "/wp-json/"))
    assert index["name"] == city.name
    assert read(ask(city, "/?rest_route=/")) == index
    one = read(ask(city, "/index.php?rest_route=/wp/v2/posts/5"))
    assert one == read(ask(city, f"{API}/posts/5"))


def test_fields_choose_members() -> None:
    """``_fields`` leaves only the members it names, also nested ones."""
    city = City()
    one = read(ask(city, f"{API}/posts/5?_fields=id,title.rendered,nothing"))
    assert list(one) == ["id", "title"]
    assert list(one["title"]) == ["rendered"]
    many = read(ask(city, f"{API}/posts?_fields[]=id&_fields[]=_links.self&per_page=2"))
    assert [list(item) for item in many] == [["id", "_links"]] * 2
    assert all(list(item["_links"]) == ["self"] for item in many)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("include=7,5,6&orderby=include", [7, 5, 6]),
        ("include=7,5,6&exclude=6&orderby=id&order=asc", [5, 7]),
        ("orderby=id&order=asc&per_page=3", [5, 6, 7]),
        ("orderby=id&order=asc&per_page=2&offset=1", [6, 7]),
        ("slug=no-such-post", []),
        ("search=no%20such%20word", []),
        ("author=4&orderby=id&order=asc&per_page=2", [8, 12]),
        ("orderby=modified&per_page=1&status=future", [62]),
        ("before=2001-01-01T00:00:00", []),
    ],
)
def test_listings_choose_and_order(query: str, expected: list[int]) -> None:
    """Parameters choose what is listed, and in which order."""
    shown = read(ask(City(), f"{API}/posts?_fields=id&{query}"))
    assert [item["id"] for item in shown] == expected


def test_search_ignores_case_and_accents() -> None:
    """Searching is as MySQL compares: without case and accents."""
    city = City()
    comment = city.comment(5, "¿Dónde está el ÁREA de juegos?", name="A").id
    shown = read(ask(city, f"{API}/comments?search=donde%20esta%20el%20area&_fields=id"))
    assert shown == [{"id": comment}]
