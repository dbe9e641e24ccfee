"""YouTube: how answers are cut into things, who may see them, and what their rows say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from archiver.capture.connector import Contained, Listing
from archiver.record import Kind, Request
from tests.capture.platforms.helpers import answer, left_over, row_of
from tests.capture.platforms.youtube import (
    API,
    CHANNEL,
    CITY,
    FILM,
    REPLY,
    SAID,
    SITE,
    TUBE,
    at,
    cut,
    listed,
    rows,
    thread,
)

if TYPE_CHECKING:
    from archiver.capture.connector import Follow

UPLOADS = "playlistItems?part=contentDetails&playlistId=UUabc&maxResults=50"
THREADS = at("commentThreads?part=id", "comments published", "comments")


def files(follow: tuple[Follow, ...]) -> dict[str, str]:
    """Return the files that an item asks for, by their id."""
    return {one.native_id: one.request.url for one in follow if one.request}


def lists(follow: tuple[Follow, ...]) -> dict[str, Follow]:
    """Return the listings that an item asks for, by their name."""
    return {one.listing.name: one for one in follow if one.listing}


# ── videos ───────────────────────────────────────────────────────────────────────────────


def test_uploads_lead_to_videos_and_those_to_the_next_page() -> None:
    """Ids are claimed; the request for the videos carries where the list goes on."""
    place = {"kind": "youtube#playlistItem", "id": "p1", "contentDetails": {"videoId": "vid1"}}
    other = {**place, "id": "p2", "contentDetails": {"videoId": "vid2"}}
    body = listed("playlistItem", place, other, nextPageToken="T2", pageInfo={"totalResults": 90})
    for group, part in (("videos", "snippet"), ("details", "statistics")):
        page = cut(at(UPLOADS, group, carried="all"), body)
        assert (page.items, page.total) == ((), "90")
        assert page.next is not None
        assert f"{part}" in page.next.url
        assert "&id=vid1,vid2&" in page.next.url
        assert page.next.carried == "UUabc T2 all"
        videos = at(page.next.url.removeprefix(f"{API}/"), group, carried=page.next.carried)
        after = cut(videos, listed("video", FILM)).next
        assert after is not None
        assert (after.url, after.carried) == (f"{API}/{UPLOADS}&pageToken=T2", "all")
        last = at(page.next.url.removeprefix(f"{API}/"), group, carried="UUabc  all")
        assert cut(last, listed("video", FILM)).next is None


def test_an_empty_page_of_uploads_is_not_the_end() -> None:
    """As long as there is a next one."""
    page = cut(at(UPLOADS, "videos"), listed("playlistItem", nextPageToken="T2"))
    assert page.next is not None
    assert page.next.url.endswith("pageToken=T2")
    assert cut(at(UPLOADS, "videos"), listed("playlistItem")).next is None


def test_a_video_says_what_all_may_see() -> None:
    """Columns, counts apart; its largest picture, and its captions where it says it has some."""
    ((item, row),) = rows(at("videos?part=snippet", "videos"), listed("video", FILM))
    assert (item.stream, item.native_id, item.sensitivity) == ("posts", "vid1", "public")
    assert item.page_url == "https://www.youtube.com/watch?v=vid1"
    assert (row["title"], row["text"], row["state"]) == ("Hearing", "Second reading", "public")
    assert (row["created_at"], row["tags"]) == ("2026-03-01T10:00:00.000000Z", '["budget"]')
    extra, volatile = json.loads(row["extra"]), json.loads(row["volatile"])
    assert extra["contentDetails.duration"] == "PT1M"
    assert volatile["liveStreamingDetails.concurrentViewers"] == "5"
    assert set(volatile) >= {"kind", "etag", "snippet.thumbnails", "snippet.channelTitle"}
    assert files(item.follow) == {"vid1/thumbnail": "https://i.ytimg.com/vi/vid1/m.jpg"}
    captions = lists(item.follow)["captions vid1"]
    assert captions.listing is not None
    assert captions.listing.exhaustive
    assert not captions.always


@pytest.mark.parametrize("state", ["private", "unlisted", "", None, 7])
def test_what_is_not_said_to_be_public_is_private(state: object) -> None:
    """With whatever hangs on it."""
    film = FILM | {"status": {"privacyStatus": state}}
    ((item, _),) = rows(at("videos?part=snippet", "videos"), listed("video", film))
    assert item.sensitivity == "private"
    assert {one.sensitivity for one in item.follow if one.request} <= {"private"}


@pytest.mark.parametrize(
    ("caption", "carried", "always", "stated"),
    [("true", "UU  all", True, None), ("true", "UU  ", False, None), ("false", "UU  all", True, 0),
     (None, "", False, 0)],
)  # fmt: skip
def test_captions_are_asked_for_sparingly(
    *, caption: str | None, carried: str, always: bool, stated: int | None
) -> None:
    """A list of them costs fifty units: always in a run that reads everything, never for none."""
    film = FILM | {"contentDetails": {"caption": caption}}
    listing = at("videos?part=snippet", "videos", carried=carried)
    ((item, _),) = rows(listing, listed("video", film))
    follow = lists(item.follow)["captions vid1"]
    assert follow.listing is not None
    assert (follow.always, follow.listing.stated) == (always, stated)


@pytest.mark.parametrize(
    "url",
    ["http://i.ytimg.com/a.jpg", "https://evil.example/a.jpg", "https://a@i.ytimg.com/a.jpg",
     "https://i.ytimg.com:8443/a.jpg", "https://ytimg.com.evil.example/a.jpg", "file:///a", ""],
)  # fmt: skip
def test_pictures_elsewhere_are_not_fetched(url: str) -> None:
    """An answer can't have the archive call addresses of somebody's choosing."""
    shown = FILM["snippet"] | {"thumbnails": {"default": {"url": url, "width": 9, "height": 9}}}
    ((item, _),) = rows(
        at("videos?part=snippet", "videos"), listed("video", FILM | {"snippet": shown})
    )
    assert files(item.follow) == {}


def test_what_the_owner_alone_is_told_is_private() -> None:
    """Counts, dislikes among them, change without the thing; the file's name is its own."""
    told = {"id": "vid1", "statistics": {"viewCount": "9", "dislikeCount": "1"},
            "fileDetails": {"fileName": "final.mp4"}, "suggestions": {}}  # fmt: skip
    ((item, row),) = rows(at("videos?part=statistics", "details"), listed("video", told))
    assert (item.native_id, item.sensitivity) == ("vid1/details", "private")
    assert json.loads(row["extra"]) == {"fileDetails.fileName": "final.mp4"}
    assert json.loads(row["volatile"])["statistics"]["dislikeCount"] == "1"


