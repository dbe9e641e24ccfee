"""What a node of a Page says, column by column (`archiver.capture.platforms.graph.rows`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.platforms.graph.fields import (
    attached,
    author,
    drop,
    inner,
    keep,
    metric,
    put,
    steady,
    time,
)
from archiver.capture.platforms.graph.rows import CONTENT, CONVERSATION, Tables
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler

__all__ = ["TABLES"]

_COUNTED: dict[str, Handler] = dict.fromkeys(
    (
        "comments", "reactions", "shares", "like_count", "comment_count", "can_comment", "can_hide",
        "can_like", "can_remove", "can_reply_privately", "user_likes", "views", "post_views",
        "live_views", "total_views", "updated_time", "full_picture", "picture", "source", "images",
        "is_expired", "reactions_like", "reactions_love", "reactions_care", "reactions_haha",
        "reactions_wow", "reactions_sad", "reactions_angry", "count", "photo_count", "video_count",
    ),
    metric,
)  # fmt: skip
_WRITING: dict[str, Handler] = _COUNTED | {
    "id": drop,
    "from": author,
    "message": put("text"),
    "created_time": time("created"),
    "creation_time": time("created"),
    "permalink_url": put("url"),
    "attachment": attached,
    "attachments": attached,
    "parent": inner("parent_id", "id"),
}
_POST = _WRITING | {
    "story": put("summary"),
    "status_type": put("state"),
    "parent_id": put("parent_id"),
    "call_to_action": steady,
}
_STORY = _WRITING | {"status": put("state"), "url": metric}
_LIVE = _WRITING | {
    "description": put("text"),
    "title": put("title"),
    "status": put("state"),
}
_MEDIUM = _WRITING | {
    "name": put("caption"),
    "description": put("text"),
    "title": put("title"),
    "alt_text_custom": put("alt_text"),
    "alt_text": keep,
    "link": put("url"),
    "status": steady,
    "page_story_id": put("thread_id"),
    "post_id": put("thread_id"),
}
_ALBUM = _MEDIUM | {"name": put("title")}
_PEOPLE: dict[str, Handler] = {
    "id": put("author_id"),
    "name": put("author_name"),
    "link": put("author_url"),
    "type": put("state"),
}
_PROFILE: dict[str, Handler] = {
    "id": drop,
    "name": put("name"),
    "username": put("handle"),
    "link": put("url"),
    "about": put("text"),
    "cover": steady,
    **dict.fromkeys(
        ("talking_about_count", "were_here_count", "checkins", "rating_count",
         "overall_star_rating"),
        metric,
    ),
}  # fmt: skip
_RATING: dict[str, Handler] = {
    "created_time": time("created"),
    "review_text": put("text"),
    "recommendation_type": put("state"),
    "reviewer": author,
}

TABLES = Tables(
    plain={
        Stream.POSTS: _POST,
        Stream.COMMENTS: _WRITING,
        Stream.MESSAGES: _WRITING,
        Stream.MEDIA: _MEDIUM,
        Stream.PROFILE: _PROFILE,
    },
    prefixed={
        "story": _STORY,
        "live": _LIVE,
        "video": _MEDIUM,
        "album": _ALBUM,
        "conversation": CONVERSATION,
        "rating": _RATING,
        "block": _PEOPLE,
        "details": _PROFILE,
        "role": {"id": drop, "name": put("name")},
        "setting": {"setting": put("name")},
    },
    parts={
        "content": CONTENT,
        "reaction": _PEOPLE,
    },
    change={
        "from": author,
        "message": put("text"),
        "review_text": put("text"),
        "created_time": time("created"),
        "verb": put("state"),
        "post_id": put("thread_id"),
    },
    states=frozenset({"block", "role", "setting"}),
)
