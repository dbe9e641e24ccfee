"""Cutting an answer of Discourse into items, by the path that was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Page, Problem
from archiver.capture.enveloped import Head, envelope_of, whole
from archiver.capture.paging import by_offset, by_parameter, parameter_of
from archiver.capture.platforms.discourse.addresses import get, path_of
from archiver.capture.platforms.discourse.answers import refusal
from archiver.capture.platforms.discourse.envelopes import SHAPES
from archiver.capture.platforms.discourse.things import CUTTERS
from archiver.capture.platforms.discourse.views import view

if TYPE_CHECKING:
    from archiver.capture.connector import Item, Listing, Site
    from archiver.capture.enveloped import Envelope
    from archiver.capture.platforms.discourse.envelopes import Shape
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Request

__all__ = ["split"]

_POSTS = 50
"""Ids of a page of all posts (PostsController#latest)."""
_TOTALS = {"group": "total_rows_groups", "member": "meta.total"}


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    problem = refusal(response)
    if problem is not None:
        return Page(problem=problem)
    path = path_of(site, listing.request.url)
    shape = next((one for one in SHAPES if one.path.fullmatch(path)), None)
    if shape is None:
        return Page(problem=Problem("schema", "an answer to what is never asked"))
    if shape.cutter == "view":
        return view(site, listing, response.body)
    return _cut(site, listing, response.body, shape)


def _cut(site: Site, listing: Listing, body: bytes, shape: Shape) -> Page:
    cutter = CUTTERS[shape.cutter]
    if not shape.arrays:
        alone = tuple(cutter(site, listing, body, whole(body)))
        none = Problem("schema", "an answer without an id")
        return Page(alone, next=_earlier(site, listing, body)) if alone else Page(problem=none)
    array = shape.arrays[0]
    found = envelope_of(body, shape.arrays, shape.declared)
    there = any(one.name == array for one in found.claims) or (
        array == "" and body.lstrip()[:1] == b"["
    )
    if not there:
        return Page(problem=Problem("schema", f"an answer without {array or 'a list'}"))
    items = tuple(item for cut in found.at(array) for item in cutter(site, listing, body, cut))
    total = found.values.get(_TOTALS.get(shape.cutter, ""), "")
    page = Page(items, found.claims, total if total.isdecimal() else "")
    return replace(page, next=_next(listing.request.url, shape, found, items))


def _next(url: str, shape: Shape, found: Envelope, items: tuple[Item, ...]) -> Request | None:
    """Return the request for the next page, by the number or the id that follows."""
    if shape.cutter == "post":
        return _older(url, [int(item.native_id.rpartition("/")[2]) for item in items])
    shown = len(found.at(shape.arrays[0]))
    if shape.cutter == "member":
        total = found.values.get("meta.total", "")
        return by_offset(url, "offset", shown, int(total) if total.isdecimal() else None)
    number = parameter_of(url, "page")
    more = shown > 0
    if shape.cutter == "topic":
        more = "topic_list.more_topics_url" in found.values
    return by_parameter(url, "page", str(int(number) + 1)) if more and number.isdecimal() else None


def _older(url: str, shown: list[int]) -> Request | None:
    """Return the request for older posts: by id, for between two ids there may be none.

    The manual says that posts have lower ids than ``before``, the server shows that one as
    well: so pages overlap by one, and nothing is missed whoever is right.
    """
    text = parameter_of(url, "before")
    asked = int(text) if text.isdecimal() else 0
    lowest = min(shown, default=asked)
    last = lowest if shown and lowest != asked else asked - _POSTS + 1
    return by_parameter(url, "before", str(last)) if last > 1 else None


def _earlier(site: Site, listing: Listing, body: bytes) -> Request | None:
    """Return the request for the revision before the one that an answer shows, if any."""
    head = Head(body)
    before = head.number("previous_revision")
    if not before or not listing.name.startswith("revisions "):
        return None
    return get(site, f"posts/{head.number('post_id')}/revisions/{before}.json")
