"""Cutting a page of what happened in a room, newest first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.capture.connector import Follow, Page, Problem
from archiver.capture.platforms.matrix import requests
from archiver.capture.platforms.matrix.cutting import Cut
from archiver.capture.platforms.matrix.events import Place, event_item, head_of
from archiver.capture.platforms.matrix.terms import Terms, terms_of
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Item, Listing, Site
    from archiver.capture.platforms.matrix.events import Event
    from archiver.formats.excerpts_json import Member
    from archiver.formats.http1 import HttpResponse

__all__ = ["split_messages"]

Found = list[tuple["Event", tuple[int, int]]]


def split_messages(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut a page; without a list of events it is none."""
    cut, terms = Cut(response.body), terms_of(listing)
    members = cut.members(*cut.whole())
    if not requests.is_room_id(terms.room):
        return Page(problem=Problem("schema", "a listing of no room"))
    if not cut.is_list(members.get("chunk")):
        return Page(problem=Problem("schema", "an answer without events"))
    end = cut.claim("end", members.get("end"))
    cut.claim("start", members.get("start"))
    found = [list(_events(cut, members.get(name))) for name in ("chunk", "state")]
    beside = frozenset(event.event_id for events in found for event, _ in events)
    place = Place(site, listing, terms, beside)
    older = requests.is_older(listing)
    items = [*_items(place, found[0], older=older), *_items(place, found[1], older=True)]
    if items and _is_late(listing, terms, beside):
        items[0] = replace(items[0], follow=(*items[0].follow, _all_of_it(site, terms)))
    older |= terms.opened in beside
    following = requests.next_page(listing, end, older=older)
    return Page(tuple(items), tuple(cut.claims), next=following)


def _events(cut: Cut, member: Member | None) -> Iterator[tuple[Event, tuple[int, int]]]:
    for one in cut.items(member):
        event = head_of(cut.body[slice(*one)])
        if event is not None and requests.is_event_id(event.event_id):
            yield event, one


def _items(place: Place, found: Found, *, older: bool) -> Iterator[Item]:
    """Yield the items of events; those behind the opening of the room are private."""
    shut = place._replace(terms=place.terms._replace(open_since=None))
    for event, one in found:
        yield event_item(shut if older else place, event, one)
        older |= event.event_id == place.terms.opened


def _is_late(listing: Listing, terms: Terms, beside: frozenset[str]) -> bool:
    """Say whether the news is not where the newest should be: on the first page.

    What comes late from another server stands where it was said, however far back.
    """
    first = "from=" not in listing.request.url
    return bool(terms.newest and terms.latest and first and terms.latest not in beside)


def _all_of_it(site: Site, terms: Terms) -> Follow:
    """Return the whole room once more, not only as far as it is known."""
    listing = requests.messages(site, terms._replace(newest=False, latest=""))
    listing = replace(listing, newest_first=False)
    return Follow("listing", Stream.MESSAGES, listing=listing, always=True)
