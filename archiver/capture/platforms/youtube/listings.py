"""What to ask of YouTube: listings and single things (`follows`: what things ask for in turn).

Everything is asked for by the cheapest call there is (`quota`): videos by the list of the
channel's uploads, fifty at a time, never by searching. Names of listings end in `NEWEST` in
an incremental run, so that what hangs on things is asked for sparingly.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from archiver.capture.connector import Follow, Listing
from archiver.capture.paging import parameter_of
from archiver.capture.platforms.youtube.addresses import (
    api,
    channel_of,
    handle_of,
)
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.record import Request

__all__ = [
    "ALL",
    "COMMENT",
    "DETAILS",
    "MESSAGE",
    "MESSAGES",
    "MOST",
    "NEWEST",
    "PLACE",
    "THREADS",
    "TRACK",
    "VIDEOS",
    "direct",
    "listings",
    "of_channel",
    "single",
    "uploads_page",
    "videos_by_id",
]

NEWEST = " newest"
ALL = "all"
_EVERYTHING = ("backfill", "snapshot")
"""Modes in which all is asked for that hangs on things, whatever it costs."""
VIDEOS = "videos"
DETAILS = "details"
MOST = "50"
THREADS = "100"
MEMBERS = "1000"
MESSAGES = "2000"

_PARTS = {
    VIDEOS: "id,snippet,contentDetails,status,liveStreamingDetails,localizations,"
    "paidProductPlacementDetails,recordingDetails,topicDetails",
    DETAILS: "id,fileDetails,processingDetails,statistics,suggestions",
}
"""Parts of a video: what may be shown to all of a public one, and what its owner alone is told
(of the counts, dislikes)."""

_PROFILE = "id,snippet,localizations"
_SETTINGS = "id,snippet,brandingSettings,contentDetails,localizations,status,topicDetails"
_BROADCAST = "id,snippet,contentDetails,monetizationDetails,status,statistics"
_STREAM = "id,snippet,status"
"""Neither ``cdn`` nor ``contentDetails``: they hold the key of the stream and the address that
takes its captions, with which anybody can broadcast as the channel."""
_PLAYLIST = "id,snippet,status,contentDetails,localizations"
PLACE = "id,snippet,contentDetails,status"
_SECTION = "id,snippet,contentDetails"
_SUBSCRIPTION = "id,snippet,contentDetails,subscriberSnippet"
_CHANNEL = "id,snippet,contentDetails"
_THREAD = "id,snippet,replies"
COMMENT = "id,snippet"
TRACK = "id,snippet"
MESSAGE = "id,snippet,authorDetails"

STATUSES = ("published", "heldForReview", "likelySpam")
"""States in which comments can be listed: ``rejected`` ones can't (commentThreads.list)."""


class _Query(NamedTuple):
    """One listing of the login's own; ``exhaustive``: YouTube names all there is."""

    name: str
    stream: Stream
    method: str
    parameters: dict[str, str]
    exhaustive: bool = True


_OWN = (
    _Query("count", Stream.SUBSCRIBERS, "channels", {"part": "id,statistics"}, exhaustive=False),
    _Query("broadcasts", Stream.POSTS, "liveBroadcasts",
           {"part": _BROADCAST, "broadcastType": "all", "maxResults": MOST}),
    _Query("streams", Stream.PROFILE, "liveStreams", {"part": _STREAM, "maxResults": MOST}),
    _Query("playlists", Stream.PAGES, "playlists", {"part": _PLAYLIST, "maxResults": MOST}),
    _Query("sections", Stream.PROFILE, "channelSections", {"part": _SECTION}),
    _Query("following", Stream.SUBSCRIBERS, "subscriptions",
           {"part": _CHANNEL, "maxResults": MOST, "order": "alphabetical"}),
)  # fmt: skip
"""With ``mine=true``: what the login's own channel has."""
_OTHERS = (
    _Query("subscribers", Stream.SUBSCRIBERS, "subscriptions",
           {"part": _SUBSCRIPTION, "mySubscribers": "true", "maxResults": MOST,
            "order": "alphabetical"}),
    _Query("members", Stream.SUBSCRIBERS, "members",
           {"part": "snippet", "mode": "all_current", "maxResults": MEMBERS}),
    _Query("levels", Stream.PROFILE, "membershipsLevels", {"part": "id,snippet"}),
)  # fmt: skip


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return what to enumerate first; the settings then name what goes by the channel's id.

    Without a login: the public profile, which YouTube refuses to those without a key.
    """
    suffix = NEWEST if mode == "incremental" else ""
    whose = {"id": channel_of(site)} if channel_of(site) else {"forHandle": f"@{handle_of(site)}"}
    shown = api(site, "channels", part=_PROFILE, **whose)
    profile = _one("profile", suffix, Stream.PROFILE, shown, Sensitivity.PUBLIC)
    if not site.authorised:
        return (profile,)
    own = api(site, "channels", part=_SETTINGS, mine="true")
    own = replace(own, carried=ALL if mode in _EVERYTHING else "")
    return (
        _one("settings", suffix, Stream.PROFILE, own, Sensitivity.PRIVATE),
        profile,
        *(_listing(site, one, suffix, mine="true") for one in _OWN),
        *(_listing(site, one, suffix) for one in _OTHERS),
    )


def live(site: Site) -> tuple[Listing, ...]:
    """Return the broadcasts that are live now; none without a login."""
    query = {"broadcastStatus": "active", "broadcastType": "all", "maxResults": MOST}
    request = api(site, "liveBroadcasts", part=_BROADCAST, **query)
    one = Listing(
        "live", Stream.POSTS, request, Sensitivity.PRIVATE, "broadcasts", exhaustive=False
    )
    return (one,) if site.authorised else ()


def _one(
    name: str, suffix: str, stream: Stream, request: Request, sensitivity: Sensitivity
) -> Listing:
    """Return the listing of one thing, which proves no absence."""
    return Listing(name + suffix, stream, request, sensitivity, name, exhaustive=False)


def _listing(site: Site, query: _Query, suffix: str, **more: str) -> Listing:
    request = api(site, query.method, **query.parameters, **more)
    return Listing(
        query.name + suffix, query.stream, request, Sensitivity.PRIVATE, query.name,
        exhaustive=query.exhaustive,
    )  # fmt: skip


def of_channel(site: Site, listing: Listing, channel: str, uploads: str) -> tuple[Follow, ...]:
    """Return what goes by the channel's id: its videos, and all comments on it and on them."""
    suffix = NEWEST if listing.name.endswith(NEWEST) else ""
    newest = bool(suffix)
    found = []
    for name in (VIDEOS, DETAILS) if uploads else ():
        request = uploads_page(site, uploads, "", listing.request.carried)
        found.append(
            Listing(
                name + suffix, Stream.POSTS, request, Sensitivity.PRIVATE, name,
                newest_first=newest, dated=True,
            )
        )  # fmt: skip
    for status in STATUSES:
        name = f"comments {status}"
        request = api(
            site, "commentThreads", part=_THREAD, allThreadsRelatedToChannelId=channel,
            moderationStatus=status, order="time", maxResults=THREADS,
        )  # fmt: skip
        found.append(
            Listing(
                name + suffix, Stream.COMMENTS, request, Sensitivity.PRIVATE, name,
                newest_first=newest, dated=True,
            )
        )  # fmt: skip
    return tuple(Follow("listing", one.stream, always=True, listing=one) for one in found)


