"""What a thing of Reddit's says, column by column.

What changes without the thing itself changing is ``volatile``: votes, counts, awards, addresses
of pictures, what the login may do with it, what its author's profile shows. Else it is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.enveloped import row_of
from archiver.capture.handlers import drop, keep, metric, put, time
from archiver.capture.times import UNKNOWN, Reading, internet_time, unix_time
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler, Row
    from archiver.record import Excerpt

__all__ = ["row"]

Table = dict[str, "Handler"]


def row(excerpts: tuple[Excerpt, ...], stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item."""
    return row_of(excerpts, _table(stream, native_id))


def _table(stream: str, native_id: str) -> Mapping[str, Handler]:
    if stream == Stream.MESSAGES:
        modmail = "/" in native_id or not native_id.startswith("reply-")
        return _MODMAIL | _MESSAGE if modmail else _MESSAGE
    return _TABLES.get(stream, {})


def _seconds(text: str) -> Reading:
    """Read seconds since 1970, which Reddit writes with a fraction that is always nothing."""
    whole, _, fraction = text.partition(".")
    return unix_time(whole) if not fraction.strip("0") else UNKNOWN


def _edited(row: Row, name: str, value: bytes) -> None:
    """Take when somebody edited it; false means never."""
    if value not in (b"false", b"true", b"null"):
        time("modified", _seconds)(row, name, value)


def _without(prefix: str, column: str) -> Handler:
    """Return a handler for the full name of a thing, of which the kind is left out."""

    def handle(row: Row, name: str, value: bytes) -> None:
        row.put(column, row.text(name, value).removeprefix(prefix))

    return handle


def _members(words: str, prefix: str = "") -> Table:
    """Return a table of members that change without the thing."""
    return {prefix + word: metric for word in words.split()}


def _data(words: str) -> Table:
    return _members(words, "data.")


_QUIET = _data(
    "score ups downs upvote_ratio num_comments num_crossposts view_count likes saved hidden clicked"
    " visited score_hidden hide_score gilded gildings all_awardings awarders total_awards_received"
    " top_awarded_type treatment_tags can_gild can_mod_post controversiality collapsed"
    " collapsed_reason collapsed_reason_code collapsed_because_crowd_control send_replies created"
    " subreddit_subscribers subreddit_name_prefixed subreddit_type author_flair_background_color"
    " author_flair_css_class author_flair_richtext author_flair_template_id author_flair_text"
    " author_flair_text_color author_flair_type author_is_blocked author_patreon_flair"
    " author_premium body_html selftext_html thumbnail thumbnail_height thumbnail_width preview"
    " media media_embed secure_media secure_media_embed media_metadata pwls wls"
    " parent_whitelist_status whitelist_status contest_mode suggested_sort discussion_type"
    " is_crosspostable is_reddit_media_domain is_robot_indexable link_flair_background_color"
    " link_flair_css_class link_flair_richtext link_flair_template_id link_flair_text_color"
    " link_flair_type mod_note mod_reason_by mod_reason_title mod_reports user_reports num_reports"
    " user_reports_dismissed mod_reports_dismissed ignore_reports unrepliable_reason name"
    " replies depth quarantine archived domain ban_note approved approved_at_utc approved_by"
    " banned_at_utc comment_type associated_award rte_mode new is_submitter no_follow"
)
_WRITTEN: Table = _QUIET | {
    "kind": drop,
    "data.id": drop,
    "data.author": put("author_name"),
    "data.author_fullname": _without("t2_", "author_id"),
    "data.created_utc": time("created", _seconds),
    "data.edited": _edited,
    "data.removed_by_category": put("state"),
}
_POST: Table = _WRITTEN | {
    "data.title": put("title"),
    "data.selftext": put("text"),
    "data.url": put("url"),
}
_COMMENT: Table = _WRITTEN | {
    "data.body": put("text"),
    "data.link_id": _without("t3_", "thread_id"),
    "data.parent_id": _without("t1_", "parent_id"),
}
_MESSAGE: Table = _WRITTEN | {
    "data.body": put("text"),
    "data.subject": put("title"),
    "data.dest": keep,
    "data.parent_id": put("parent_id"),
    "data.first_message_name": put("thread_id"),
}
_MODMAIL: Table = {
    "id": drop,
    "body": metric,
    "bodyMarkdown": put("text"),
    "date": time("created", internet_time),
    "author.id": put("author_id"),
    "author.name": put("author_name"),
    "subject": put("title"),
    "isInternal": keep,
    **dict.fromkeys(
        [
            "lastUpdated",
            "lastUserUpdate",
            "lastModUpdate",
            "lastUnread",
            "numMessages",
            "objIds",
            "authors",
            "isHighlighted",
            "state",
            "isAuto",
            "isRepliable",
            "participant.isApproved",
            "participant.isHidden",
            "author.isHidden",
            "author.isOp",
            "author.isAdmin",
            "author.isDeleted",
            "author.isApproved",
            "author.isParticipant",
        ],
        metric,
    ),
}
_TABLES: dict[str, Table] = {
    Stream.POSTS: _POST,
    Stream.COMMENTS: _COMMENT,
    Stream.MODERATION: {
        "kind": drop,
        "data.id": drop,
        "id": drop,
        "name": put("author_name"),
        "rel_id": metric,
        "date": time("created", _seconds),
        "data.action": put("state"),
        "data.created_utc": time("created", _seconds),
        "data.mod": put("author_name"),
        "data.mod_id36": put("author_id"),
        "data.target_fullname": put("parent_id"),
        "data.target_body": put("text"),
        "data.target_title": put("title"),
        **_data("sr_id36 subreddit subreddit_name_prefixed"),
    },
    Stream.PROFILE: {
        "kind": drop,
        "data.id": drop,
        "id": keep,
        "name": put("handle"),
        "data.display_name": put("name"),
        "data.title": put("title"),
        "data.public_description": put("text"),
        "data.created_utc": time("created", _seconds),
        "created_utc": time("created", _seconds),
        "data.lang": put("language"),
        **_data(
            "subscribers active_user_count accounts_active created user_is_moderator wls"
            " user_is_subscriber user_is_contributor user_is_banned user_is_muted"
            " user_has_favorited user_sr_flair_enabled user_flair_text submit_text_html"
            " description_html public_description_html user_can_flair_in_sr"
            " active_user_count_is_fuzzed accounts_active_is_fuzzed notification_level header_size"
            " icon_size banner_size"
        ),
        **_members(
            "created has_mail has_mod_mail inbox_count link_karma comment_karma total_karma"
            " awardee_karma awarder_karma coins features num_friends new_modmail_exists"
            " has_subscribed in_beta pref_nightmode seen_layout_switch"
        ),
    },
}  # fmt: skip
