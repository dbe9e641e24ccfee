"""Facebook: how answers are cut into things, and what each of them says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.capture.connector import Contained
from tests.capture.platforms.facebook import (
    ANN,
    COMMENT,
    FACEBOOK,
    MESSAGE,
    NOW,
    POST,
    SITE,
    at,
    cut,
    error,
    listed,
    rows,
)
from tests.capture.platforms.helpers import answer, row_of

POSTS = at("104/published_posts", "posts")
CDN = "https://scontent.xx.fbcdn.net/v/x"


def first(group: str, node: object, stream: str = "posts") -> tuple[Any, dict[str, str]]:
    """Return the first item of a list of one node, and its row."""
    return rows(at("x", group, stream), listed(node))[0]


# ── Posts ────────────────────────────────────────────────────────────────────────────────


def test_a_post_is_public_and_what_its_owner_alone_is_told_is_a_private_part() -> None:
    """Who of the staff wrote it stands in no plain file."""
    (item, row), (part, owner) = rows(POSTS, listed(POST))
    assert (item.native_id, item.kind, item.sensitivity) == ("104_1", "present", "public")
    assert (row["text"], row["author_id"]) == ("Tea & talk at six", "104")
    assert (row["created"], row["created_at"]) == (NOW, "2026-11-20T09:00:00.000000Z")
    assert row["state"] == "mobile_status_update"
    assert "Alvarez" not in json.dumps(row)
    assert (part.native_id, part.sensitivity) == ("104_1/owner", "private")
    assert "Alvarez" in owner["extra"]
    assert owner["parent_id"] == "104_1"


def test_counts_and_addresses_change_without_the_post() -> None:
    """Nor is it edited when somebody comments (updated_time)."""
    later = json.loads(json.dumps(POST).replace("oh=1", "oh=2"))
    later |= {"updated_time": "2026-11-21T09:00:00+0000", "shares": {"count": 3}}
    later["reactions"] = {"data": [], "summary": {"total_count": 9}}
    _, before = first("posts", POST)
    _, after = first("posts", later)
    volatile = [one.pop("volatile") for one in (before, after)]
    assert before == after
    assert volatile[0] != volatile[1]
    _, other = first("posts", POST | {"message": "Tea at seven"})
    assert other["text"] != before["text"]
    moved = json.loads(json.dumps(POST).replace("A mill", "A barn"))
    assert first("posts", moved)[1]["attachments"] != before["attachments"]


@pytest.mark.parametrize(
    ("member", "kind", "who"),
    [
        ({}, "present", "public"), ({"is_hidden": True}, "hidden", "private"),
        ({"is_published": False}, "held", "private"), ({"is_expired": True}, "present", "private"),
        ({"privacy": {"value": "SELF"}}, "present", "private"),
        ({"privacy": {"value": ""}}, "present", "public"),
    ],
)  # fmt: skip
def test_who_may_see_a_post(member: dict[str, object], kind: str, who: str) -> None:
    """Hidden, scheduled and expired ones, and those for some, are encrypted."""
    item, _ = first("posts", POST | member)
    assert (item.kind, item.sensitivity) == (kind, who)


def test_what_hangs_on_a_post_is_asked_for_where_there_is_any() -> None:
    """By counts, in a full run always; nothing of a post on somebody else's wall."""
    item, _ = first("posts", POST)
    found = {one.listing.name: one for one in item.follow if one.listing}
    assert {name: one.listing.stated for name, one in found.items() if one.listing} == {
        "comments 104_1": 3, "reactions 104_1": 2, "shares 104_1": 2,
    }  # fmt: skip
    assert all(one.always and one.ages for one in found.values())
    asked = found["comments 104_1"].listing
    assert asked is not None
    assert "filter=stream" in asked.request.url
    assert "order=reverse_chronological" in asked.request.url
    newest = rows(at("x", "posts", name="posts newest"), listed(POST))[0][0]
    assert {one.listing.name for one in newest.follow if one.listing} == {
        "comments 104_1 newest", "reactions 104_1", "shares 104_1",
    }  # fmt: skip
    assert not any(one.always for one in newest.follow)
    quiet, _ = first("posts", POST | {"comments": {"summary": {"total_count": 0}}})
    assert next(one.always for one in quiet.follow if one.listing) is False
    for group in ("shares 104_1", "tagged"):
        item, _ = first(group, POST)
        assert not [one for one in item.follow if one.listing]


