"""What YouTube gives a channel's owner, stream by stream, and how that is known.

No real YouTube is asked in the tests: ``simulator only`` is our own stand-in, each of whose
answers is held against the API's published discovery document.
"""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS"]

_DOCS = "https://developers.google.com/youtube/v3"
_SIMULATOR = "simulator only"
_CITED = "cited only"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "obtainable",
        "all videos of the channel, public, unlisted, private and scheduled (with when they will"
        " be published), what their owner alone is told of them, their counts as of the"
        " observation, live broadcasts, captions and thumbnails; no earlier title or description:"
        " an edit shows against the last capture, or is pushed at once by YouTube's hub, as new"
        " and deleted videos are; a list of uploads ends after some 20,000 videos, as users"
        " report, and what is missing is then counted as unexplained; captions are asked for"
        " where a video says that it has some, and again only in a backfill or when the video"
        " itself has changed, for each list of them costs 50 units; a thumbnail replaced under"
        " the same address goes unseen; community posts, polls and stories have no method",
        f"{_DOCS}/docs/playlistItems/list, {_DOCS}/docs/videos/list, {_DOCS}/docs/captions,"
        f" {_DOCS}/live/docs/liveBroadcasts/list and {_DOCS}/guides/push_notifications",
        _SIMULATOR,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "comments on the channel and its videos with all replies: published, held for review and"
        " likely spam; rejected ones can't be listed, and those of people whom the channel hides"
        " are not shown; what is gone is `absent`, never `deleted`, for YouTube answers alike to"
        " a deleted, a rejected and a hidden one; edits show a new text and when it was written,"
        " never the old one; replies to old comments are looked for where their number has"
        " changed; no comment is pushed. Live chat while a broadcast is open, from the latest"
        " messages on, again every 20 to 60 seconds while somebody listens: what was said and taken"
        " away between two looks is known by its id at most;"
        " nothing once the chat has ended (the replay that viewers see has no method)",
        f"{_DOCS}/docs/commentThreads/list, {_DOCS}/docs/comments/list"
        f" and {_DOCS}/live/docs/liveChatMessages/list",
        _SIMULATOR,
    ),
    Capability(
        Stream.REACTIONS,
        "partial",
        "numbers of likes, dislikes and views as of each observation of a video's details; who it"
        " was is told to nobody",
        f"{_DOCS}/docs/videos#statistics",
        _SIMULATOR,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "partial",
        "only people who show their subscriptions to all, and of those not all on a large channel"
        " (about 1,000, as its users report); the number of all subscribers, as YouTube rounds"
        " it, each time that it changes; whom the channel follows; paying members, where the"
        " login may see them; who is listed no more is `absent`: he may have left, or hide it",
        f"{_DOCS}/docs/subscriptions/list, {_DOCS}/docs/members/list"
        f" and {_DOCS}/docs/channels#statistics",
        _SIMULATOR,
    ),
    Capability(
        Stream.MESSAGES,
        "forbidden",
        "YouTube has no private messages since 2019",
        "https://support.google.com/youtube/answer/9319878",
        _CITED,
    ),
    Capability(
        Stream.MEDIA,
        "export-only",
        "the video files themselves: no method gives them, and the terms forbid to fetch them"
        " otherwise; the owner's own are in Google Takeout, which is not read yet; captions and"
        " thumbnails are parts of their posts",
        "https://developers.google.com/youtube/terms/developer-policies"
        " and https://support.google.com/accounts/answer/3024190",
        _CITED,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "moderators of a live chat and who is put out of it, while it is open; hidden users,"
        " blocked words, bans that were given earlier, and who approved or rejected a comment can"
        " be set, but no method lists them",
        f"{_DOCS}/live/docs/liveChatModerators/list, {_DOCS}/live/docs/liveChatBans"
        f" and {_DOCS}/docs/comments/setModerationStatus",
        _SIMULATOR,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "the channel, its branding and settings, sections, membership levels and live streams,"
        " these without their keys; pictures by address only",
        f"{_DOCS}/docs/channels/list, {_DOCS}/docs/channelSections/list"
        f" and {_DOCS}/live/docs/liveStreams/list",
        _SIMULATOR,
    ),
    Capability(
        Stream.PAGES,
        "obtainable",
        "playlists and what is in them, of every visibility; not watch-later and history, which"
        " the API does not list",
        f"{_DOCS}/docs/playlists/list and {_DOCS}/docs/playlistItems/list",
        _SIMULATOR,
    ),
)

DIGESTS = (Digest(("**", "etag"), "the answer's content, by a method that YouTube does not tell"),)
"""Fields that are digests of content (`archiver.capture.digests`)."""