def uploads_page(site: Site, playlist: str, token: str, depth: str) -> Request:
    """Return the request for a page of the channel's uploads: ids of videos, newest first.

    ``depth`` is `ALL` where everything that hangs on them is asked for; it is carried along.
    """
    asked = {"pageToken": token} if token else {}
    page = api(
        site, "playlistItems", part="contentDetails", playlistId=playlist, maxResults=MOST, **asked
    )
    return replace(page, carried=depth)


def videos_by_id(site: Site, listing: Listing, videos: list[str], token: str) -> Request:
    """Return the request for videos that a page of uploads named; ``listing`` is of that page.

    It carries the playlist, the token of its next page, empty at its end, and the depth.
    """
    ids = ",".join(videos)
    asked = api(site, "videos", part=_PARTS[listing.group], id=ids, maxResults=MOST)
    playlist = parameter_of(listing.request.url, "playlistId")
    return replace(asked, carried=f"{playlist} {token} {listing.request.carried}")


def single(site: Site, video: str) -> Listing:
    """Return the listing of one video that an event told of, which proves no absence."""
    request = api(site, "videos", part=_PARTS[VIDEOS], id=video)
    return Listing(
        f"video {video}", Stream.POSTS, request, Sensitivity.PRIVATE, VIDEOS, exhaustive=False
    )


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one thing; None where none tells whether it still is."""
    for one, form, method, parameters in _DIRECT:
        found = form.fullmatch(native_id) if one == stream else None
        if found is not None:
            named = {name: value.format(*found.groups()) for name, value in parameters.items()}
            return api(site, method, **named)
    return None


def _form(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("*", "([^/]+)"))


_DIRECT: tuple[tuple[Stream, re.Pattern[str], str, dict[str, str]], ...] = (
    (Stream.POSTS, _form("*"), "videos", {"part": _PARTS[VIDEOS], "id": "{0}"}),
    (Stream.POSTS, _form("*/details"), "videos", {"part": _PARTS[DETAILS], "id": "{0}"}),
    (Stream.POSTS, _form("*/broadcast"), "liveBroadcasts", {"part": _BROADCAST, "id": "{0}"}),
    (Stream.POSTS, _form("*/caption/*"), "captions",
     {"part": TRACK, "videoId": "{0}", "id": "{1}"}),
    (Stream.COMMENTS, _form("*"), "comments", {"part": COMMENT, "id": "{0}"}),
    (Stream.COMMENTS, _form("(?!chat/)[^/]+/*"), "comments", {"part": COMMENT, "id": "{0}"}),
    (Stream.PAGES, _form("playlist/*"), "playlists", {"part": _PLAYLIST, "id": "{0}"}),
    (Stream.PAGES, _form("playlist/[^/]+/item/*"), "playlistItems",
     {"part": PLACE, "id": "{0}"}),
    (Stream.PROFILE, _form("section/*"), "channelSections", {"part": _SECTION, "id": "{0}"}),
    (Stream.PROFILE, _form("stream/*"), "liveStreams", {"part": _STREAM, "id": "{0}"}),
    (Stream.SUBSCRIBERS, _form("following/*"), "subscriptions",
     {"part": _CHANNEL, "mine": "true", "forChannelId": "{0}"}),
)  # fmt: skip
"""Stream, form of the id, and what is asked then."""
