"""Things of Reddit by their kind: ``{"kind": "t3", "data": {…}}`` (reddit.com/dev/api)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from archiver.capture.connector import Contained, Follow
from archiver.capture.enveloped import Head, is_id, item_of
from archiver.capture.platforms.reddit.addresses import is_picture
from archiver.capture.platforms.reddit.listings import thread
from archiver.capture.urls import web_address
from archiver.formats.excerpts_json import json_items
from archiver.record import Kind, Request, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Item, Listing, Site

    Cut = tuple[int, int]

__all__ = ["more_of", "thing"]

_BASE = "https://www.reddit.com"
_GONE, _TAKEN = "[deleted]", "[removed]"
"""What stands in place of a text that its author deleted, or that moderators removed."""


def thing(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a thing of a listing, by its kind; a kind that nobody knows is not claimed."""
    head = Head(body[slice(*cut)])
    one, kind = head.text("data", "id"), head.text("kind")
    if not is_id(one):
        return
    if listing.stream == Stream.MESSAGES:
        if kind in {"t1", "t4"}:
            name = one if kind == "t4" else f"reply-{one}"
            yield item_of(listing, name, cut)
    elif kind == "t3":
        yield _post(site, listing, head, one, cut)
    elif kind == "t1":
        yield _comment(listing, head, one, cut)
    elif kind == "modaction":
        yield item_of(listing, f"log/{one}", cut)


def _post(site: Site, listing: Listing, head: Head, one: str, cut: Cut) -> Item:
    crosspost = head.raw("data", "crosspost_parent_list") not in (b"", b"[]", b"null")
    follow = [thread(site, one, head.number("data", "num_comments"))]
    if listing.group.startswith("thread "):
        follow = []  # this is it
    return item_of(
        listing,
        one,
        cut,
        stream=Stream.POSTS,
        kind=_state(head, "selftext"),
        page_url=_page(head),
        follow=(*follow, *_file(site, listing, head, one)),
        contains=(Contained(),) if crosspost else (),
        group="" if listing.group == "posts" else "posts",
    )


def _comment(listing: Listing, head: Head, one: str, cut: Cut) -> Item:
    post = head.text("data", "link_id").removeprefix("t3_")
    group = f"thread {post}" if is_id(post) and not listing.group.startswith("thread ") else ""
    return item_of(
        listing,
        one,
        cut,
        stream=Stream.COMMENTS,
        kind=_state(head, "body"),
        page_url=_page(head),
        group=group,
    )


def _state(head: Head, text: str) -> Kind:
    """Return what a post or comment says of its own state."""
    said, by = head.text("data", text), head.text("data", "removed_by_category")
    if by == "deleted" or said == _GONE or head.text("data", "author") == _GONE == said:
        return Kind.REMOVED
    taken = head.flag("data", "removed") or head.flag("data", "spam") or bool(by)
    if taken or said == _TAKEN or head.text("data", "banned_by"):
        return Kind.HIDDEN
    return Kind.PRESENT


def _page(head: Head) -> str:
    path = head.text("data", "permalink")
    return web_address(_BASE + path) if path.startswith("/r/") else ""


def _file(site: Site, listing: Listing, head: Head, one: str) -> Iterator[Follow]:
    """Yield the picture that a post is, where Reddit keeps it; our login is not sent there."""
    url = web_address(head.text("data", "url"))
    name = quote(urlsplit(url).path.strip("/").replace("/", "_"), safe="")
    if head.text("data", "post_hint") == "image" and is_picture(url, site) and is_id(name):
        request = Request(url, anonymous=True)
        yield Follow("file", Stream.POSTS, f"{one}/file/{name}", listing.sensitivity, request)


def more_of(data: bytes) -> list[str] | None:
    """Return the ids that a *more* names, none for "continue this thread"; None for a thing."""
    head = Head(data)
    if head.text("kind") != "more":
        return None
    children = head.raw("data", "children")
    named = [Head(b'{"id":%b}' % children[slice(*cut)]).text("id") for cut in json_items(children)]
    return [one for one in named if is_id(one) and one.isalnum()]
