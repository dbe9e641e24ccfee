"""Downloads of a Facebook page or person and of an Instagram account, in JSON.

Neither names the ids of posts, comments or messages: they are known by where and when they stand
in the download, and so meet each other in later downloads, but nothing that was captured live.
Texts are coded twice (`fields.mended`). What nothing here claims stays residue.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.handlers import drop, put
from archiver.capture.importers.cutting import array_at
from archiver.capture.importers.fields import mended, raw, stamp, twice_coded
from archiver.capture.importers.importer import Cell
from archiver.capture.importers.tables import JsonExport, Listed, Names
from archiver.capture.text import storable
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler, Row

__all__ = ["FACEBOOK", "INSTAGRAM"]

_FACEBOOK = "https://www.facebook.com/help/212802592074644"
_INSTAGRAM = "https://help.instagram.com/181231772500920"
_FILES = r".*\.(?:jpe?g|png|gif|webp|heic|mp4|mov|m4a|mp3|aac|ogg|wav|pdf|srt)"


def _when(names: Names) -> str:
    """Return an id by the time of a thing; of several then, their order tells them apart."""
    time = names.text("timestamp", "creation_timestamp", "timestamp_ms")
    return f"export:{time}" if time else ""


def _in_thread(names: Names) -> str:
    """Return an id of a message: the folder of its thread, and its time."""
    time, folder = names.text("timestamp_ms"), names.member.split("/")[-2:-1]
    return f"export:{':'.join(folder)}:{time}" if time else ""


def _media_when(names: Names) -> str:
    """Return an id by the time of a post, which may stand at its only picture."""
    if own := _when(names):
        return own
    try:
        media = msgspec.json.decode(names.members.get("media", b"[]"))
    except UNREADABLE:
        return ""
    times = [one.get("creation_timestamp") for one in media if isinstance(one, dict)]
    return f"export:{times[0]}" if times and isinstance(times[0], int) else ""


def _data(row: Row, name: str, value: bytes) -> None:
    """Take the text of a post, or a comment or reaction with who made it."""
    row.keep(name, row.raw(name, value))
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict):
            _texts(row, one)


def _texts(row: Row, one: dict[str, object]) -> None:
    if isinstance(one.get("post"), str):
        row.put("text", mended(storable(str(one["post"]))))
    inner = one.get("comment") or one.get("reaction")
    if isinstance(inner, dict):
        for name, column in _INNER.items():
            if isinstance(inner.get(name), str):
                row.put(column, mended(storable(str(inner[name]))))


_INNER = {
    "comment": "text", "author": "author_name", "actor": "author_name", "reaction": "state",
}  # fmt: skip


def _values(row: Row, name: str, value: bytes) -> None:
    """Take what Instagram writes as ``{"Comment": {"value": …}, "Time": {"timestamp": …}}``."""
    row.keep(name, row.raw(name, value))
    for member, inner in row.members(value) if value[:1] == b"{" else []:
        told = dict(row.members(inner)) if inner[:1] == b"{" else {}
        if member == "Comment" and "value" in told:
            twice_coded("text")(row, member, told["value"])
        elif member == "Media Owner" and "value" in told:
            twice_coded("author_name")(row, member, told["value"])
        elif member == "Time" and "timestamp" in told:
            stamp("created")(row, member, told["timestamp"])


def _commented(names: Names) -> str:
    try:
        found = msgspec.json.decode(names.members.get("string_map_data", b"{}"))
        return f"export:{int(found['Time']['timestamp'])}"
    except (*UNREADABLE, KeyError, TypeError, ValueError):
        return ""


def _person(names: Names) -> str:
    """Return the name of who follows, as the only entry of a list has it."""
    try:
        found = msgspec.json.decode(names.members.get("string_list_data", b"[]"))
        name = found[0].get("value") or str(found[0]["href"]).rpartition("/")[2]
    except (*UNREADABLE, AttributeError, IndexError, KeyError, TypeError):
        return ""
    relation = "following" if "following" in names.member.rpartition("/")[2] else "follower"
    return f"{relation}/{name}"


_POST: dict[str, Handler] = {
    "timestamp": stamp("created"),
    "creation_timestamp": stamp("created"),
    "data": _data,
    "title": twice_coded("title"),
    "attachments": raw("attachments"),
}
_SHOWN: dict[str, Handler] = {
    "creation_timestamp": stamp("created"),
    "title": twice_coded("text"),
    "media": raw("attachments"),
    "uri": put("url"),
}
_MESSAGE: dict[str, Handler] = {
    "sender_name": twice_coded("author_name"),
    "timestamp_ms": stamp("created"),
    "content": twice_coded("text"),
    "photos": raw("attachments"),
    "thread_path": put("thread_id"),
    "title": drop,
}
_WITHOUT_FILES = {name: one for name, one in _POST.items() if name != "attachments"}


def _messages(role: str) -> Listed:
    return Listed(
        role=role,
        where=r".*messages/(?:inbox|message_requests|archived_threads|filtered_threads)"
        r"/[^/]+/message_\d+\.json",
        stream=Stream.MESSAGES,
        native=_in_thread,
        handlers=_MESSAGE,
        alone=True,
        within=("messages",),
        shared=("thread_path",),
    )


FACEBOOK = JsonExport(
    name="facebook-download",
    parser="facebook-download/1",
    title="Facebook: information that was downloaded",
    platforms=("facebook",),
    module=__name__,
    cells=(
        Cell(Stream.POSTS, "no ids, no comments of others on them", _FACEBOOK),
        Cell(Stream.COMMENTS, "those that the account wrote", _FACEBOOK),
        Cell(Stream.REACTIONS, "those of the account", _FACEBOOK),
        Cell(Stream.MESSAGES, "whole threads, without ids", _FACEBOOK),
        Cell(Stream.MEDIA, "what the account uploaded or was sent", _FACEBOOK),
    ),
    table=(
        Listed(
            role="post",
            where=r".*posts/(?:your|profile|page|group)?_?posts\w*?(?:_\d+)?\.json",
            stream=Stream.POSTS,
            native=_when,
            handlers=_POST,
            sensitivity=Sensitivity.PRIVATE,  # a download says of no post who may see it
            cutting=array_at(1),
        ),
        Listed(
            role="comment",
            where=r".*comments_and_reactions/comments\.json|.*comments/comments\.json",
            stream=Stream.COMMENTS,
            native=_when,
            handlers=_POST,
            path=("comments_v2",),
        ),
        Listed(
            role="reaction",
            where=r".*likes_and_reactions(?:_\d+)?\.json",
            stream=Stream.REACTIONS,
            native=_when,
            handlers={**_WITHOUT_FILES, "title": drop},
        ),
        _messages("message"),
    ),
    files=_FILES,
    telling=r".*(?:your_facebook_activity/.+|posts/your_posts\w*\.json|"
    r"facebook_\w+/.+\.json)",
)

INSTAGRAM = JsonExport(
    name="instagram-download",
    parser="instagram-download/1",
    title="Instagram: information that was downloaded",
    platforms=("instagram",),
    module=__name__,
    cells=(
        Cell(Stream.POSTS, "posts, reels and stories, without ids", _INSTAGRAM),
        Cell(Stream.COMMENTS, "those that the account wrote", _INSTAGRAM),
        Cell(Stream.SUBSCRIBERS, "followers and followed by name, with when", _INSTAGRAM),
        Cell(Stream.MESSAGES, "whole threads, without ids", _INSTAGRAM),
        Cell(Stream.MEDIA, "what the account uploaded or was sent", _INSTAGRAM),
    ),
    table=(
        Listed(
            role="post",
            where=r".*(?:content|media)/posts(?:_\d+)?\.json",
            stream=Stream.POSTS,
            native=_media_when,
            handlers=_SHOWN,
            cutting=array_at(1),
        ),
        *(
            Listed(
                role=role,
                where=rf".*(?:content|media)/{file}\.json",
                stream=Stream.POSTS,
                native=native,
                handlers=_SHOWN,
                path=(member,),
            )
            for role, file, member, native in (
                ("story", "stories", "ig_stories", _when),
                ("reel", "reels", "ig_reels_media", _media_when),
            )
        ),
        Listed(
            role="comment",
            where=r".*comments/post_comments(?:_\d+)?\.json",
            stream=Stream.COMMENTS,
            native=_commented,
            handlers={"string_map_data": _values, "media_list_data": drop},
        ),
        Listed(
            role="follower",
            where=r".*followers_and_following/followers(?:_\d+)?\.json",
            stream=Stream.SUBSCRIBERS,
            native=_person,
            handlers={},
        ),
        Listed(
            role="following",
            where=r".*followers_and_following/following\.json",
            stream=Stream.SUBSCRIBERS,
            native=_person,
            handlers={},
            path=("relationships_following",),
        ),
        _messages("message"),
    ),
    files=_FILES,
    telling=r".*(?:your_instagram_activity/.+|followers_and_following/.+|content/posts_\d\.json)",
)
