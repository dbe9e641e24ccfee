"""What a resource of the API says, column by column.

Known members go to their columns. What changes without the thing itself changing goes to
``volatile``: counts, addresses of pictures, names of other channels, what YouTube makes of a
thing by itself. Everything else goes to ``extra`` as it stood, under its dotted name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.handlers import drop, flat, markup, metric, put, tags, time
from archiver.capture.jsonitem import Row
from archiver.capture.platforms.youtube.pushed import event_row
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Handler
    from archiver.record import Excerpt

__all__ = ["row_of"]

Table = dict[str, "Handler"]


def row_of(excerpts: tuple[Excerpt, ...], stream: str, native_id: str) -> dict[str, str]:
    """Return the row of one item."""
    if any(excerpt.role == "entry" for excerpt in excerpts):
        return event_row(excerpts)
    row = Row()
    table = _table(stream, native_id)
    state = _STATES.get(native_id.partition("/")[0], "") if stream in _STATED else ""
    row.put("state", state)
    data = b"".join(excerpt.data for excerpt in excerpts if excerpt.role == "item")
    members = flat(row, data, table)
    thread = b"null".join(excerpt.data for excerpt in excerpts if excerpt.role == "thread")
    members += flat(row, thread, table, "thread.") if thread else []
    row.fill(members, table)
    return row.finished()


def _table(stream: str, native_id: str) -> Mapping[str, Handler]:
    parts = native_id.split("/")
    if stream == Stream.POSTS:
        return _PARTS.get(parts[1] if len(parts) > 1 else "", {})
    if stream == Stream.PAGES:
        return _LISTED if "item" in parts[2:3] else _PLAYLIST
    if stream == Stream.COMMENTS:
        return _CHAT if parts[0] == "chat" else _COMMENT
    if stream == Stream.PROFILE and len(parts) > 1 and parts[0] in _OF_PROFILE:
        return _OF_PROFILE[parts[0]]
    return {
        Stream.PROFILE: _CHANNEL,
        Stream.SUBSCRIBERS: _PEOPLE.get(parts[0], {}),
        Stream.MODERATION: _CHAT if parts[0] == "chat" else _MODERATOR,
    }.get(Stream(stream), {})


def _moderation(row: Row, name: str, value: bytes) -> None:
    """Take a comment's state. Published is what an answer leaves out when asked by id."""
    if row.text(name, value) == "published":
        metric(row, name, value)
    else:
        row.put("state", row.text(name, value))


def _video_of(row: Row, name: str, value: bytes) -> None:
    """Take the video that a comment is on; a reply has its parent besides."""
    row.put("thread_id", row.text(name, value))
    if "parent_id" not in row.fields:
        row.put("parent_id", row.text(name, value))


def _parent(row: Row, name: str, value: bytes) -> None:
    row.put("parent_id", row.text(name, value))