def test_captions_are_parts_of_their_video() -> None:
    """With the file of each track."""
    track = {"id": "c1", "snippet": {"videoId": "vid1", "language": "en", "status": "serving",
                                     "lastUpdated": "2026-03-01T10:00:00.5Z"}}  # fmt: skip
    ((item, row),) = rows(at("captions?videoId=vid1", "captions vid1"), listed("caption", track))
    assert item.native_id == "vid1/caption/c1"
    assert (row["language"], row["parent_id"], row["modified_precision"]) == (
        "en",
        "vid1",
        "fraction",
    )
    assert files(item.follow) == {"vid1/caption/c1/file": f"{API}/captions/c1"}


@pytest.mark.parametrize(
    ("life", "asked"), [("live", True), ("testing", True), ("complete", False), ("created", False)]
)
def test_a_chat_is_listed_while_it_may_be_open(*, life: str, asked: bool) -> None:
    """With who moderates it; an ended one gives nothing."""
    one = {"id": "vid1", "snippet": {"liveChatId": "c1"}, "status": {"lifeCycleStatus": life}}
    body = listed("liveBroadcast", one)
    ((item, row),) = rows(at("liveBroadcasts?mine=true", "broadcasts"), body)
    assert (item.native_id, row["state"]) == ("vid1/broadcast", life)
    assert set(lists(item.follow)) == ({"chat c1", "moderators c1"} if asked else set())


