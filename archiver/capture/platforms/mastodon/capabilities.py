"""What Mastodon gives, stream by stream, and how that is known.

No real Mastodon runs in the tests: ``simulator only`` is a mock of other people's making
that Mastodon's client libraries are tested with, and our own stand-in, whose answers have
the members that the published entities name.
"""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS"]

_DOCS = "https://docs.joinmastodon.org"
_SIMULATOR = "simulator only"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "obtainable",
        "the account's own statuses of every visibility, boosts, edit history, scheduled"
        " statuses; a published one is gone as a scheduled one; later counts alone are not"
        " kept, but a closed poll's; one that was deleted between two captures was never seen;"
        " Mastodon keeps no deleted text; streaming is not used",
        f"{_DOCS}/methods/accounts/#statuses and {_DOCS}/methods/statuses/#history",
        _SIMULATOR,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "who mentions the account, what it answers, and replies that have reached its server;"
        " without a login, and of people whom the account blocks or mutes, at most 60 of a"
        " thread, to a depth of 20; replies of people whom the moderators limited are not"
        " shown; a status whose author has blocked the account or was suspended looks the same"
        " as a deleted one; replies that do not mention the account keep their last state once"
        " its own post is gone",
        f"{_DOCS}/methods/statuses/#context and {_DOCS}/methods/notifications/",
        _SIMULATOR,
    ),
    Capability(
        Stream.REACTIONS,
        "partial",
        "favourites and boosts of the account's own posts, without their times, and its own"
        " favourites; of other servers only what has reached this one",
        f"{_DOCS}/methods/statuses/#favourited_by and {_DOCS}/methods/favourites/",
        _SIMULATOR,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "obtainable",
        "followers, followed accounts and requests to follow, without the time of following;"
        " needs a login",
        f"{_DOCS}/methods/accounts/#followers and {_DOCS}/methods/follow_requests/",
        _SIMULATOR,
    ),
    Capability(
        Stream.MESSAGES,
        "obtainable",
        "direct messages to and from the account, its conversations, and notifications as"
        " long as they are not dismissed; needs a login",
        f"{_DOCS}/methods/conversations/ and {_DOCS}/methods/notifications/",
        _SIMULATOR,
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "what is attached to statuses, with its description; the file where it is on the"
        " server's own host or, by https, on one below it",
        f"{_DOCS}/entities/MediaAttachment/",
        _SIMULATOR,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "blocked and muted accounts, blocked domains, filters, as they are; when and why they"
        " came about is not recorded by Mastodon; reports are seen by the server's moderators;"
        " bookmarks and lists are not asked for",
        f"{_DOCS}/methods/blocks/, {_DOCS}/methods/mutes/, {_DOCS}/methods/domain_blocks/"
        f" and {_DOCS}/methods/filters/",
        _SIMULATOR,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "the public profile, and with a login the account's own settings; its pictures by"
        " address only",
        f"{_DOCS}/methods/accounts/#lookup and {_DOCS}/methods/accounts/#verify_credentials",
        _SIMULATOR,
    ),
    Capability(
        Stream.PAGES,
        "forbidden",
        "Mastodon has none",
        f"{_DOCS}/entities/",
        "cited only",
    ),
)

DIGESTS = (
    Digest(("**", "blurhash"), "the picture, in outline: that of the status, or of one it shows"),
    Digest(("**", "avatar"), "an e-mail address, where a picture is Gravatar's"),
    Digest(("**", "avatar_static"), "likewise"),
)
"""Fields that are digests of content (`archiver.capture.digests`)."""
