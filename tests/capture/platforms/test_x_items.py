"""X: items and their rows, in the published dialect and in that of webhooks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.capture.connector import Site
from archiver.record import Kind
from tests.capture.platforms.helpers import answer
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
    by_id,
    cut,
    rows,
)

OLDER = {
    "referenced_posts": "referenced_tweets",
    "edit_history_post_ids": "edit_history_tweet_ids",
    "note_post": "note_tweet",
}


def test_a_post_of_the_citys_own() -> None:
    """Text, author, hashtags; numbers and what X finds in it are volatile."""
    ((item, row),) = rows(TIMELINE, answered(POST))
    assert (item.stream, item.native_id, item.sensitivity) == ("posts", "100", "public")
    assert item.page_url == "https://x.com/CityOfQ/status/100"
    assert row["text"] == "Tea at six #tea"
    assert (row["author_id"], row["author_name"]) == ("1", "CityOfQ")
    assert (row["created_at"], row["created"]) == (
        "2026-03-01T10:00:00.000000Z", "2026-03-01T10:00:00.000Z",
    )  # fmt: skip
    assert (row["thread_id"], row["tags"]) == ("100", '["tea"]')
    assert json.loads(row["extra"]) == {"reply_settings": "everyone"}
    assert json.loads(row["volatile"])["public_metrics"]["like_count"] == 3
    assert "state" not in row


def test_both_dialects_give_the_same_row() -> None:
    """What a webhook brings and what a listing shows later is one record in one state."""
    post = POST | {"edit_history_post_ids": ["99", "100"], "note_post": {"text": "All of it"},
                   "referenced_posts": [{"type": "quoted", "id": "5"}]}  # fmt: skip
    older = {OLDER.get(name, name): value for name, value in post.items()}
    older["public_metrics"] = {"retweet_count": 1, "retweet_count_str": "1"}
    (one,), (two,) = (rows(TIMELINE, answered(body)) for body in (post, older))
    first, second = ({k: v for k, v in row.items() if k != "volatile"} for _, row in (one, two))
    assert first == second
    assert first["text"] == "All of it"
    assert one[0].native_id == two[0].native_id == "99"


def test_versions_of_an_edited_post_are_parts() -> None:
    """The record is that of the first version, whichever of them the answer leads with."""
    history = ["100", "102", "103"]
    first = POST | {"edit_history_post_ids": history, "text": "Tee"}
    second = first | {"id": "102", "text": "Tea"}
    last = first | {"id": "103", "text": "Tea at six"}
    for lead, others in ((last, [first, second]), (first, [second, last])):
        found = by_id(at("tweets/100", "posts"), {"data": lead, "includes": {
            "posts": others, "users": [CITY]}})  # fmt: skip
        assert {name: row["text"] for name, (_, row) in found.items()} == {
            "100": "Tea at six", "100/edit/1": "Tee", "100/edit/2": "Tea",
        }  # fmt: skip
        assert found["100/edit/1"][1]["parent_id"] == "100"
        assert found["100/edit/1"][0].group == "versions"
        assert '"edit_history_post_ids":["100","102","103"]' in found["100"][1]["extra"]
    rest = POST | {"edit_history_post_ids": ["100", "102"], "text": "Tee"}
    assert list(by_id(TIMELINE, answered(rest))) == ["100/edit/1"]  # the last one is not told


def test_numbers_that_only_the_author_sees_are_a_private_part() -> None:
    """The post itself stays public, and has not a byte of them."""
    own = POST | {"organic_metrics": {"impression_count": 77}, "non_public_metrics": {"x": 55}}
    body = answer(answered(own)).body
    found = by_id(TIMELINE, answered(own))
    item, row = found["100"]
    assert item.sensitivity == "public"
    assert not any(b"77" in body[a:b] or b"55" in body[a:b] for _, a, b in item.spans)
    assert row["text"] == "Tea at six #tea"
    part, numbers = found["100/metrics/100"]
    assert (part.sensitivity, part.group, part.stream) == ("private", "metrics", "posts")
    assert json.loads(numbers["volatile"]) == {
        "organic_metrics": {"impression_count": 77}, "non_public_metrics": {"x": 55},
    }  # fmt: skip
    assert (numbers["parent_id"], numbers["state"]) == ("100", "metrics")


def test_what_hangs_on_a_post_is_asked_for_by_its_numbers() -> None:
    """Replies and quotes in every full run, likes and reposts where the number is another."""
    ((item, _),) = rows(TIMELINE, answered(POST))
    found = {one.listing.name: one for one in item.follow if one.listing}
    assert {name: one.listing.stated for name, one in found.items() if one.listing} == {
        "liking_users 100": 3, "retweeted_by 100": 1, "quotes 100": 4, "conversation 100": 2,
    }  # fmt: skip
    assert {name for name, one in found.items() if one.always} == {"quotes 100", "conversation 100"}
    conversation = found["conversation 100"].listing
    assert conversation is not None
    assert "query=conversation_id:100&" in conversation.request.url
    newest = at("users/1/tweets", "posts", name="posts newest")
    ((item, _),) = rows(newest, answered(POST))
    assert not any(one.always for one in item.follow)
    assert rows(MENTIONS, answered(POST))[0][0].follow == ()


def test_an_answer_of_the_citys_leads_to_what_it_answers() -> None:
    """But not in its own conversation, nor where it goes on by itself."""
    own = POST | {"id": "105", "edit_history_post_ids": ["105"], "conversation_id": "90",
                  "in_reply_to_user_id": "22",
                  "referenced_posts": [{"type": "replied_to", "id": "91"}]}  # fmt: skip
    ((item, row),) = rows(TIMELINE, answered(own))
    names = [one.listing.name for one in item.follow if one.listing]
    assert names == ["liking_users 105", "retweeted_by 105", "quotes 105", "answered 91"]
    assert (row["state"], row["parent_id"]) == ("reply", "91")
    ((item, _),) = rows(TIMELINE, answered(own | {"in_reply_to_user_id": "1"}))
    assert "answered 91" not in [one.listing.name for one in item.follow if one.listing]


def test_what_others_write_is_a_comment() -> None:
    """By who wrote it; the city's own are posts wherever they are shown."""
    found = by_id(MENTIONS, answered(REPLY, POST))
    item, row = found["101"]
    assert (item.stream, item.sensitivity) == ("comments", "public")
    assert (row["author_name"], row["state"], row["parent_id"]) == ("ann_q", "reply", "100")
    assert found["100"][0].stream == "posts"
    assert item.page_url == "https://x.com/ann_q/status/101"


