"""What Blogger gives a blog's administrator, stream by stream, and how that is known.

No real Blogger is asked in the tests: ``simulator only`` is our own stand-in, each of whose
answers is held against the API's published discovery document.
"""

from __future__ import annotations

from archiver.capture.connector import Capability
from archiver.record import Stream

__all__ = ["CAPABILITIES"]

_DOCS = "https://developers.google.com/blogger/docs/3.0/reference"
_SIMULATOR = "simulator only"
_NONE = "cited only"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "obtainable",
        "live, draft, scheduled and trashed posts with their pictures; of an edited post only the"
        " text at the time of a capture, for Blogger keeps no earlier one",
        f"{_DOCS}/posts/list",
        _SIMULATOR,
    ),
    Capability(
        Stream.COMMENTS,
        "obtainable",
        "live, pending, spam and emptied comments; an emptied one is removed, and its text is gone"
        " unless it was captured before; one deleted for good is known by its absence",
        f"{_DOCS}/comments/listByBlog",
        _SIMULATOR,
    ),
    Capability(
        Stream.REACTIONS, "forbidden", "Blogger's API tells of none", f"{_DOCS}/posts", _NONE
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "forbidden",
        "followers and subscribers by e-mail are not in the API",
        f"{_DOCS}/blogs",
        _NONE,
    ),
    Capability(Stream.MESSAGES, "forbidden", "Blogger has none", f"{_DOCS}/", _NONE),
    Capability(
        Stream.MEDIA,
        "partial",
        "pictures of posts go with them, as parts of them; pictures of pages, videos, and what is"
        " kept on other hosts, are named only",
        f"{_DOCS}/posts#resource",
        _SIMULATOR,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "the state of each post and comment whenever it is read; who changed it, and when, is not"
        " told",
        f"{_DOCS}/comments#resource",
        _SIMULATOR,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "name, description, address and language of the blog; its layout and settings are not in"
        " the API",
        f"{_DOCS}/blogs/getByUrl",
        _SIMULATOR,
    ),
    Capability(
        Stream.PAGES,
        "obtainable",
        "live, draft and trashed pages",
        f"{_DOCS}/pages/list",
        _SIMULATOR,
    ),
)
