"""Cutting statuses and notifications: what kind of thing each is, and who may see it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from archiver.capture.connector import Follow, Item, Span
from archiver.capture.platforms.mastodon.addresses import handle, local_name
from archiver.capture.platforms.mastodon.heads import Notification, Status, head_of, is_id
from archiver.capture.platforms.mastodon.listings import of_status
from archiver.capture.platforms.mastodon.quoting import SHOWN, contained_in, contained_like
from archiver.capture.urls import same_site, web_address
from archiver.formats.excerpts_json import UNREADABLE, json_items, json_members
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Listing, Site

    Cut = tuple[int, int]

__all__ = ["notification_items", "status_items"]

_ADDRESSED = frozenset({"mention", "quote"})
"""Notifications whose status somebody else addressed to the account."""
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
    sensitivity = _sensitivity(head)
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
    if head.media_attachments:
        yield from _media(site, head, sensitivity, body, cut)


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


def _sensitivity(status: Status) -> Sensitivity:
    """Return who may see a status as it came: its text, and what only the account is told.

    With a login an answer also says what the account has bookmarked, muted or filtered.
    """
    told = status.bookmarked or status.muted or status.filtered
    return Sensitivity.PUBLIC if status.visibility in SHOWN and not told else Sensitivity.PRIVATE


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


def _media(
    site: Site, status: Status, sensitivity: Sensitivity, body: bytes, cut: tuple[int, int]
) -> Iterator[Item]:
    """Yield each attachment, which has its own text for those who cannot see it."""
    places = [one for one in json_members(body, *cut) if one.key == "media_attachments"]
    start, end = places[-1].value_start, places[-1].value_end
    cuts = json_items(body[start:end])
    if len(cuts) != len(status.media_attachments):
        return
    for medium, (left, right) in zip(status.media_attachments, cuts, strict=True):
        if not is_id(medium.id):
            continue
        url = web_address(medium.url or "")
        follow: tuple[Follow, ...] = ()
        if _on_server(url, site.url):
            file = Follow("file", Stream.MEDIA, f"{medium.id}/file", sensitivity, Request(url))
            follow = (file,)
        yield Item(
            stream=Stream.MEDIA,
            native_id=str(medium.id),
            kind=Kind.PRESENT,
            sensitivity=sensitivity,
            spans=(Span("item", start + left, start + right),),
            content_type="application/json",
            page_url=web_address(status.url or ""),
            follow=follow,
        )


def _on_server(url: str, site_url: str) -> bool:
    """Say whether a file may be fetched: from the server's host, or by https one below it."""
    try:
        there, here = urlsplit(url), urlsplit(site_url)
        below = (there.hostname or "").endswith(f".{here.hostname}") and there.port is None
    except ValueError:
        return False
    return same_site(url, site_url) or (
        there.scheme == "https" and below and "@" not in there.netloc
    )
