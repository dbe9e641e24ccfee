"""What an item of an XML feed says, column by column.

The item is put back into a small document of its own (declaration, start tags, item)
and read by feedparser, with sanitising and address resolution off. Ids, addresses and
times are read from the bytes, so that they stay verbatim and name their element; what
has no column stays in ``extra`` as its own XML.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import feedparser

from archiver.capture.jsonitem import Row
from archiver.capture.platforms.feed.elements import (
    Child,
    attribute,
    children_of,
    decoded,
    encoding_of,
    first,
    inner_text,
    item_link,
    known_prefixes,
)
from archiver.capture.text import plain_text, storable
from archiver.capture.times import read_time
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.record import Excerpt

__all__ = ["xml_row"]

_CREATED = ("pubdate", "published", "issued", "created", "date")
_MODIFIED = ("updated", "modified")
_METRICS = frozenset({"slash:comments", "thr:total"})
_READ = {
    "title": ("title",),
    "link": ("url", "attachments"),
    "guid": ("",),
    "id": ("",),
    "description": ("markup", "summary"),
    "summary": ("markup", "summary"),
    "content": ("markup",),
    "encoded": ("markup",),
    "author": ("author_name", "author_email"),
    "creator": ("author_name",),
    "category": ("tags",),
    "subject": ("tags",),
    "enclosure": ("attachments",),
    "language": ("language",),
}
"""Elements, by plain name, that one of these columns holds; the id is the record's own."""
_READ_OF_FEED = {
    "title": ("title",),
    "link": ("url",),
    "description": ("text",),
    "subtitle": ("text",),
    "language": ("language",),
}
_REPEATABLE = frozenset({"category", "subject", "enclosure", "link"})
_FILE = {"href": "url", "type": "media_type", "length": "length"}
_HTML = ("text/html", "application/xhtml+xml")


def xml_row(excerpts: tuple[Excerpt, ...], stream: str) -> dict[str, str]:
    """Return the row of an item, or of the feed itself (stream ``profile``)."""
    declaration = b"".join(e.data for e in excerpts if e.role == "declaration")
    starts = [e.data for e in excerpts if e.role == "namespaces"]
    inner = [e.data for e in excerpts if e.role in ("item", "channel")]
    encoding = encoding_of(declaration)
    row = _XmlRow(encoding, known_prefixes(starts))
    document = _document(declaration if encoding else b"", starts, inner)
    if stream == Stream.PROFILE:
        row.profile(b"<channel>" + b"".join(inner) + b"</channel>", document)
    else:
        row.item(b"".join(inner), document)
    return row.finished()


def _document(declaration: bytes, starts: list[bytes], inner: Iterable[bytes]) -> bytes:
    """Return a whole document around the excerpts."""
    names = [start[1:].split(None, 1)[0].rstrip(b"/>") for start in starts if len(start) > 2]  # noqa: PLR2004 - a tag is three bytes at least
    ends = [b"</" + name + b">" for name in reversed(names)]
    return b"".join([declaration, *starts, *inner, *ends])


