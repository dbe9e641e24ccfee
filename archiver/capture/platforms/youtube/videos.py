"""Cutting videos and what hangs on them: details, broadcast, captions.

The list of the channel's uploads names videos and has nothing of them but ids. So each page
of it leads to the videos that it names, and only then to the page after it: the request for them
carries the token of that page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Claim, Item, Page, Span
from archiver.capture.paging import parameter_of
from archiver.capture.platforms.youtube.addresses import watch_page
from archiver.capture.platforms.youtube.envelope import following
from archiver.capture.platforms.youtube.follows import of_broadcast, of_caption, of_video
from archiver.capture.platforms.youtube.heads import (
    Broadcast,
    Caption,
    Plain,
    PlaylistItem,
    Video,
    head_of,
    is_id,
)
from archiver.capture.platforms.youtube.listings import (
    ALL,
    uploads_page,
    videos_by_id,
)
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Follow, Listing, Site
    from archiver.capture.platforms.youtube.envelope import Envelope
    from archiver.record import Request

    Cut = tuple[int, int]

__all__ = ["broadcast", "caption", "page"]

_JSON = "application/json"


def page(site: Site, listing: Listing, body: bytes, found: Envelope) -> Page:
    """Cut a page of uploads, or the videos that one named or that were asked for alone."""
    url = listing.request.url
    if parameter_of(url, "playlistId"):
        return _uploads(site, listing, body, found)
    playlist, token, depth = (*listing.request.carried.split(" "), "", "")[:3]
    if "snippet" in parameter_of(url, "part").split(","):
        items = [one for cut in found.items for one in _video(site, body, cut, depth)]
    else:
        items = [one for cut in found.items for one in _details(body, cut)]
    after = uploads_page(site, playlist, token, depth) if token else None
    return Page(tuple(items), found.claims, next=after)


def _uploads(site: Site, listing: Listing, body: bytes, found: Envelope) -> Page:
    """Take the ids of a page of uploads; a place without one is left over."""
    claims, videos = list(found.claims), []
    for cut in found.items:
        head = head_of(body[slice(*cut)], PlaylistItem)
        if head is not None and is_id(head.details.video):
            videos.append(head.details.video)
            claims.append(Claim("upload", *cut, head.details.video))
    if videos:
        after: Request | None = videos_by_id(site, listing, videos, found.token)
    else:
        after = following(listing.request, found.token)
    return Page(claims=tuple(claims), total=found.total, next=after)


def _video(site: Site, body: bytes, cut: Cut, depth: str) -> Iterator[Item]:
    head = head_of(body[slice(*cut)], Video)
    if head is None:
        return
    public = head.status.privacy == "public"
    sensitivity = Sensitivity.PUBLIC if public else Sensitivity.PRIVATE
    follow = of_video(site, head, sensitivity, always=depth == ALL)
    yield _post(head.id, head.id, sensitivity, cut, follow)


def _details(body: bytes, cut: Cut) -> Iterator[Item]:
    head = head_of(body[slice(*cut)], Plain)
    if head is not None:
        yield _post(f"{head.id}/details", head.id, Sensitivity.PRIVATE, cut)


def broadcast(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield what a broadcast says of the video that it is, with its chat while it has one."""
    head = head_of(body[slice(*cut)], Broadcast)
    if head is not None:
        follow = of_broadcast(site, head)
        yield _post(f"{head.id}/broadcast", head.id, listing.sensitivity, cut, follow)


def caption(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a caption track and its file."""
    head = head_of(body[slice(*cut)], Caption)
    if head is None or not is_id(head.snippet.video):
        return
    native_id = f"{head.snippet.video}/caption/{head.id}"
    follow = of_caption(site, native_id, head.id, listing.sensitivity)
    yield _post(native_id, head.snippet.video, listing.sensitivity, cut, follow)


def _post(
    native_id: str, video: str, sensitivity: str, cut: Cut, follow: tuple[Follow, ...] = ()
) -> Item:
    return Item(
        stream=Stream.POSTS,
        native_id=native_id,
        kind=Kind.PRESENT,
        sensitivity=sensitivity,
        spans=(Span("item", *cut),),
        content_type=_JSON,
        page_url=watch_page(video),
        follow=follow,
    )
