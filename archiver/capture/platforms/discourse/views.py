"""A topic with what was said in it: a conversation page by page, or a topic asked for alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Page, Problem, Span
from archiver.capture.enveloped import Head, envelope_of, item_of, whole
from archiver.capture.paging import by_parameter, parameter_of
from archiver.capture.platforms.discourse.things import post_item, state_of
from archiver.formats.excerpts_json import json_members
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Item, Listing, Site
    from archiver.record import Request

__all__ = ["view"]

_POSTS, _STREAM = "post_stream.posts", "post_stream.stream"
_SHOWN = 20
"""Posts of a page of a topic (TopicView.chunk_size)."""


def view(site: Site, listing: Listing, body: bytes) -> Page:
    """Cut a topic: its own members, and the posts that this page of it shows."""
    head = Head(body)
    topic = head.number("id")
    found = envelope_of(body, (_POSTS,), (_STREAM,))
    if not topic or not any(one.name == _POSTS for one in found.claims):
        return Page(problem=Problem("schema", "an answer that is no topic"))
    alone = parameter_of(listing.request.url, "page") == ""
    spans = tuple(_members(body))
    name = str(topic) if alone else f"{topic}/details"
    kind = state_of(head)
    made = item_of(listing, name, (0, 0), spans=spans, kind=kind)
    posts = _posts(site, listing, body, found.at(_POSTS), str(topic) if alone else "")
    page = Page((made, *posts), found.claims)
    return page if alone else replace(page, next=_next(listing, found.values.get(_STREAM, "")))


def _members(body: bytes) -> Iterator[Span]:
    """Yield the topic's own members, of which its parts are none."""
    for one in json_members(body, *whole(body)):
        if one.key != "post_stream":
            yield Span("member", one.key_start, one.value_end)


def _posts(
    site: Site, listing: Listing, body: bytes, cuts: list[tuple[int, int]], alone: str
) -> Iterator[Item]:
    """Yield the posts; those of a topic that was asked for alone belong where they are listed."""
    message = listing.stream == Stream.MESSAGES
    group = "" if not alone else f"conversation {alone}" if message else "posts"
    for cut in cuts:
        first = Head(body[slice(*cut)]).number("post_number") == 1
        stream = Stream.POSTS if first else Stream.COMMENTS
        yield from post_item(
            site, listing, body, cut, Stream.MESSAGES if message else stream, group
        )


def _next(listing: Listing, stream: str) -> Request | None:
    """Return the request for the next page; ``stream`` has the ids of all posts, as JSON."""
    number = parameter_of(listing.request.url, "page")
    posts = stream.count(",") + 1
    if not number.isdecimal() or int(number) * _SHOWN >= posts:
        return None
    return by_parameter(listing.request.url, "page", str(int(number) + 1))
