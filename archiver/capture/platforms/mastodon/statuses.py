"""Cutting statuses and notifications: what kind of thing each is, and who may see it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Item, Span
from archiver.capture.platforms.mastodon.addresses import handle, local_name
from archiver.capture.platforms.mastodon.attached import media_in, media_items, member
from archiver.capture.platforms.mastodon.heads import Notification, Status, head_of, is_id
from archiver.capture.platforms.mastodon.listings import of_status
from archiver.capture.platforms.mastodon.quoting import SHOWN, contained_in, contained_like
from archiver.capture.urls import web_address
from archiver.formats.excerpts_json import UNREADABLE, json_members
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Listing, Site

    Cut = tuple[int, int]

__all__ = ["notification_items", "status_items"]

_ADDRESSED = frozenset({"mention", "quote"})
"""Notifications whose status somebody else addressed to the account."""
_FOR_THE_ACCOUNT = re.compile(
    rb'"(?:bookmarked|muted)"\s*:\s*true'
    rb'|"(?:filtered|own_votes)"\s*:\s*\[\s*[^\]\s]'
    rb'|"visibility"\s*:\s*"(?!(?:%b)")' % "|".join(sorted(SHOWN)).encode()
)
"""Members, at every depth, that not everybody is told; in a text quotation marks are escaped."""
_ID_FIRST = re.compile(rb'\{"id":("[\w-]+"|[0-9]+),')


class _Placed(msgspec.Struct):
    status: msgspec.Raw


_PLACED = msgspec.json.Decoder(_Placed)


def status_items(site: Site, listing: Listing, body: bytes, cut: tuple[int, int]) -> Iterator[Item]:
    """Yield a status and what is attached to it.

    A status of the account's own is a post, somebody else's a comment; what only those
    mentioned may read is a message.
    """
    head = head_of(body[slice(*cut)], Status)
    if head is None:
        return
    if listing.group == "favourites":  # asked for because the account liked it
        held = contained_like(site, body[slice(*cut)], listing.sensitivity)
        item = _item(Stream.REACTIONS, f"favourite/{head.id}", listing.sensitivity, cut)
        yield replace(item, contains=held)
        return
    own = local_name(head.account.acct) == handle(site)
    writing = Stream.POSTS if own else Stream.COMMENTS
    stream = Stream.MESSAGES if head.visibility == "direct" else writing
    sensitivity = _sensitivity(head, body[slice(*cut)])
    yield Item(
        stream=stream,
        native_id=str(head.id),
        kind=Kind.PRESENT,
        sensitivity=sensitivity,
        spans=(Span("item", *cut),),
        content_type="application/json",
        page_url=web_address(head.url or ""),
        follow=of_status(site, listing, stream, head, sensitivity),
        contains=contained_in(site, body[slice(*cut)], sensitivity),
    )
    page_url = web_address(head.url or "")
    if head.media_attachments:
        yield from media_items(site, media_in(body, cut), sensitivity, page_url)
    boosted = member(body, cut, "reblog") if head.reblog else None
    if boosted is not None:
        yield from media_items(site, media_in(body, boosted), sensitivity, page_url)


def notification_items(
    site: Site, listing: Listing, body: bytes, cut: tuple[int, int]
) -> Iterator[Item]:
    """Yield a notification, and the status by which somebody addressed the account.

    Of that status the notification's own record has the id alone, so that each of the
    two can have its own fate.
    """
    head = head_of(body[slice(*cut)], Notification)
    if head is None:
        return
    native_id = f"notification/{head.id}"
    place = _status_place(body, cut) if head.type in _ADDRESSED and head.status else None
    if place is None or head.status is None or not is_id(head.status.id):
        held = contained_in(site, body[slice(*cut)], Sensitivity.PRIVATE)
        item = _item(Stream.MESSAGES, native_id, Sensitivity.PRIVATE, cut)
        yield replace(item, contains=held)
        return
    (start, end), name = place
    spans = (
        Span("item", cut[0], start),
        Span("status_id", *name),
        Span("item", end, cut[1]),
    )
    yield _item(Stream.MESSAGES, native_id, Sensitivity.PRIVATE, cut, spans)
    yield from status_items(site, listing, body, (start, end))


def _item(
    stream: Stream,
    native_id: str,
    sensitivity: str,
    cut: tuple[int, int],
    spans: tuple[Span, ...] = (),
) -> Item:
    spans = spans or (Span("item", *cut),)
    return Item(stream, native_id, Kind.PRESENT, sensitivity, spans, "application/json")


def _sensitivity(status: Status, data: bytes) -> Sensitivity:
    """Return who may see a status as it came: its text, what it holds, what the account is told.

    With a login an answer also says what the account has bookmarked, muted, filtered or
    voted for; of what a status boosts or quotes as well.
    """
    shown = status.visibility in SHOWN and _FOR_THE_ACCOUNT.search(data) is None
    return Sensitivity.PUBLIC if shown else Sensitivity.PRIVATE


def _status_place(body: bytes, cut: Cut) -> tuple[Cut, Cut] | None:
    """Return where in a notification its status lies, and that status's id.

    A server writes a status's id first; what is written otherwise is looked for in turn.
    """
    try:
        raw = bytes(_PLACED.decode(body[slice(*cut)]).status)
    except UNREADABLE:
        raw = b""
    start = body.find(raw, *cut) if raw else -1
    plain = _ID_FIRST.match(body, start) if start >= 0 else None
    if plain is not None and body.find(raw, start + 1, cut[1]) < 0:
        return (start, start + len(raw)), plain.span(1)
    return _status_place_in_turn(body, cut)


def _status_place_in_turn(body: bytes, cut: Cut) -> tuple[Cut, Cut] | None:
    statuses = [one for one in json_members(body, *cut) if one.key == "status"]
    if len(statuses) != 1:
        return None
    start, end = statuses[0].value_start, statuses[0].value_end
    ids = [one for one in json_members(body, start, end) if one.key == "id"]
    return ((start, end), (ids[-1].value_start, ids[-1].value_end)) if ids else None
