"""A YouTube channel for tests: its resources as the Data API documents them, ways to read them."""

from __future__ import annotations

import json
from typing import Any

from archiver.capture.connector import Item, Listing, Page, Site
from archiver.capture.platforms.youtube import YouTube
from archiver.capture.reading import clean_row
from archiver.record import Request
from tests.capture.platforms.helpers import answer, left_over, row_of

TUBE = YouTube()
CHANNEL = "UCabcdefghijklmnopqrstuv"
SITE = Site("tube", "https://www.youtube.com/@City", authorised=True)
BY_ID = Site("tube", f"https://www.youtube.com/channel/{CHANNEL}", authorised=True)
PUBLIC = Site("tube", "https://www.youtube.com/@City", authorised=False)
API = "https://www.googleapis.com/youtube/v3"

CITY: dict[str, Any] = {
    "kind": "youtube#channel",
    "etag": "e1",
    "id": CHANNEL,
    "snippet": {
        "title": "City",
        "description": "News",
        "customUrl": "@city",
        "publishedAt": "2020-01-01T00:00:00Z",
        "thumbnails": {"default": {"url": "https://yt3.ggpht.com/a", "width": 88, "height": 88}},
    },
    "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UUabc"}},
}
FILM: dict[str, Any] = {
    "kind": "youtube#video",
    "etag": "e2",
    "id": "vid1",
    "snippet": {
        "publishedAt": "2026-03-01T10:00:00Z",
        "channelId": CHANNEL,
        "title": "Hearing",
        "description": "Second reading",
        "thumbnails": {
            "default": {"url": "https://i.ytimg.com/vi/vid1/d.jpg", "width": 120, "height": 90},
            "maxres": {"url": "https://i.ytimg.com/vi/vid1/m.jpg", "width": 1280, "height": 720},
        },
        "channelTitle": "City",
        "tags": ["budget"],
        "liveBroadcastContent": "none",
    },
    "contentDetails": {"duration": "PT1M", "caption": "true"},
    "status": {"privacyStatus": "public", "uploadStatus": "processed"},
    "liveStreamingDetails": {"concurrentViewers": "5", "actualStartTime": "2026-03-01T10:00:00Z"},
}
SAID: dict[str, Any] = {
    "kind": "youtube#comment",
    "etag": "e3",
    "id": "Ug1",
    "snippet": {
        "channelId": CHANNEL,
        "videoId": "vid1",
        "textDisplay": "Tea &amp; talk<br>at <b>six</b>",
        "textOriginal": "Tea & talk\nat *six*",
        "authorDisplayName": "@ann",
        "authorProfileImageUrl": "https://yt3.ggpht.com/ann",
        "authorChannelUrl": "http://www.youtube.com/@ann",
        "authorChannelId": {"value": "UCann"},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 3,
        "moderationStatus": "published",
        "publishedAt": "2026-03-01T10:00:00Z",
        "updatedAt": "2026-03-01T11:00:00Z",
    },
}
REPLY: dict[str, Any] = SAID | {
    "id": "Ug1.r1",
    "snippet": SAID["snippet"] | {"parentId": "Ug1", "textDisplay": "No"},
}


def thread(
    *replies: dict[str, Any], said: dict[str, Any] = SAID, count: int = 0, **more: object
) -> dict[str, Any]:
    """Return a thread: a comment, the replies that it shows, and how many there are."""
    snippet = {
        "channelId": CHANNEL,
        "videoId": "vid1",
        "topLevelComment": said,
        "canReply": True,
        "totalReplyCount": count or len(replies),
        "isPublic": True,
    }
    made = {"kind": "youtube#commentThread", "etag": "e4", "id": said["id"],
            "snippet": snippet | more}  # fmt: skip
    return made | ({"replies": {"comments": list(replies)}} if replies else {})


def listed(kind: str, *items: object, **more: object) -> dict[str, Any]:
    """Return a list response."""
    told = {"kind": f"youtube#{kind}ListResponse", "etag": "e0"}
    return {**told, **more, "items": list(items)}


def at(path: str, group: str = "x", stream: str = "posts", carried: str = "") -> Listing:
    """Return a listing as settling has it: of the request, its address and what it carried."""
    request = Request(f"{API}/{path}", carried=carried)
    return Listing(group, stream, request, "private", group)


def cut(listing: Listing, body: object, *, site: Site = SITE) -> Page:
    """Cut an answer that must be accounted for byte by byte."""
    response = answer(body)
    page = TUBE.split(site, listing, response)
    assert page.problem is None
    assert left_over(response.body, page) == []
    return page


def rows(listing: Listing, body: object, site: Site = SITE) -> list[tuple[Item, dict[str, str]]]:
    """Return each item of an answer with the row its excerpts give, which must be storable."""
    response = answer(body)
    found = []
    for item in cut(listing, body, site=site).items:
        row = row_of(TUBE, response.body, item)
        assert clean_row(item.stream, row) == {k: v for k, v in row.items() if v}
        found.append((item, row))
    return found


def refused(reason: str, status: int = 403, **more: object) -> bytes:
    """Return an error body as the API has it."""
    one = {"message": "No.", "domain": "youtube.x", "reason": reason}
    told = {"code": status, "message": "No.", "errors": [one], **more}
    return json.dumps({"error": told}).encode()
