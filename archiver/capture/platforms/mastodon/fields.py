"""Handlers that several of Mastodon's entities share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.handlers import drop, keep, metric, put, time
from archiver.capture.text import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.jsonitem import Row

__all__ = [
    "author",
    "author_columns",
    "drop",
    "keep",
    "markup",
    "metric",
    "put",
    "reference",
    "time",
]


reference = put
"""A handler for the id of another thing; null means none."""


def markup(row: Row, name: str, value: bytes) -> None:
    """Take HTML, and the text a reader sees of it."""
    text = row.text(name, value)
    row.put("markup", text)
    row.put("text", plain_text(text))


def author(row: Row, name: str, value: bytes) -> None:
    """Take who it was by the names that do not change; the rest of the profile is volatile.

    The name that is shown is among the rest: a commenter who takes another edits no comment.
    """
    metric(row, name, value)
    author_columns(row, dict(row.members(value)))


def author_columns(row: Row, members: Mapping[str, bytes]) -> None:
    """Set the columns of an author from the members of an Account."""
    row.put("author_id", row.text("id", members.get("id", b"null")))
    row.put("author_url", row.text("url", members.get("url", b"null")))
    row.put("author_name", row.text("acct", members.get("acct", b"null")))
