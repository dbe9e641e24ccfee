"""Exports that are tables: LinkedIn, Hootsuite, YouTube of Google Takeout, and any other table.

Whatever nothing here knows is read with a mapping file, which says which column is what.
"""

from __future__ import annotations

from archiver.capture.importers.importer import Cell
from archiver.capture.importers.sheets import Sheet, SheetExport
from archiver.record import Stream

__all__ = ["HOOTSUITE", "LINKEDIN", "TABLE", "YOUTUBE_TAKEOUT"]

_LINKEDIN = "https://www.linkedin.com/help/linkedin/answer/a1339364"
_TAKEOUT = "https://support.google.com/accounts/answer/3024190"
_HOOTSUITE = "https://help.hootsuite.com/"
_RFC = "RFC 4180; docs/imports.md"

LINKEDIN = SheetExport(
    name="linkedin-export",
    parser="linkedin-export/1",
    title="LinkedIn: copy of your data",
    platforms=("linkedin",),
    module=__name__,
    cells=(
        Cell(Stream.POSTS, "a person's own; pages have no export", _LINKEDIN),
        Cell(Stream.COMMENTS, "those that the person wrote", _LINKEDIN),
        Cell(Stream.MESSAGES, "whole conversations", _LINKEDIN),
        Cell(Stream.REACTIONS, "those of the person", _LINKEDIN),
        Cell(Stream.SUBSCRIBERS, "connections, with when", _LINKEDIN),
    ),
    sheets=(
        Sheet(
            r"(?:.*/)?shares\.csv", Stream.POSTS,
            {
                "date": "created", "sharelink": "url", "sharecommentary": "text",
                "visibility": "state",
            },
            ("sharelink",),
        ),
        Sheet(
            r"(?:.*/)?comments\.csv", Stream.COMMENTS,
            {"date": "created", "link": "url", "message": "text"}, (), "comment:",
        ),
        Sheet(
            r"(?:.*/)?reactions\.csv", Stream.REACTIONS,
            {"date": "created", "type": "state", "link": "url"}, (), "reaction:",
        ),
        Sheet(
            r"(?:.*/)?messages\.csv", Stream.MESSAGES,
            {
                "date": "created", "conversation id": "thread_id", "from": "author_name",
                "sender profile url": "author_url", "subject": "title", "content": "text",
            },
            ("conversation id", "date", "from"),
        ),
        Sheet(
            r"(?:.*/)?connections\.csv", Stream.SUBSCRIBERS,
            {"url": "url", "email address": "email", "connected on": "created"},
            ("url",), "connection:",
        ),
    ),
    telling=r"(?:.*/)?(?:shares|connections|messages)\.csv",
)  # fmt: skip

HOOTSUITE = SheetExport(
    name="hootsuite-csv",
    parser="hootsuite-csv/1",
    title="Hootsuite: exported messages",
    platforms=(),
    module=__name__,
    cells=(Cell(Stream.POSTS, "what was posted through the aggregator", _HOOTSUITE),),
    sheets=(
        Sheet(
            r".*\.csv", Stream.POSTS,
            {
                "message": "text", "post message": "text", "text": "text", "content": "text",
                "date": "created", "date (utc)": "created", "date/time": "created",
                "created": "created", "sent": "created",
                "permalink": "url", "post permalink": "url", "link": "url", "url": "url",
                "social profile": "author_name", "profile": "author_name",
                "account": "author_name", "social network": "state", "network": "state",
            },
            ("message id", "post id", "id"), "hootsuite:",
        ),
    ),
    telling=r"(?:.*/)?.*hootsuite.*\.csv",
)  # fmt: skip

YOUTUBE_TAKEOUT = SheetExport(
    name="youtube-takeout",
    parser="youtube-takeout/1",
    title="Google Takeout: YouTube",
    platforms=("youtube",),
    module=__name__,
    cells=(
        Cell(Stream.POSTS, "videos with their titles and states", _TAKEOUT),
        Cell(Stream.COMMENTS, "those that the account wrote", _TAKEOUT),
        Cell(Stream.SUBSCRIBERS, "what the account follows; never its subscribers", _TAKEOUT),
        Cell(Stream.MEDIA, "the videos as they were uploaded", _TAKEOUT),
    ),
    sheets=(
        Sheet(
            r".*comments/comments(?:\(\d+\))?\.csv", Stream.COMMENTS,
            {
                "comment create timestamp": "created", "comment text": "text",
                "channel id": "author_id", "video id": "thread_id",
                "parent comment id": "parent_id",
            },
            ("comment id",),
        ),
        Sheet(
            r".*live chats/live chats(?:\(\d+\))?\.csv", Stream.COMMENTS,
            {
                "live chat create timestamp": "created", "live chat text": "text",
                "channel id": "author_id", "video id": "thread_id",
            },
            ("live chat id",), "chat:",
        ),
        Sheet(
            r".*video metadata/videos(?:\(\d+\))?\.csv", Stream.POSTS,
            {
                "video title (original)": "title", "video description (original)": "text",
                "video create timestamp": "created", "privacy": "state",
                "video audio language": "language", "channel id": "author_id",
            },
            ("video id",),
        ),
        Sheet(
            r".*subscriptions/subscriptions\.csv", Stream.SUBSCRIBERS,
            {"channel title": "name", "channel url": "url"}, ("channel id",), "following/",
        ),
    ),
    telling=r".*YouTube( and YouTube Music)?/.+",
)  # fmt: skip

TABLE = SheetExport(
    name="table",
    parser="table/1",
    title="Table (CSV) with a mapping file",
    platforms=(),
    module=__name__,
    cells=(Cell(Stream.POSTS, "what the mapping says; any stream", _RFC),),
    sheets=(Sheet(r".*\.(?:csv|tsv)", Stream.POSTS, {}),),
    telling=r"(?!)",
)
