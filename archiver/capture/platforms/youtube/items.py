"""Cutting an answer of the API into items: by the method that was asked, thing by thing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from archiver.capture.connector import Claim, Contained, Gone, Item, Page, Problem, Span
from archiver.capture.paging import parameter_of
from archiver.capture.platforms.youtube import chat, comments, videos
from archiver.capture.platforms.youtube.addresses import (
    channel_of,
    handle_of,
    method_of,
)
from archiver.capture.platforms.youtube.answers import DISABLED, problem_of, reason_of
from archiver.capture.platforms.youtube.envelope import envelope_of, following
from archiver.capture.platforms.youtube.follows import of_playlist
from archiver.capture.platforms.youtube.heads import (
    Channel,
    Member,
    Plain,
    Playlist,
    PlaylistItem,
    Subscription,
    head_of,
    is_id,
)
from archiver.capture.platforms.youtube.listings import DETAILS, VIDEOS, of_channel
from archiver.capture.platforms.youtube.push import NAME as DELIVERIES
from archiver.capture.platforms.youtube.push import cut_delivery
from archiver.capture.platforms.youtube.scopes import scope_of
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archiver.capture.connector import Listing, Site
    from archiver.capture.platforms.youtube.envelope import Envelope
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Request

    Cut = tuple[int, int]
    Cutter = Callable[[Site, Listing, bytes, Cut], Iterable[Item | Gone]]

__all__ = ["split"]


def split(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut one answer. What has no id is not claimed, and so becomes residue."""
    if listing.name == DELIVERIES:
        return cut_delivery(site, response.body)
    problem = problem_of(response)
    if problem is not None:
        return _refused(listing, response, problem)
    found = envelope_of(response.body)
    if found is None:
        return Page(problem=Problem("schema", "an answer that is no list of YouTube's"))
    problem = _unfit(site, listing, response.body, found)
    return Page(problem=problem) if problem else _cut(site, listing, response.body, found)


def _unfit(site: Site, listing: Listing, body: bytes, found: Envelope) -> Problem | None:
    """Return why a list is not what was asked for: nothing of that id, or another channel."""
    if not found.items and _is_direct(listing.request):
        return Problem("missing", "200 no such id")
    if method_of(listing.request.url) != "channels":
        return None
    return _wrong_channel(site, listing, [body[slice(*cut)] for cut in found.items])


def _cut(site: Site, listing: Listing, body: bytes, found: Envelope) -> Page:
    """Cut a list, page by page."""
    method = method_of(listing.request.url)
    if method == "videos" or listing.group in {VIDEOS, DETAILS}:
        return videos.page(site, listing, body, found)
    cutter = _CUTTERS.get(method, _nothing)
    things = [one for cut in found.items for one in cutter(site, listing, body, cut)]
    page = Page(
        tuple(one for one in things if isinstance(one, Item)),
        found.claims,
        found.total if method in _COUNTED else "",
        gone=tuple(one for one in things if isinstance(one, Gone)),
    )
    if method == "liveChat/messages":
        return chat.page(listing, page, found.token)
    return replace(page, next=following(listing.request, found.token))


def _refused(listing: Listing, response: HttpResponse, problem: Problem) -> Page:
    """Return a refusal; that the channel has no such thing at all is an answer, and a zero."""
    reason = reason_of(response)
    if reason in DISABLED:
        return Page(claims=(Claim("reason", 0, len(response.body), reason),))
    if problem.code == "scope":
        needed = scope_of(method_of(listing.request.url))
        problem = Problem("scope", f"{problem.message}; the login needs the scope {needed}")
    return Page(problem=problem)


def _is_direct(request: Request) -> bool:
    """Tell whether one thing itself was asked for, by its id, and no list led to it."""
    asked = parameter_of(request.url, "id") or parameter_of(request.url, "forChannelId")
    return bool(asked) and not request.carried


def _wrong_channel(site: Site, listing: Listing, found: list[bytes]) -> Problem | None:
    """Return why an answer is not that of the account's channel: the login is another's."""
    heads = [head_of(one, Channel) for one in found]
    if len(heads) != 1 or heads[0] is None:
        return Problem("schema", "an answer that names no channel")
    if listing.group == "count":
        return None  # it has nothing of a channel but its counts
    head, channel, handle = heads[0], channel_of(site), handle_of(site)
    if channel and head.id == channel:
        return None
    if handle and head.handle == handle:
        return None
    if handle and not head.handle:
        told = "the channel tells no handle: register it by its id, /channel/UC…"
        return Problem("schema", told)
    return Problem("authorisation", f"the login is that of channel {head.id[:40]}")