def test_pictures_of_others_are_fetched_from_the_platforms_own_hosts() -> None:
    """The Page's own are in its list of photos, larger."""
    item, _ = first("visitor_posts", POST)
    (file,) = [one for one in item.follow if one.role == "file"]
    assert (file.native_id, file.once) == ("104_1/picture", True)
    assert file.request is not None
    assert file.request.url == POST["full_picture"]
    for bad in ("https://evil.example/p.png", "http://scontent.fbcdn.net/p.png", "", "javascript:1",
                "https://fbcdn.net.evil.example/p", "https://u@x.fbcdn.net/p", 7):  # fmt: skip
        item, _ = first("visitor_posts", POST | {"full_picture": bad})
        assert not [one for one in item.follow if one.role == "file"]
    assert not [one for one in first("posts", POST)[0].follow if one.role == "file"]


def test_a_post_holds_what_it_shows_of_others() -> None:
    """The post that it shares, the photos in it, and those below an album."""
    item, _ = first("posts", POST)
    assert item.contains == (Contained("media", "900"),)
    inner = {"media_type": "video", "target": {"id": "901"}}
    album = {"media_type": "album", "target": {"id": "8"}, "subattachments": {"data": [inner]}}
    shared = POST | {"parent_id": "9_9", "attachments": {"data": [album]}}
    item, row = first("posts", shared)
    assert item.contains == (Contained("posts", "9_9"), Contained("media", "video/901"))
    assert row["parent_id"] == "9_9"


# ── Comments, reactions, ratings ─────────────────────────────────────────────────────────


def test_comments_are_private_and_hidden_ones_say_so() -> None:
    """With the answer they give, the people who wrote them, their files."""
    item, row = first("comments 104_1", COMMENT, "comments")
    assert (item.stream, item.native_id, item.kind) == ("comments", "1_55", "present")
    assert item.sensitivity == "private"
    assert (row["text"], row["author_name"], row["parent_id"]) == ("Which street?", "Ann", "1_54")
    image = {"media": {"image": {"src": CDN}}, "type": "photo"}
    item, row = first(
        "comments 104_1", COMMENT | {"is_hidden": True, "attachment": image}, "comments"
    )
    assert item.kind == "hidden"
    assert item.follow[0].native_id == "1_55/attachment"
    assert CDN not in row["attachments"]
    assert json.loads(row["extra"])["is_hidden"] is True


def test_a_reaction_belongs_to_what_it_is_on() -> None:
    """Another kind of reaction is an edit of the same record."""
    person = ANN | {"type": "LOVE", "link": "https://www.facebook.com/7001"}
    item, row = first("reactions 104_1", person, "reactions")
    assert item.native_id == "104_1/reaction/7001"
    assert (row["state"], row["author_id"], row["parent_id"]) == ("LOVE", "7001", "104_1")


def test_a_rating_has_the_id_of_its_story_or_of_who_gave_it() -> None:
    """It has none of its own."""
    rating = {"created_time": NOW, "recommendation_type": "negative", "review_text": "Slow",
              "reviewer": ANN, "open_graph_story": {"id": "33"}}  # fmt: skip
    item, row = first("ratings", rating, "comments")
    assert (item.native_id, item.stream) == ("rating/33", "comments")
    assert (row["text"], row["state"], row["author_id"]) == ("Slow", "negative", "7001")
    del rating["open_graph_story"]
    assert first("ratings", rating, "comments")[0].native_id == "rating/7001"


# ── Media, live videos, stories ──────────────────────────────────────────────────────────


def test_a_photo_is_fetched_at_its_largest_and_has_its_alternative_text() -> None:
    """The text that people wrote; the one that Facebook guessed is kept beside it."""
    sizes = [{"width": 10, "height": 6, "source": f"{CDN}/s"},
             {"width": 90, "height": 60, "source": f"{CDN}/l"}]  # fmt: skip
    photo = {"id": "900", "name": "The mill", "alt_text": "May be a mill",
             "alt_text_custom": "A mill of red brick", "images": sizes, "album": {"id": "8"},
             "page_story_id": "104_1"}  # fmt: skip
    item, row = first("photos", photo, "media")
    assert (item.native_id, item.sensitivity) == ("900", "public")
    assert item.follow[0].request is not None
    assert item.follow[0].request.url == f"{CDN}/l"
    assert (row["alt_text"], row["caption"]) == ("A mill of red brick", "The mill")
    assert json.loads(row["extra"])["alt_text"] == "May be a mill"
    loose = {name: one for name, one in photo.items() if name not in {"album", "page_story_id"}}
    assert first("photos", loose, "media")[0].sensitivity == "private"


def test_videos_reels_and_albums() -> None:
    """A video that is not published is held; ids of other kinds than photos say which."""
    video = {"id": "5", "title": "Council", "source": f"{CDN}/v", "published": True,
             "status": {"video_status": "ready"}, "views": 3}  # fmt: skip
    item, row = first("videos", video, "media")
    assert (item.native_id, item.kind, item.sensitivity) == ("video/5", "present", "public")
    assert row["title"] == "Council"
    draft, _ = first("reels", video | {"published": False}, "media")
    assert (draft.kind, draft.sensitivity) == ("held", "private")
    album, row = first("albums", {"id": "8", "name": "Uploads", "privacy": "friends"}, "media")
    assert (album.native_id, album.sensitivity, row["title"]) == ("album/8", "private", "Uploads")


