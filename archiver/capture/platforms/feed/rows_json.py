"""What a JSON Feed item says, column by column (jsonfeed.org, version 1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.jsonitem import Row
from archiver.capture.text import plain_text
from archiver.capture.times import internet_time
from archiver.formats.excerpts_json import json_items
from archiver.record import Stream

if TYPE_CHECKING:
    from archiver.capture.jsonitem import Handler

__all__ = ["json_row"]


def json_row(data: bytes, stream: str) -> dict[str, str]:
    """Return the row of an item, or of the feed itself (stream ``profile``)."""
    row = Row()
    row.fill(row.members(data), _PROFILE if stream == Stream.PROFILE else _ITEM)
    return row.finished()


def _drop(row: Row, name: str, value: bytes) -> None:
    """Leave out a member that the record's own id repeats."""


def _text(column: str) -> Handler:
    return lambda row, name, value: row.put(column, row.text(name, value))


def _list(column: str) -> Handler:
    """Take a list into its column; what is none stays in ``extra``."""

    def handle(row: Row, name: str, value: bytes) -> None:
        if value[:1] == b"[":
            row.put(column, row.raw(name, value))
        else:
            row.keep(name, row.raw(name, value))

    return handle


def _time(prefix: str) -> Handler:
    def handle(row: Row, name: str, value: bytes) -> None:
        text = row.text(name, value)
        row.time(prefix, name, text, internet_time(text))

    return handle


def _html(row: Row, name: str, value: bytes) -> None:
    markup = row.text(name, value)
    row.put("markup", markup)
    if "text" not in row.fields:
        row.put("text", plain_text(markup))


def _authors(row: Row, name: str, value: bytes) -> None:
    """Name the first author; all of them stay in ``extra``."""
    row.keep(name, row.raw(name, value))
    cut = next(iter(json_items(value)), None)
    author = dict(row.members(value[slice(*cut)] if cut else value))
    for column, member in (("author_name", "name"), ("author_url", "url")):
        if member in author:
            row.put(column, row.text(member, author[member]))


_ITEM: dict[str, Handler] = {
    "id": _drop,
    "url": _text("url"),
    "title": _text("title"),
    "content_text": _text("text"),
    "content_html": _html,
    "summary": _text("summary"),
    "date_published": _time("created"),
    "date_modified": _time("modified"),
    "author": _authors,
    "authors": _authors,
    "tags": _list("tags"),
    "language": _text("language"),
    "attachments": _list("attachments"),
}
_PROFILE: dict[str, Handler] = {
    "title": _text("title"),
    "home_page_url": _text("url"),
    "description": _text("text"),
    "language": _text("language"),
}