@pytest.mark.parametrize(
    ("post", "user"), [({"scopes": {"followers": True}}, {}), ({}, {"protected": True})]
)
def test_what_followers_alone_may_see_is_private(
    post: dict[str, Any], user: dict[str, Any]
) -> None:
    """By the post's scope, or by its author's protection; its picture is as private."""
    body = {
        "data": [REPLY | post | {"attachments": {"media_keys": ["3_7"]}}],
        "includes": {"users": [CITY, ANN | user], "media": [PICTURE]},
    }
    assert {item.sensitivity for item, _ in rows(MENTIONS, body)} == {"private"}


def test_a_repost_bears_the_text_and_author_of_what_it_repeats() -> None:
    """X cuts the text short; where it hides the original, the repost is hidden."""
    repost = POST | {"id": "110", "edit_history_post_ids": ["110"], "text": "RT @ann_q: with mi",
                     "referenced_posts": [{"type": "retweeted", "id": "101"}]}  # fmt: skip
    ((item, row),) = rows(TIMELINE, answered(repost, posts=[REPLY]))
    assert (row["text"], row["author_id"], row["author_name"]) == (
        REPLY["text"], "22", "ann_q",
    )  # fmt: skip
    assert (row["state"], row["parent_id"], item.kind) == ("repost", "101", Kind.PRESENT)
    assert [tuple(one) for one in item.contains] == [("comments", "101")]
    assert item.follow == ()
    ((item, row),) = rows(TIMELINE, answered(repost))
    assert (item.kind, row["text"]) == (Kind.HIDDEN, "RT @ann_q: with mi")


def test_a_quote_holds_what_it_quotes() -> None:
    """In its bytes, and named; the row says which, and that it changed is no edit of it."""
    quote = REPLY | {"referenced_posts": [{"type": "quoted", "id": "100"}]}
    ((item, row),) = rows(MENTIONS, answered(quote, posts=[POST]))
    assert [tuple(one) for one in item.contains] == [("posts", "100")]
    assert (row["state"], row["parent_id"]) == ("quote", "100")
    other = rows(MENTIONS, answered(quote, posts=[POST | {"text": "Other"}]))[0][1]
    assert {k: v for k, v in row.items() if k != "volatile"} == {
        k: v for k, v in other.items() if k != "volatile"
    }


