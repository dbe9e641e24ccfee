"""Cutting a Matrix answer into items."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.capture.connector import Claim, Item, Page, Problem, Span
from archiver.capture.platforms.matrix import ignored, requests
from archiver.capture.platforms.matrix.answers import problem_of
from archiver.capture.platforms.matrix.cutting import Cut
from archiver.capture.platforms.matrix.events import Event, Place, event_item, head_of
from archiver.capture.platforms.matrix.history import split_messages
from archiver.capture.platforms.matrix.quoting import in_room
from archiver.capture.platforms.matrix.rooms import restart, split_room, split_sync
from archiver.capture.platforms.matrix.terms import terms_of
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archiver.capture.connector import Listing, Site
    from archiver.capture.platforms.matrix.terms import Terms
    from archiver.formats.http1 import HttpResponse

__all__ = ["split"]

_NOT_SHOWN = frozenset({"missing", "forbidden"})
_CUTTERS: Mapping[str, Callable[[Site, Listing, HttpResponse], Page]] = {
    "messages": split_messages,
    "said": split_messages,
    "room": split_room,
    "sync": split_sync,
    "ignored": ignored.split,
    ignored.UNSHOWN: ignored.split,
}
"""By the first word of a listing's name."""


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    what = listing.name.partition(" ")[0]
    problem = problem_of(response, listing.request.url)
    if problem is not None:
        return _without(site, listing, response, problem)
    if "/event/" in urlsplit(listing.request.url).path:
        return _split_event(site, listing, response)
    cutter = _CUTTERS.get(what)
    return cutter(site, listing, response) if cutter else _split_profile(site, response)


def _without(site: Site, listing: Listing, response: HttpResponse, problem: Problem) -> Page:
    """Return what an answer without content means for its listing."""
    what = listing.name.partition(" ")[0]
    if what == "sync" and problem.code == "schema":
        return restart(site, listing, response) or Page(problem=problem)
    if what in ("event", "unredacted") and problem.code in _NOT_SHOWN:
        # From before we joined, or for moderators only: nothing that was there is gone.
        return Page(problem=Problem("end", problem.message))
    if what == "ignored" and ignored.none_set(response):
        return Page(problem=Problem("end", problem.message))
    return Page(problem=problem)


def _split_event(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one event, asked for by itself."""
    start, end = Cut(response.body).whole()
    body = response.body
    cut = (start, len(body.rstrip(b" \t\r\n")))
    event, terms = head_of(body[start:end]), terms_of(listing)
    if event is None or not requests.is_event_id(event.event_id):
        return Page()
    if not requests.is_room_id(terms.room):
        return Page()
    if not listing.name.startswith("unredacted "):
        return Page((event_item(Place(site, listing, terms), event, cut),))
    if event.redacted or bytes(event.content).strip() == b"{}":
        return Page(claims=(Claim("unredacted", *cut, "not shown"),))
    return Page((_unredacted(site, terms, event, cut),))


def _unredacted(site: Site, terms: Terms, event: Event, cut: tuple[int, int]) -> Item:
    """Return what a redacted event said: hidden by the platform from all but moderators."""
    ordinary = Place(site, requests.unredacted(site, terms.room, event.event_id), terms)
    item = event_item(ordinary, event, cut)
    return Item(
        stream=item.stream,
        native_id=f"{item.native_id} unredacted",
        kind=Kind.HIDDEN,
        sensitivity=Sensitivity.PRIVATE,
        spans=item.spans,
        content_type=item.content_type,
        follow=item.follow,
        contains=(in_room(terms.room, Stream(item.stream), event.event_id), *item.contains),
    )


def _split_profile(site: Site, response: HttpResponse) -> Page:
    """Return the account's public profile: one item, the whole answer."""
    cut = Cut(response.body)
    user = requests.account_of(site).user
    start, end = cut.whole()
    avatar = cut.members(start, end).get("avatar_url")
    uri = Cut(response.body).claim("", avatar)
    item = Item(
        stream=Stream.PROFILE,
        native_id=user,
        kind=Kind.PRESENT,
        sensitivity=Sensitivity.PUBLIC,
        spans=(Span("item", start, end),),
        content_type="application/json",
        follow=requests.file(site, uri, Sensitivity.PUBLIC),
    )
    return Page((item,)) if user else Page()
