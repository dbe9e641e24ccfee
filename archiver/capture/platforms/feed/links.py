"""Links of a feed: where it is itself, and which hub tells of its news.

Sources: RFC 4287 §4.2.7 (also within RSS), JSON Feed 1.1 (``hubs``, ``feed_url``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.platforms.feed.elements import (
    attribute,
    encoding_of,
    known_prefixes,
    named,
)
from archiver.formats.excerpts import format_of
from archiver.formats.excerpts_json import UNREADABLE
from archiver.formats.excerpts_xml import feed_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["feed_links"]


class _Hub(msgspec.Struct):
    type: str = ""
    url: str = ""


class _Head(msgspec.Struct):
    feed_url: str = ""
    hubs: list[_Hub] = msgspec.field(default_factory=list)


_HEAD = msgspec.json.Decoder(_Head)


def feed_links(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield relation and address of each link of the feed itself, not of its items."""
    if format_of(body) == "json":
        yield from _json_links(body)
        return
    parts = feed_parts(body)
    encoding = encoding_of(body[slice(*parts.declaration)] if parts.declaration else b"")
    prefixes = known_prefixes([body[part.start : part.end] for part in parts.containers])
    for element in named(parts.elements, prefixes):
        if element.local == "link":
            target = attribute(body, element, "href", encoding)
            for rel in attribute(body, element, "rel", encoding).lower().split():
                yield rel, target


def _json_links(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        head = _HEAD.decode(body)
    except UNREADABLE:
        return
    yield "self", head.feed_url
    for hub in head.hubs:
        if hub.type.lower() == "websub":
            yield "hub", hub.url