def test_what_quotes_a_protected_post_is_as_private() -> None:
    """Its bytes have what followers alone may read."""
    quote = POST | {"referenced_posts": [{"type": "quoted", "id": "101"}]}
    for told, who in (({}, "public"), ({"scopes": {"followers": True}}, "private")):
        ((item, _),) = rows(TIMELINE, answered(quote, posts=[REPLY | told]))
        assert item.sensitivity == who


def test_polls_count_once_they_are_closed() -> None:
    """Votes before that change without the post."""
    options = [
        {"position": 1, "label": "Tea", "votes": 4},
        {"position": 2, "label": "No", "votes": 1},
    ]
    poll = {"id": "8", "options": options, "voting_status": "open", "duration_minutes": 60}
    post = POST | {"attachments": {"poll_ids": ["8"]}}
    told = []
    for status in ("open", "closed"):
        ((_, row),) = rows(TIMELINE, answered(post, polls=[poll | {"voting_status": status}]))
        told.append(json.loads(row["extra"])["poll"])
    assert told[0] == {"id": "8", "duration_minutes": 60, "options": ["Tea", "No"]}
    assert told[1] == told[0] | {"votes": [4, 1]}


def test_pictures_and_films_have_records_and_files() -> None:
    """With their description; of a film the best variant, never a playlist."""
    post = POST | {"attachments": {"media_keys": ["3_7", "7_8", "3_9"]}}
    found = by_id(TIMELINE, answered(post, media=[PICTURE, FILM]))
    picture, row = found["3_7"]
    assert row["alt_text"] == "A teapot"
    assert (picture.stream, picture.sensitivity) == ("media", "public")
    files = [one.follow[0] for one, _ in (found["3_7"], found["7_8"])]
    assert [(one.native_id, one.request.url if one.request else "") for one in files] == [
        ("3_7/file", "https://pbs.twimg.com/media/q.jpg"),
        ("7_8/file", "https://video.twimg.com/l.mp4"),
    ]
    assert found["100"][1]["attachments"] == '{"media_keys":["3_7","7_8","3_9"]}'


@pytest.mark.parametrize(
    "url",
    ["http://pbs.twimg.com/a.jpg", "https://twimg.com.evil.example/a.jpg",
     "https://pbs.twimg.com:8443/a.jpg", "https://u@pbs.twimg.com/a.jpg", "https://[x"],
)  # fmt: skip
def test_files_of_other_hosts_are_not_called(url: str) -> None:
    """Whatever address a medium names, only X's own hosts are asked, by https."""
    post = POST | {"attachments": {"media_keys": ["3_7"]}}
    found = by_id(TIMELINE, answered(post, media=[PICTURE | {"url": url}]))
    assert found["3_7"][0].follow == ()
    local = Site("a", "http://127.0.0.1:80/CityOfQ", authorised=True)
    page = cut(TIMELINE, answered(post, media=[PICTURE]), local)
    assert page.items[1].follow == ()


def test_included_things_that_nothing_shows_are_declared() -> None:
    """A user that is only mentioned is neither an item nor residue."""
    page = cut(TIMELINE, answered(POST, posts=[REPLY], places=[{"id": "p"}]))
    names = {one.name for one in page.claims}
    assert names >= {"included users 22", "included posts 101", "included places p"}
    assert "included users 1" not in names


@pytest.mark.parametrize(
    ("path", "group", "stream", "native_id", "state"),
    [
        ("users/1/followers", "followers", "subscribers", "follower/22", "follower"),
        ("users/1/following", "following", "subscribers", "following/22", "following"),
        ("users/1/blocking", "blocking", "moderation", "block/22", "block"),
        ("users/1/muting", "muting", "moderation", "mute/22", "mute"),
        ("tweets/100/liking_users", "liking_users 100", "reactions", "100/liking_users/22", "like"),
        ("tweets/100/retweeted_by", "retweeted_by 100", "reactions", "100/retweeted_by/22",
         "repost"),
    ],
)  # fmt: skip
def test_people_are_named_by_what_they_are_to_the_city(
    path: str, group: str, stream: str, native_id: str, state: str
) -> None:
    """Followers with name and profile, others by the names that one calls them."""
    ((item, row),) = rows(at(path, group, stream), {"data": [ANN]})
    assert (item.native_id, item.stream, row["state"]) == (native_id, stream, state)
    if stream == "subscribers":
        assert (row["handle"], row["name"], row["text"]) == ("ann_q", "Ann", "Hi")
    else:
        assert (row["author_id"], row["author_name"]) == ("22", "ann_q")
    parent = "100" if stream == "reactions" else ""
    assert row.get("parent_id", "") == parent