_ANY: Table = {"id": drop, "kind": metric, "etag": metric}
_TITLED: Table = _ANY | {
    "snippet.title": put("title"),
    "snippet.description": put("text"),
    "snippet.publishedAt": time("created"),
    "snippet.thumbnails": metric,
    "snippet.localized": metric,
    "snippet.channelTitle": metric,
}
_VIDEO: Table = _TITLED | {
    "snippet.tags": tags,
    "snippet.defaultLanguage": put("language"),
    "status.privacyStatus": put("state"),
    "liveStreamingDetails.concurrentViewers": metric,
    "topicDetails": metric,
}
_DETAILS: Table = _ANY | dict.fromkeys(("statistics", "processingDetails", "suggestions"), metric)
_BROADCAST: Table = _TITLED | {
    "status.lifeCycleStatus": put("state"),
    "contentDetails.boundStreamLastUpdateTimeMs": metric,
    "statistics": metric,
}
_CAPTION: Table = _ANY | {
    "snippet.name": put("title"),
    "snippet.language": put("language"),
    "snippet.lastUpdated": time("modified"),
    "snippet.status": put("state"),
    "snippet.videoId": put("parent_id"),
}
_PARTS: dict[str, Table] = {
    "": _VIDEO, "details": _DETAILS, "broadcast": _BROADCAST, "caption": _CAPTION,
}  # fmt: skip
"""Of a post: by what follows the video's id."""
_PLAYLIST: Table = _TITLED | {
    "snippet.defaultLanguage": put("language"),
    "status.privacyStatus": put("state"),
    "contentDetails.itemCount": metric,
}
_LISTED: Table = _ANY | {
    "snippet.publishedAt": time("created"),
    "snippet.playlistId": put("parent_id"),
    "contentDetails.note": put("text"),
    **dict.fromkeys(
        (
            "snippet.title", "snippet.description", "snippet.thumbnails", "snippet.position",
            "snippet.channelTitle", "snippet.videoOwnerChannelId",
            "snippet.videoOwnerChannelTitle", "contentDetails.videoPublishedAt", "status",
        ),
        metric,
    ),
}  # fmt: skip
"""A place in a playlist names a video; what it says of that video is not its own."""
_COMMENT: Table = _ANY | {
    "snippet.textDisplay": markup,
    "snippet.parentId": _parent,
    "snippet.videoId": _video_of,
    "snippet.authorDisplayName": put("author_name"),
    "snippet.authorChannelUrl": put("author_url"),
    "snippet.authorChannelId.value": put("author_id"),
    "snippet.publishedAt": time("created"),
    "snippet.updatedAt": time("modified"),
    "snippet.moderationStatus": _moderation,
    "thread.snippet.topLevelComment": drop,
    "thread.replies": metric,
    **dict.fromkeys(
        (
            "snippet.authorProfileImageUrl", "snippet.canRate", "snippet.likeCount",
            "snippet.viewerRating", "thread.kind", "thread.etag", "thread.id",
            "thread.snippet.canReply", "thread.snippet.isPublic",
            "thread.snippet.totalReplyCount", "thread.snippet.channelId",
            "thread.snippet.videoId",
        ),
        metric,
    ),
}  # fmt: skip
_CHAT: Table = _ANY | {
    "snippet.type": put("state"),
    "snippet.displayMessage": put("text"),
    "snippet.publishedAt": time("created"),
    "snippet.liveChatId": put("thread_id"),
    "snippet.authorChannelId": put("author_id"),
    "authorDetails.displayName": put("author_name"),
    "authorDetails.channelUrl": put("author_url"),
    "authorDetails.profileImageUrl": metric,
}
_MODERATOR: Table = _ANY | {
    "snippet.liveChatId": put("thread_id"),
    "snippet.moderatorDetails.channelId": put("author_id"),
    "snippet.moderatorDetails.displayName": put("author_name"),
    "snippet.moderatorDetails.channelUrl": put("author_url"),
    "snippet.moderatorDetails.profileImageUrl": metric,
}
_CHANNEL: Table = _ANY | {
    "snippet.title": put("name"),
    "snippet.description": put("text"),
    "snippet.customUrl": put("handle"),
    "snippet.publishedAt": time("created"),
    "snippet.defaultLanguage": put("language"),
    "snippet.thumbnails": metric,
    "snippet.localized": metric,
}
_OF_PROFILE: dict[str, Table] = {
    "section": _ANY
    | {"snippet.title": put("title"), "snippet.type": put("state"), "snippet.position": metric},
    "stream": _TITLED | {"status": metric},
    "level": _ANY | {"snippet.levelDetails.displayName": put("name")},
}
_SUBSCRIBER: Table = {
    "kind": metric,
    "etag": metric,
    "snippet.publishedAt": time("created"),
    "subscriberSnippet.title": put("name"),
    "subscriberSnippet.description": put("text"),
    "subscriberSnippet.thumbnails": metric,
    "contentDetails": metric,
    **dict.fromkeys(
        ("snippet.title", "snippet.description", "snippet.thumbnails"), metric
    ),  # of the channel that is subscribed to: the account's own
}
_FOLLOWING: Table = {
    "kind": metric,
    "etag": metric,
    "snippet.publishedAt": time("created"),
    "snippet.title": put("name"),
    "snippet.description": put("text"),
    "snippet.thumbnails": metric,
    "contentDetails": metric,
}
_MEMBER: Table = {
    "kind": metric,
    "etag": metric,
    "snippet.memberDetails.displayName": put("name"),
    "snippet.memberDetails.channelUrl": put("url"),
    "snippet.memberDetails.profileImageUrl": metric,
    "snippet.membershipsDetails.membershipsDuration.memberTotalDurationMonths": metric,
    "snippet.membershipsDetails.membershipsDurationAtLevels": metric,
}
_PEOPLE: dict[str, Table] = {
    "subscriber": _SUBSCRIBER,
    "following": _FOLLOWING,
    "member": _MEMBER,
    "count": dict.fromkeys(
        (
            "kind",
            "etag",
            "statistics.viewCount",
            "statistics.videoCount",
            "statistics.commentCount",
        ),
        metric,
    ),
}
_STATES = {
    "subscriber": "subscriber", "following": "following", "member": "member",
    "moderator": "moderator",
}  # fmt: skip
_STATED = (Stream.SUBSCRIBERS, Stream.MODERATION)
