"""What a thing of Tumblr's says, column by column (api.md, npf-spec.md of tumblr/docs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.enveloped import Head, row_of
from archiver.capture.handlers import drop, keep, markup, metric, put, tags, time
from archiver.capture.times import unix_time
from archiver.formats.excerpts_json import json_items
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler, Row
    from archiver.record import Excerpt

__all__ = ["row"]

Table = dict[str, "Handler"]


def row(excerpts: tuple[Excerpt, ...], stream: str) -> dict[str, str]:
    """Return the row of one item."""
    return row_of(excerpts, _TABLES.get(stream, {}))


def _content(row: Row, name: str, value: bytes) -> None:
    """Take the texts of a post's blocks, one on a line; the blocks stay as they stood."""
    row.keep(name, row.raw(name, value))
    texts = [Head(value[slice(*cut)]).text("text") for cut in json_items(value)]
    row.put("text", "\n".join(text for text in texts if text))


def _quiet(words: str) -> Table:
    return dict.fromkeys(words.split(), metric)


_POST: Table = _quiet(
    "id_string note_count notes liked muted followed blog can_like can_reblog can_reply"
    " can_send_in_message display_avatar interactability_reblog interactability_blaze is_blazed"
    " is_blaze_pending can_ignite can_blaze can_edit can_delete should_open_in_legacy"
    " recommended_source recommended_color reblog_key date short_url object_type"
    " is_blocks_post_format original_type"
)
_POST |= {
    "id": drop,
    "blog_name": put("author_name"),
    "post_url": put("url"),
    "slug": keep,
    "timestamp": time("created", unix_time),
    "state": put("state"),
    "tags": tags,
    "summary": put("summary"),
    "content": _content,
    "title": put("title"),
    "body": markup,
}
_NOTE: Table = _quiet("avatar_shape avatar_url followed can_block blog_title formatting") | {
    "blog_uuid": put("author_id"),
    "blog_name": put("author_name"),
    "blog_url": put("author_url"),
    "timestamp": time("created", unix_time),
    "reply_text": put("text"),
    "added_text": put("text"),
    "type": put("state"),
}
_PERSON: Table = _quiet("following updated title description uuid avatar theme posts") | {
    "name": put("handle"),
    "url": put("url"),
}
_TABLES: dict[str, Table] = {
    Stream.POSTS: _POST,
    Stream.MESSAGES: _POST,
    Stream.COMMENTS: _NOTE,
    Stream.REACTIONS: _NOTE,
    Stream.SUBSCRIBERS: _PERSON,
    Stream.MODERATION: {"name": put("author_name"), "url": put("url"), "updated": metric},
    Stream.PROFILE: _quiet(
        "posts total_posts updated likes followed drafts queue messages followers"
    )
    | {
        "name": put("handle"),
        "title": put("title"),
        "description": markup,
        "url": put("url"),
    },
}
