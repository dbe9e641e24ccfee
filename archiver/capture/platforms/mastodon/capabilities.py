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
        " kept, but a closed poll's; listening sees edits and what is written and deleted while"
        " it lasts, where the stream is on the account's own host; what came and went otherwise"
        " was never seen, for Mastodon keeps no deleted text",
        f"{_DOCS}/methods/accounts/#statuses, {_DOCS}/methods/statuses/#history"
        f" and {_DOCS}/methods/streaming/",
        _SIMULATOR,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "who mentions the account, what it answers, and replies that have reached its server;"
        " without a login, and of people whom the account blocks or mutes, at most 60 of a"
        " thread, to a depth of 20; replies of people whom the moderators limited are not"
        " shown; a status whose author has blocked the account or was suspended looks the same"
        " as a deleted one; a server's admin webhooks tell of mentions and their edits at once;"
        " replies that do not mention the account keep their last state once"
        " its own post is gone; listening hears mentions and their deletion, of edits only"
        " those by people whom the account follows",
        f"{_DOCS}/methods/statuses/#context, {_DOCS}/methods/notifications/"
        f" and {_DOCS}/methods/streaming/",
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
        " long as they are not dismissed; with listening also what was deleted meanwhile, and"
        " the server's announcements; needs a login",
        f"{_DOCS}/methods/conversations/, {_DOCS}/methods/notifications/"
        f" and {_DOCS}/methods/streaming/",
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
