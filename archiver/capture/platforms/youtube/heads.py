"""What cutting needs to know of the API's resources (schemas of the discovery document).

Whatever is not of its documented type counts as not given. Nothing here raises.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from archiver.formats.excerpts_json import UNREADABLE, json_members
from archiver.header_text import is_plain

__all__ = [
    "Broadcast",
    "Caption",
    "Channel",
    "ChatMessage",
    "Comment",
    "Member",
    "Plain",
    "Playlist",
    "PlaylistItem",
    "Subscription",
    "Thread",
    "Video",
    "head_of",
    "is_id",
]


class Plain(msgspec.Struct):
    """Anything with an id of its own."""

    id: str = ""


class _Lists(msgspec.Struct):
    uploads: str = ""


class _ChannelDetails(msgspec.Struct):
    related: _Lists = msgspec.field(name="relatedPlaylists", default_factory=_Lists)


class _Named(msgspec.Struct):
    custom_url: str = msgspec.field(name="customUrl", default="")


class Channel(Plain):
    """A channel, with its handle and the list of its uploads."""

    snippet: _Named = msgspec.field(default_factory=_Named)
    details: _ChannelDetails = msgspec.field(name="contentDetails", default_factory=_ChannelDetails)

    @property
    def handle(self) -> str:
        """Its handle in lower case, without the ``@``."""
        return self.snippet.custom_url.removeprefix("@").lower()

    @property
    def uploads(self) -> str:
        """The playlist of all its videos; empty where it is not told."""
        return self.details.related.uploads


class _Privacy(msgspec.Struct):
    privacy: str = msgspec.field(name="privacyStatus", default="")


class _Picture(msgspec.Struct):
    url: str = ""
    width: int = 0


class _Shown(msgspec.Struct):
    thumbnails: dict[str, _Picture] = msgspec.field(default_factory=dict)


class _Captioned(msgspec.Struct):
    caption: str = ""


class Video(Plain):
    """A video; what is not said to be public is taken for private."""

    status: _Privacy = msgspec.field(default_factory=_Privacy)
    snippet: _Shown = msgspec.field(default_factory=_Shown)
    details: _Captioned = msgspec.field(name="contentDetails", default_factory=_Captioned)

    @property
    def thumbnail(self) -> str:
        """The address of its largest thumbnail, empty without any."""
        found = max(self.snippet.thumbnails.values(), key=lambda one: one.width, default=None)
        return found.url if found else ""


class _Counted(msgspec.Struct):
    count: int | None = msgspec.field(name="itemCount", default=None)


class Playlist(Plain):
    """A playlist and how many things it says it has."""

    status: _Privacy = msgspec.field(default_factory=_Privacy)
    details: _Counted = msgspec.field(name="contentDetails", default_factory=_Counted)


class _OfVideo(msgspec.Struct):
    video: str = msgspec.field(name="videoId", default="")


class PlaylistItem(Plain):
    """A place in a playlist, and who may see the video that stands there."""

    status: _Privacy = msgspec.field(default_factory=_Privacy)
    details: _OfVideo = msgspec.field(name="contentDetails", default_factory=_OfVideo)


class _CommentSnippet(msgspec.Struct):
    parent: str = msgspec.field(name="parentId", default="")
    video: str = msgspec.field(name="videoId", default="")
    moderation: str = msgspec.field(name="moderationStatus", default="")
    rating: str = msgspec.field(name="viewerRating", default="")


class Comment(Plain):
    """A comment or a reply to one."""

    snippet: _CommentSnippet = msgspec.field(default_factory=_CommentSnippet)


class _ThreadSnippet(msgspec.Struct):
    replies: int = msgspec.field(name="totalReplyCount", default=0)
    public: bool = msgspec.field(name="isPublic", default=False)


class Thread(Plain):
    """A comment with what is known of the replies to it."""

    snippet: _ThreadSnippet = msgspec.field(default_factory=_ThreadSnippet)


class Caption(Plain):
    """A caption track."""

    snippet: _OfVideo = msgspec.field(default_factory=_OfVideo)


class _Subscribed(msgspec.Struct):
    channel: str = msgspec.field(name="channelId", default="")


class _Subscription(msgspec.Struct):
    resource: _Subscribed = msgspec.field(name="resourceId", default_factory=_Subscribed)


class Subscription(Plain):
    """Who is subscribed to whom: a subscriber of the channel, or a channel that it follows."""

    who: _Subscribed = msgspec.field(name="subscriberSnippet", default_factory=_Subscribed)
    whom: _Subscription = msgspec.field(name="snippet", default_factory=_Subscription)


class _MemberSnippet(msgspec.Struct):
    who: _Subscribed = msgspec.field(name="memberDetails", default_factory=_Subscribed)


class Member(msgspec.Struct):
    """A paying member; it has no id but that of its channel."""

    snippet: _MemberSnippet = msgspec.field(default_factory=_MemberSnippet)

    @property
    def id(self) -> str:
        """The member's channel."""
        return self.snippet.who.channel


class _BroadcastSnippet(msgspec.Struct):
    chat: str = msgspec.field(name="liveChatId", default="")


class _LifeCycle(msgspec.Struct):
    state: str = msgspec.field(name="lifeCycleStatus", default="")


class Broadcast(Plain):
    """A live broadcast, its chat and where it is in its life."""

    snippet: _BroadcastSnippet = msgspec.field(default_factory=_BroadcastSnippet)
    status: _LifeCycle = msgspec.field(default_factory=_LifeCycle)


class _Deleted(msgspec.Struct):
    id: str = msgspec.field(name="deletedMessageId", default="")


class _Retracted(msgspec.Struct):
    id: str = msgspec.field(name="retractedMessageId", default="")


class _ChatSnippet(msgspec.Struct):
    type: str = ""
    deleted: _Deleted = msgspec.field(name="messageDeletedDetails", default_factory=_Deleted)
    retracted: _Retracted = msgspec.field(
        name="messageRetractedDetails", default_factory=_Retracted
    )


class ChatMessage(Plain):
    """A message, or an event of a live chat."""

    snippet: _ChatSnippet = msgspec.field(default_factory=_ChatSnippet)


Head = TypeVar("Head", bound="Plain | Member")


def head_of(data: bytes, kind: type[Head]) -> Head | None:
    """Read one head; None where there is no object with an id of its own.

    Of a damaged one only the id is read; so everything else counts as not given.
    """
    try:
        head = msgspec.json.decode(data, type=kind)
    except UNREADABLE:
        if not issubclass(kind, Plain):
            return None
        head = kind(id=_id_in(data))
    return head if is_id(head.id) else None


def is_id(value: str) -> bool:
    """Say whether a text can be an id, and stand between slashes."""
    return bool(value) and is_plain(value) and "/" not in value


def _id_in(data: bytes) -> str:
    """Return the id of a damaged object, empty without one."""
    found = [one for one in json_members(data, 0, len(data)) if one.key == "id"]
    try:
        return msgspec.json.decode(data[found[-1].value_start : found[-1].value_end], type=str)
    except (*UNREADABLE, IndexError):
        return ""
