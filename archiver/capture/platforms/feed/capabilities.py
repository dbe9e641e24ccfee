"""What a web feed gives, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS"]

_RSS = "https://www.rssboard.org/rss-specification"
_ATOM = "https://www.rfc-editor.org/rfc/rfc4287"
_NO_SUCH = "feeds have none"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "partial",
        "public items that the feed still shows, usually the newest ten; older ones only"
        " where it has further pages (RFC 5005); a missing item proves nothing; a hub that the feed"
        " names sends each change at once (WebSub)",
        f"{_RSS}, {_ATOM}, https://www.rfc-editor.org/rfc/rfc5005,"
        " https://www.jsonfeed.org/version/1.1/",
        "real server",
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "public comments of a comments feed, usually the newest ten",
        "https://www.rfc-editor.org/rfc/rfc4685",
        "real server",
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "enclosed files on the feed's own host",
        f"{_RSS}#ltenclosuregtSubelementOfLtitemgt",
        "simulator only",
    ),
    Capability(
        Stream.PROFILE,
        "partial",
        "what the feed says of itself: title, description, link, language, image",
        f"{_RSS}, {_ATOM}",
        "real server",
    ),
    Capability(Stream.PAGES, "forbidden", _NO_SUCH, _RSS, "cited only"),
    Capability(Stream.REACTIONS, "forbidden", _NO_SUCH, _RSS, "cited only"),
    Capability(Stream.SUBSCRIBERS, "forbidden", _NO_SUCH, _RSS, "cited only"),
    Capability(Stream.MESSAGES, "forbidden", _NO_SUCH, _RSS, "cited only"),
    Capability(Stream.MODERATION, "forbidden", _NO_SUCH, _RSS, "cited only"),
)

DIGESTS = (
    Digest(("native_id",), "the item, where it brings no id of its own"),
    Digest(("extra", "media:hash"), "the file that is named"),
    Digest(("extra", "media:content"), "an e-mail address, where a picture is Gravatar's"),
    Digest(("extra", "media:thumbnail"), "likewise"),
)
"""Fields that are digests of content (`archiver.capture.digests`)."""
