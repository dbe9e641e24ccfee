"""An account on X for tests: its things as X publishes them, and ways to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Listing, Site
from archiver.capture.platforms.x import X
from archiver.capture.reading import clean_row
from archiver.record import Request
from tests.capture.platforms.helpers import answer, left_over, row_of

if TYPE_CHECKING:
    from archiver.capture.connector import Item, Page

CONNECTOR = X()
SITE = Site("city-x", "https://x.com/CityOfQ", authorised=True)
API = "https://api.x.com/2"

CITY: dict[str, Any] = {
    "id": "1",
    "username": "CityOfQ",
    "name": "City of Quillwater",
    "description": "News & more",
    "created_at": "2020-01-01T00:00:00.000Z",
    "protected": False,
    "profile_image_url": "https://pbs.twimg.com/profile_images/1/a.jpg",
    "pinned_post_id": "100",
    "public_metrics": {
        "followers_count": 3, "following_count": 2, "listed_count": 0, "post_count": 9,
    },
}  # fmt: skip
ANN: dict[str, Any] = CITY | {
    "id": "22", "username": "ann_q", "name": "Ann", "description": "Hi", "pinned_post_id": "5",
}  # fmt: skip
COUNTS = {
    "repost_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4,
    "bookmark_count": 0, "impression_count": 70,
}  # fmt: skip
POST: dict[str, Any] = {
    "id": "100",
    "text": "Tea at six #tea",
    "author_id": "1",
    "conversation_id": "100",
    "created_at": "2026-03-01T10:00:00.000Z",
    "edit_history_post_ids": ["100"],
    "entities": {"hashtags": [{"start": 11, "end": 15, "tag": "tea"}]},
    "lang": "en",
    "reply_settings": "everyone",
    "public_metrics": COUNTS,
}
REPLY: dict[str, Any] = POST | {
    "id": "101",
    "text": "@CityOfQ with milk?",
    "author_id": "22",
    "in_reply_to_user_id": "1",
    "edit_history_post_ids": ["101"],
    "entities": {},
    "referenced_posts": [{"type": "replied_to", "id": "100"}],
}
PICTURE: dict[str, Any] = {
    "media_key": "3_7", "type": "photo", "url": "https://pbs.twimg.com/media/q.jpg",
    "alt_text": "A teapot", "width": 96, "height": 60,
}  # fmt: skip
FILM: dict[str, Any] = {
    "media_key": "7_8",
    "type": "video",
    "duration_ms": 4000,
    "preview_image_url": "https://pbs.twimg.com/p.jpg",
    "variants": [
        {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/v.m3u8"},
        {"content_type": "video/mp4", "bit_rate": 256, "url": "https://video.twimg.com/s.mp4"},
        {"content_type": "video/mp4", "bit_rate": 2176, "url": "https://video.twimg.com/l.mp4"},
    ],
}


def at(path: str, group: str = "x", stream: str = "posts", name: str = "") -> Listing:
    """Return a listing as settling has it: of the request, the address alone."""
    who = "public" if stream in {"posts", "comments", "profile"} else "private"
    return Listing(name or group, stream, Request(f"{API}/{path}"), who, group)


TIMELINE = at("users/1/tweets?max_results=100", "posts")
MENTIONS = at("users/1/mentions?max_results=100", "mentions", "comments")


def answered(*data: object, **includes: list[Any]) -> dict[str, Any]:
    """Return the answer of a listing: the city and Ann are among its users."""
    told = {"users": [CITY, ANN], **includes}
    return {"data": list(data), "includes": told, "meta": {"result_count": len(data)}}


def cut(listing: Listing, body: object, site: Site = SITE) -> Page:
    """Cut an answer that must be accounted for byte by byte."""
    response = answer(body)
    page = CONNECTOR.split(site, listing, response)
    assert page.problem is None
    assert left_over(response.body, page) == []
    return page


def rows(listing: Listing, body: object, site: Site = SITE) -> list[tuple[Item, dict[str, str]]]:
    """Return each item of an answer with the row its excerpts give, which must be storable."""
    response = answer(body)
    found = []
    for item in cut(listing, body, site).items:
        row = row_of(CONNECTOR, response.body, item)
        assert clean_row(item.stream, row) == {k: v for k, v in row.items() if v}
        found.append((item, row))
    return found


def by_id(listing: Listing, body: object) -> dict[str, tuple[Item, dict[str, str]]]:
    """Return the items of an answer and their rows by native id."""
    return {item.native_id: (item, row) for item, row in rows(listing, body)}
