"""What the stand-in's methods list, by the filters that they are asked with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archiver.demo.youtube.calls import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from archiver.demo.youtube.channel import Channel
    from archiver.demo.youtube.resources import Resources
    from archiver.demo.youtube.things import Comment

__all__ = ["KINDS", "Lists"]

Json = dict[str, Any]
KINDS = {
    "captions": "caption",
    "channels": "channel",
    "channelSections": "channelSection",
    "commentThreads": "commentThread",
    "comments": "comment",
    "liveBroadcasts": "liveBroadcast",
    "liveChat/messages": "liveChatMessage",
    "liveChat/moderators": "liveChatModerator",
    "liveStreams": "liveStream",
    "members": "member",
    "membershipsLevels": "membershipsLevel",
    "playlistItems": "playlistItem",
    "playlists": "playlist",
    "subscriptions": "subscription",
    "videos": "video",
}
"""Methods, and what the kind of a list begins with."""
_LISTABLE = ("published", "heldForReview", "likelySpam")


class Lists:
    """What is listed of a studio for one request with this query."""

    def __init__(
        self, studio: Channel, shown: Resources, query: Mapping[str, str], closed: Collection[str]
    ) -> None:
        self._studio = studio
        self._shown = shown
        self._query = query
        self._closed = closed

    def rows(self, method: str) -> list[Json]:
        """Return everything that a method lists. Raises `ApiError` as the API refuses."""
        methods: dict[str, Callable[[], list[Json]]] = {
            "captions": self._captions,
            "channels": self._channels,
            "channelSections": self._sections,
            "commentThreads": self._threads,
            "comments": self._comments,
            "liveBroadcasts": self._broadcasts,
            "liveChat/moderators": self._moderators,
            "liveStreams": lambda: self._of_ids([self._shown.stream()]),
            "members": self._members,
            "membershipsLevels": lambda: [self._shown.level()],
            "playlistItems": self._places,
            "playlists": self._playlists,
            "subscriptions": self._subscriptions,
            "videos": self._videos,
        }
        return methods[method]()

    def messages(self) -> list[Json]:
        """Return what happened in an open chat, oldest first."""
        chat = self._query.get("liveChatId", "")
        if chat not in self._studio.open_chats:
            known = any(one.chat == chat for one in self._studio.videos.values())
            raise ApiError(*((403, "liveChatEnded") if known else (404, "liveChatNotFound")))
        said = self._studio.messages.values()
        return [self._shown.message(one) for one in said if one.chat == chat]

    def _of_ids(self, rows: list[Json]) -> list[Json]:
        """Return the rows that were asked for by id, or all of the login's own."""
        ids = self._query.get("id", "").split(",")
        if ids == [""] and self._query.get("mine") != "true":
            raise ApiError(400, "missingRequiredParameter")
        return rows if ids == [""] else [one for one in rows if one["id"] in ids]

    def _channels(self) -> list[Json]:
        handle = self._query.get("forHandle", "").removeprefix("@").lower()
        if handle:
            people = self._studio.people.values()
            return [self._shown.channel(one) for one in people if one.handle == handle]
        return self._of_ids([self._shown.channel(self._studio.city)])

    def _sections(self) -> list[Json]:
        found = self._studio.sections.items()
        return self._of_ids([self._shown.section(*one) for one in found])

    def _videos(self) -> list[Json]:
        if "id" not in self._query:
            raise ApiError(400, "missingRequiredParameter")
        ids = self._query["id"].split(",")
        if len(ids) > 50:  # noqa: PLR2004 - ids of one call
            raise ApiError(400, "invalidFilters")
        videos = self._studio.videos
        return [self._shown.video(videos[one]) for one in ids if one in videos]

    def _broadcasts(self) -> list[Json]:
        live = [one for one in self._studio.uploads() if one.chat]
        status = self._query.get("broadcastStatus")
        if status is not None:  # exactly one of this, id and mine
            if {"id", "mine"} & self._query.keys() or status != "active":
                raise ApiError(400, "incompatibleParameters")
            return [self._shown.broadcast(one) for one in live if one.life == "live"]
        return self._of_ids([self._shown.broadcast(one) for one in live])

    def _places(self) -> list[Json]:
        studio, asked = self._studio, self._query.get("playlistId", "")
        if asked == f"UU{studio.city.id[2:]}":
            return [self._shown.upload(one) for one in studio.uploads()]
        playlists = studio.playlists.values()
        if "id" in self._query:
            rows = [self._shown.place(one, place) for one in playlists for place in one.places]
            return self._of_ids(rows)
        if asked not in studio.playlists:
            raise ApiError(404, "playlistNotFound")
        one = studio.playlists[asked]
        return [self._shown.place(one, place) for place in one.places]

    def _playlists(self) -> list[Json]:
        return self._of_ids([self._shown.playlist(one) for one in self._studio.playlists.values()])

    def _captions(self) -> list[Json]:
        video = self._query.get("videoId", "")
        if video not in self._studio.videos:
            raise ApiError(404, "videoNotFound")
        tracks = [one for one in self._studio.captions.values() if one.video == video]
        rows = [self._shown.caption(one) for one in tracks]
        return self._of_ids(rows) if "id" in self._query else rows

    def _threads(self) -> list[Json]:
        """Return threads of which the first comment, or a reply to it, is in that state."""
        studio, status = self._studio, self._query.get("moderationStatus", "published")
        if self._query.get("allThreadsRelatedToChannelId") != studio.city.id:
            raise ApiError(404, "channelNotFound")
        if status not in _LISTABLE:
            raise ApiError(400, "invalidFilters")
        firsts = [one for one in studio.comments.values() if not one.parent and self._open(one)]
        found = [
            one
            for one in firsts
            if one.status in (status, "published")
            and (one.status == status or studio.replies(one.id, status))
        ]
        found.sort(key=lambda one: (one.at, one.id), reverse=True)
        return [self._shown.thread(one, status) for one in found]

    def _comments(self) -> list[Json]:
        studio = self._studio
        if "id" in self._query:
            asked = self._query["id"].split(",")
            found = [studio.comments[one] for one in asked if one in studio.comments]
            return [self._shown.comment(one, by_id=True) for one in found if self._told(one)]
        parent = studio.comments.get(self._query.get("parentId", ""))
        if parent is None or not self._told(parent):
            raise ApiError(404, "commentNotFound")
        if parent.video in self._closed:
            raise ApiError(403, "commentsDisabled")
        return [self._shown.comment(one) for one in studio.replies(parent.id)]

    def _told(self, one: Comment) -> bool:
        """Say whether a comment is told of to somebody who knows its id."""
        above = self._studio.comments.get(one.parent)
        return one.status in _LISTABLE and (above is None or above.status in _LISTABLE)

    def _open(self, one: Comment) -> bool:
        return one.video not in self._closed

    def _subscriptions(self) -> list[Json]:
        """Return whom the city follows, or its subscribers who show that they are."""
        studio = self._studio
        if self._query.get("mine") == "true":
            only = self._query.get("forChannelId", "")
            return [
                self._shown.followed(studio.people[whom], *one)
                for whom, one in studio.following.items()
                if only in ("", whom)
            ]
        if self._query.get("mySubscribers") != "true":
            raise ApiError(400, "missingRequiredParameter")
        people = [(studio.people[who], one) for who, one in studio.subscribers.items()]
        return [self._shown.subscriber(who, *one) for who, one in people if who.open]

    def _members(self) -> list[Json]:
        studio = self._studio
        return [
            self._shown.member(studio.people[who], since) for who, since in studio.members.items()
        ]

    def _moderators(self) -> list[Json]:
        chat = self._query.get("liveChatId", "")
        if chat not in self._studio.open_chats:
            raise ApiError(404, "liveChatNotFound")
        people = self._studio.people
        return [self._shown.moderator(people[who], chat) for who in self._studio.moderators]