# ── comments ─────────────────────────────────────────────────────────────────────────────


def test_a_thread_gives_its_comment_and_the_replies_it_shows() -> None:
    """Each in excerpts of its own: a reply's text stands in no other record."""
    response = answer(listed("commentThread", thread(REPLY, count=4)))
    page = TUBE.split(SITE, THREADS, response)
    assert left_over(response.body, page) == []
    first, reply = page.items
    assert (first.native_id, reply.native_id, reply.group) == ("Ug1", "Ug1/Ug1.r1", "replies Ug1")
    bytes_of = [b"".join(response.body[s.start : s.end] for s in one.spans) for one in page.items]
    assert (b"Tea" in bytes_of[0], b'"No"' in bytes_of[0]) == (True, False)
    assert b'"No"' in bytes_of[1]


def test_a_comments_row() -> None:
    """Who, on what, when, its text both ways; what readers do to it is volatile."""
    (first, row), (_, other) = rows(THREADS, listed("commentThread", thread(REPLY)))
    assert (first.kind, first.sensitivity) == (Kind.PRESENT, "public")
    assert (row["markup"], row["text"]) == (
        "Tea &amp; talk<br>at <b>six</b>", "Tea & talk\nat six",
    )  # fmt: skip
    assert (row["author_id"], row["author_name"]) == ("UCann", "@ann")
    assert (row["parent_id"], row["thread_id"]) == ("vid1", "vid1")
    assert row["modified_at"] == "2026-03-01T11:00:00.000000Z"
    assert "state" not in row
    volatile = json.loads(row["volatile"])
    assert volatile["thread.snippet.totalReplyCount"] == 1
    assert volatile["thread.replies"] == {"comments": [None]}
    assert volatile["snippet.moderationStatus"] == "published"
    assert (other["parent_id"], other["thread_id"]) == ("Ug1", "vid1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [("heldForReview", Kind.HELD), ("likelySpam", Kind.HIDDEN), ("rejected", Kind.REMOVED)],
)
def test_what_is_not_published_is_private(status: str, kind: Kind) -> None:
    """Whatever its thread says."""
    said = SAID | {"snippet": SAID["snippet"] | {"moderationStatus": status}}
    ((item, row),) = rows(THREADS, listed("commentThread", thread(said=said)))
    assert (item.kind, item.sensitivity, row["state"]) == (kind, "private", status)


def test_asked_for_by_id_a_comment_says_the_same() -> None:
    """Its state is left out then; that is no other comment, and no edit."""
    snippet = {name: one for name, one in SAID["snippet"].items() if name != "moderationStatus"}
    listing = at("comments?part=id,snippet&id=Ug1", "comments published", "comments")
    ((item, alone),) = rows(listing, listed("comment", SAID | {"snippet": snippet}))
    ((_, row),) = rows(THREADS, listed("commentThread", thread()))
    assert (item.native_id, item.kind) == ("Ug1", Kind.PRESENT)
    assert {k: v for k, v in alone.items() if k != "volatile"} == {
        k: v for k, v in row.items() if k != "volatile"
    }


@pytest.mark.parametrize("rating", ["like", "odd"])
def test_what_the_account_has_rated_is_private(rating: str) -> None:
    """Who reads a public file must not learn what the city's login liked."""
    said = SAID | {"snippet": SAID["snippet"] | {"viewerRating": rating}}
    ((item, _),) = rows(THREADS, listed("commentThread", thread(said=said)))
    assert item.sensitivity == "private"


def test_threads_that_not_all_may_read_are_private() -> None:
    """The comment, the replies shown, and the list of all replies."""
    page = cut(THREADS, listed("commentThread", thread(REPLY, isPublic=False)))
    assert {one.sensitivity for one in page.items} == {"private"}
    follow = lists(page.items[0].follow)["replies Ug1"]
    assert follow.listing is not None
    assert follow.listing.sensitivity == "private"


