"""What a node or an event says, column by column.

Known members go to their columns. What changes without the thing itself changing goes to
``volatile``: counts, when something below it changed last, where a file lies at the moment.
Everything else goes to ``extra`` as it stood.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from archiver.capture.jsonitem import Row
from archiver.capture.platforms.graph.cutting import joined
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
from archiver.columns import fields_of
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["row_of"]

_PART = re.compile(r"(?P<whole>.+)/(?P<part>reaction|content|event|owner)(?:/.*)?")


def row_of(excerpts: tuple[Excerpt, ...], stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item."""
    row = Row()
    part = _PART.fullmatch(native_id)
    if part is not None:
        row.put("parent_id", part["whole"])
    if any(one.role == "event" for one in excerpts):
        _event(row, joined(excerpts, "event"))
        return _fitting(row, stream)
    if any(one.role == "refusal" for one in excerpts):
        row.put("state", "refused")
        row.fill(row.members(joined(excerpts, "refusal")), {"error": _refusal})
        return row.finished()
    head, slash, _ = native_id.partition("/")
    if slash and head in _STATES:
        row.put("state", head)
    table = _PREFIXED.get(head) if slash else _TABLES.get(stream)
    if part is not None:
        table = _PARTS.get(part["part"])
    row.fill(row.members(joined(excerpts)), table or {})
    return row.finished()


def _event(row: Row, data: bytes) -> None:
    """Read an event: a change of the Page (its ``value``), or one of a conversation."""
    members = dict(row.members(data))
    if "value" in members:
        row.fill([(n, v) for n, v in row.members(data) if n != "value"], {"field": keep})
        row.fill(row.members(members["value"]), _CHANGE)
    else:
        row.fill(row.members(data), _MESSAGING)


def _fitting(row: Row, stream: str) -> dict[str, str]:
    """Return an event's row; what its stream has no column for goes to ``extra``."""
    columns = {column.name for column in fields_of(stream)}
    for name in [one for one in row.fields if one not in columns]:
        row.keep(name, json.dumps(row.fields.pop(name)))
    return row.finished()


def _refusal(row: Row, name: str, value: bytes) -> None:
    row.keep(name, row.raw(name, value))
    row.put("summary", row.text("message", dict(row.members(value)).get("message", b"null")))


def _message(row: Row, name: str, value: bytes) -> None:
    """Take the text of a message out of its event."""
    members = dict(row.members(value))
    row.put("text", row.text("text", members.get("text", b"null")))
    if "attachments" in members:
        attached(row, "attachments", members["attachments"])
    row.keep(name, row.raw(name, value))


def _parent(row: Row, name: str, value: bytes) -> None:
    """Take what a comment answers; the rest of it is a record of its own."""
    row.metric(name, row.raw(name, value))
    row.put("parent_id", row.text("id", dict(row.members(value)).get("id", b"null")))


_COUNTED: dict[str, Handler] = dict.fromkeys(
    (
        "comments", "reactions", "shares", "like_count", "comment_count", "can_comment", "can_hide",
        "can_like", "can_remove", "can_reply_privately", "can_reply", "user_likes", "views",
        "post_views", "live_views", "total_views", "updated_time", "full_picture", "picture",
        "source", "images", "is_expired", "unread_count", "message_count", "snippet", "senders",
        "reactions_like", "reactions_love", "reactions_care", "reactions_haha", "reactions_wow",
        "reactions_sad", "reactions_angry", "promotion_status", "count", "photo_count",
        "video_count",
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
    "parent": _parent,
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
_CONTENT = _WRITING | {"tags": metric, "reactions": keep, "shares": steady}
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
    "description": keep,
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
_CONVERSATION = _COUNTED | {
    "id": drop,
    "link": put("url"),
    "name": put("title"),
    "updated_time": time("modified"),
}
_CHANGE: dict[str, Handler] = {
    "from": author,
    "message": put("text"),
    "review_text": put("text"),
    "created_time": time("created"),
    "verb": put("state"),
    "post_id": put("thread_id"),
}
_MESSAGING: dict[str, Handler] = {
    "sender": inner("author_id", "id"),
    "timestamp": time("created"),
    "message": _message,
    "message_edit": _message,
}
_STATES = frozenset({"block", "role", "setting"})
_PARTS: dict[str, Mapping[str, Handler]] = {
    "content": _CONTENT,
    "reaction": _PEOPLE,
    "owner": {"promotion_status": metric},
}
_PREFIXED: dict[str, Mapping[str, Handler]] = {
    "story": _STORY,
    "live": _LIVE,
    "video": _MEDIUM,
    "album": _ALBUM,
    "conversation": _CONVERSATION,
    "rating": _RATING,
    "block": _PEOPLE,
    "role": {"id": drop, "name": put("name")},
    "setting": {"setting": put("name")},
}
_TABLES: dict[str, Mapping[str, Handler]] = {
    Stream.POSTS: _POST,
    Stream.COMMENTS: _WRITING,
    Stream.MESSAGES: _WRITING,
    Stream.MEDIA: _MEDIUM,
    Stream.PROFILE: _PROFILE,
}
