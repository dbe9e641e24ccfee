"""Instagram: addresses, login, how answers and deliveries are cut, and what each thing says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.connector import Contained, Item, Listing, Page, Problem, Site
from archiver.capture.delivery import Receives
from archiver.capture.platforms.instagram import Instagram
from archiver.capture.reading import clean_row
from archiver.columns import fields_of
from archiver.record import Request, Stream
from tests.capture.platforms.facebook import MESSAGE, NOW, PAGING, error, listed
from tests.capture.platforms.helpers import answer, left_over, row_of

GRAM = Instagram()
SITE = Site("pictures", "https://www.instagram.com/CityOfX/", authorised=True)
GRAPH = "https://graph.facebook.com/v26.0"
CDN = "https://scontent.cdninstagram.com/v/x"
OWN: dict[str, Any] = {
    "id": "178", "username": "cityofx", "name": "City of X", "biography": "Pictures",
    "followers_count": 5, "follows_count": 1, "media_count": 2,
}  # fmt: skip
PAGE = {"id": "104", "name": "City of X", "instagram_business_account": OWN}
MEDIA: dict[str, Any] = {
    "id": "1", "caption": "The mill", "alt_text": "A mill", "media_type": "IMAGE",
    "media_url": f"{CDN}/1?oh=1", "permalink": "https://www.instagram.com/p/C1/", "timestamp": NOW,
    "username": "cityofx", "like_count": 3, "comments_count": 2,
}  # fmt: skip
REPLY = {"id": "22", "text": "Yes", "timestamp": NOW, "username": "ben", "hidden": False,
         "parent_id": "21"}  # fmt: skip
COMMENT: dict[str, Any] = {
    "id": "21", "text": "Lovely", "timestamp": NOW, "username": "ann", "hidden": False,
    "from": {"id": "7001", "username": "ann"}, "like_count": 1,
    "replies": {"data": [REPLY], "paging": PAGING},
}  # fmt: skip


def at(path: str, group: str, stream: str = "posts", name: str = "") -> Listing:
    """Return a listing as settling has it."""
    return Listing(name or group, stream, Request(f"{GRAPH}/{path}"), "private", group)


def cut(listing: Listing, body: object, site: Site = SITE) -> Page:
    """Cut an answer that must be accounted for byte by byte."""
    response = answer(body)
    page = GRAM.split(site, listing, response)
    assert page.problem is None, page.problem
    assert left_over(response.body, page) == []
    return page


def rows(listing: Listing, body: object) -> list[tuple[Item, dict[str, str]]]:
    """Return each item of an answer with its row, which must be storable."""
    found = []
    for item in cut(listing, body).items:
        row = row_of(GRAM, answer(body).body, item)
        assert clean_row(item.stream, row) == {k: v for k, v in row.items() if v}
        found.append((item, row))
    return found


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://www.instagram.com/cityofx/", True), ("https://instagram.com/city.of_x", True),
        ("http://127.0.0.1:80/cityofx", True), ("https://www.instagram.com/", False),
        ("https://www.instagram.com/p/", False), ("https://www.instagram.com/p/C1/", False),
        ("https://www.instagram.com/cityofx?hl=en", False),
    ],
)  # fmt: skip
def test_which_addresses_are_those_of_accounts(url: str, *, good: bool) -> None:
    """A name alone."""
    assert (GRAM.refuses(url) == "") == good


def test_the_account_is_the_one_that_the_tokens_page_is_linked_to() -> None:
    """It leads to its lists and to the Page's conversations; another's is refused."""
    (first,) = GRAM.listings(SITE, "backfill")
    assert first.request.url.startswith(f"{GRAPH}/me?fields=id,name,instagram_business_account{{")
    assert GRAM.authorise(SITE, {"token": "EAAB-1"}).origin == "https://graph.facebook.com"
    page = cut(first, PAGE)
    profile, count = page.items
    assert (profile.native_id, count.native_id, page.cursor) == ("178", "count", "178")
    urls = {one.listing.name: one.listing.request.url for one in profile.follow if one.listing}
    assert urls["media"].startswith(f"{GRAPH}/178/media?fields=")
    assert urls["conversations"].startswith(f"{GRAPH}/104/conversations?platform=instagram")
    row = row_of(GRAM, answer(PAGE).body, profile)
    assert (row["handle"], row["text"]) == ("cityofx", "Pictures")
    assert json.loads(row_of(GRAM, answer(PAGE).body, count)["extra"])["followers_count"] == 5
    other = PAGE | {"instagram_business_account": OWN | {"username": "else"}}
    assert GRAM.split(SITE, first, answer(other)).problem == Problem(
        "authorisation", "the token is that of else"
    )
    unlinked = GRAM.split(SITE, first, answer({"id": "104"})).problem
    assert unlinked is not None
    assert "no professional Instagram account" in unlinked.message


def test_a_post_and_the_pictures_of_an_album() -> None:
    """Counts and addresses change without it; its pictures are records of their own."""
    child = {"id": "2", "media_type": "IMAGE", "media_url": f"{CDN}/2", "alt_text": "A float"}
    album = MEDIA | {"media_type": "CAROUSEL_ALBUM", "children": {"data": [child]}}
    (item, row), (part, said) = rows(at("178/media", "media"), listed(album))
    assert (item.sensitivity, item.contains) == ("public", (Contained("media", "2"),))
    assert (row["text"], row["alt_text"], row["url"]) == ("The mill", "A mill", MEDIA["permalink"])
    assert (part.stream, part.native_id, said["alt_text"]) == ("media", "2", "A float")
    names = [one.listing.name if one.listing else one.native_id for one in item.follow]
    assert names == ["1/file", "comments 1"]
    later = album | {"media_url": f"{CDN}/1?oh=2", "like_count": 9, "comments_count": 7}
    _, same = rows(at("178/media", "media"), listed(later))[0]
    assert {**same, "volatile": ""} == {**row, "volatile": ""}


def test_comments_with_the_replies_beside_them() -> None:
    """The comment is the same whatever was replied; more replies are asked for."""
    listing = at("1/comments", "comments 1", "comments")
    (item, row), (reply, said) = rows(listing, listed(COMMENT))
    assert (item.native_id, item.kind, item.sensitivity) == ("21", "present", "private")
    assert (row["text"], row["author_id"], row["author_name"]) == ("Lovely", "7001", "ann")
    assert (reply.native_id, said["parent_id"], said["author_name"]) == ("22", "21", "ben")
    assert [one.listing.name for one in item.follow if one.listing] == ["replies 21"]
    alone = {name: one for name, one in COMMENT.items() if name != "replies"}
    ((bare, same),) = rows(listing, listed(alone))
    assert (same, bare.follow) == (row, ())
    ((hidden, _),) = rows(listing, listed(alone | {"hidden": True}))
    assert hidden.kind == "hidden"


def test_stories_live_videos_and_posts_of_others() -> None:
    """Each kind says which; posts of others are private."""
    for group, name, who in (("stories", "story/1", "public"), ("live_media", "live/1", "public"),
                             ("tags", "tagged/1", "private")):  # fmt: skip
        ((item, _),) = rows(at("x", group), listed(MEDIA))
        assert (item.native_id, item.sensitivity) == (name, who)


def test_messages_are_as_those_of_facebook() -> None:
    """Listed, read, refused."""
    found = rows(at("t_1/messages", "messages t_1", "messages"), listed(MESSAGE))
    assert [item.native_id for item, _ in found] == ["m_1", "m_1/content"]
    ((item, row),) = rows(at("m_1", "content m_1", "messages"), error(100, 33, "deleted"))
    assert (item.kind, row["state"]) == ("hidden", "refused")


def told(*changes: object, number: str = "178", site: Site = SITE) -> Page:
    """Cut a delivery of changes."""
    body = {"object": "instagram", "entry": [{"id": number, "time": 5, "changes": list(changes)}]}
    return cut(GRAM.deliveries(site), body, site)


def test_deliveries() -> None:
    """A comment leads to itself, a mention to the comment on somebody else's post."""
    assert isinstance(GRAM, Receives)
    value = {
        "id": "21",
        "text": "Rude",
        "from": {"id": "7", "username": "ann"},
        "media": {"id": "1"},
    }
    (item,) = told({"field": "comments", "value": value}).items
    assert item.native_id == "21/event/comments-5"
    assert item.follow[0].listing is not None
    assert item.follow[0].listing.group == "comments 1"
    site = Site("pictures", SITE.url, authorised=True, cursors={"profile": "178"})
    named = {"field": "mentions", "value": {"media_id": "9", "comment_id": "91"}}
    (item,) = told(named, site=site).items
    assert item.native_id == "91/event/mentions-5"
    assert item.follow[0].listing is not None
    assert "mentioned_comment.comment_id(91)" in item.follow[0].listing.request.url
    (item,) = told({"field": "story_insights", "value": {"media_id": "3"}}).items
    assert item.native_id == "3/event/story_insights-5"
    assert told(named, number="999", site=site).items == ()
    found = {
        "mentioned_comment": {"id": "91", "text": "@cityofx look", "timestamp": NOW},
        "id": "178",
    }
    ((said, row),) = rows(at("178", "mentions 91", "comments"), found)
    assert (said.native_id, row["text"]) == ("91", "@cityofx look")
    gone = GRAM.split(SITE, at("178", "mentions 91", "comments"), answer(error(100, 33), 400))
    assert (gone.problem, gone.items) == (None, ())


