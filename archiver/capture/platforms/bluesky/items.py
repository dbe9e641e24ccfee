"""Cutting an answer into items: by the method that was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Item, Page, Problem, Span
from archiver.capture.platforms.bluesky import single
from archiver.capture.platforms.bluesky.addresses import nsid_of, with_cursor
from archiver.capture.platforms.bluesky.answers import problem_of
from archiver.capture.platforms.bluesky.cut import claims_of, members_of, read
from archiver.capture.platforms.bluesky.events import NAME, SUBSCRIPTION, cut_events, subscription
from archiver.capture.platforms.bluesky.quoting import contained_in
from archiver.capture.platforms.bluesky.things import MAKERS, Thing
from archiver.capture.platforms.bluesky.threads import cut_thread
from archiver.formats.excerpts_json import json_items
from archiver.record import Kind, Request

if TYPE_CHECKING:
    from archiver.capture.connector import Listing, Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["split"]

_ARRAYS = {
    "com.atproto.repo.listRecords": "records",
    "app.bsky.feed.getAuthorFeed": "feed",
    "app.bsky.feed.getLikes": "likes",
    "app.bsky.feed.getRepostedBy": "repostedBy",
    "app.bsky.feed.getQuotes": "posts",
    "app.bsky.graph.getFollowers": "followers",
    "app.bsky.graph.getFollows": "follows",
    "app.bsky.graph.getMutes": "mutes",
    "app.bsky.graph.getBlocks": "blocks",
    "app.bsky.graph.getListMutes": "lists",
    "app.bsky.notification.listNotifications": "notifications",
}
"""Method -> the member of its answer that holds the items."""
_STRING = msgspec.json.Decoder(str)


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no known address is not claimed, and so becomes residue."""
    nsid = nsid_of(listing.request.url)
    if nsid == SUBSCRIPTION and response.status == 101:  # noqa: PLR2004 - RFC 9110 §15.2.2
        return cut_events(site, listing, response.body)
    problem = problem_of(response)
    if problem is not None:
        return Page(problem=_ended(nsid, listing, problem))
    if nsid in _ARRAYS:
        return _cut_list(site, listing, response.body, _ARRAYS[nsid])
    if nsid == "app.bsky.feed.getPostThread":
        return cut_thread(site, listing, response.body)
    if listing.name == NAME:
        return _led(site, response.body)
    return single.cut_single(site, listing, nsid, response.body)


def _led(site: Site, body: bytes) -> Page:
    """Read whose events to listen to."""
    did = single.did_of(body)
    if not did:
        return Page(problem=Problem("schema", "the server does not say whose repository it is"))
    return replace(single.told(body, "repository"), next=subscription(site, did))


def _ended(nsid: str, listing: Listing, problem: Problem) -> Problem:
    """Judge a thread whose first post is gone: it has no answers to list any more."""
    thread = nsid == "app.bsky.feed.getPostThread" and single.is_listing(listing)
    return Problem("end", problem.message) if thread and problem.code == "missing" else problem


def _cut_list(site: Site, listing: Listing, body: bytes, array: str) -> Page:
    end = len(body.rstrip(b" \t\r\n"))
    start = len(body) - len(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    members = members_of(body, start, end)
    if not any(one.key == array for one in members):
        return Page(problem=Problem("schema", f"an answer without {array}"))
    where = [one for one in members if one.key == array][-1]
    ranges = json_items(body[: where.value_end][where.value_start :])
    shift = where.value_start
    make = MAKERS[array]
    found = ((make(site, listing, body[a + shift : b + shift]), a, b) for a, b in ranges)
    items = tuple(
        _item(site, thing, body, (a + shift, b + shift)) for thing, a, b in found if thing
    )
    cursor = next((one for one in members if one.key == "cursor"), None)
    text = read(_STRING, body[cursor.value_start : cursor.value_end]) if cursor else None
    url = with_cursor(site, listing.request.url, text or "")
    claims = tuple(claims_of(body, members, (array,)))
    return Page(items, claims, next=Request(url) if url else None)


def _item(site: Site, thing: Thing, body: bytes, cut: tuple[int, int]) -> Item:
    start, end = cut
    return Item(
        stream=thing.stream,
        native_id=thing.native_id,
        kind=Kind.PRESENT,
        sensitivity=thing.sensitivity,
        spans=(Span("item", start, end),),
        content_type="application/json",
        follow=thing.follow,
        contains=contained_in(site, body[start:end], thing.sensitivity),
    )
