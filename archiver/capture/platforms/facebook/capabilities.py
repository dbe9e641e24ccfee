"""What Facebook gives a Page's owner, stream by stream, and how that is known.

No real Page is read in the tests: ``simulator only`` is a stand-in whose answers have the
fields and types that Meta publishes (facebook-business 26.0.3).
"""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS", "INCONCLUSIVE"]

_REFERENCE = "https://developers.facebook.com/docs/graph-api/reference"
_HOOKS = "https://developers.facebook.com/docs/graph-api/webhooks/reference/page/"
_CONVERSATIONS = "https://developers.facebook.com/docs/messenger-platform/conversations"
_SIMULATOR = "simulator only"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "partial",
        "published, hidden, expired and scheduled posts, posts of visitors and posts that name the"
        " Page, stories while they are listed, live videos. Facebook shows some 600 posts a year,"
        " by rank; older ones only by their id. No earlier text of an edited post, but by webhook",
        f"{_REFERENCE}/page/feed/, {_REFERENCE}/page-post/, {_HOOKS}",
        _SIMULATOR,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "comments and replies on posts, photos, videos, albums and live videos, hidden ones with"
        " their mark, and ratings; fewer than summary.total_count says, which privacy and deletion"
        " reduce. A comment deleted between two readings is seen by webhook only",
        f"{_REFERENCE}/object/comments/, {_REFERENCE}/page/ratings/, {_HOOKS}",
        _SIMULATOR,
    ),
    Capability(
        Stream.REACTIONS,
        "partial",
        "on posts: how many of each type, and of the people those whom Facebook names; on comments"
        " how many. When somebody reacted is told by webhook only",
        f"{_REFERENCE}/object/reactions/, {_HOOKS}",
        _SIMULATOR,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "forbidden",
        "Facebook gives no list of who likes or follows a Page: how many (fan_count,"
        " followers_count) is a record of stream profile, dated by each change",
        f"{_REFERENCE}/page/ (fields fan_count and followers_count; no edge lists people)",
        "cited only",
    ),
    Capability(
        Stream.MESSAGES,
        "partial",
        "each conversation, and id and time of every message in it; the content of its 20 newest"
        " messages only, of older ones where an earlier reading or a webhook brought it. Which ones"
        " are lacking is on record, with Facebook's refusal. Requests that stayed idle for 30 days"
        " are not listed",
        f"{_CONVERSATIONS}, {_REFERENCE}/conversation/",
        _SIMULATOR,
    ),
    Capability(
        Stream.MEDIA,
        "obtainable",
        "the Page's photos with their alternative text, videos, reels and albums, with the files;"
        " pictures in posts and comments of others and files of messages, while their addresses"
        " are good",
        f"{_REFERENCE}/photo/, {_REFERENCE}/video/, {_REFERENCE}/album/",
        _SIMULATOR,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "who is blocked now; when, why and by whom is not told. Hidden comments are in their own"
        " stream; who hid one is not told",
        f"{_REFERENCE}/page/blocked/",
        _SIMULATOR,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "the Page's profile, how many follow it, its settings and the people with a role on it; no"
        " earlier versions",
        f"{_REFERENCE}/page/, {_REFERENCE}/page/settings/, {_REFERENCE}/page/roles/",
        _SIMULATOR,
    ),
    Capability(
        Stream.PAGES,
        "forbidden",
        "a Page has no pages: its tabs show what is in the other streams",
        f"{_REFERENCE}/page/",
        "cited only",
    ),
)

DIGESTS: tuple[Digest, ...] = ()
"""Nothing that Graph gives is a digest of content."""

INCONCLUSIVE = frozenset({Stream.REACTIONS, Stream.MESSAGES, Stream.MODERATION})
"""Of these Graph says "does not exist" of what it only shows no more as well."""
