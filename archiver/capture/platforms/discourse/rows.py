"""What a thing of a forum says, column by column.

What changes without the thing itself changing is ``volatile``: counts, times of last posts,
what the login may do with it, pictures and titles of people. All else stays in ``extra``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.enveloped import row_of
from archiver.capture.handlers import drop, keep, markup, metric, put, tags, time
from archiver.record import Excerpt, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler, Row

__all__ = ["row"]

Table = dict[str, "Handler"]


def row(excerpts: tuple[Excerpt, ...], stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item; a topic's own members are put together again."""
    members = [one.data for one in excerpts if one.role == "member"]
    if members:
        excerpts = (Excerpt("item", b"{%b}" % b",".join(members)),)
    return row_of(excerpts, _table(stream, native_id))


def _table(stream: str, native_id: str) -> Mapping[str, Handler]:
    parts = native_id.split("/")
    if "revision" in parts:
        return _REVISION
    if stream in (Stream.POSTS, Stream.MESSAGES):
        return _TOPIC if len(parts) == 1 or parts[1] == "details" else _POST
    if stream == Stream.SUBSCRIBERS and parts[0] == "group" and len(parts) < 3:  # noqa: PLR2004 - group/ID
        return _GROUP
    return _TABLES.get(stream, {})


def _quietly(*names: str) -> Table:
    return dict.fromkeys(names, metric)


def _raw(row: Row, name: str, value: bytes) -> None:
    """Take a post's text as its author wrote it; its HTML is kept beside."""
    row.put("text", row.text(name, value))


def _cooked(row: Row, name: str, value: bytes) -> None:
    """Take a post's HTML, and its text where the answer has no other."""
    if row.fields.get("text"):
        row.put("markup", row.text(name, value))
    else:
        markup(row, name, value)


def _number(column: str) -> Handler:
    """Return a handler for the id of another thing; null and 0 mean none."""

    def handle(row: Row, name: str, value: bytes) -> None:
        if value != b"0":
            row.put(column, row.text(name, value))

    return handle


