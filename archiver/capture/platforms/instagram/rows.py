"""What an Instagram node says, column by column (`archiver.capture.platforms.graph.rows`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.platforms.graph.fields import author, drop, inner, keep, metric, put, time
from archiver.capture.platforms.graph.rows import CONTENT, CONVERSATION, Tables
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler, Row

__all__ = ["TABLES"]


def _children(row: Row, name: str, value: bytes) -> None:
    """Name the pictures of an album; each has its own record."""
    metric(row, name, value)


def _user(row: Row, name: str, value: bytes) -> None:
    """Take who wrote a comment, by number and name."""
    author(row, name, value)
    row.put("author_name", row.text("username", dict(row.members(value)).get("username", b"null")))


_MEDIUM: dict[str, Handler] = {
    "id": drop,
    "caption": put("text"),
    "alt_text": put("alt_text"),
    "permalink": put("url"),
    "timestamp": time("created"),
    "username": put("author_name"),
    "media_type": put("state"),
    "video_title": put("title"),
    "live_status": keep,
    "children": _children,
    **dict.fromkeys(("media_url", "thumbnail_url", "like_count", "comments_count"), metric),
}
_COMMENT: dict[str, Handler] = {
    "id": drop,
    "text": put("text"),
    "timestamp": time("created"),
    "username": put("author_name"),
    "from": _user,
    "parent_id": put("parent_id"),
    "media": inner("thread_id", "id"),
    "like_count": metric,
    "user": metric,
}
_PROFILE: dict[str, Handler] = {
    "id": drop,
    "username": put("handle"),
    "name": put("name"),
    "biography": put("text"),
    "website": put("url"),
    "profile_picture_url": metric,
}

TABLES = Tables(
    plain={
        Stream.POSTS: _MEDIUM,
        Stream.MEDIA: _MEDIUM,
        Stream.COMMENTS: _COMMENT,
        Stream.MESSAGES: CONTENT,
        Stream.PROFILE: _PROFILE,
    },
    prefixed={
        "story": _MEDIUM,
        "live": _MEDIUM,
        "tagged": _MEDIUM,
        "conversation": CONVERSATION,
    },
    parts={"content": CONTENT},
    change={"from": _user, "text": put("text"), "media": inner("thread_id", "id")},
)