@pytest.mark.parametrize(
    ("name", "count", "always"),
    [("comments published", 1, False), ("comments published", 3, True),
     ("comments published newest", 3, False)],
)  # fmt: skip
def test_replies_are_listed_where_a_thread_shows_fewer(
    *, name: str, count: int, always: bool
) -> None:
    """In a full run; else where their number is news."""
    listing = THREADS.__class__(name, "comments", THREADS.request, "private", "comments published")
    page = cut(listing, listed("commentThread", thread(REPLY, count=count)))
    follow = lists(page.items[0].follow)["replies Ug1"]
    assert (follow.always, follow.ages) == (always, True)
    assert follow.listing is not None
    assert follow.listing.stated == count


def test_a_listed_reply_is_the_one_that_the_thread_showed() -> None:
    """Under the same id, with the same row."""
    listing = at("comments?part=id&parentId=Ug1", "replies Ug1", "comments")
    ((item, row),) = rows(listing, listed("comment", REPLY))
    (_, (shown, same)) = rows(THREADS, listed("commentThread", thread(REPLY)))
    assert (item.native_id, row) == (shown.native_id, same)


# ── chats ────────────────────────────────────────────────────────────────────────────────

CHAT = at("liveChat/messages?liveChatId=c1", "chat c1", "comments")


def happening(kind: str, number: str = "m1", **more: object) -> dict[str, Any]:
    """Return something that happened in a chat."""
    snippet = {"type": kind, "liveChatId": "c1", "publishedAt": "2026-03-01T10:00:00Z"} | more
    return {"kind": "youtube#liveChatMessage", "id": number, "snippet": snippet}


def test_messages_are_comments_and_bans_are_moderation() -> None:
    """Each event is a record."""
    said = happening("textMessageEvent", displayMessage="Hello", authorChannelId="UCann")
    ban = happening("userBannedEvent", "m2", userBannedDetails={"banType": "permanent"})
    (first, row), (second, _) = rows(CHAT, listed("liveChatMessage", said, ban))
    assert (first.stream, first.native_id) == ("comments", "chat/m1")
    assert (row["text"], row["state"], row["thread_id"]) == ("Hello", "textMessageEvent", "c1")
    assert (second.stream, second.native_id) == ("moderation", "chat/m2")


@pytest.mark.parametrize(
    ("event", "gone", "items"),
    [
        (happening("messageDeletedEvent", messageDeletedDetails={"deletedMessageId": "m0"}),
         "m0", 1),
        (happening("messageRetractedEvent", messageRetractedDetails={"retractedMessageId": "m0"}),
         "m0", 1),
        (happening("tombstone"), "m1", 0),
    ],
)  # fmt: skip
def test_what_is_taken_back_is_gone(event: dict[str, Any], gone: str, items: int) -> None:
    """By an event that is itself a record, or by a stone in the message's own place."""
    page = cut(CHAT, listed("liveChatMessage", event))
    assert [one.native_id for one in page.gone] == [f"chat/{gone}"]
    assert len(page.items) == items


def test_a_chat_is_read_until_nobody_speaks() -> None:
    """There is always a next page, and an empty one is the end for now."""
    page = cut(CHAT, listed("liveChatMessage", happening("textMessageEvent"), nextPageToken="n"))
    assert page.next is not None
    assert page.next.url.endswith("pageToken=n")
    assert cut(CHAT, listed("liveChatMessage", nextPageToken="n")).next is None


# ── people, lists, profile ───────────────────────────────────────────────────────────────


def test_subscribers_and_followed_channels_go_by_their_channel() -> None:
    """A subscription that is made anew is the same subscriber."""
    one = {
        "id": "sub1",
        "snippet": {"title": "Theirs", "resourceId": {"channelId": "UCthem"}, "publishedAt": "x"},
        "subscriberSnippet": {"title": "Ann", "channelId": "UCann"},
    }
    body = listed("subscription", one)
    ((item, row),) = rows(
        at("subscriptions?mySubscribers=true", "subscribers", "subscribers"), body
    )
    assert (item.native_id, row["name"], row["state"]) == ("subscriber/UCann", "Ann", "subscriber")
    assert json.loads(row["extra"])["id"] == "sub1"
    ((item, row),) = rows(at("subscriptions?mine=true", "following", "subscribers"), body)
    assert (item.native_id, row["name"]) == ("following/UCthem", "Theirs")


