"""What things of a channel ask for in turn: files, captions, replies, chats, places in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Follow, Listing
from archiver.capture.platforms.youtube.addresses import api, caption_file, is_thumbnail
from archiver.capture.platforms.youtube.listings import (
    COMMENT,
    MESSAGE,
    MESSAGES,
    MOST,
    NEWEST,
    PLACE,
    THREADS,
    TRACK,
)
from archiver.capture.urls import web_address
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.capture.platforms.youtube.heads import Broadcast, Playlist, Thread, Video

__all__ = ["of_broadcast", "of_caption", "of_playlist", "of_thread", "of_video"]

_LIVE = frozenset({"live", "liveStarting", "ready", "testing", "testStarting"})
"""States of a broadcast in which its chat may be open."""


def of_video(
    site: Site, video: Video, sensitivity: Sensitivity, *, always: bool
) -> tuple[Follow, ...]:
    """Return a video's thumbnail, and the listing of its captions where it says it has some.

    The list of captions costs fifty times what other lists do. So unless it is asked for
    ``always`` it is where the video is news, where none of the captions that it says it has is
    known, or where it says it has none and some are.
    """
    found: list[Follow] = []
    picture = web_address(video.thumbnail)
    if picture and is_thumbnail(picture, site):
        file = Request(picture)
        found.append(Follow("file", Stream.POSTS, f"{video.id}/thumbnail", sensitivity, file))
    name = f"captions {video.id}"
    request = api(site, "captions", part=TRACK, videoId=video.id)
    some = video.details.caption == "true"
    tracks = Listing(name, Stream.POSTS, request, sensitivity, name, stated=None if some else 0)
    found.append(Follow("listing", Stream.POSTS, always=always, listing=tracks))
    return tuple(found)


def of_caption(site: Site, native_id: str, track: str, sensitivity: str) -> tuple[Follow, ...]:
    """Return the file of a caption track."""
    file = caption_file(site, track)
    return (Follow("file", Stream.POSTS, f"{native_id}/file", sensitivity, file),)


def of_thread(
    site: Site, listing: Listing, thread: Thread, shown: int, sensitivity: Sensitivity
) -> tuple[Follow, ...]:
    """Return the listing of all replies to a comment.

    In a full run it is always asked for where the thread shows fewer than there are; else
    where their number is not that of those which are known.
    """
    name, count = f"replies {thread.id}", thread.snippet.replies
    request = api(site, "comments", part=COMMENT, parentId=thread.id, maxResults=THREADS)
    replies = Listing(name, Stream.COMMENTS, request, sensitivity, name, stated=count)
    always = not listing.name.endswith(NEWEST) and count > shown
    return (Follow("listing", Stream.COMMENTS, always=always, ages=count > 0, listing=replies),)


def of_broadcast(site: Site, broadcast: Broadcast) -> tuple[Follow, ...]:
    """Return the chat of a broadcast that has one now, and who moderates it."""
    chat = broadcast.snippet.chat
    if not chat or broadcast.status.state not in _LIVE:
        return ()
    asked = {"liveChatId": chat}
    said = api(site, "liveChat/messages", part=MESSAGE, maxResults=MESSAGES, **asked)
    who = api(site, "liveChat/moderators", part="id,snippet", maxResults=MOST, **asked)
    wanted = (
        (f"chat {chat}", Stream.COMMENTS, said),
        (f"moderators {chat}", Stream.MODERATION, who),
    )
    return tuple(
        Follow(
            "listing",
            stream,
            always=True,
            listing=Listing(name, stream, request, Sensitivity.PRIVATE, name, exhaustive=False),
        )
        for name, stream, request in wanted
    )


def of_playlist(
    site: Site, listing: Listing, playlist: Playlist, sensitivity: Sensitivity
) -> tuple[Follow, ...]:
    """Return the listing of what is in a playlist."""
    name = f"playlist {playlist.id}"
    request = api(site, "playlistItems", part=PLACE, playlistId=playlist.id, maxResults=MOST)
    places = Listing(name, Stream.PAGES, request, sensitivity, name, stated=playlist.details.count)
    always = not listing.name.endswith(NEWEST)
    return (Follow("listing", Stream.PAGES, always=always, listing=places),)
