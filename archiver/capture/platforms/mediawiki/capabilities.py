"""What MediaWiki gives, stream by stream, and how that is known."""

from __future__ import annotations

from archiver.capture.connector import Capability, Digest
from archiver.record import Stream

__all__ = ["CAPABILITIES", "DIGESTS", "INCONCLUSIVE"]

_MANUAL = "https://www.mediawiki.org/wiki"
_SERVER = "real server"

CAPABILITIES = (
    Capability(
        Stream.PAGES,
        "obtainable",
        "every page, talk pages included, and every revision with its text; texts of deleted"
        " pages and hidden revisions with an account that may see them; suppressed ones only"
        " with that right; what was removed from the database itself cannot be seen",
        f"{_MANUAL}/API:Allrevisions and {_MANUAL}/API:Alldeletedrevisions",
        _SERVER,
    ),
    Capability(
        Stream.COMMENTS,
        "partial",
        "as pages: talk pages are pages, their sections are text; comments that extensions"
        " (Flow, DiscussionTools' threads) keep in tables of their own are not asked for",
        f"{_MANUAL}/Help:Talk_pages",
        _SERVER,
    ),
    Capability(
        Stream.MODERATION,
        "obtainable",
        "all logs an account may see: deletions, moves, protections, blocks, rights, uploads;"
        " patrol marks of edits and the abuse filter's hits are not asked for",
        f"{_MANUAL}/API:Logevents",
        _SERVER,
    ),
    Capability(
        Stream.SUBSCRIBERS,
        "partial",
        "accounts with groups, blocks and day of registration; e-mail addresses and who"
        " watches a page are shown to nobody",
        f"{_MANUAL}/API:Allusers",
        _SERVER,
    ),
    Capability(
        Stream.MEDIA,
        "partial",
        "every version of every file of the wiki itself; of files deleted before their first"
        " capture, or lying on another host, only what the wiki says about them; none of a shared"
        " repository; a moved file is absent under its old name",
        f"{_MANUAL}/API:Imageinfo and {_MANUAL}/API:Filearchive",
        _SERVER,
    ),
    Capability(
        Stream.PROFILE,
        "obtainable",
        "name, addresses, language, namespaces, licence, counts",
        f"{_MANUAL}/API:Siteinfo",
        _SERVER,
    ),
    Capability(
        Stream.POSTS,
        "forbidden",
        "MediaWiki has none: what people write are pages",
        f"{_MANUAL}/API:Main_page",
        "cited only",
    ),
    Capability(
        Stream.REACTIONS,
        "forbidden",
        "MediaWiki has none; the thanks log is part of the moderation stream",
        f"{_MANUAL}/API:Main_page",
        "cited only",
    ),
    Capability(
        Stream.MESSAGES,
        "forbidden",
        "e-mail between users is sent and not kept; user talk pages are public pages",
        f"{_MANUAL}/API:Emailuser",
        "cited only",
    ),
)

DIGESTS = (Digest(("**", "sha1"), "the text or the file, which other revisions may have too"),)
"""Fields that are digests of content (`archiver.capture.digests`)."""

INCONCLUSIVE = frozenset({Stream.MEDIA})
"""A file has no number, only its name: one that was moved is not found under the old one."""
