"""What WordPress gives, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS"]

_HANDBOOK = "https://developer.wordpress.org/rest-api/reference"
_SERVER = "real server"

CAPABILITIES = (
    Capability(
        Stream.POSTS,
        "obtainable",
        "every state but auto-draft; the first text of a post that was edited before its"
        " first capture is not kept by WordPress; custom post types are not asked for",
        f"{_HANDBOOK}/posts/ and {_HANDBOOK}/post-revisions/",
        _SERVER,
    ),
    Capability(
        Stream.PAGES,
        "obtainable",
        "as posts",
        f"{_HANDBOOK}/pages/ and {_HANDBOOK}/page-revisions/",
        _SERVER,
    ),
    Capability(
        Stream.COMMENTS,
        "obtainable",
        "every state with an account that may moderate; without one approved comments only,"
        " and WordPress's count then includes some it does not show; it"
        " keeps no earlier text of an edited comment, and tells of edits only when all"
        " comments are read again (reconcile)",
        f"{_HANDBOOK}/comments/",
        _SERVER,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "obtainable",
        "needs an account that may list users; e-mail subscribers of plugins are not users",
        f"{_HANDBOOK}/users/",
        _SERVER,
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "files on the site's own host; of files offloaded to other hosts only what"
        " WordPress says about them",
        f"{_HANDBOOK}/media/",
        _SERVER,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "name, description, addresses, time zone, logo and icon",
        f"{_HANDBOOK}/settings/ and https://developer.wordpress.org/rest-api/"
        "extending-the-rest-api/routes-and-endpoints/",
        _SERVER,
    ),
    Capability(
        Stream.MODERATION,
        "partial",
        "the state of each comment whenever it is read; who changed it and when is not"
        " recorded by WordPress",
        f"{_HANDBOOK}/comments/",
        _SERVER,
    ),
    Capability(
        Stream.REACTIONS,
        "forbidden",
        "WordPress has none; plugins keep theirs in tables of their own",
        f"{_HANDBOOK}/",
        "cited only",
    ),
    Capability(
        Stream.MESSAGES,
        "forbidden",
        "WordPress has none; plugins keep theirs in tables of their own",
        f"{_HANDBOOK}/",
        "cited only",
    ),
)

DIGESTS = (
    Digest(("extra", "author_avatar_urls", "**"), "the author's e-mail address (Gravatar)"),
    Digest(("extra", "avatar_urls", "**"), "the person's e-mail address (Gravatar)"),
)
"""Fields that are digests of content (`archiver.capture.digests`)."""
