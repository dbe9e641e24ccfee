"""A Mastodon account for tests: its things as 4.x documents them, and ways to read them."""

from __future__ import annotations

from typing import Any

from archiver.capture.connector import Item, Listing, Page, Site
from archiver.capture.platforms.mastodon import Mastodon
from archiver.capture.reading import clean_row
from archiver.record import Request
from tests.capture.platforms.helpers import answer, left_over, row_of

MASTODON = Mastodon()
SITE = Site("toots", "https://social.example/@City", authorised=True)
PUBLIC = Site("toots", "https://social.example/@City", authorised=False)
API = "https://social.example/api"

CITY: dict[str, Any] = {
    "id": "1",
    "username": "city",
    "acct": "city",
    "display_name": "City of Quillwater",
    "note": "<p>News &amp; more</p>",
    "url": "https://social.example/@city",
    "created_at": "2026-01-01T00:00:00.000Z",
    "avatar": "https://social.example/a.png",
    "header": "https://social.example/h.png",
    "followers_count": 3,
    "fields": [{"name": "Phone", "value": "555-0101"}],
}
ANN: dict[str, Any] = CITY | {
    "id": "22",
    "acct": "ann@other.example",
    "display_name": "Ann",
    "url": "https://other.example/@ann",
}
TOOT: dict[str, Any] = {
    "id": "500",
    "created_at": "2026-03-01T10:00:00.125Z",
    "in_reply_to_id": None,
    "visibility": "public",
    "language": "en",
    "spoiler_text": "",
    "uri": "https://social.example/users/city/statuses/500",
    "url": "https://social.example/@city/500",
    "replies_count": 2,
    "reblogs_count": 0,
    "favourites_count": 1,
    "edited_at": None,
    "content": "<p>Tea &amp; talk<br />at <b>six</b></p>",
    "reblog": None,
    "account": CITY,
    "media_attachments": [],
    "mentions": [],
    "tags": [{"name": "tea", "url": "https://social.example/tags/tea"}],
    "card": None,
    "poll": None,
    "favourited": False,
    "muted": False,
    "bookmarked": False,
    "filtered": [],
    "pinned": True,
}
REPLY: dict[str, Any] = TOOT | {
    "id": "501",
    "account": ANN,
    "in_reply_to_id": "500",
    "tags": [],
    "url": "https://other.example/@ann/9",
}
LETTER: dict[str, Any] = REPLY | {"id": "502", "visibility": "direct"}
PICTURE: dict[str, Any] = {
    "id": "77",
    "type": "image",
    "url": "https://files.social.example/media/77/original/p%20q.png?1",
    "preview_url": "https://files.social.example/media/77/small/p.png",
    "remote_url": None,
    "description": "A culvert",
    "blurhash": "UBL_",
}


def at(path: str, name: str = "", stream: str = "posts") -> Listing:
    """Return a listing as settling has it: of the request, the address alone."""
    return Listing(name or "x", stream, Request(f"{API}/{path}"), "private", name or "x")


def listed(name: str, site: Site = SITE, mode: str = "reconcile") -> Listing:
    """Return one of the connector's first listings by its name."""
    return next(one for one in MASTODON.listings(site, mode) if one.name == name)


def statuses(name: str = "statuses") -> Listing:
    """Return the listing of the account's own statuses."""
    return at("v1/accounts/1/statuses?limit=40", name)


def cut(listing: Listing, body: object, *headers: tuple[str, str], site: Site = SITE) -> Page:
    """Cut an answer that must be accounted for byte by byte."""
    response = answer(body, 200, *headers)
    page = MASTODON.split(site, listing, response)
    assert page.problem is None
    assert left_over(response.body, page) == []
    return page


def rows(listing: Listing, body: object, site: Site = SITE) -> list[tuple[Item, dict[str, str]]]:
    """Return each item of an answer with the row its excerpts give, which must be storable."""
    response = answer(body)
    found = []
    for item in cut(listing, body, site=site).items:
        row = row_of(MASTODON, response.body, item)
        assert clean_row(item.stream, row) == {k: v for k, v in row.items() if v}
        found.append((item, row))
    return found


def first(listing: Listing, body: object, site: Site = SITE) -> tuple[Item, dict[str, str]]:
    """Return the first item of an answer and its row."""
    return rows(listing, body, site)[0]


def notification(kind: str, status: object) -> dict[str, Any]:
    """Return a notification from Ann."""
    return {"id": "9", "type": kind, "created_at": "2026-03-01T10:00:01.000Z",
            "group_key": "ungrouped-9", "account": ANN, "status": status}  # fmt: skip