_PERSON = _quietly(
    "avatar_template", "moderator", "admin", "staff", "trust_level", "user_title", "title",
    "primary_group_name", "flair_name", "flair_url", "flair_bg_color", "flair_color",
    "flair_group_id", "user_status", "last_seen_at", "last_posted_at", "last_emailed_at",
    "created_at_age", "last_seen_age", "last_emailed_age", "time_read", "days_visited",
    "posts_read_count", "topics_entered", "post_count", "animated_avatar", "badges_granted",
    "primary_group_flair_url", "primary_group_flair_bg_color", "primary_group_flair_color",
)  # fmt: skip
_POST: Table = _PERSON | _quietly(
    "reply_count", "quote_count", "incoming_link_count", "reads", "readers_count", "score",
    "yours", "display_username", "can_edit", "can_delete", "can_recover", "can_see_hidden_post",
    "can_wiki", "can_permanently_delete", "read", "actions_summary", "link_counts", "bookmarked",
    "can_view_edit_history", "topic_slug", "topic_title", "topic_html_title", "category_id",
    "topic_posts_count", "topic_filtered_posts_count", "topic_archetype", "category_slug",
    "version", "excerpt", "truncated", "draft_sequence", "reply_to_user", "bookmarks",
    "can_accept_answer", "can_unaccept_answer", "polls", "polls_votes", "updated_at",
    "last_wiki_edit", "reviewable_id", "reviewable_score_count",
    "reviewable_score_pending_count", "deleted_by", "can_retort",
)  # fmt: skip
_POST |= {
    "id": drop,
    "raw": _raw,
    "cooked": _cooked,
    "name": put("author_name"),
    "user_id": put("author_id"),
    "username": keep,
    "topic_id": put("thread_id"),
    "reply_to_post_number": _number("parent_id"),
    "created_at": time("created"),
    "post_url": put("url"),
}
_TOPIC: Table = _quietly(
    "posts_count", "reply_count", "highest_post_number", "bumped", "bumped_at", "last_posted_at",
    "unseen", "last_read_post_number", "unread", "unread_posts", "new_posts", "notification_level",
    "bookmarked", "liked", "views", "like_count", "has_summary", "last_poster_username",
    "posters", "participants", "excerpt", "op_like_count", "participant_groups", "word_count",
    "timeline_lookup", "suggested_topics", "suggested_group_name", "draft", "draft_key",
    "draft_sequence", "actions_summary", "chunk_size", "bookmarks", "participant_count",
    "message_bus_last_id", "current_post_number", "details.can_edit", "details.participants",
    "details.last_poster", "details.links", "details.notification_level", "user_last_posted_at",
    "details.notifications_reason_id", "details.can_move_posts", "details.can_delete",
    "details.can_remove_allowed_users", "details.can_invite_to", "details.can_create_post",
    "details.can_reply_as_new_topic", "details.can_flag_topic", "details.can_remove_self_id",
    "details.can_review_topic", "details.can_close_topic", "details.can_archive_topic",
    "details.can_split_merge_topic", "details.can_edit_staff_notes",
    "details.can_moderate_category",
    "details.can_toggle_topic_visibility", "details.can_pin_unpin_topic", "queued_posts_count",
    "details.can_banner_topic", "details.can_convert_topic", "details.can_permanently_delete",
    "show_read_indicator", "thumbnails", "slow_mode_seconds", "summarizable", "can_vote",
    "details.can_publish_page", "details.can_invite_via_email", "details.can_recover",
    "featured_link_root_domain", "fancy_title", "slug", "tags_descriptions", "image_url",
    "allowed_user_count", "unpinned", "deleted_by", "related_messages", "unicode_title",
    "slow_mode_enabled_until", "unread_not_too_old", "has_deleted", "is_warning", "last_read_at",
    "requested_group_name", "pm_with_non_human_user", "valid_reactions",
)  # fmt: skip
_TOPIC |= {
    "id": drop,
    "title": put("title"),
    "created_at": time("created"),
    "user_id": put("author_id"),
    "category_id": _number("parent_id"),
    "tags": tags,
    "details.created_by": metric,
}
_REVISION: Table = _quietly(
    "first_revision", "previous_revision", "next_revision", "last_revision", "current_version",
    "version_count", "avatar_template", "can_edit", "wiki", "previous_hidden", "current_hidden",
    "display_username",
)  # fmt: skip
_REVISION |= {
    "post_id": put("parent_id"),
    "current_revision": drop,
    "created_at": time("created"),
    "username": put("author_name"),
    "acting_user_name": metric,
}
_GROUP: Table = _quietly(
    "user_count",
    "message_count",
    "is_group_user",
    "is_group_owner_display",
    "can_see_members",
    "can_admin_group",
    "can_edit_group",
    "can_mention",
    "is_group_owner",
    "has_messages",
) | {
    "id": drop,
    "name": put("handle"),
    "display_name": put("name"),
    "bio_cooked": markup,
    "bio_raw": keep,
    "full_name": keep,
}
_TABLES: dict[str, Table] = {
    Stream.COMMENTS: _POST,
    Stream.SUBSCRIBERS: _PERSON | {
        "id": drop,
        "username": put("handle"),
        "name": put("name"),
        "email": put("email"),
        "created_at": time("created"),
        "admin": keep,
        "moderator": keep,
    },
    Stream.REACTIONS: _PERSON | {
        "id": put("author_id"),
        "username": keep,
        "name": put("author_name"),
    },
    Stream.PAGES: _quietly(
        "topic_count", "post_count", "topics_day", "topics_week", "topics_month", "topics_year",
        "topics_all_time", "num_featured_topics", "can_edit", "notification_level", "permission",
        "topics", "subcategory_ids", "has_children", "position", "description_excerpt",
        "subcategory_count", "can_delete", "cannot_delete_reason", "required_tag_groups_names",
    ) | {
        "id": drop,
        "name": put("title"),
        "description": markup,
        "description_text": metric,
        "slug": keep,
        "parent_category_id": _number("parent_id"),
    },
    Stream.MODERATION: {
        "id": drop,
        "action_name": put("state"),
        "details": put("text"),
        "created_at": time("created"),
        "acting_user.id": put("author_id"),
        "acting_user.username": put("author_name"),
        "topic_id": _number("thread_id"),
        "post_id": _number("parent_id"),
    },
    Stream.PROFILE: {
        "title": put("title"),
        "description": put("text"),
        "current_user.id": keep,
        "current_user.username": put("handle"),
        "current_user.name": put("name"),
    },
}  # fmt: skip
