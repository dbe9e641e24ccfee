"""Events that YouTube's hub pushes (WebSub, W3C Recommendation of 23 January 2018).

A hub tells of new videos and of changed titles and descriptions, and of videos that are no
more (RFC 6721). It sends an Atom feed, signed with the secret that the subscription named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture import signatures
from archiver.capture.connector import (
    Claim,
    Contained,
    Follow,
    Gone,
    Item,
    Listing,
    Page,
    Problem,
    Span,
)
from archiver.capture.delivery import Rejected, Subscription, Verified
from archiver.capture.platforms.youtube.addresses import channel_of, topic, watch_page
from archiver.capture.platforms.youtube.heads import is_id
from archiver.capture.platforms.youtube.listings import VIDEOS, single
from archiver.capture.platforms.youtube.pushed import attribute, child_text
from archiver.capture.times import internet_time
from archiver.formats.excerpts_xml import Element, feed_parts, local_name
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from archiver.capture.connector import Site
    from archiver.capture.delivery import Delivery
    from archiver.formats.excerpts_xml import FeedParts

__all__ = ["FIELDS", "NAME", "cut_delivery", "deliveries", "subscribed_to", "verified"]

NAME = "deliveries"
FIELDS = ("hub_secret",)
"""The secret that the subscription names; hub and callback know it as well."""
HUB = "https://pubsubhubbub.appspot.com/subscribe"
"""Google's hub (guides/push_notifications)."""
_XML = "application/atom+xml"
_VIDEO = "yt:video:"
_TOMBSTONE = "deleted-entry"


def subscribed_to(site: Site) -> Subscription | Problem:
    """Return hub and topic of a channel's events; the topic has the channel's id in it."""
    channel = channel_of(site)
    if not channel:
        told = "only an account with its channel's id for an address (/channel/UC…) has a topic"
        return Problem("schema", told)
    return Subscription(HUB, topic(channel))


def verified(delivery: Delivery, secrets: Mapping[str, str], now: datetime) -> Verified | Rejected:
    """Judge a delivery by its signature (WebSub §7.1), and say of which channels it tells."""
    judged = signatures.check(signatures.WEBSUB_WEAK, delivery, secrets.values(), now)
    if isinstance(judged, Rejected):
        return judged
    return judged._replace(to=tuple(dict.fromkeys(_channels(delivery.body))))


def _channels(body: bytes) -> Iterator[str]:
    """Yield the channels that a feed tells of, where it says so."""
    parts = feed_parts(body)
    for start, end in parts.items:
        yield from filter(is_id, [child_text(body[start:end], "channelid")])


def deliveries(site: Site) -> Listing:
    """Return the listing under which deliveries are cut."""
    return Listing(
        NAME, Stream.POSTS, Request(topic(channel_of(site))), Sensitivity.PUBLIC, NAME,
        exhaustive=False,
    )  # fmt: skip


def cut_delivery(site: Site, body: bytes) -> Page:
    """Cut a feed into events; each leads to the video itself, or says that it is gone."""
    parts = feed_parts(body)
    if not parts.containers:
        return Page(problem=Problem("schema", "a delivery that is no Atom feed"))
    start = parts.containers[0]
    entries = [_entry(site, body, start, cut) for cut in parts.items]
    gone = [_tombstone(body, one) for one in parts.elements if _is_tombstone(one)]
    claims = [Claim(one.name, one.start, one.end, _told(body, one)) for one in _frame(parts)]
    return Page(
        tuple(one for one in entries if one is not None),
        tuple(claims),
        gone=tuple(one for one in gone if one is not None),
    )


def _frame(parts: FeedParts) -> Iterator[Element]:
    """Yield what a feed says of itself: declaration, start tag, title, links, time; comments."""
    if parts.declaration is not None:
        yield Element("declaration", *parts.declaration)
    yield from parts.containers
    yield from parts.asides
    yield from (one for one in parts.elements if not _is_tombstone(one))


def _told(body: bytes, one: Element) -> str:
    return body[one.start : one.end].decode("utf-8", "backslashreplace")


def _is_tombstone(one: Element) -> bool:
    return local_name(one.name) == _TOMBSTONE


def _entry(site: Site, body: bytes, start: Element, cut: tuple[int, int]) -> Item | None:
    """Return an event that names a video; another is left over."""
    data = body[slice(*cut)]
    video = child_text(data, "videoid") or child_text(data, "id").removeprefix(_VIDEO)
    when = child_text(data, "updated") or child_text(data, "published")
    if not is_id(video) or not is_id(when):
        return None
    return Item(
        stream=Stream.POSTS,
        native_id=f"{video}/event/{when}",
        kind=Kind.PRESENT,
        sensitivity=Sensitivity.PUBLIC,
        spans=(Span("namespaces", start.start, start.end), Span("entry", *cut)),
        content_type=_XML,
        page_url=watch_page(video),
        follow=(Follow("listing", Stream.POSTS, listing=single(site, video)),),
        contains=(Contained(Stream.POSTS, video),),
    )


def _tombstone(body: bytes, one: Element) -> Gone | None:
    """Return what a tombstone says (RFC 6721 §3): which video is no more, and since when."""
    data = body[one.start : one.end]
    video = attribute(data, "", "ref").removeprefix(_VIDEO)
    if not is_id(video):
        return None
    at = internet_time(attribute(data, "", "when")).at
    spans = (Span("event", one.start, one.end),)
    return Gone(video, (Stream.POSTS,), spans, _XML, VIDEOS, at)
