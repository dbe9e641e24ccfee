"""Cutting posts, stories, live videos and comments: what each is, and who may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.connector import Contained, Follow, Item, Span
from archiver.capture.platforms.facebook.listings import OWNER, comments_of, hanging
from archiver.capture.platforms.facebook.nodes import OWNER_ONLY
from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.cutting import count_in, node_of, parted
from archiver.capture.platforms.graph.files import file_of
from archiver.capture.urls import web_address
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Listing, Site

    Cut = tuple[int, int]

__all__ = ["comment_items", "live_items", "post_items", "story_items"]

_JSON = "application/json"
_OWN = frozenset({"posts", "visitor_posts", "feed", "scheduled"})
"""Groups whose posts stand on the Page itself, so that it is told what hangs on them."""
_FILES_OF_OTHERS = frozenset({"visitor_posts", "feed", "tagged", "shares", "stories"})
"""Groups that show posts of others: no other list has the pictures in them."""


def post_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a post, and as a part of it what Facebook tells its owner alone."""
    node = node_of(body[slice(*cut)])
    number = node.get("id")
    if not is_node(number):
        return
    kind, shown = _state(node)
    left, owned = parted(body, cut, OWNER_ONLY)
    yield Item(
        Stream.POSTS, str(number), kind, shown, left or (Span("item", *cut),), _JSON,
        page_url=web_address(str(node.get("permalink_url") or "")),
        follow=_of_post(site, listing, node, shown),
        contains=_held(node),
    )  # fmt: skip
    if owned and left:
        yield Item(
            Stream.POSTS, f"{number}/{OWNER}", Kind.PRESENT, Sensitivity.PRIVATE, owned, _JSON
        )


def live_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a live video: public while it is broadcast and after it, else it is still to come."""
    node = node_of(body[slice(*cut)])
    number = node.get("id")
    if not is_node(number):
        return
    public = node.get("status") in {"LIVE", "LIVE_STOPPED", "PROCESSING", "VOD"}
    yield Item(
        Stream.POSTS, f"live/{number}", Kind.PRESENT if public else Kind.HELD,
        Sensitivity.PUBLIC if public else Sensitivity.PRIVATE, (Span("item", *cut),), _JSON,
        follow=(comments_of(site, listing, str(number), _comments(node), live=True),),
    )  # fmt: skip


def story_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a story; one that is in the Page's archive is hidden from everybody else."""
    del listing
    node = node_of(body[slice(*cut)])
    number = node.get("id") or node.get("post_id")
    if not is_node(number):
        return
    public = node.get("status") == "PUBLISHED"
    who = Sensitivity.PUBLIC if public else Sensitivity.PRIVATE
    kind = Kind.PRESENT if public else Kind.HIDDEN
    spans = (Span("item", *cut),)
    yield Item(
        Stream.POSTS, f"story/{number}", kind, who, spans, _JSON,
        follow=file_of(site, f"story/{number}/file", str(node.get("url") or ""), who),
    )  # fmt: skip


def comment_items(site: Site, listing: Listing, body: bytes, cut: Cut) -> Iterator[Item]:
    """Yield a comment or a reply: private, for the Page is told more of it than everybody."""
    del listing
    node = node_of(body[slice(*cut)])
    number = node.get("id")
    if not is_node(number):
        return
    yield Item(
        Stream.COMMENTS, str(number), Kind.HIDDEN if node.get("is_hidden") is True else
        Kind.PRESENT, Sensitivity.PRIVATE, (Span("item", *cut),), _JSON,
        page_url=web_address(str(node.get("permalink_url") or "")),
        follow=file_of(
            site, f"{number}/attachment", _picture(node.get("attachment")), Sensitivity.PRIVATE
        ),
    )  # fmt: skip


def _state(node: dict[str, Any]) -> tuple[Kind, Sensitivity]:
    """Return what a post's own state is: everybody sees it, it is hidden, or yet to come."""
    if node.get("is_published") is False:
        return Kind.HELD, Sensitivity.PRIVATE
    if node.get("is_hidden") is True:
        return Kind.HIDDEN, Sensitivity.PRIVATE
    privacy = node.get("privacy")
    value = privacy.get("value") if isinstance(privacy, dict) else "EVERYONE"
    public = value in {"EVERYONE", ""} and node.get("is_expired") is not True
    return Kind.PRESENT, Sensitivity.PUBLIC if public else Sensitivity.PRIVATE


def _of_post(
    site: Site, listing: Listing, node: dict[str, Any], shown: Sensitivity
) -> tuple[Follow, ...]:
    """Return what hangs on a post of the Page's: comments, reactions, shares, pictures."""
    kind, number = listing.group.partition(" ")[0], str(node["id"])
    found: tuple[Follow, ...] = ()
    if kind in _OWN and node.get("is_published") is not False:
        reactions = count_in(node, "reactions", "summary", "total_count")
        shares = count_in(node, "shares", "count") or "0"
        found = (
            comments_of(site, listing, number, _comments(node)),
            hanging(site, listing, "reactions", number, reactions),
            hanging(site, listing, "shares", number, shares),
        )
    if kind in _FILES_OF_OTHERS and kind != "feed":
        url = str(node.get("full_picture") or "")
        found += file_of(site, f"{number}/picture", url, shown)
    return found


def _comments(node: dict[str, Any]) -> str:
    return count_in(node, "comments", "summary", "total_count")


def _held(node: dict[str, Any]) -> tuple[Contained, ...]:
    """Return what a post shows of others: the post that it shares, and its photos and videos.

    An attachment has their text with it, as do those below it.
    """
    parent = node.get("parent_id")
    found = [Contained(Stream.POSTS, str(parent))] if is_node(parent) else []
    left = [node.get("attachments")]
    while left:
        attached = left.pop()
        data = attached.get("data") if isinstance(attached, dict) else None
        for one in data if isinstance(data, list) else ():
            if isinstance(one, dict):
                left.append(one.get("subattachments"))
                found += _medium(one)
    return tuple(dict.fromkeys(found))


def _medium(attachment: dict[str, Any]) -> list[Contained]:
    kind, target = attachment.get("media_type"), attachment.get("target")
    number = target.get("id") if isinstance(target, dict) else None
    if kind not in {"photo", "video"} or not is_node(number):
        return []
    return [Contained(Stream.MEDIA, f"video/{number}" if kind == "video" else str(number))]


def _picture(attachment: object) -> str:
    """Return the address of the picture in an attachment."""
    media = attachment.get("media") if isinstance(attachment, dict) else None
    image = media.get("image") if isinstance(media, dict) else None
    return str(image.get("src") or "") if isinstance(image, dict) else ""
