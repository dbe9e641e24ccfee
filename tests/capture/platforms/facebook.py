"""A Facebook Page for tests: nodes as Graph v26.0 documents them, and ways to read them."""

from __future__ import annotations

from typing import Any

from archiver.capture.connector import Item, Listing, Page, Site
from archiver.capture.platforms.facebook import Facebook
from archiver.capture.reading import clean_row
from archiver.record import Request
from tests.capture.platforms.helpers import answer, left_over, row_of

FACEBOOK = Facebook()
SITE = Site("page", "https://www.facebook.com/City.OfX", authorised=True)
GRAPH = "https://graph.facebook.com/v26.0"
NOW = "2026-11-20T09:00:00+0000"

PAGE: dict[str, Any] = {
    "id": "104", "name": "City of X", "username": "CityOfX",
    "link": "https://www.facebook.com/CityOfX", "about": "News", "phone": "555-0101",
    "cover": {"id": "8", "source": "https://scontent.fbcdn.net/c.png?oh=1"},
    "talking_about_count": 4, "fan_count": 10, "followers_count": 12,
}  # fmt: skip
ANN = {"id": "7001", "name": "Ann"}
POST: dict[str, Any] = {
    "id": "104_1", "from": {"id": "104", "name": "City of X"}, "message": "Tea & talk at six",
    "created_time": NOW, "updated_time": NOW, "permalink_url": "https://www.facebook.com/104/posts/1",
    "status_type": "mobile_status_update", "is_hidden": False, "is_published": True,
    "privacy": {"value": "EVERYONE", "description": "Public"},
    "full_picture": "https://scontent.fbcdn.net/p.png?oh=1",
    "shares": {"count": 2},
    "admin_creator": {"id": "71", "name": "R. Alvarez"},
    "attachments": {"data": [{
        "media_type": "photo", "type": "photo", "description": "A mill",
        "media": {"image": {"src": "https://scontent.fbcdn.net/p.png?oh=1", "height": 60}},
        "target": {"id": "900", "url": "https://www.facebook.com/900"},
        "url": "https://www.facebook.com/900",
    }]},
    "comments": {"data": [], "summary": {"total_count": 3}},
    "reactions": {"data": [], "summary": {"total_count": 2}},
    "reactions_like": {"data": [], "summary": {"total_count": 2}},
}  # fmt: skip
COMMENT: dict[str, Any] = {
    "id": "1_55", "from": ANN, "message": "Which street?", "created_time": NOW,
    "is_hidden": False, "is_private": False, "like_count": 1, "comment_count": 0,
    "can_hide": True, "parent": {"id": "1_54"},
    "permalink_url": "https://www.facebook.com/1?comment_id=55",
}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "id": "m_1", "created_time": NOW, "from": ANN, "to": {"data": [{"id": "104"}]},
    "message": "My number is 555-0142", "tags": {"data": [{"name": "inbox"}]},
}  # fmt: skip
PAGING = {
    "cursors": {"before": "QVA", "after": "QVB"},
    "next": "https://evil.example/v26.0/104/feed?access_token=EAABsecret&after=QVB",
}


def at(path: str, group: str, stream: str = "posts", name: str = "") -> Listing:
    """Return a listing as settling has it: of the request, the address alone."""
    return Listing(name or group, stream, Request(f"{GRAPH}/{path}"), "private", group)


def listed(*nodes: object, **more: object) -> dict[str, Any]:
    """Return a list of nodes."""
    return {"data": list(nodes), **more}


def cut(listing: Listing, body: object, site: Site = SITE) -> Page:
    """Cut an answer that must be accounted for byte by byte."""
    response = answer(body)
    page = FACEBOOK.split(site, listing, response)
    assert page.problem is None, page.problem
    assert left_over(response.body, page) == []
    return page


def rows(listing: Listing, body: object, site: Site = SITE) -> list[tuple[Item, dict[str, str]]]:
    """Return each item of an answer with the row its excerpts give, which must be storable."""
    response = answer(body)
    found = []
    for item in cut(listing, body, site).items:
        row = row_of(FACEBOOK, response.body, item)
        assert clean_row(item.stream, row) == {k: v for k, v in row.items() if v}
        found.append((item, row))
    return found


def error(code: int, subcode: int = 0, message: str = "No", **more: object) -> dict[str, Any]:
    """Return an error as Graph writes it."""
    told = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"} | more
    return {"error": told | ({"error_subcode": subcode} if subcode else {})}
