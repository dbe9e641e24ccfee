"""What X gives an account's owner, stream by stream, and how that is known.

Nothing here was asked of X itself: ``simulator only`` is our own stand-in, whose answers
fit the models that X publishes for its API (pip ``xdk``).
"""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS"]

_DOCS = "https://docs.x.com"
_SIMULATOR = "simulator only"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "partial",
        "the newest 3,200 posts, replies, quotes and reposts, and each version of an edited one;"
        " of known older ones whether they still are; numbers that only the author sees for 30"
        " days; drafts, scheduled posts and what came and went between two captures are not"
        " given, but where a webhook tells of it; a deletion that a webhook tells of names the"
        " latest version alone",
        f"{_DOCS}/x-api/posts/timelines/introduction, {_DOCS}/x-api/fundamentals/edit-posts"
        f" and {_DOCS}/x-api/activity/introduction",
        _SIMULATOR,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "the newest 800 posts that name the account, whole conversations under its own posts"
        " where the plan has full-archive search, quotes of its posts, what it answers; nobody"
        " protected, and nothing of whoever blocks the account; replies that do not name it"
        " under posts of others are not seen; whether a reply is hidden can be set by the API,"
        " not read",
        f"{_DOCS}/x-api/posts/timelines/introduction, {_DOCS}/x-api/fundamentals/conversation-id,"
        f" {_DOCS}/x-api/posts/quote-posts/introduction"
        f" and {_DOCS}/x-api/posts/hide-replies/introduction",
        _SIMULATOR,
    ),
    Capability(
        Stream.REACTIONS,
        "partial",
        "who likes and reposts the account's posts, without the time but where a webhook brings"
        " it, and what it likes itself; asked for again where the number is another",
        f"{_DOCS}/x-api/posts/likes/introduction and {_DOCS}/x-api/posts/retweets/introduction",
        _SIMULATOR,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "obtainable",
        "followers and followed accounts, without the time of following but where a webhook"
        " brings it; who asks to follow a protected account is not given",
        f"{_DOCS}/x-api/users/follows/introduction",
        _SIMULATOR,
    ),
    Capability(
        Stream.MESSAGES,
        "partial",
        "direct messages both ways and who joined or left, of the last 30 days; older ones"
        " where a webhook brought them; encrypted messages as ciphertext, which nobody reads"
        " without the account's keys",
        f"{_DOCS}/x-api/direct-messages/lookup/introduction"
        f" and {_DOCS}/x-api/activity/event-payloads",
        _SIMULATOR,
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "pictures, films and animations of posts that are captured, with their description;"
        " the file by the address that X gives, of a film its best form; files of direct"
        " messages only where they are on X's public hosts",
        f"{_DOCS}/x-api/fundamentals/data-dictionary",
        _SIMULATOR,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "blocked and muted accounts as they are; when and why is not recorded, but when a"
        " webhook tells of it; which replies are hidden, muted words and reports are not given",
        f"{_DOCS}/x-api/users/blocks/introduction and {_DOCS}/x-api/users/mutes/introduction",
        _SIMULATOR,
    ),
    Capability(
        Stream.PROFILE,
        "partial",
        "the profile with the id of the pinned post, and the account's own lists by name;"
        " pictures by address only; with webhooks each change, before and after",
        f"{_DOCS}/x-api/users/lookup/introduction and {_DOCS}/x-api/lists/list-lookup/introduction",
        _SIMULATOR,
    ),
    Capability(
        Stream.PAGES,
        "forbidden",
        "X has none; the text of long articles is not asked for beyond what a post carries",
        f"{_DOCS}/x-api/fundamentals/data-dictionary",
        "cited only",
    ),
)

DIGESTS: tuple[Digest, ...] = ()
"""Fields that are digests of content (`archiver.capture.digests`): X gives none."""