def test_likes_of_the_citys_are_private() -> None:
    """X shows them to nobody else; whose post it is, is named."""
    ((item, row),) = rows(at("users/1/liked_tweets", "likes", "reactions"), answered(REPLY))
    assert (item.native_id, item.sensitivity) == ("like/101", "private")
    assert [tuple(one) for one in item.contains] == [("comments", "101")]
    assert (row["state"], row["parent_id"], row["author_id"]) == ("like", "101", "22")


def test_messages_are_private_with_their_pictures() -> None:
    """Who wrote, in which conversation, when; hidden where X no longer says who."""
    letter = {
        "id": "9", "event_type": "MessageCreate", "text": "The drain", "sender_id": "22",
        "dm_conversation_id": "1-22", "created_at": "2026-03-01T10:00:00.000Z",
        "attachments": {"media_keys": ["3_7"]}, "referenced_posts": [{"id": "100"}],
    }  # fmt: skip
    listing = at("dm_events?max_results=100", "messages", "messages")
    found = by_id(listing, answered(letter, media=[PICTURE]))
    item, row = found["9"]
    assert {one.sensitivity for one, _ in found.values()} == {"private"}
    assert (row["text"], row["state"], row["author_id"], row["author_name"]) == (
        "The drain", "MessageCreate", "22", "ann_q",
    )  # fmt: skip
    assert (row["thread_id"], row["parent_id"], item.kind) == ("1-22", "100", Kind.PRESENT)
    ((item, _),) = rows(listing, {"data": [letter | {"attachments": {}}]})
    assert item.kind == Kind.HIDDEN


def test_encrypted_chats_are_kept_as_they_came() -> None:
    """The conversation leads to its events; the ciphertext is in ``extra``, and flagged."""
    chat = {"id": "1:22", "type": "direct"}
    ((item, row),) = rows(at("chat/conversations", "chats", "messages"), {"data": [chat]})
    assert (item.native_id, row["state"]) == ("conversation/1:22", "conversation")
    (follow,) = item.follow
    assert follow.listing is not None
    assert follow.listing.request.url.startswith(f"{API}/chat/conversations/1%3A22/events?")
    assert "conversation_token" not in follow.listing.request.url
    event = {"id": "e-1", "sender_id": "22", "conversation_id": "1:22", "encoded_event": "CwAB"}
    listing = at("chat/conversations/1%3A22/events", "chat 1:22", "messages")
    ((item, row),) = rows(listing, {"data": [event]})
    assert (item.native_id, row["state"], row["author_id"]) == ("chat/e-1", "encrypted", "22")
    assert json.loads(row["extra"]) == {"encoded_event": "CwAB"}
    assert row["flags"] == '["encrypted"]'


def test_profile_and_lists() -> None:
    """Pictures by address, which post is pinned; lists by name."""
    ((_, row),) = rows(at("users/by/username/cityofq", "account", "profile"), {"data": CITY})
    assert (row["handle"], row["name"], row["text"]) == (
        "CityOfQ", "City of Quillwater", "News & more",
    )  # fmt: skip
    assert json.loads(row["attachments"])[0]["role"] == "profile_image_url"
    assert json.loads(row["extra"])["pinned_post_id"] == "100"
    body = {"data": [{"id": "4", "name": "Towns", "description": "On the river"}]}
    ((item, row),) = rows(at("users/1/owned_lists", "lists", "profile"), body)
    assert (item.native_id, row["state"], row["name"], row["text"]) == (
        "list/4", "list", "Towns", "On the river",
    )  # fmt: skip


def test_members_that_nobody_knows_are_kept() -> None:
    """Of a post, of a profile, of a message: as they stood."""
    odd = {"colour": {"of": ["tea"]}}
    for listing, thing in (
        (TIMELINE, POST), (at("dm_events", "messages", "messages"), {"id": "9"}),
        (at("users/1/owned_lists", "lists", "profile"), {"id": "4"}),
    ):  # fmt: skip
        ((_, row),) = rows(listing, answered(thing | odd))
        assert json.loads(row["extra"])["colour"] == odd["colour"]


def test_a_thing_without_an_id_is_residue() -> None:
    """Nothing that came is dropped."""
    page = CONNECTOR.split(SITE, TIMELINE, answer(answered({"text": "whose?"})))
    assert page.items == ()
    response = answer(answered({"text": "whose?"}))
    spans = [(one.start, one.end) for one in page.claims]
    place = response.body.index(b'{"text"')
    assert not any(a <= place < b for a, b in spans)
