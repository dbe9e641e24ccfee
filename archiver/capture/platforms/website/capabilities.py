"""What a website gives, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS"]

_HTML = "https://html.spec.whatwg.org/multipage/links.html"
_MAPS = "https://www.sitemaps.org/protocol.html"
_NO_SUCH = "a website has none that could be told from its pages"

CAPABILITIES = (
    Capability(
        Stream.PAGES,
        "partial",
        "pages that anybody may see and that links or sitemaps lead to, within the account's scope;"
        " each as received, and rendered by a browser where the scope says so; what came and went"
        " between two crawls is not seen",
        f"{_HTML}, {_MAPS}",
        "real server",
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "pictures, styles, scripts, fonts and documents that pages name; read once, and again where"
        " a page that names them has changed",
        "https://html.spec.whatwg.org/multipage/urls-and-fetching.html",
        "real server",
    ),
    Capability(Stream.POSTS, "forbidden", _NO_SUCH, _HTML, "cited only"),
    Capability(Stream.COMMENTS, "forbidden", _NO_SUCH, _HTML, "cited only"),
    Capability(Stream.PROFILE, "forbidden", _NO_SUCH, _HTML, "cited only"),
    Capability(Stream.REACTIONS, "forbidden", _NO_SUCH, _HTML, "cited only"),
    Capability(Stream.SUBSCRIBERS, "forbidden", _NO_SUCH, _HTML, "cited only"),
    Capability(Stream.MESSAGES, "forbidden", _NO_SUCH, _HTML, "cited only"),
    Capability(Stream.MODERATION, "forbidden", _NO_SUCH, _HTML, "cited only"),
)

DIGESTS = (Digest(("volatile", "etag"), "the page, as many servers make it"),)
"""Fields that are digests of content (`archiver.capture.digests`)."""
