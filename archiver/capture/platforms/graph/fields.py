"""Handlers for what is alike in many nodes of the Graph API (`archiver.capture.jsonitem`).

Addresses of files are signed anew in each answer. They, and counts, change without the
thing: they are kept in ``volatile``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.jsonitem import object_text
from archiver.capture.times import internet_time, unix_time
from archiver.formats.excerpts_json import json_items

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler, Row

__all__ = ["attached", "author", "drop", "inner", "keep", "metric", "put", "steady", "time"]

_ADDRESSES = frozenset(
    {
        "animated_gif_preview_url", "animated_gif_url", "cropped_image_url", "file_url", "icon",
        "image", "images", "picture", "preview_url", "raw_gif_image", "src", "source", "url",
        "webp_images",
    }
)  # fmt: skip
"""Members that say where a file or page lies at the moment."""
_DEEPEST = 20


def drop(row: Row, name: str, value: bytes) -> None:
    """Leave out a member that the record's own id repeats."""


def metric(row: Row, name: str, value: bytes) -> None:
    """Keep a member that changes without the thing."""
    row.metric(name, row.raw(name, value))


def keep(row: Row, name: str, value: bytes) -> None:
    """Keep a member as it stood."""
    row.keep(name, row.raw(name, value))


def put(column: str) -> Handler:
    """Return a handler for text that goes to a column as it is."""
    return lambda row, name, value: row.put(column, row.text(name, value))


def time(prefix: str) -> Handler:
    """Return a handler for a time: ISO 8601 (``2026-11-20T09:00:00+0000``), or Unix seconds."""

    def handle(row: Row, name: str, value: bytes) -> None:
        text = row.text(name, value)
        reading = unix_time(text) if text.isdigit() else internet_time(text)
        row.time(prefix, name, text, reading)

    return handle


def author(row: Row, name: str, value: bytes) -> None:
    """Take who it was by id and name. A new name of a person edits nothing of a thing."""
    members = dict(row.members(value))
    row.metric(name, row.raw(name, value))
    row.put("author_id", row.text("id", members.get("id", b"null")))
    row.put("author_name", row.text("name", members.get("name", b"null")))


def inner(column: str, *names: str) -> Handler:
    """Return a handler that puts the text at a path within a member into a column."""

    def handle(row: Row, name: str, value: bytes) -> None:
        row.metric(name, row.raw(name, value))
        for one in names:
            value = dict(row.members(value)).get(one, b"null")
        row.put(column, row.text(name, value))

    return handle


def attached(row: Row, name: str, value: bytes) -> None:
    """Take attachments: what they are into their column, with where they lie into volatile."""
    row.metric(name, row.raw(name, value))
    inside = dict(row.members(value)).get("data", value)
    found = [inside[a:b] for a, b in json_items(inside)] or ([value] if value[:1] == b"{" else [])
    if found:
        row.put("attachments", "[" + ",".join(_steady(row, name, one, 0) for one in found) + "]")


def steady(row: Row, name: str, value: bytes) -> None:
    """Keep a member without the addresses in it, and as it stood in volatile."""
    row.metric(name, row.raw(name, value))
    row.keep(name, _steady(row, name, value, 0))


def _steady(row: Row, name: str, value: bytes, depth: int) -> str:
    """Return JSON without members that say where a file lies at the moment."""
    if depth < _DEEPEST and value[:1] == b"{":
        return object_text(
            (key, _steady(row, key, one, depth + 1))
            for key, one in row.members(value)
            if key not in _ADDRESSES or one[:1] == b"{"
        )
    if depth < _DEEPEST and value[:1] == b"[":
        inside = (value[a:b] for a, b in json_items(value))
        return "[" + ",".join(_steady(row, name, one, depth + 1) for one in inside) + "]"
    return row.raw(name, value)