class _XmlRow:
    """The row of one XML item."""

    def __init__(self, encoding: str, prefixes: frozenset[str]) -> None:
        self._encoding = encoding
        self._prefixes = prefixes
        self._row = Row()

    def finished(self) -> dict[str, str]:
        return {name: storable(value) for name, value in self._row.finished().items()}

    def item(self, data: bytes, document: bytes) -> None:
        """Read an item."""
        children = children_of(data, self._prefixes)
        entries = self._parsed(document).get("entries") or [{}]
        entry = entries[0]
        self._writing(entry)
        self._row.put("url", item_link(data, children, self._encoding))
        self._time("created", data, first(children, *_CREATED))
        self._time("modified", data, first(children, *_MODIFIED))
        reply = first(children, "in-reply-to")
        if reply is not None:
            self._row.put("parent_id", attribute(data, reply, "ref", self._encoding))
        self._rest(data, children, _READ)

    def profile(self, data: bytes, document: bytes) -> None:
        """Read the feed's own elements."""
        children = children_of(data, self._prefixes)
        feed = self._parsed(document).get("feed") or {}
        self._row.put("title", _plain(feed.get("title_detail")))
        self._row.put("text", _plain(feed.get("subtitle_detail")))
        self._row.put("url", item_link(data, children, self._encoding))
        self._row.put("language", str(feed.get("language") or ""))
        self._rest(data, children, _READ_OF_FEED)

    def _parsed(self, document: bytes) -> Mapping[str, Any]:
        """Return what feedparser makes of a document; nothing where it fails."""
        try:
            parsed: Mapping[str, Any] = feedparser.parse(
                BytesIO(document), sanitize_html=False, resolve_relative_uris=False
            )
        except Exception as error:  # noqa: BLE001 - made for any bytes, yet it fails on some, in many ways; the row says so
            self._row.flag(f"feedparser {type(error).__name__}")
            return {}
        return parsed

    def _writing(self, entry: Mapping[str, Any]) -> None:
        """Set title, text, author, tags and attachments."""
        row = self._row
        row.put("title", _plain(entry.get("title_detail")))
        contents = entry.get("content") or []
        summary = entry.get("summary_detail")
        main = contents[0] if contents else summary
        if main:
            row.put("markup", str(main.get("value") or ""))
            row.put("text", _plain(main))
            row.put("language", str(main.get("language") or ""))
        if contents and summary and summary.get("value") != contents[0].get("value"):
            row.put("summary", _plain(summary))
        author = entry.get("author_detail") or {}
        row.put("author_name", str(author.get("name") or ""))
        row.put("author_email", str(author.get("email") or ""))
        row.put("author_url", str(author.get("href") or ""))
        self._lists(entry)

    def _lists(self, entry: Mapping[str, Any]) -> None:
        tags = [dict(tag) for tag in entry.get("tags") or []]
        if tags:
            self._row.put("tags", _json(tags))
        files = [
            {"role": "enclosure"}
            | {name: str(link[key]) for key, name in _FILE.items() if link.get(key)}
            for link in entry.get("links") or []
            if link.get("rel") == "enclosure"
        ]
        if files:
            self._row.put("attachments", _json(files))

    def _time(self, prefix: str, data: bytes, element: Child | None) -> None:
        if element is not None:
            text = inner_text(data, element, self._encoding)
            self._row.time(prefix, element.name, text, read_time(text))

    def _rest(
        self, data: bytes, children: list[Child], columns: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Keep as XML what no column holds: unknown elements, second ones, other links."""
        times = {first(children, *_CREATED), first(children, *_MODIFIED)}
        seen: set[str] = set()
        extra: dict[str, list[str]] = {}
        for child in children:
            again = child.local in seen and child.local not in _REPEATABLE
            seen.add(child.local)
            if child in times or (not again and self._held(data, child, columns)):
                continue
            text = decoded(data[child.start : child.end], self._encoding)
            if child.name.lower() in _METRICS:
                self._row.metric(child.name, _json(text))
            else:
                extra.setdefault(child.name, []).append(text)
        for name, texts in extra.items():
            self._row.keep(name, _json(texts if len(texts) > 1 else texts[0]))

    def _held(self, data: bytes, child: Child, columns: Mapping[str, tuple[str, ...]]) -> bool:
        """Say whether a column has what an element says: feedparser misses ill-formed ones."""
        homes = columns.get(child.local)
        if homes is None or self._other_link(data, child):
            return False
        filled = any(not home or home in self._row.fields for home in homes)
        return filled or not inner_text(data, child, self._encoding)

    def _other_link(self, data: bytes, child: Child) -> bool:
        rel = attribute(data, child, "rel", self._encoding)
        return child.local == "link" and rel not in ("", "alternate", "enclosure")


def _plain(detail: Mapping[str, Any] | None) -> str:
    """Return the plain text of a feedparser detail, by its type."""
    value = str((detail or {}).get("value") or "")
    return plain_text(value) if (detail or {}).get("type") in _HTML else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
