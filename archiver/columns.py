"""The columns of every row, by stream: one schema per stream, additive only.

Each column has one home. *Context* columns repeat WARC header lines and are committed
by the context root; *field* columns are what the parser read from the excerpts and are
committed by the fields root, each as exact text. ``text`` fields are committed token
by token. ``timestamp`` columns hold the one canonical spelling
``YYYY-MM-DDTHH:MM:SS.ffffffZ``, so that the typed value and the committed text are the
same thing; the platform's own spelling stands beside it.

Numbers are Iceberg field ids: they never change and are never used again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from archiver.record import Stream

__all__ = ["COLUMNS", "CONTEXT", "FIELDS", "TEXT_FIELDS", "Column", "columns_of", "fields_of"]


class Column(NamedTuple):
    """One column: Iceberg field id, name, type (``string text json timestamp``), home."""

    id: int
    name: str
    type: str
    home: str


CONTEXT = (
    Column(1, "record_id", "string", "context"),
    Column(2, "observation_id", "string", "context"),
    Column(3, "platform", "string", "context"),
    Column(4, "account", "string", "context"),
    Column(5, "stream", "string", "context"),
    Column(6, "native_id", "string", "context"),
    Column(7, "kind", "string", "context"),
    Column(8, "captured_at", "timestamp", "context"),
    Column(9, "parser", "string", "context"),
    Column(10, "exchange", "string", "context"),
    Column(11, "page_url", "string", "context"),
    Column(12, "group", "string", "context"),
    Column(13, "generation_of", "string", "context"),
)

FIELDS = (
    Column(20, "state", "string", "field"),
    Column(21, "url", "string", "field"),
    Column(22, "title", "text", "field"),
    Column(23, "text", "text", "field"),
    Column(24, "markup", "string", "field"),
    Column(25, "summary", "text", "field"),
    Column(26, "language", "string", "field"),
    Column(27, "author_id", "string", "field"),
    Column(28, "author_name", "text", "field"),
    Column(29, "author_email", "string", "field"),
    Column(30, "author_url", "string", "field"),
    Column(31, "author_ip", "string", "field"),
    Column(32, "author_agent", "string", "field"),
    Column(33, "parent_id", "string", "field"),
    Column(34, "thread_id", "string", "field"),
    Column(35, "created", "string", "field"),
    Column(36, "created_source", "string", "field"),
    Column(37, "created_precision", "string", "field"),
    Column(38, "created_at", "timestamp", "field"),
    Column(39, "modified", "string", "field"),
    Column(40, "modified_source", "string", "field"),
    Column(41, "modified_precision", "string", "field"),
    Column(42, "modified_at", "timestamp", "field"),
    Column(43, "media_type", "string", "field"),
    Column(44, "file_name", "string", "field"),
    Column(45, "alt_text", "text", "field"),
    Column(46, "caption", "text", "field"),
    Column(47, "attachments", "json", "field"),
    Column(48, "tags", "json", "field"),
    Column(49, "name", "text", "field"),
    Column(50, "handle", "string", "field"),
    Column(51, "email", "string", "field"),
    Column(52, "roles", "json", "field"),
    Column(53, "volatile", "json", "field"),
    Column(54, "reported", "string", "field"),
    Column(55, "listed", "json", "field"),
    Column(56, "flags", "json", "field"),
    Column(57, "extra", "json", "field"),
    Column(58, "file_sha256", "string", "field"),
)

COLUMNS = {column.name: column for column in (*CONTEXT, *FIELDS)}
TEXT_FIELDS = frozenset(column.name for column in FIELDS if column.type == "text")

_TIMES = (
    "created created_source created_precision created_at "
    "modified modified_source modified_precision modified_at"
)
_EVERY = f"state url {_TIMES} volatile reported listed flags extra"
_AUTHOR = "author_id author_name author_email author_url author_ip author_agent"
_WRITING = f"{_EVERY} title text markup summary language {_AUTHOR} parent_id thread_id"
_MEDIA = "media_type file_name alt_text caption file_sha256"

_STREAM_FIELDS = {
    Stream.POSTS: f"{_WRITING} {_MEDIA} attachments tags",
    Stream.PAGES: f"{_WRITING} {_MEDIA} attachments tags",
    Stream.COMMENTS: f"{_WRITING} attachments",
    Stream.MESSAGES: f"{_WRITING} attachments",
    Stream.REACTIONS: f"{_EVERY} {_AUTHOR} parent_id thread_id",
    Stream.SUBSCRIBERS: f"{_EVERY} name handle email roles text markup language",
    Stream.MEDIA: f"{_WRITING} {_MEDIA} attachments tags",
    Stream.MODERATION: f"{_WRITING}",
    Stream.PROFILE: f"{_EVERY} name handle email title text markup language attachments",
    Stream.WORKFLOW: f"{_EVERY} title text markup name",
}


@lru_cache(maxsize=64)
def fields_of(stream: str) -> tuple[Column, ...]:
    """Return the field columns of a stream, in committed order (by field id)."""
    names = set(_STREAM_FIELDS[Stream(stream)].split())
    return tuple(column for column in FIELDS if column.name in names)


def columns_of(stream: str) -> tuple[Column, ...]:
    """Return all columns of a stream, in Parquet order (by field id)."""
    return CONTEXT + fields_of(stream)
