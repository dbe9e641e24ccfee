"""What a record says: the part of an item that its author wrote and signed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from archiver.capture.handlers import drop, keep, metric, put, time
from archiver.capture.platforms.bluesky.cut import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.jsonitem import Handler, Row

__all__ = ["VALUE", "drop", "keep", "metric", "moment", "named", "put", "record_value"]

_ANY = msgspec.json.Decoder(object)
_PICTURES = {"image": "image", "video": "video", "thumb": "thumbnail", "file": "captions"}
"""Member that holds a file -> the part the file plays."""


def named(row: Row, name: str, value: bytes) -> None:
    """Set the name that people see."""
    text = row.text(name, value)
    row.put("name", text)
    row.put("title", text)


moment = time
"""A handler for a time as its author's software gave it (RFC 3339)."""


def record_value(row: Row, name: str, value: bytes) -> None:
    """Read the members of a record."""
    members = row.members(value) if value[:1] == b"{" else []
    if members:
        row.fill(members, VALUE)
    else:
        keep(row, name, value)


def _languages(row: Row, name: str, value: bytes) -> None:
    found = read(_ANY, value)
    if isinstance(found, list) and all(isinstance(one, str) for one in found):
        row.put("language", ", ".join(found))
    else:
        keep(row, name, value)


def _reply(row: Row, name: str, value: bytes) -> None:
    """Set the post answered and the one that began the thread; their CIDs stay in extra."""
    keep(row, name, value)
    for member, column in (("parent", "parent_id"), ("root", "thread_id")):
        row.put(column, _uri(row, name, dict(row.members(value)).get(member, b"")))


def _subject(row: Row, name: str, value: bytes) -> None:
    """Set what a like, repost, follow or block is of: a post or a person."""
    if value[:1] == b'"':
        row.put("parent_id", row.text(name, value))
    else:
        keep(row, name, value)
        row.put("parent_id", _uri(row, name, value))


def _uri(row: Row, name: str, value: bytes) -> str:
    found = dict(row.members(value)).get("uri") if value[:1] == b"{" else None
    return row.text(name, found) if found is not None else ""


def _embed(row: Row, name: str, value: bytes) -> None:
    """List pictures, recordings, links and quoted posts, with what describes them."""
    keep(row, name, value)
    found = list(_parts(read(_ANY, value)))
    if found:
        row.put("attachments", json.dumps(found))
        row.put("alt_text", "\n".join(filter(None, (str(one.get("alt", "")) for one in found))))


def _parts(embed: object) -> Iterator[dict[str, Any]]:
    """Yield what an embed holds, in order (lexicons app.bsky.embed)."""
    left = [embed]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += reversed(one)
        elif isinstance(one, dict):
            yield from _files(one)
            if isinstance(one.get("uri"), str):
                role = "quote" if "cid" in one else "link"
                yield _texts(one, "uri", "cid", "title", "description", role=role)
            left += reversed([member for name, member in one.items() if name not in _PICTURES])


def _files(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for member, role in _PICTURES.items():
        file = one.get(member)
        link = file.get("ref") if isinstance(file, dict) else None
        if isinstance(file, dict) and isinstance(link, dict):
            about = _texts(one, "alt", role=role)
            about |= {"cid": link.get("$link"), "media_type": file.get("mimeType")}
            yield {key: text for key, text in about.items() if isinstance(text, str)}


def _texts(one: dict[str, Any], *names: str, role: str) -> dict[str, Any]:
    given = {name: one[name] for name in names if isinstance(one.get(name), str) and one[name]}
    return {"role": role, **given}


VALUE: dict[str, Handler] = {
    "text": put("text"),
    "createdAt": moment("created"),
    "updatedAt": moment("modified"),
    "langs": _languages,
    "reply": _reply,
    "embed": _embed,
    "tags": lambda row, name, value: row.put("tags", row.raw(name, value)),
    "displayName": named,
    "name": named,
    "description": put("text"),
    "subject": _subject,
    "post": put("parent_id"),
    "list": put("thread_id"),
    "avatar": keep,
}
"""Member of a record -> its handler; every other one stays in ``extra`` as it stood."""
