"""Cutting a WordPress answer into items: id, state, who may see it, what it asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Follow, Item, Page, Span
from archiver.capture.platforms.wordpress.answers import problem_of
from archiver.capture.platforms.wordpress.listings import next_page, revisions
from archiver.capture.urls import same_site, web_address
from archiver.formats.excerpts_json import UNREADABLE, json_items
from archiver.header_text import is_plain
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Listing, Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["split"]

_KINDS = {
    "": Kind.PRESENT,
    "publish": Kind.PRESENT,
    "approved": Kind.PRESENT,
    "inherit": Kind.PRESENT,
    "spam": Kind.HIDDEN,
    "trash": Kind.REMOVED,
    "post-trashed": Kind.REMOVED,
}
"""Every other state (hold, draft, pending, future, private, a plugin's own) is held."""


class _History(msgspec.Struct):
    count: int = 0


class _Links(msgspec.Struct):
    history: list[_History] = msgspec.field(name="version-history", default_factory=list)


class _Head(msgspec.Struct):
    """What cutting needs to know of an item, of any type."""

    id: int | str
    parent: int | str | None = 0
    status: str = ""
    link: str = ""
    password: str = ""
    source_url: str = ""
    links: _Links = msgspec.field(name="_links", default_factory=_Links)


_HEADS = msgspec.json.Decoder(list[_Head])
_HEAD = msgspec.json.Decoder(_Head)


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    problem = problem_of(response, authorised=site.authorised)
    if problem is not None:
        return Page(problem=problem)
    ranges = _ranges(response.body)
    if listing.stream == Stream.PROFILE:
        return Page(tuple(_site_item(site, cut) for cut in ranges))
    heads = _heads(response.body, ranges)
    items = (
        _item(site, listing, head, cut)
        for head, cut in zip(heads, ranges, strict=True)
        if head is not None and _is_id(head.id)
    )
    return Page(
        tuple(items),
        total=_total(site, listing, response),
        next=next_page(site, listing, response),
    )


def _total(site: Site, listing: Listing, response: HttpResponse) -> str:
    """Return WordPress's own count of the listing.

    Without a login its count of comments includes those on private posts, which it does
    not show (measured on 6.1.9): no control count then.
    """
    total = response.header("x-wp-total").strip()
    countable = site.authorised or listing.stream != Stream.COMMENTS
    return total if countable and total.isascii() and total.isdigit() else ""


def _ranges(body: bytes) -> list[tuple[int, int]]:
    """Return where the items lie: those of a listing, or the one thing asked for."""
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"[":
        return json_items(body)
    start = len(body) - len(text)
    return [(start, len(body.rstrip(b" \t\r\n")))]


def _heads(body: bytes, ranges: list[tuple[int, int]]) -> list[_Head | None]:
    try:
        heads = _HEADS.decode(body)
    except UNREADABLE:
        return [_head(body[start:end]) for start, end in ranges]
    return list(heads)


def _head(data: bytes) -> _Head | None:
    """Read one head; whatever is not of its documented type counts as not given."""
    try:
        return _HEAD.decode(data)
    except UNREADABLE:
        pass  # tried again below, tolerantly
    try:
        value = json.loads(data.decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not _is_id(value.get("id")):
        return None
    texts = {
        name: value[name].encode("utf-8", "backslashreplace").decode()
        for name in ("status", "link", "password", "source_url")
        if isinstance(value.get(name), str)
    }
    parent = value.get("parent")
    return _Head(value["id"], parent if _is_id(parent) else 0, **texts)


def _is_id(value: object) -> bool:
    """Say whether a value can be an id: a number, or text that every store can hold."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, str) and value != "" and is_plain(value)
    )


def _site_item(site: Site, cut: tuple[int, int]) -> Item:
    return Item(
        stream=Stream.PROFILE,
        native_id="site",
        kind=Kind.PRESENT,
        sensitivity=Sensitivity.PUBLIC,
        spans=(Span("item", *cut),),
        content_type="application/json",
        page_url=site.url,
    )


def _item(site: Site, listing: Listing, head: _Head, cut: tuple[int, int]) -> Item:
    revision = listing.name.endswith(" revisions")
    native_id = f"{head.parent}/revision/{head.id}" if revision else str(head.id)
    kind = _KINDS.get(head.status, Kind.HELD)
    # Logged in, a comment's bytes hold its author's e-mail and IP address; a plain file
    # could never be made private again.
    personal = listing.stream == Stream.SUBSCRIBERS or (
        listing.stream == Stream.COMMENTS and site.authorised
    )
    private = personal or revision or bool(head.password) or kind != Kind.PRESENT
    sensitivity = Sensitivity.PRIVATE if private else Sensitivity.PUBLIC
    return Item(
        stream=listing.stream,
        native_id=native_id,
        kind=kind,
        sensitivity=sensitivity,
        spans=(Span("item", *cut),),
        content_type="application/json",
        page_url=web_address(head.link),
        follow=() if revision else _follow(site, listing, head, sensitivity),
    )


def _follow(
    site: Site, listing: Listing, head: _Head, sensitivity: Sensitivity
) -> tuple[Follow, ...]:
    """Return the file of a medium, and the revisions of what has any."""
    if listing.stream == Stream.MEDIA and same_site(head.source_url, site.url):
        request = Request(head.source_url)
        return (Follow("file", Stream.MEDIA, f"{head.id}/file", sensitivity, request),)
    versions = sum(history.count for history in head.links.history)
    if site.authorised and versions > 0 and listing.stream in (Stream.POSTS, Stream.PAGES):
        follow = revisions(site, listing.stream, str(head.id), versions)
        return (Follow("listing", listing.stream, listing=follow),)
    return ()
