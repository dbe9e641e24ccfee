"""What Instagram's webhooks say (docs/graph-api/webhooks/reference/instagram)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.capture.platforms.graph.addresses import is_node
from archiver.capture.platforms.graph.deliveries import event
from archiver.capture.platforms.instagram.addresses import ACCOUNT
from archiver.capture.platforms.instagram.listings import mention, node
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Gone, Item, Site

    Cut = tuple[int, int]

__all__ = ["change"]

_COMMENTS = frozenset({"comments", "live_comments"})


def change(site: Site, told: dict[str, Any], cut: Cut, sent: str) -> Iterator[Item | Gone]:
    """Yield what one change tells, which was sent at ``sent``: none says that something is gone."""
    field, value = told.get("field"), told.get("value")
    name = f"{field}-{sent}"
    if not is_node(field) or not is_node(name) or not isinstance(value, dict):
        return
    number, media = value.get("id"), value.get("media")
    on = media.get("id") if isinstance(media, dict) else ""
    comment = value.get("comment_id")
    if field in _COMMENTS and is_node(number):
        group = f"comments {on}" if is_node(on) else "comments"
        follow = (node(site, "comments", str(number), group),)
        yield event(Stream.COMMENTS, f"{number}/event/{name}", cut, follow)
    elif field == "mentions" and is_node(comment):
        account = site.cursors.get(ACCOUNT, "")
        wanted = (mention(site, account, str(comment)),) if account else ()
        yield event(Stream.COMMENTS, f"{comment}/event/{name}", cut, wanted)
    else:
        about = value.get("media_id")
        prefix = f"{about}/event/" if is_node(about) else "event/"
        yield event(Stream.POSTS, f"{prefix}{name}", cut)
