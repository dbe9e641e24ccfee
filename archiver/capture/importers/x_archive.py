"""The archive that X gives a person of his own account: JavaScript files with JSON in them.

Each is ``window.YTD.<name>.part<n> = [{"<kind>": {…}}, …]``; media lie in folders beside them.
Ids are those of X's interface, so that posts, messages, likes and followers meet what was
captured live. What nothing here claims (advertising, devices, contacts) stays residue.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from archiver.capture.handlers import drop, metric, put, time
from archiver.capture.importers.cutting import array_at
from archiver.capture.importers.fields import classic_time, raw
from archiver.capture.importers.importer import Cell
from archiver.capture.importers.tables import JsonExport, Listed, Names, text_of
from archiver.capture.times import internet_time
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler

__all__ = ["X_ARCHIVE"]

_SOURCE = "https://help.x.com/en/managing-your-account/how-to-download-your-x-archive"
_FOLDER = r"(?:.*/)?data/"


def _first(names: Names) -> str:
    """Return the id of the first version of a post, which its record is known by."""
    try:
        told = msgspec.json.decode(names.members.get("edit_info", b"{}"))
    except UNREADABLE:
        told = {}
    first = _versions(told)
    return first or names.text("id_str", "id")


def _versions(told: object) -> str:
    """Return the first of the ids in ``edit_info``, whichever of its two forms it has."""
    for path in (("initial",), ("edit", "editControlInitial")):
        one = told
        for name in path:
            one = one.get(name) if isinstance(one, dict) else None
        ids = one.get("editTweetIds") if isinstance(one, dict) else None
        if isinstance(ids, list) and ids and isinstance(ids[0], str):
            return ids[0]
    return ""


_TWEET: dict[str, Handler] = {
    "id": drop,
    "id_str": drop,
    "full_text": put("text"),
    "text": put("text"),
    "created_at": time("created", classic_time),
    "in_reply_to_status_id_str": put("parent_id"),
    "in_reply_to_status_id": drop,
    "in_reply_to_user_id": drop,
    "lang": put("language"),
    "extended_entities": raw("attachments"),
    "edit_info": metric,
    "favorite_count": metric,
    "retweet_count": metric,
}
_MESSAGE: dict[str, Handler] = {
    "id": drop,
    "text": put("text"),
    "createdAt": time("created", internet_time),
    "senderId": put("author_id"),
    "conversationId": put("thread_id"),
    "mediaUrls": raw("attachments"),
}
_PERSON: dict[str, Handler] = {"accountId": drop, "userLink": put("url")}
_ACCOUNT: dict[str, Handler] = {
    "accountId": drop,
    "username": put("handle"),
    "accountDisplayName": put("name"),
    "email": put("email"),
    "createdAt": time("created", internet_time),
}


def _posts(name: str, kind: Kind, sensitivity: str) -> Listed:
    return Listed(
        role=name,
        where=rf"{_FOLDER}{name}s?(?:-part\d+)?\.js",
        stream=Stream.POSTS,
        native=_first,
        handlers=_TWEET,
        unwrap="tweet",
        prefixed=True,
        sensitivity=sensitivity,
        kind=kind,
        cutting=array_at(1),
    )


def _people(name: str, unwrap: str) -> Listed:
    return Listed(
        role=unwrap,
        where=rf"{_FOLDER}{name}(?:-part\d+)?\.js",
        stream=Stream.SUBSCRIBERS,
        native=lambda names: _named(f"{name}/", names.text("accountId")),
        handlers=_PERSON,
        unwrap=unwrap,
        prefixed=True,
    )


def _named(prefix: str, one: str) -> str:
    return f"{prefix}{one}" if one else ""


def _messages(name: str) -> Listed:
    return Listed(
        role="messageCreate",
        where=rf"{_FOLDER}{name}(?:-part\d+)?\.js",
        stream=Stream.MESSAGES,
        native=lambda names: names.text("id"),
        handlers=_MESSAGE,
        within=("dmConversation", "messages"),
        shared=("conversationId",),
        unwrap="messageCreate",
        prefixed=True,
        cutting=array_at(1),
    )


def _made(name: str, body: bytes) -> str:
    """Return when X made the archive, as its manifest says."""
    if not name.endswith("data/manifest.js"):
        return ""
    try:
        told = json.loads(body[body.find(b"{") :])
        text = told["archiveInfo"]["generationDate"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return internet_time(text).at if isinstance(text, str) else ""


X_ARCHIVE = JsonExport(
    name="x-archive",
    parser="x-archive/1",
    title="X archive of an account",
    platforms=("x",),
    module=__name__,
    cells=(
        Cell(Stream.POSTS, "all that were not deleted; deleted ones for a few weeks", _SOURCE),
        Cell(Stream.MESSAGES, "those not encrypted end to end", _SOURCE),
        Cell(Stream.REACTIONS, "what the account likes; never who likes it", _SOURCE),
        Cell(Stream.SUBSCRIBERS, "followers and followed by their ids alone", _SOURCE),
        Cell(Stream.PROFILE, "the account itself", _SOURCE),
        Cell(Stream.MEDIA, "what the account uploaded", _SOURCE),
    ),
    table=(
        _posts("tweet", Kind.PRESENT, Sensitivity.PUBLIC),
        _posts("deleted-tweet", Kind.REMOVED, Sensitivity.PRIVATE),
        _messages("direct-messages?"),
        _messages("direct-messages-group"),
        Listed(
            role="like",
            where=rf"{_FOLDER}like(?:-part\d+)?\.js",
            stream=Stream.REACTIONS,
            native=lambda names: _named("like/", names.text("tweetId")),
            handlers={"tweetId": put("parent_id"), "expandedUrl": put("url")},
            unwrap="like",
            prefixed=True,
            cutting=array_at(1),
        ),
        _people("follower", "follower"),
        _people("following", "following"),
        _people("block", "blocking"),
        _people("mute", "muting"),
        Listed(
            role="account",
            where=rf"{_FOLDER}account\.js",
            stream=Stream.PROFILE,
            native=lambda names: text_of(names.members.get("accountId", b"null")),
            handlers=_ACCOUNT,
            unwrap="account",
            prefixed=True,
        ),
    ),
    files=rf"{_FOLDER}\w*media/.+",
    telling=rf"{_FOLDER}(?:tweets?|manifest|account)\.js",
    dated=_made,
)
