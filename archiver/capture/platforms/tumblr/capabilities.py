"""What Tumblr gives a blog's owner, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability
from archiver.record import Stream

__all__ = ["CAPABILITIES"]

_DOCS = "https://github.com/tumblr/docs/blob/master/api.md"
_OURS = "simulator only"
_NONE = "cited only"

CAPABILITIES = (
    Capability(
        Stream.POSTS, "obtainable",
        "published, queued and draft posts with their pictures; of an edited post only the text at"
        " the time of a capture", f"{_DOCS}#posts--retrieve-published-posts", _OURS,
    ),
    Capability(
        Stream.COMMENTS, "partial",
        "replies and reblogs as notes of the blog's posts; notes have no id and no edits, so one"
        " that is gone is absent", f"{_DOCS}#notes---get-notes-for-a-specific-post", _OURS,
    ),
    Capability(
        Stream.REACTIONS, "partial", "likes, as notes of the blog's posts",
        f"{_DOCS}#notes---get-notes-for-a-specific-post", _OURS,
    ),
    Capability(
        Stream.SUBSCRIBERS, "obtainable", "who follows the blog, and whom it follows",
        f"{_DOCS}#followers--retrieve-a-blogs-followers", _OURS,
    ),
    Capability(
        Stream.MESSAGES, "partial",
        "asks and submissions while they wait; an answered ask is a post; messaging is not in the"
        " API", f"{_DOCS}#postssubmission--retrieve-submission-posts", _OURS,
    ),
    Capability(
        Stream.MEDIA, "partial",
        "pictures go with their posts, as parts of them; videos and sounds are named only",
        f"{_DOCS}#neue-post-format-objects", _OURS,
    ),
    Capability(
        Stream.MODERATION, "partial", "whom the blog blocks; who did it and when is not told",
        f"{_DOCS}#blocks--retrieve-blogs-blocks", _OURS,
    ),
    Capability(
        Stream.PROFILE, "obtainable", "name, title, description and theme of the blog",
        f"{_DOCS}#info---retrieve-blog-info", _OURS,
    ),
    Capability(
        Stream.PAGES, "forbidden", "pages of a blog are not in the API", _DOCS, _NONE,
    ),
)  # fmt: skip