@pytest.mark.parametrize(
    ("status", "kind", "who"),
    [("LIVE", "present", "public"), ("VOD", "present", "public"),
     ("SCHEDULED_UNPUBLISHED", "held", "private"), ("NEW", "held", "private")],
)  # fmt: skip
def test_live_videos(status: str, kind: str, who: str) -> None:
    """All comments on them are asked for, not those that Facebook thinks good."""
    item, row = first("live", {"id": "6", "title": "Flood", "status": status})
    assert (item.native_id, item.kind, item.sensitivity) == ("live/6", kind, who)
    assert row["state"] == status
    assert item.follow[0].listing is not None
    assert "live_filter=no_filter" in item.follow[0].listing.request.url


def test_a_story_that_is_over_is_hidden() -> None:
    """It is still in the Page's archive for its owner."""
    story = {
        "post_id": "7",
        "status": "PUBLISHED",
        "creation_time": "1763629200",
        "url": f"{CDN}/s",
    }
    item, row = first("stories", story)
    assert (item.native_id, item.kind, item.sensitivity) == ("story/7", "present", "public")
    assert row["created_at"] == "2025-11-20T09:00:00.000000Z"
    over, _ = first("stories", story | {"status": "ARCHIVED"})
    assert (over.kind, over.sensitivity) == ("hidden", "private")


# ── Conversations and messages ───────────────────────────────────────────────────────────


def test_a_conversation_leads_to_its_messages() -> None:
    """The first page has as many as Graph shows the content of."""
    talk = {"id": "t_1", "updated_time": NOW, "message_count": 31, "unread_count": 1,
            "participants": {"data": [ANN]}, "can_reply": True}  # fmt: skip
    item, row = first("conversations", talk, "messages")
    assert (item.native_id, item.sensitivity) == ("conversation/t_1", "private")
    assert row["modified_at"] == "2026-11-20T09:00:00.000000Z"
    (follow,) = item.follow
    assert follow.listing is not None
    assert (follow.listing.stated, follow.listing.dated) == (31, True)
    assert "limit=20" in follow.listing.request.url
    _, read = first("conversations", talk | {"unread_count": 0, "can_reply": False}, "messages")
    assert {**read, "volatile": ""} == {**row, "volatile": ""}


def test_that_a_message_is_listed_and_what_it_says_are_two_records() -> None:
    """The first is the same whether the content stands beside it or not."""
    talk = at("t_1/messages", "messages t_1", "messages")
    (item, row), (content, said) = rows(talk, listed(MESSAGE))
    assert (item.native_id, content.native_id) == ("m_1", "m_1/content")
    assert (content.group, item.group, item.follow) == ("content m_1", "", ())
    assert (said["text"], said["author_name"]) == ("My number is 555-0142", "Ann")
    assert said["parent_id"] == "m_1"
    assert "555" not in json.dumps(row)
    ((bare, same),) = rows(talk, listed({"id": "m_1", "created_time": NOW}))
    assert same == row
    (follow,) = bare.follow
    assert follow.listing is not None
    assert follow.listing.name == "content m_1"
    assert follow.listing.request.url.startswith("https://graph.facebook.com/v26.0/m_1?fields=id,")
    _, read = rows(talk, listed(MESSAGE | {"tags": {"data": [{"name": "read"}]}}))[1]
    assert {**read, "volatile": ""} == {**said, "volatile": ""}


def test_a_refusal_to_show_a_message_is_what_is_known_of_it() -> None:
    """A known unknown: by id, with the platform's words. Other trouble is no answer."""
    content = at("m_1", "content m_1", "messages")
    body = error(100, 33, "This message has been deleted")
    ((item, row),) = rows(content, body)
    assert (item.native_id, item.kind, item.sensitivity) == ("m_1/content", "hidden", "private")
    assert (row["state"], row["summary"]) == ("refused", "This message has been deleted")
    odd = ((190, "authorisation"), (4, "rate"), (2, "transient"), (200, "scope"), (100, "schema"))
    for code, kind in odd:  # 100 without 33: a field that Graph does not know, say
        page = FACEBOOK.split(SITE, content, answer(error(code), 400))
        assert page.problem is not None
        assert (page.problem.code, page.items) == (kind, ())