@pytest.mark.parametrize(
    ("stream", "native_id", "good"),
    [("posts", "1", True), ("comments", "21", True), ("messages", "m_1", True),
     ("messages", "conversation/t_1", True), ("posts", "story/1", False), ("media", "2", False),
     ("messages", "m_1/content", False), ("posts", "../me", False)],
)  # fmt: skip
def test_which_things_have_addresses(stream: str, native_id: str, *, good: bool) -> None:
    """No id leads a request elsewhere."""
    assert (GRAM.direct(SITE, stream, native_id) is not None) == good


def test_every_stream_has_a_cited_cell() -> None:
    """Also where Instagram gives nothing."""
    cells = {one.stream: one for one in GRAM.capabilities}
    assert cells.keys() == set(Stream) - {Stream.WORKFLOW}
    assert all(one.citation.startswith("https://") and one.limit for one in cells.values())


BODIES = [
    (at("178/media", "media"), listed(MEDIA | {"children": {"data": [{"id": "2"}]}})),
    (at("1/comments", "comments 1", "comments"), listed(COMMENT)),
    (at("me", "profile", "profile"), PAGE),
    (at("x", "stories"), listed(MEDIA, paging=PAGING)),
]


@given(st.data())
def test_mutated_answers_never_raise_and_never_vanish(data: st.DataObject) -> None:
    """Bytes changed, cut out and put in anywhere: items, claims, frame and residue are all."""
    listing, value = data.draw(st.sampled_from(BODIES))
    body = bytearray(answer(value).body)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body)))
        new = data.draw(
            st.binary(max_size=6) | st.sampled_from([b'"', b"{", b"]", b"null", b"\xff"])
        )
        body[place : place + data.draw(st.integers(0, 8))] = new
    response = answer(bytes(body))
    page = GRAM.split(SITE, listing, response)
    if page.problem is None:
        left_over(response.body, page)
    for item in page.items:
        row = row_of(GRAM, response.body, item)
        assert set(row) <= {column.name for column in fields_of(item.stream)}
