"""The things of a forum, cut out of answers: each with its id, state, and what it leads to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.capture.connector import Contained, Follow
from archiver.capture.enveloped import Head, is_id, item_of
from archiver.capture.platforms.discourse import listings
from archiver.capture.platforms.discourse.addresses import base
from archiver.capture.urls import same_site, web_address
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.capture.connector import Item, Listing, Site

    Cut = tuple[int, int]
    Cutter = Callable[[Site, Listing, bytes, Cut], Iterator[Item]]

__all__ = ["CUTTERS", "post_item", "state_of"]

_UPLOAD = re.compile(r'(?:src|href)="([^"\\<>\s]{0,1000}/uploads/[^"\\<>\s?#]{1,500})"')
"""A file of the forum's own in the HTML of a post (``cooked``)."""
_WHISPER = 4
"""Discourse's number of posts that staff alone see (Post.types)."""


def state_of(head: Head) -> Kind:
    """Return the kind of a topic or post by what it says of itself."""
    if head.text("deleted_at") or head.flag("user_deleted"):
        return Kind.REMOVED
    hidden = head.flag("hidden") or head.raw("visible") == b"false"
    return Kind.HIDDEN if hidden else Kind.PRESENT


def _id(head: Head, name: str = "id") -> str:
    """Return a number as an id, empty without one."""
    return str(head.number(name)) if head.number(name) else ""


def topic(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a topic as lists show it; a conversation leads to what was said in it."""
    head = Head(body[slice(*cut)])
    one = _id(head)
    message = listing.stream == Stream.MESSAGES
    follow = (listings.conversation(site, one, head.number("posts_count")),) if message else ()
    if one:
        page = web_address(f"{base(site)}/t/{one}")
        yield item_of(listing, one, cut, kind=state_of(head), page_url=page, follow=follow)


def post(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a post: a comment by its id, a topic's first post as ``TOPIC/ID``."""
    head = Head(body[slice(*cut)])
    stream = listing.stream
    if stream == Stream.COMMENTS and head.number("post_number") == 1:
        stream = Stream.POSTS
    elif stream == Stream.POSTS and head.number("post_number") != 1:
        stream = Stream.COMMENTS
    yield from post_item(site, listing, body, cut, stream)


def post_item(
    site: Site, listing: Listing, body: bytes, cut: Cut, stream: str, group: str = ""
) -> Iterator[Item]:
    """Yield a post in a stream: ``ID`` among comments, ``TOPIC/ID`` elsewhere."""
    head = Head(body[slice(*cut)])
    one, of = _id(head), _id(head, "topic_id")
    if not one or (not of and stream != Stream.COMMENTS):
        return
    sensitivity = listing.sensitivity
    if state_of(head) != Kind.PRESENT or head.number("post_type") == _WHISPER:
        sensitivity = Sensitivity.PRIVATE
    name = one if stream == Stream.COMMENTS else f"{of}/{one}"
    follow = listings.of_post(site, stream, name, _likes(head), head.number("version"))
    yield item_of(
        listing,
        name,
        cut,
        stream=stream,
        kind=state_of(head),
        sensitivity=sensitivity,
        page_url=web_address(f"{base(site)}/p/{one}"),
        follow=(*follow, *_files(site, head, sensitivity)),
        contains=(Contained(),) if '<aside class="quote' in head.text("cooked") else (),
        group=group,
    )


def _likes(head: Head) -> int:
    """Return how many like a post, by its summary of actions."""
    summary = head.raw("actions_summary")
    found = re.search(rb'"id":\s*2\s*,[^{}]*?"count":\s*(\d{1,9})', summary)
    return int(found[1]) if found else 0


def _files(site: Site, head: Head, sensitivity: str) -> Iterator[Follow]:
    """Yield the files that a post shows, of those on the forum's own host."""
    for found in sorted(set(_UPLOAD.findall(head.text("cooked")))):
        url = found if "://" in found else f"{_origin(site)}{found}"
        name = url.rpartition("/uploads/")[2].replace("/", "_")
        if same_site(url, site.url) and is_id(name):
            yield Follow("file", Stream.MEDIA, name, sensitivity, Request(url))


def _origin(site: Site) -> str:
    scheme, _, rest = site.url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def revision(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a revision of a post as a part of it; it holds both texts that differ."""
    del site
    head = Head(body[slice(*cut)])
    one, number = _id(head, "post_id"), _id(head, "current_revision")
    whole = listing.group.removeprefix("revisions ")
    hidden = head.flag("current_hidden") or head.flag("previous_hidden")
    if number and one and whole.rpartition("/")[2] == one:
        kind = Kind.HIDDEN if hidden else Kind.PRESENT
        yield item_of(listing, f"{whole}/revision/{number}", cut, kind=kind)


def like(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield who likes a post; the post's id is in the listing's name."""
    del site
    who, post_id = _id(Head(body[slice(*cut)])), listing.group.removeprefix("likes ")
    if who and is_id(post_id):
        yield item_of(listing, f"{post_id}/{who}", cut)


def category(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a category, which leads to those within it."""
    head = Head(body[slice(*cut)])
    one = _id(head)
    if not one:
        return
    inner = head.flag("has_children") or head.raw("subcategory_ids") not in (b"", b"[]", b"null")
    follow = (listings.subcategories(site, one),) if inner else ()
    private = head.flag("read_restricted")
    sensitivity = Sensitivity.PRIVATE if private else listing.sensitivity
    page = web_address(f"{base(site)}/c/{one}")
    yield item_of(
        listing, f"category/{one}", cut, sensitivity=sensitivity, page_url=page, follow=follow
    )


def one_category(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a category that was asked for itself."""
    value = Head(body[slice(*cut)]).raw("category")
    start = body.find(value) if value else -1
    if start >= 0:
        yield from category(site, listing, body, (start, start + len(value)))


def user(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield somebody who is registered."""
    del site
    who = _id(Head(body[slice(*cut)]))
    if who:
        yield item_of(listing, f"user/{who}", cut)


def group(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a group, which leads to its members where it has any."""
    head = Head(body[slice(*cut)])
    one, name, members = _id(head), head.text("name"), head.number("user_count")
    follow = (listings.of_group(site, one, name, members),) if members and is_id(name) else ()
    if one:
        yield item_of(listing, f"group/{one}", cut, follow=follow)


def member(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield somebody as a member of the group that the listing names."""
    del site
    who, of = _id(Head(body[slice(*cut)])), listing.group.removeprefix("members ")
    if who and is_id(of):
        yield item_of(listing, f"group/{of}/member/{who}", cut)


def log(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield an entry of the staff's log."""
    del site
    one = _id(Head(body[slice(*cut)]))
    if one:
        yield item_of(listing, f"log/{one}", cut)


def profile(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield the forum's own name, description and pictures."""
    if Head(body[slice(*cut)]).raw("title"):
        yield item_of(listing, "site", cut, page_url=web_address(site.url))


def me(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield the login's own user, who leads to his conversations."""
    name = Head(body[slice(*cut)]).text("current_user", "username")
    if is_id(name):
        yield item_of(listing, "me", cut, follow=listings.of_person(site, name))


CUTTERS: dict[str, Cutter] = {
    "category": category,
    "group": group,
    "like": like,
    "log": log,
    "me": me,
    "member": member,
    "one category": one_category,
    "post": post,
    "profile": profile,
    "revision": revision,
    "topic": topic,
    "user": user,
}