def test_files_of_messages_are_fetched() -> None:
    """Pictures, videos, documents; each by its own id."""
    files = [
        {"id": "1", "image_data": {"url": f"{CDN}/1"}}, {"video_data": {"url": f"{CDN}/2"}},
        {"id": "3", "file_url": f"{CDN}/3"}, 7, {"file_url": "http://evil.example/"},
    ]  # fmt: skip
    held = {"data": files}
    page = cut(at("m_1", "content m_1", "messages"), MESSAGE | {"attachments": held})
    found = {one.native_id: one.request.url for one in page.items[0].follow if one.request}
    assert found == {
        "m_1/attachment/1": f"{CDN}/1", "m_1/attachment/n1": f"{CDN}/2",
        "m_1/attachment/3": f"{CDN}/3",
    }  # fmt: skip


# ── Other lists, and single things ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("group", "node", "stream", "name"),
    [
        ("blocked", ANN, "moderation", "block/7001"),
        ("settings", {"setting": "CAN_POST", "value": True}, "profile", "setting/CAN_POST"),
        ("roles", {"id": "71", "name": "R. Alvarez"}, "profile", "role/71"),
    ],
)  # fmt: skip
def test_what_only_the_owner_is_shown_is_private(
    group: str, node: object, stream: str, name: str
) -> None:
    """Whom the Page blocks, how it is set up, who works on it."""
    item, row = first(group, node, stream)
    assert (item.stream, item.native_id, item.sensitivity) == (stream, name, "private")
    assert row["state"] == name.partition("/")[0]


@pytest.mark.parametrize(
    ("stream", "native_id", "path"),
    [
        ("posts", "104_1", "104_1?fields=id,from"),
        ("posts", "104_1/owner", "104_1?fields=id,from"),
        ("comments", "1_55", "1_55?fields=id,from"), ("media", "900", "900?fields=id,name"),
        ("media", "video/5", "5?fields=id,title"), ("media", "album/8", "8?fields=id,name"),
        ("posts", "live/6", "6?fields=id,title"), ("messages", "m_1", "m_1?fields=id,created_time"),
        ("messages", "conversation/t_1", "t_1?fields=id,link"),
    ],
)  # fmt: skip
def test_single_things_have_addresses(stream: str, native_id: str, path: str) -> None:
    """With the same fields as in lists, so that the same thing has the same row."""
    request = FACEBOOK.direct(SITE, stream, native_id)
    assert request is not None
    assert request.url.startswith(f"https://graph.facebook.com/v26.0/{path}")


@pytest.mark.parametrize(
    ("stream", "native_id"),
    [("reactions", "104_1/reaction/7"), ("messages", "m_1/content"), ("moderation", "block/7"),
     ("comments", "rating/3"), ("comments", "1_55/event/add-1"), ("media", "1_5/attachment"),
     ("posts", "../me"), ("posts", ""), ("profile", "104")],
)  # fmt: skip
def test_what_has_no_address_of_its_own(stream: str, native_id: str) -> None:
    """Nor can an id lead a request elsewhere."""
    assert FACEBOOK.direct(SITE, stream, native_id) is None


@pytest.mark.parametrize("number", ["a/b", "../me", "", "x?y", "x#y", 7, None, "a b", ".."])
def test_what_has_no_sound_id_is_left_over(number: object) -> None:
    """It is kept as residue, and leads to no request."""
    for group, node in (("posts", POST), ("comments 1", COMMENT), ("photos", {}), ("live", {}),
                        ("conversations", {}), ("messages t_1", MESSAGE), ("content m_1", MESSAGE),
                        ("blocked", ANN), ("reactions 1_1", ANN)):  # fmt: skip
        response = answer(listed({**node, "id": number}))
        page = FACEBOOK.split(SITE, at("x", group), response)
        assert page.items == ()


def test_duplicate_and_odd_members_are_kept() -> None:
    """A second member of a name, a lone surrogate, bytes that are no UTF-8."""
    node = b'{"id":"1_55","message":"a","message":"b \\ud83d","odd":"\xff","is_hidden":false}'
    body = b'{"data":[%b]}' % node
    page = FACEBOOK.split(SITE, at("x", "comments 1", "comments"), answer(body))
    row = row_of(FACEBOOK, body, page.items[0])
    assert row["text"] == "b \\ud83d"
    assert '"message":"a"' in row["extra"]
    assert "duplicate message" in row["flags"]
    assert "not-utf-8 odd" in row["flags"]


def test_what_the_profile_says_besides_is_asked_for_by_itself() -> None:
    """A field that one Page lacks, or that needs another permission, costs no more than it."""
    node = {"id": "104", "emails": ["clerk@x.example"], "talking_about_count": 4,
            "cover": {"id": "8", "source": f"{CDN}/c"}}  # fmt: skip
    ((item, row),) = rows(at("104", "details", "profile"), node)
    assert (item.native_id, item.sensitivity) == ("details/104", "public")
    assert json.loads(row["extra"]) == {"emails": ["clerk@x.example"], "cover": {"id": "8"}}
