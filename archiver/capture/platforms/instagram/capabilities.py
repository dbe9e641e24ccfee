"""What Instagram gives a professional account's owner, stream by stream, and how that is known.

No real account is read in the tests: ``simulator only`` is a stand-in whose answers have the
fields and types that Meta publishes (facebook-business 26.0.3).
"""

from __future__ import annotations

from archiver.capture.connector import Capability
from archiver.record import Stream

__all__ = ["CAPABILITIES", "INCONCLUSIVE"]

_REFERENCE = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference"
_HOOKS = "https://developers.facebook.com/docs/graph-api/webhooks/reference/instagram/"
_SIMULATOR = "simulator only"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "partial",
        "the 10,000 newest posts and reels, stories for 24 hours, live videos while they are"
        " broadcast, posts that tag the account. No earlier text of an edited post, no drafts and"
        " no archived posts",
        f"{_REFERENCE}/ig-user/media, {_REFERENCE}/ig-user/stories, {_REFERENCE}/ig-user/tags",
        _SIMULATOR,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "comments and replies on the account's posts, hidden ones with their mark; not those of"
        " restricted people or on age-gated posts, nor of a live video that is over. Comments that"
        " name the account elsewhere by webhook only; that one was deleted is seen by its absence",
        f"{_REFERENCE}/ig-comment, {_REFERENCE}/ig-media/comments, {_HOOKS}",
        _SIMULATOR,
    ),
    Capability(
        Stream.REACTIONS,
        "forbidden",
        "how many like a post or comment stands with it; nobody is named",
        f"{_REFERENCE}/ig-media (field like_count; no edge lists people)",
        "cited only",
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "forbidden",
        "Instagram gives no list of followers: how many is a record of stream profile, dated by"
        " each change",
        f"{_REFERENCE}/ig-user (field followers_count; no edge lists people)",
        "cited only",
    ),
    Capability(
        Stream.MESSAGES,
        "partial",
        "each conversation, and id and time of every message in it; the content of its 20 newest"
        " messages only, of older ones where an earlier reading or a webhook brought it. Which ones"
        " are lacking is on record. Requests that stayed idle for 30 days are not listed",
        "https://developers.facebook.com/docs/messenger-platform/conversations",
        _SIMULATOR,
    ),
    Capability(
        Stream.MEDIA,
        "obtainable",
        "pictures and videos of posts, albums, stories and messages, with alternative text; not of"
        " videos with music that Instagram may not hand out",
        f"{_REFERENCE}/ig-media (fields media_url, children)",
        _SIMULATOR,
    ),
    Capability(
        Stream.MODERATION,
        "forbidden",
        "Instagram lists neither blocked nor restricted people; hidden comments are in their own"
        " stream",
        f"{_REFERENCE}/ig-user",
        "cited only",
    ),
    Capability(
        Stream.PROFILE,
        "partial",
        "the profile, and how many follow; no settings, and no earlier versions",
        f"{_REFERENCE}/ig-user",
        _SIMULATOR,
    ),
    Capability(
        Stream.PAGES,
        "forbidden",
        "Instagram has none",
        f"{_REFERENCE}/ig-user",
        "cited only",
    ),
)

INCONCLUSIVE = frozenset({Stream.MESSAGES})
"""Of these Graph says "does not exist" of what it only shows no more as well."""
