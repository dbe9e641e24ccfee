"""Cutting an answer of Blogger's API into items, by what was asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from archiver.capture.connector import Follow, Page, Problem
from archiver.capture.enveloped import Head, envelope_of, is_id, item_of, whole
from archiver.capture.paging import by_parameter
from archiver.capture.platforms.blogger.addresses import method_of, origin
from archiver.capture.platforms.blogger.answers import refusal
from archiver.capture.platforms.blogger.listings import of_blog
from archiver.capture.urls import same_origin, web_address
from archiver.formats.excerpts_json import json_items
from archiver.record import Kind, Request, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Item, Listing, Site
    from archiver.formats.http1 import HttpResponse

    Cut = tuple[int, int]

__all__ = ["split"]

_KINDS = {
    "": Kind.PRESENT, "LIVE": Kind.PRESENT, "SPAM": Kind.HIDDEN, "EMPTIED": Kind.REMOVED,
    "SOFT_TRASHED": Kind.REMOVED,
}  # fmt: skip
"""Every other state (DRAFT, SCHEDULED, PENDING, one that is new) is held."""
_KIND = re.compile("blogger#(post|page|comment)(List)?")
_STREAMS = {"post": Stream.POSTS, "page": Stream.PAGES, "comment": Stream.COMMENTS}
_DECLARED = ("kind", "etag", "nextPageToken", "prevPageToken")
_PICTURES = (".googleusercontent.com", ".bp.blogspot.com")
"""Hosts on which Blogger keeps pictures."""


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    problem = refusal(response)
    if problem is not None:
        return Page(problem=problem)
    body = response.body
    head = Head(body)
    if head.text("kind") == "blogger#blog":
        return _blog(site, listing, body, head)
    found = _KIND.fullmatch(head.text("kind"))
    if found is None or not method_of(listing.request.url):
        return Page(problem=Problem("schema", "an answer that is none of Blogger's"))
    if not found[2]:
        return Page(tuple(_items(site, listing, body, [whole(body)])))
    around = envelope_of(body, ("items",), _DECLARED)
    items = tuple(_items(site, listing, body, around.at("items")))
    token = around.values.get("nextPageToken", "")
    return Page(items, around.claims, next=by_parameter(listing.request.url, "pageToken", token))


def _blog(site: Site, listing: Listing, body: bytes, head: Head) -> Page:
    """Take the blog, if it is the account's; it leads to what is on it."""
    blog, there, here = head.text("id"), head.text("url"), site.url
    if not blog.isdecimal():
        return Page(problem=Problem("schema", "an answer that names no blog"))
    if urlsplit(web_address(there)).hostname != urlsplit(here).hostname:
        return Page(problem=Problem("authorisation", "the answer is about another blog"))
    follow = of_blog(site, listing, blog)
    page = web_address(there)
    return Page((item_of(listing, blog, whole(body), page_url=page, follow=follow),))


def _items(site: Site, listing: Listing, body: bytes, cuts: list[Cut]) -> Iterator[Item]:
    for cut in cuts:
        head = Head(body[slice(*cut)])
        what = _KIND.fullmatch(head.text("kind"))
        name = _name(head, what[1] if what else "")
        if what is None or not name:
            continue
        yield item_of(
            listing,
            name,
            cut,
            stream=_STREAMS[what[1]],
            kind=_KINDS.get(head.text("status"), Kind.HELD),
            page_url=web_address(head.text("url")),
            follow=tuple(_pictures(site, head, name, listing.sensitivity)),
        )


def _name(head: Head, what: str) -> str:
    """Return the record's id: those that a thing is asked for by, joined; empty without one."""
    parts = [head.text("blog", "id"), head.text("id")]
    if what == "comment":
        parts.insert(1, head.text("post", "id"))
    sound = all(one.isascii() and one.isdecimal() for one in parts)
    return "-".join(parts) if sound else ""


def _pictures(site: Site, head: Head, name: str, sensitivity: str) -> Iterator[Follow]:
    """Yield the pictures of a post; our login never goes to where they are kept."""
    images = head.raw("images")
    for start, end in json_items(images):
        url = web_address(Head(images[start:end]).text("url"))
        file = quote(urlsplit(url).path.rpartition("/")[2], safe="")
        if _is_picture(url, site) and is_id(file):
            request = Request(url, anonymous=True)
            yield Follow("file", Stream.POSTS, f"{name}/image/{file}", sensitivity, request)


def _is_picture(url: str, site: Site) -> bool:
    """Say whether a picture may be fetched: from Blogger's hosts by https, or the stand-in's."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    googles = parts.scheme == "https" and port is None and host.endswith(_PICTURES)
    return (googles and "@" not in parts.netloc) or same_origin(url, origin(site))