def _item(
    listing: Listing,
    native_id: str,
    cut: Cut,
    *,
    sensitivity: str = "",
    **more: object,
) -> Item:
    """Return an item of the listing's own stream, as private as the listing."""
    made = Item(
        stream=listing.stream,
        native_id=native_id,
        kind=Kind.PRESENT,
        sensitivity=sensitivity or listing.sensitivity,
        spans=(Span("item", *cut),),
        content_type="application/json",
    )
    return replace(made, **more) if more else made  # type: ignore[arg-type]


def _nothing(_site: Site, _listing: Listing, _body: bytes, _cut: Cut) -> Iterable[Item]:
    return ()


def _channel(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterable[Item]:
    """Yield the channel: what all see of it, its settings, or its dated counts."""
    head = head_of(body[slice(*cut)], Channel)
    if head is None:
        return
    if listing.group == "count":
        yield _item(listing, "count", cut)
    elif listing.group == "settings":
        follow = of_channel(site, listing, head.id, head.uploads)
        yield _item(listing, f"{head.id}/settings", cut, follow=follow)
    else:
        yield _item(listing, head.id, cut)


def _named(prefix: str, _site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterable[Item]:
    """Yield a thing with an id of its own, named ``prefix/id``."""
    head = head_of(body[slice(*cut)], Plain)
    if head is not None:
        yield _item(listing, f"{prefix}/{head.id}", cut)


def _subscription(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterable[Item]:
    """Yield a subscriber, or a channel that the account follows, by that channel's id."""
    head = head_of(body[slice(*cut)], Subscription)
    if head is None:
        return
    subscriber = listing.group == "subscribers"
    who = head.who.channel if subscriber else head.whom.resource.channel
    if is_id(who):
        yield _item(listing, f"{'subscriber' if subscriber else 'following'}/{who}", cut)


def _member(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterable[Item]:
    head = head_of(body[slice(*cut)], Member)
    if head is not None:
        yield _item(listing, f"member/{head.id}", cut)


def _playlist(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterable[Item]:
    head = head_of(body[slice(*cut)], Playlist)
    if head is None:
        return
    public = head.status.privacy == "public"
    sensitivity = Sensitivity.PUBLIC if public else Sensitivity.PRIVATE
    follow = of_playlist(site, listing, head, sensitivity)
    yield _item(listing, f"playlist/{head.id}", cut, sensitivity=sensitivity, follow=follow)


def _place(_site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterable[Item]:
    """Yield a place in a playlist, a part of that; it holds title and text of its video.

    In a public playlist its owner sees the titles of private videos, too: such a place is private.
    """
    head = head_of(body[slice(*cut)], PlaylistItem)
    playlist = listing.group.removeprefix("playlist ")
    if head is None or not is_id(playlist):
        return
    public = head.status.privacy == "public"
    sensitivity = listing.sensitivity if public else Sensitivity.PRIVATE
    video = head.details.video
    holds = (Contained(Stream.POSTS, video) if is_id(video) else Contained(),)
    name = f"playlist/{playlist}/item/{head.id}"
    yield _item(listing, name, cut, sensitivity=sensitivity, contains=holds)


_COUNTED = frozenset({"playlistItems", "playlists"})
"""Methods whose ``totalResults`` counts what they list. Of others it is an estimate, or the
number of things on the page (schema PageInfo says neither)."""
_CUTTERS: dict[str, Cutter] = {
    "captions": videos.caption,
    "channels": _channel,
    "channelSections": partial(_named, "section"),
    "commentThreads": comments.thread,
    "comments": comments.reply,
    "liveBroadcasts": videos.broadcast,
    "liveChat/messages": chat.message,
    "liveChat/moderators": partial(_named, "moderator"),
    "liveStreams": partial(_named, "stream"),
    "members": _member,
    "membershipsLevels": partial(_named, "level"),
    "playlistItems": _place,
    "playlists": _playlist,
    "subscriptions": _subscription,
}
