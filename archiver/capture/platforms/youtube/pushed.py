"""What one entry of a pushed Atom feed says (guides/push_notifications, RFC 4287)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.capture.jsonitem import Row
from archiver.capture.text import storable, unescaped
from archiver.capture.times import internet_time
from archiver.formats.excerpts_xml import child_elements, local_name

if TYPE_CHECKING:
    from archiver.formats.excerpts_xml import Element
    from archiver.record import Excerpt

__all__ = ["attribute", "child_text", "event_row"]

_START = re.compile(r"""<(?:"[^"<]*"|'[^'<]*'|[^<>"'])*+>""")
_MARGINS = re.compile(r"\A<[^>]*+>|</[^<>]*+>?\s*\Z")


def event_row(excerpts: tuple[Excerpt, ...]) -> dict[str, str]:
    """Return the row of an entry: its own columns, and the whole of it as ``markup``."""
    data = b"".join(excerpt.data for excerpt in excerpts if excerpt.role == "entry")
    row = Row()
    row.put("state", "pushed")
    row.put("title", child_text(data, "title"))
    row.put("parent_id", child_text(data, "videoid"))
    row.put("author_id", child_text(data, "channelid"))
    author = _child(data, "author")
    within = data[author.start : author.end] if author else b""
    row.put("author_name", child_text(within, "name"))
    row.put("author_url", child_text(within, "uri"))
    row.put("url", attribute(data, "link", "href"))
    for prefix, name in (("created", "published"), ("modified", "updated")):
        text = child_text(data, name)
        row.time(prefix, name, text, internet_time(text))
    row.put("markup", _decoded(data))
    return row.finished()


def child_text(data: bytes, name: str) -> str:
    """Return the text of the first element of that local name inside the first of ``data``."""
    child = _child(data, name)
    if child is None:
        return ""
    return storable(unescaped(_MARGINS.sub("", _decoded(data[child.start : child.end])))).strip()


def attribute(data: bytes, name: str, attribute: str) -> str:
    """Return an attribute of an element inside ``data``; of ``data``'s own where name is empty."""
    child = _child(data, name) if name else None
    text = _decoded(data[child.start : child.end] if child else data) if child or not name else ""
    start = _START.match(text)
    found = re.search(
        rf"""\s{attribute}\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""", start[0] if start else ""
    )
    return storable(unescaped(found[1] or found[2] or "")) if found else ""


def _child(data: bytes, name: str) -> Element | None:
    return next((one for one in child_elements(data) if local_name(one.name) == name), None)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