def test_the_number_of_subscribers_is_a_dated_record() -> None:
    """Another number is an edit; other counts are not."""
    told = {"subscriberCount": "1230", "viewCount": "99", "hiddenSubscriberCount": False}
    listing = at("channels?part=id,statistics&mine=true", "count", "subscribers")
    ((item, row),) = rows(listing, listed("channel", {"id": CHANNEL, "statistics": told}))
    assert (item.native_id, item.sensitivity) == ("count", "private")
    assert json.loads(row["extra"]) == {
        "id": CHANNEL, "statistics.subscriberCount": "1230",
        "statistics.hiddenSubscriberCount": False,
    }  # fmt: skip


def test_playlists_and_their_places() -> None:
    """A place is part of its list; what it says of the video is the video's."""
    one = {"id": "PL1", "snippet": {"title": "Council"}, "status": {"privacyStatus": "public"},
           "contentDetails": {"itemCount": 2}}  # fmt: skip
    body = listed("playlist", one, pageInfo={"totalResults": 1})
    ((item, row),) = rows(at("playlists?mine=true", "playlists", "pages"), body)
    assert (item.native_id, item.sensitivity, row["title"]) == ("playlist/PL1", "public", "Council")
    follow = lists(item.follow)["playlist PL1"]
    assert follow.listing is not None
    assert (follow.always, follow.listing.stated) == (True, 2)
    place = {"id": "i1", "snippet": {"title": "Film", "position": 3, "playlistId": "PL1"},
             "contentDetails": {"videoId": "vid1", "note": "Minutes"},
             "status": {"privacyStatus": "public"}}  # fmt: skip
    listing = at("playlistItems?playlistId=PL1", "playlist PL1", "pages")
    ((item, row),) = rows(listing, listed("playlistItem", place))
    assert (item.native_id, row["text"]) == ("playlist/PL1/item/i1", "Minutes")
    assert (row["parent_id"], "title" in row) == ("PL1", False)
    assert item.contains == (Contained("posts", "vid1"),)


@pytest.mark.parametrize("listing", ["public", "private"])
@pytest.mark.parametrize("video", ["public", "unlisted", "private", ""])
def test_a_place_is_as_private_as_its_video(listing: str, video: str) -> None:
    """A channel's owner sees the titles of private videos in public playlists."""
    place = {"id": "i1", "contentDetails": {"videoId": "v"}, "status": {"privacyStatus": video}}
    asked = Request(f"{API}/playlistItems?playlistId=PL1")
    shown = Listing("playlist PL1", "pages", asked, listing, "playlist PL1")
    ((item, _),) = rows(shown, listed("playlistItem", place))
    assert (item.sensitivity == "public") is (listing == video == "public")


def test_the_profile_is_public_and_the_settings_are_not() -> None:
    """The same channel, told of in two ways."""
    ((item, row),) = rows(
        at("channels?forHandle=@city", "profile", "profile"), listed("channel", CITY)
    )
    assert (item.native_id, row["name"], row["handle"]) == (CHANNEL, "City", "@city")
    assert item.follow == ()


def test_duplicate_and_odd_members_are_kept_and_said() -> None:
    """The last counts; the other stays in what has no column."""
    items = b'[{"id":"v","snippet":{"title":"a","title":"b"}}]'
    body = b'{"kind":"youtube#videoListResponse","items":%b}' % items
    page = TUBE.split(SITE, at("videos?part=snippet", "videos"), answer(body))
    ((item, row),) = [(one, row_of(TUBE, body, one)) for one in page.items]
    assert item.native_id == "v"
    assert (row["title"], json.loads(row["extra"])["snippet.title"]) == ("b", "a")
    assert json.loads(row["flags"]) == ["duplicate snippet.title"]
