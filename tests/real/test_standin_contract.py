"""The stand-in for WordPress against a real one: same shapes, same refusals, same rendering.

Both sides get the same kinds of things; the real one's are removed again afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from archiver.demo.city import City
from archiver.demo.picture import striped_png
from archiver.demo.server import CityServer
from archiver.demo.wordpress.text import excerpt, paragraphs, texturize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.demo.things import Post
    from tests.real.wordpress.server import WordPress

pytestmark = pytest.mark.real

API = "/wp-json/wp/v2"
MISSING = 99_999_999
STATUSES = ("draft", "private", "future", "trash")
BLOCKS = "<!-- wp:paragraph -->\n<p>Hello</p>\n<!-- /wp:paragraph -->"


class Side(NamedTuple):
    """One of the two servers: callers by name, and the numbers of comparable things."""

    callers: dict[str, httpx.Client]
    things: dict[str, int]

    def get(self, caller: str, target: str) -> httpx.Response:
        """Ask for ``target``, with the names of things in braces."""
        return self.callers[caller].get(target.format(api=API, missing=MISSING, **self.things))


class Pair(NamedTuple):
    """Both servers."""

    real: Side
    standin: Side


def callers(url: str, user: str, secret: str) -> dict[str, httpx.Client]:
    """An administrator, a stranger, and somebody with a wrong password."""
    return {
        "admin": httpx.Client(base_url=url, auth=(user, secret), timeout=60),
        "stranger": httpx.Client(base_url=url, timeout=60),
        "wrong": httpx.Client(base_url=url, auth=(user, "wrong"), timeout=60),
    }


def make(client: httpx.Client, collection: str, **members: object) -> int:
    """Create something on the real server and return its number."""
    answer = client.post(f"{API}/{collection}", json=members)
    answer.raise_for_status()
    return int(answer.json()["id"])


def real_things(client: httpx.Client) -> dict[str, int]:
    """Make one thing of every kind on the real server."""
    post = make(client, "posts", title="Contract", content=BLOCKS, status="publish")
    client.post(f"{API}/posts/{post}", json={"title": "Contract (edited)"}).raise_for_status()
    revision = client.get(f"{API}/posts/{post}/revisions").json()[0]["id"]
    picture = client.post(
        f"{API}/media",
        content=striped_png(1),
        headers={
            "Content-Type": "image/png",
            "Content-Disposition": 'attachment; filename="contract.png"',
        },
    )
    user = make(
        client,
        "users",
        username="contract",
        email="contract@mail.example",
        password="a long enough one",
        roles=["subscriber"],
    )
    comment = make(client, "comments", post=post, content="I object.", author=user)
    guest = {"post": post, "author_name": "Guest", "author_email": "guest@mail.example"}
    reply = make(client, "comments", content="So do I.", parent=comment, **guest)
    things = {
        "post": post,
        "revision": int(revision),
        "page": make(client, "pages", title="Contract", content="Text", status="publish"),
        "media": int(picture.json()["id"]),
        "user": user,
        "comment": comment,
        "reply": reply,
    }
    for status in ("draft", "private"):
        things[status] = make(client, "posts", title="Contract", content="x", status=status)
    future = {"status": "future", "date": "2036-07-04T15:00:00"}
    things["future"] = make(client, "posts", title="Contract", content="x", **future)
    things["trash"] = make(client, "posts", title="Contract", content="x", status="publish")
    client.delete(f"{API}/posts/{things['trash']}").raise_for_status()
    for status in ("hold", "spam", "trash"):
        number = make(client, "comments", content=f"For {status}", **guest)
        client.post(f"{API}/comments/{number}", json={"status": status}).raise_for_status()
        things[f"{status}_comment"] = number
    return things


def standin_things(city: City) -> dict[str, int]:
    """Find one thing of every kind in the city."""
    posts = tuple(city.posts.values())
    revised = {revision.parent for revision in city.revisions.values()}
    post = next(p.id for p in posts if p.kind == "post" and p.id in revised)
    city.edit_post(post, text=BLOCKS)
    user = next(u.id for u in city.users.values() if u.role == "subscriber")
    comment = city.comment(post, "I object.", user=user).id
    by_status = {s: next(p.id for p in posts if p.status == s) for s in STATUSES}
    verbs = {"hold": city.hold_comment, "spam": city.spam, "trash": city.trash_comment}
    hidden = {
        f"{status}_comment": hide(city.comment(post, f"For {status}", name="Guest").id).id
        for status, hide in verbs.items()
    }
    return {
        "post": post,
        "revision": next(r.id for r in city.revisions.values() if r.parent == post),
        "page": next(p.id for p in posts if p.kind == "page" and p.id not in revised),
        "media": next(p.id for p in posts if p.kind == "attachment" and not p.parent),
        "user": user,
        "comment": comment,
        "reply": city.comment(post, "So do I.", name="Guest", parent=comment).id,
        **by_status,
        **hidden,
    }


def remove(client: httpx.Client, things: dict[str, int]) -> None:
    """Delete for good what `real_things` made; comments go with their post."""
    for name, number in things.items():
        if name == "user":
            path, query = "users", "force=true&reassign=1"
        elif name in {"media", "page"}:
            path, query = "media" if name == "media" else "pages", "force=true"
        elif name == "post" or name in STATUSES:
            path, query = "posts", "force=true"
        else:
            continue
        client.delete(f"{API}/{path}/{number}?{query}").raise_for_status()


@pytest.fixture(scope="module")
def pair(wordpress: WordPress) -> Iterator[Pair]:
    """Both servers with comparable content."""
    city = City()
    things = standin_things(city)
    real = callers(wordpress.url, wordpress.user, wordpress.password)
    made = real_things(real["admin"])
    with CityServer(city) as server:
        standin = callers(server.url, city.user, city.secret)
        try:
            yield Pair(Side(real, made), Side(standin, things))
        finally:
            remove(real["admin"], made)
            for client in (*real.values(), *standin.values()):
                client.close()


def shape(value: Any) -> object:  # noqa: ANN401 - any JSON value
    """Return the member names, in order, and the JSON types of a document."""
    if isinstance(value, dict):
        return [(name, shape(part)) for name, part in value.items()]
    if isinstance(value, list):
        return [shape(part) for part in value]
    return type(value).__name__


ITEMS = (
    "posts/{post}",
    "posts/{draft}",
    "posts/{private}",
    "posts/{future}",
    "posts/{trash}",
    "pages/{page}",
    "media/{media}",
    "comments/{comment}",
    "comments/{reply}",
    "comments/{hold_comment}",
    "users/1",
    "users/{user}",
    "users/me",
    "posts/{post}/revisions/{revision}",
)


@pytest.mark.parametrize("context", ["view", "edit", "embed"])
@pytest.mark.parametrize("item", ITEMS)
def test_items_have_the_same_shape(pair: Pair, item: str, context: str) -> None:
    """The administrator gets the same members, in the same order, of the same JSON types."""
    target = f"{{api}}/{item}?context={context}"
    real, standin = (side.get("admin", target) for side in pair)
    assert standin.status_code == real.status_code == 200
    assert shape(standin.json()) == shape(real.json())
    assert standin.content.isascii() == real.content.isascii() is True


@pytest.mark.parametrize(
    "item", ["posts/{post}", "pages/{page}", "media/{media}", "comments/{reply}"]
)
def test_strangers_get_the_same_shape(pair: Pair, item: str) -> None:
    """The public gets the same members of public things."""
    real, standin = (side.get("stranger", f"{{api}}/{item}") for side in pair)
    assert shape(standin.json()) == shape(real.json())


LISTINGS = (
    "posts?include={post}&context=edit",
    "posts?include={post},{draft}&status=draft,publish&context=edit&orderby=include",
    "posts?include={trash}&status[]=trash&status[]=publish&_fields=id,_links.self,title.raw",
    "pages?include={page}&context=edit",
    "media?include={media}&context=edit",
    "comments?include={comment},{reply}&context=edit&orderby=id&order=asc",
    "comments?include={spam_comment}&status=any&type=all&context=edit",
    "users?include={user}&context=edit",
    "posts/{post}/revisions?include={revision}&context=edit",
)


@pytest.mark.parametrize("listing", LISTINGS)
def test_listings_have_the_same_shape(pair: Pair, listing: str) -> None:
    """Listings give the same number of items of the same shape, with the same totals."""
    real, standin = (side.get("admin", f"{{api}}/{listing}") for side in pair)
    assert standin.status_code == real.status_code == 200
    assert shape(standin.json()) == shape(real.json())
    for name in ("X-WP-Total", "X-WP-TotalPages"):
        assert standin.headers[name] == real.headers[name]


def test_the_index_has_the_same_members(pair: Pair) -> None:
    """The index names the same things of the site; its routes are fewer."""
    real, standin = (side.get("admin", "/wp-json/").json() for side in pair)
    for document in (real, standin):
        del document["routes"], document["namespaces"]
    assert shape(standin) == shape(real)


AWKWARD = (
    "posts?per_page=0",
    "posts?per_page=101",
    "posts?per_page=abc",
    "posts?page=0",
    "posts?page=99999",
    "posts?page[]=1",
    "posts?context=nope",
    "posts?context=edit",
    "posts?status=bogus",
    "posts?status=draft&_fields=id",
    "posts?status=publish,bogus",
    "posts?order=up&orderby=nope",
    "posts?orderby=nope&order=up",
    "posts?order=up&per_page=101",
    "posts?orderby=relevance",
    "posts?orderby=include",
    "posts?modified_after=yesterday",
    "posts?modified_after=2026-13-45T00:00:00",
    "posts?include=1,x",
    "posts?search=zzzzzzzz",
    "posts?offset=99999",
    "posts?status=any,trash&_fields=status&orderby=id",
    "posts/{missing}",
    "posts/0",
    "posts/abc",
    "posts/{page}",
    "posts/{draft}",
    "posts/{draft}?context=edit",
    "posts/{private}",
    "posts/{trash}",
    "pages/{post}",
    "pages/{page}/revisions",
    "media/{post}",
    "media/{missing}",
    "media?status=any",
    "media?page=99999",
    "media/{media}/revisions",
    "posts/{missing}/revisions",
    "posts/{post}/revisions",
    "posts/{post}/revisions?page=99&per_page=1",
    "posts/{post}/revisions?offset=99",
    "posts/{post}/revisions/{missing}",
    "posts/{post}/revisions/{media}",
    "comments?per_page=101",
    "comments?orderby=nope",
    "comments?orderby=modified",
    "comments?context=edit",
    "comments?status=hold",
    "comments?status=bogus",
    "comments?type=pingback",
    "comments?author={user}",
    "comments?author_email=guest@mail.example",
    "comments?post={draft}",
    "comments?post={missing}",
    "comments?after=soon",
    "comments/{missing}",
    "comments/abc",
    "comments/{hold_comment}",
    "comments/{spam_comment}",
    "comments/{trash_comment}",
    "comments/{comment}?context=edit",
    "users?context=edit",
    "users?orderby=registered_date",
    "users?orderby=nope",
    "users?roles=subscriber",
    "users/{user}",
    "users/{user}?context=edit",
    "users/{missing}",
    "users/me",
    "nothing",
    "posts/{post}/nothing",
)


def outline(answer: httpx.Response) -> dict[str, object]:
    """Return what two answers to an awkward request must have in common."""
    document = answer.json()
    refused = isinstance(document, dict) and "code" in document
    return {
        "status": answer.status_code,
        "content type": answer.headers["Content-Type"],
        "counted": "X-WP-Total" in answer.headers,
        "error": document if refused else None,
        "is list": isinstance(document, list),
        "empty": document == [],
    }


@pytest.mark.parametrize("caller", ["admin", "stranger", "wrong"])
@pytest.mark.parametrize("request_", AWKWARD)
def test_awkward_requests_are_answered_alike(pair: Pair, request_: str, caller: str) -> None:
    """Status, error code, message and details are the same, whoever asks."""
    real, standin = (side.get(caller, f"{{api}}/{request_}") for side in pair)
    assert outline(standin) == outline(real)


@pytest.mark.parametrize("form", ["/wp-json/wp/v2/posts?", "/?rest_route=/wp/v2/posts&"])
@pytest.mark.parametrize("page", [1, 2])
def test_pages_link_to_each_other_alike(pair: Pair, form: str, page: int) -> None:
    """``Link`` names the same neighbours, spelt the same way, in both forms of address."""
    query = f"status[]=publish&status[]=draft&after=2001-01-01T00:00:00&per_page=1&page={page}"
    links = []
    for side in pair:
        answer = side.get("admin", f"{form}{query}")
        base = str(side.callers["admin"].base_url).rstrip("/")
        links.append(answer.headers["Link"].replace(base, ""))
    assert links[0] == links[1]


@pytest.mark.parametrize("path", ["comments", "users"])
def test_past_the_end_comments_and_users_are_empty(pair: Pair, path: str) -> None:
    """Past the end these answer 200 with nothing, the true total and a way back."""
    for side in pair:
        answer = side.get("admin", f"{{api}}/{path}?page=99999&per_page=1")
        total = side.get("admin", f"{{api}}/{path}?per_page=1").headers["X-WP-Total"]
        assert (answer.status_code, answer.json()) == (200, [])
        assert answer.headers["X-WP-Total"] == total
        assert 'rel="prev"' in answer.headers["Link"]


def test_texts_are_rendered_alike(pair: Pair) -> None:
    """Titles, contents, excerpts and comments of the city look as WordPress would show them."""
    client, city = pair.real.callers["admin"], City()
    some: list[Post] = [p for p in city.posts.values() if p.kind == "post"][:12]
    for post in some:
        made = make(client, "posts", title=post.title, content=post.text, status="publish")
        shown = client.get(f"{API}/posts/{made}").json()
        client.delete(f"{API}/posts/{made}?force=true").raise_for_status()
        assert shown["title"]["rendered"] == texturize(post.title)
        assert shown["content"]["rendered"] == paragraphs(post.text)
        assert shown["excerpt"]["rendered"] == excerpt(post.text)
    for text in sorted({comment.text for comment in city.comments.values()})[::9]:
        guest = {"author_name": "Guest", "author_email": "guest@mail.example"}
        made = make(client, "comments", post=pair.real.things["post"], content=text, **guest)
        shown = client.get(f"{API}/comments/{made}").json()
        client.delete(f"{API}/comments/{made}?force=true").raise_for_status()
        assert shown["content"]["rendered"] == paragraphs(text)


class Talk(NamedTuple):
    """A post by an author, and three comments, each answering the one before."""

    author: int
    post: int
    top: int
    middle: int
    low: int


def real_talk(client: httpx.Client) -> Talk:
    """Have a talk on the real server; its last comment is spam."""
    guest = {"author_name": "Guest", "author_email": "guest@mail.example"}
    login = {"username": "leaving", "email": "leaving@mail.example", "password": "long enough"}
    author = make(client, "users", **login, roles=["author"])
    post = make(client, "posts", title="Verbs", content="x", status="publish", author=author)
    top = make(client, "comments", post=post, content="Top", author=author)
    middle = make(client, "comments", post=post, content="Middle", parent=top, **guest)
    low = make(client, "comments", post=post, content="Low", parent=middle, **guest)
    client.post(f"{API}/comments/{low}", json={"status": "spam"}).raise_for_status()
    return Talk(author, post, top, middle, low)


def standin_talk(city: City) -> Talk:
    """Have the same talk in the city."""
    author = city.add_user("leaving", "Leaving", role="author").id
    post = city.publish("Verbs", "x", author=author).id
    top = city.comment(post, "Top", user=author).id
    middle = city.comment(post, "Middle", name="Guest", parent=top).id
    low = city.spam(city.comment(post, "Low", name="Guest", parent=middle).id).id
    return Talk(author, post, top, middle, low)


def after(client: httpx.Client, talk: Talk) -> dict[str, object]:
    """Return what is left of a talk, with the numbers of its things as their names."""
    names = {number: name for name, number in talk._asdict().items() if name != "post"}
    post = client.get(f"{API}/posts/{talk.post}?context=edit").json()
    comments = {
        name: client.get(f"{API}/comments/{number}?context=edit").json()
        for number, name in names.items()
        if name != "author"
    }
    return {
        "post": (post["author"], post["status"], post["slug"]),
        "revisions": len(client.get(f"{API}/posts/{talk.post}/revisions").json()),
        "author": client.get(f"{API}/users/{talk.author}").json(),
        **{
            name: (c["status"], names.get(c["parent"], 0), names.get(c["author"], 0))
            if "status" in c
            else c
            for name, c in comments.items()
        },
    }


def test_verbs_change_what_wordpress_changes(pair: Pair) -> None:
    """Trash, deletion and a leaving user have the same side effects on both."""
    client, city = pair.real.callers["admin"], City()
    real, standin = real_talk(client), standin_talk(city)
    for path in (
        f"comments/{real.middle}?force=true",
        f"users/{real.author}?force=true&reassign=1",
        f"posts/{real.post}",
    ):
        client.delete(f"{API}/{path}").raise_for_status()
    city.delete_comment(standin.middle)
    city.remove_user(standin.author)
    city.trash_post(standin.post)
    with (
        CityServer(city) as server,
        httpx.Client(base_url=server.url, auth=(city.user, city.secret)) as other,
    ):
        assert after(other, standin) == after(client, real)
        client.delete(f"{API}/posts/{real.post}?force=true").raise_for_status()
        city.delete_post(standin.post)
        assert after_deletion(other, standin) == after_deletion(client, real)


def after_deletion(client: httpx.Client, talk: Talk) -> list[tuple[int, object]]:
    """Return how a deleted post, its comment and its revisions are answered."""
    paths = (f"posts/{talk.post}", f"comments/{talk.top}", f"posts/{talk.post}/revisions")
    answers = [client.get(f"{API}/{path}") for path in paths]
    return [(answer.status_code, answer.json()) for answer in answers]
