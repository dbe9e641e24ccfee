"""Exports of TikTok and Snapchat: JSON files, deep ones, in which nothing has an id.

Things are known by when they stand in the export, and told apart by their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.handlers import put, time
from archiver.capture.importers.fields import minute_time
from archiver.capture.importers.importer import Cell
from archiver.capture.importers.tables import JsonExport, Listed, Names, text_of
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.capture.jsonitem import Handler

__all__ = ["SNAPCHAT", "TIKTOK"]

_TIKTOK = "https://support.tiktok.com/en/account-and-privacy/personalized-ads-and-data/requesting-your-data"
_SNAPCHAT = "https://help.snapchat.com/hc/en-us/articles/7012305371156"
_FILES = r".*\.(?:jpe?g|png|webp|mp4|mov|mp3|m4a|txt)"
_TIME = time("created", minute_time)


def _dated(*before: str) -> Callable[[Names], str]:
    """Return what names a thing by its time, and by the thread it is in."""

    def native(names: Names) -> str:
        at = names.text("Date", "date", "Created")
        thread = text_of(names.shared["thread"]) if "thread" in names.shared else ""
        return ":".join([*before, *filter(None, [thread]), at]) if at else ""

    return native


_WRITTEN: dict[str, Handler] = {
    "Date": _TIME,
    "date": _TIME,
    "Created": _TIME,
    "comment": put("text"),
    "Content": put("text"),
    "From": put("author_name"),
    "thread": put("thread_id"),
    "Link": put("url"),
    "Title": put("title"),
    "UserName": put("handle"),
    "Conversation Title": put("title"),
}


def _tiktok(role: str, stream: str, native: Callable[[Names], str], *paths: str) -> list[Listed]:
    """Return a row for each of the paths under which versions of the export have something."""
    return [
        Listed(
            role=role,
            where=r"(?:.*/)?user_data(?:_tiktok)?\.json",
            stream=stream,
            native=native,
            handlers=_WRITTEN,
            path=tuple(path.split("/")),
        )
        for path in paths
    ]


def _follower(names: Names) -> str:
    one = names.text("UserName")
    return f"follower/{one}" if one else ""


TIKTOK = JsonExport(
    name="tiktok-export",
    parser="tiktok-export/1",
    title="TikTok: data that was requested",
    platforms=("tiktok",),
    module=__name__,
    cells=(
        Cell(Stream.POSTS, "videos by address and time, with their files' links", _TIKTOK),
        Cell(Stream.COMMENTS, "those that the account wrote", _TIKTOK),
        Cell(Stream.MESSAGES, "whole threads, without ids", _TIKTOK),
        Cell(Stream.SUBSCRIBERS, "followers by name, with when", _TIKTOK),
    ),
    table=(
        *_tiktok(
            "video", Stream.POSTS, _dated("video"),
            "Video/Videos/VideoList", "Post/Posts/VideoList",
        ),
        *_tiktok(
            "comment", Stream.COMMENTS, _dated("comment"),
            "Comment/Comments/CommentsList",
        ),
        *_tiktok(
            "follower", Stream.SUBSCRIBERS, _follower,
            "Activity/Follower List/FansList", "Your Activity/Follower/FansList",
            "Profile And Settings/Follower/FansList",
        ),
        *(
            one._replace(every=True)
            for one in _tiktok(
                "message", Stream.MESSAGES, _dated("message"),
                "Direct Messages/Chat History/ChatHistory",
                "Direct Message/Direct Messages/ChatHistory",
            )
        ),
    ),
    files=_FILES,
    telling=r"(?:.*/)?user_data(?:_tiktok)?\.json",
)  # fmt: skip

SNAPCHAT = JsonExport(
    name="snapchat-export",
    parser="snapchat-export/1",
    title="Snapchat: My Data",
    platforms=("snapchat",),
    module=__name__,
    cells=(
        Cell(Stream.MESSAGES, "chats that were saved; snaps only that there were some", _SNAPCHAT),
        Cell(Stream.MEDIA, "memories, where they were downloaded too", _SNAPCHAT),
        Cell(Stream.SUBSCRIBERS, "friends by name", _SNAPCHAT),
    ),
    table=(
        Listed(
            role="message",
            where=r"(?:.*/)?json/(?:chat|snap)_history\.json",
            stream=Stream.MESSAGES,
            native=_dated("message"),
            handlers=_WRITTEN,
            every=True,
        ),
        Listed(
            role="friend",
            where=r"(?:.*/)?json/friends\.json",
            stream=Stream.SUBSCRIBERS,
            native=lambda names: names.text("Username"),
            handlers={"Username": put("handle"), "Display Name": put("name")},
            path=("Friends",),
        ),
    ),
    files=_FILES,
    telling=r"(?:.*/)?json/(?:chat|snap)_history\.json",
)
