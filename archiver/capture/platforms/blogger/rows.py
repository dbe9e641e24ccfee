"""What a thing of Blogger's says, column by column (schemas of the discovery document).

What changes without the thing itself changing is ``volatile``: counts, digests of pages (etag),
links to the API, what somebody's profile shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.enveloped import row_of
from archiver.capture.handlers import drop, keep, markup, metric, put, tags, time
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["row"]

_SHARED: dict[str, Handler] = {
    "kind": drop,
    "id": drop,
    "etag": metric,
    "selfLink": metric,
    "status": put("state"),
    "blog.id": metric,
    "published": time("created"),
    "updated": time("modified"),
    "url": put("url"),
    "title": put("title"),
    "content": markup,
    "author.id": put("author_id"),
    "author.displayName": put("author_name"),
    "author.url": put("author_url"),
    "author.image.url": metric,
}
_TABLES: dict[str, dict[str, Handler]] = {
    Stream.POSTS: _SHARED
    | {
        "labels": tags,
        "images": metric,
        "replies.items": metric,
        "replies.selfLink": metric,
        "replies.totalItems": metric,
    },
    Stream.PAGES: _SHARED,
    Stream.COMMENTS: _SHARED
    | {
        "post.id": put("thread_id"),
        "inReplyTo.id": put("parent_id"),
    },
    Stream.PROFILE: {
        "kind": drop,
        "id": drop,
        "selfLink": metric,
        "name": put("title"),
        "description": put("text"),
        "url": put("url"),
        "published": time("created"),
        "updated": metric,
        "status": put("state"),
        "locale.language": put("language"),
        "locale.country": keep,
        "locale.variant": keep,
        "posts.totalItems": metric,
        "posts.selfLink": metric,
        "posts.items": metric,
        "pages.totalItems": metric,
        "pages.selfLink": metric,
    },
}


def row(excerpts: tuple[Excerpt, ...], stream: str) -> dict[str, str]:
    """Return the row of one item."""
    return row_of(excerpts, _TABLES.get(stream, {}))
