"""Cutting the Page's photos, videos, reels and albums, with their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archiver.capture.connector import Item, Span
from archiver.capture.platforms.facebook.listings import comments_of
from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.cutting import count_in, node_of
from archiver.capture.platforms.graph.files import file_of
from archiver.capture.urls import web_address
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Listing, Site

    Cut = tuple[int, int]

__all__ = ["album_items", "photo_items", "video_items"]


class _Medium(NamedTuple):
    """What kind of medium a node is: prefix of its id, its file, whether everybody sees it."""

    prefix: str
    url: str
    public: bool
    held: bool = False


def photo_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a photo with the file of its largest size.

    One that neither a post nor an album of the Page's shows is not known to be public.
    """
    node = node_of(body[slice(*cut)])
    public = bool(node.get("page_story_id") or node.get("album"))
    yield from _cut(site, listing, cut, node, _Medium("", _largest(node.get("images")), public))


def video_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a video or reel with its file; one that is not published is held."""
    node = node_of(body[slice(*cut)])
    privacy = node.get("privacy")
    shown = privacy.get("value") if isinstance(privacy, dict) else "EVERYONE"
    held = node.get("published") is False
    public = not held and shown in {"EVERYONE", ""}
    what = _Medium("video/", str(node.get("source") or ""), public, held)
    yield from _cut(site, listing, cut, node, what)


def album_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield an album; its photos are listed for themselves, and name it."""
    node = node_of(body[slice(*cut)])
    public = node.get("privacy") in {"everyone", "EVERYONE", None, ""}
    yield from _cut(site, listing, cut, node, _Medium("album/", "", public))


def _cut(
    site: Site, listing: Listing, cut: Cut, node: dict[str, Any], what: _Medium
) -> Iterator[Item]:
    number = node.get("id")
    if not is_node(number):
        return
    name = f"{what.prefix}{number}"
    who = Sensitivity.PUBLIC if what.public else Sensitivity.PRIVATE
    total = count_in(node, "comments", "summary", "total_count") or "0"
    link = str(node.get("permalink_url") or node.get("link") or "")
    yield Item(
        Stream.MEDIA, name, Kind.HELD if what.held else Kind.PRESENT, who, (Span("item", *cut),),
        "application/json",
        page_url=web_address(link),
        follow=(
            *file_of(site, f"{name}/file", what.url, who),
            comments_of(site, listing, str(number), total),
        ),
    )  # fmt: skip


def _largest(images: object) -> str:
    """Return the address of the largest of a photo's sizes."""
    found = [one for one in images if isinstance(one, dict)] if isinstance(images, list) else []
    best = max(found, key=_area, default={})
    return str(best.get("source") or "")


def _area(image: dict[str, Any]) -> int:
    sides = [image.get(name) for name in ("width", "height")]
    width, height = (side if isinstance(side, int) else 0 for side in sides)
    return width * height
