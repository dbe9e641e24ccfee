"""WordPress eXtended RSS, the export of a WordPress site (Tools → Export, WXR 1.0 to 1.2).

Posts, pages, media, comments and authors have the ids of the REST API. A comment stands inside
its post: it is a record of its own, and the post is kept without it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.capture.importers.cutting import elements
from archiver.capture.importers.importer import REST, Cell, Cut, Kept
from archiver.capture.importers.xml import children, element_text, ranges, text_in
from archiver.capture.items import Claim, Item, Span
from archiver.capture.jsonitem import Row
from archiver.capture.text import plain_text
from archiver.capture.times import utc_time
from archiver.capture.urls import web_address
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.importers.importer import Given
    from archiver.capture.importers.xml import Range
    from archiver.record import Excerpt

__all__ = ["WXR"]

_SOURCE = "https://wordpress.org/documentation/article/tools-export-screen/"
_STREAMS = {"post": Stream.POSTS, "page": Stream.PAGES, "attachment": Stream.MEDIA}
_KINDS = {
    "publish": Kind.PRESENT,
    "inherit": Kind.PRESENT,
    "1": Kind.PRESENT,
    "spam": Kind.HIDDEN,
    "trash": Kind.REMOVED,
    "post-trashed": Kind.REMOVED,
}
"""Every other state (0, draft, pending, future, private) is held."""
_SHOWN = {Kind.PRESENT}
_COLUMNS = {
    "title": "title",
    "link": "url",
    "wp:status": "state",
    "dc:creator": "author_name",
    "wp:post_parent": "parent_id",
    "wp:attachment_url": "attachments",
    "wp:comment_author": "author_name",
    "wp:comment_author_email": "author_email",
    "wp:comment_author_url": "author_url",
    "wp:comment_author_IP": "author_ip",
    "wp:comment_user_id": "author_id",
    "wp:comment_approved": "state",
    "wp:comment_parent": "parent_id",
    "wp:author_login": "handle",
    "wp:author_email": "email",
    "wp:author_display_name": "name",
    "wp:base_site_url": "url",
}
_TEXTS = {"content:encoded", "wp:comment_content"}
_TIMES = {
    "wp:post_date_gmt": "created",
    "wp:comment_date_gmt": "created",
    "wp:post_modified_gmt": "modified",
}
_REPEATED = frozenset({"wp:post_id", "wp:comment_id", "wp:author_id"})


class Wxr:
    """The importer; see `archiver.capture.importers.importer.Importer`."""

    name = "wordpress-wxr"
    parser = "wordpress-wxr/1"
    title = "WordPress export (WXR)"
    platforms: tuple[str, ...] = ("wordpress",)
    module = __name__
    cells = (
        Cell(Stream.POSTS, "every state; no revisions", _SOURCE),
        Cell(Stream.PAGES, "as posts", _SOURCE),
        Cell(Stream.COMMENTS, "every state, with addresses", _SOURCE),
        Cell(Stream.MEDIA, "what the site says of files, not the files", _SOURCE),
        Cell(Stream.SUBSCRIBERS, "authors alone", _SOURCE),
    )

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether it begins as WordPress writes it."""
        del names
        return b"wordpress.org/export/" in beginning[:8192]

    def member(self, name: str) -> Kept:
        """Take XML item by item."""
        xml = name.lower().endswith((".xml", ".wxr", ".rss"))
        cutting = elements("item")
        return Kept("items", Stream.POSTS, Sensitivity.PRIVATE, cutting) if xml else REST

    def made(self, name: str, body: bytes) -> str:
        """Return nothing: what it says of itself is the time of the last post."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing: an item stands by itself."""
        return self.made(name, body)

    def split(self, given: Given) -> Cut:
        """Cut authors, posts and their comments."""
        body, claims = given.body, list[Claim]()
        items = list(_items(body))
        for tail in (b"</channel>", b"</rss>"):
            at = body.rfind(tail)
            if at >= 0:
                claims.append(Claim("end", at, at + len(tail), ""))
        return Cut(tuple(items), tuple(claims))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        row = Row()
        data = b"".join(one.data for one in excerpts if one.role == "item")
        seen = dict[str, list[str]]()
        for one in children(data):
            text = element_text(data[one.start : one.end])
            _take(row, one.name, text, seen)
        for name, texts in seen.items():
            row.keep(name, json.dumps(texts[0] if len(texts) == 1 else texts))
        for other in excerpts:
            if other.role == "post":
                row.put("thread_id", element_text(other.data).strip())
        if context.get("stream") == Stream.SUBSCRIBERS:
            row.fields.pop("author_name", None)
        return row.finished()


def _take(row: Row, name: str, text: str, seen: dict[str, list[str]]) -> None:
    if name in _REPEATED or name == "wp:comment":
        return
    if name in _TEXTS:
        row.put("markup", text)
        row.put("text", plain_text(text))
    elif name == "excerpt:encoded":
        row.put("summary", plain_text(text))
    elif name in _TIMES:
        told = text.strip()
        row.time(_TIMES[name], name, told, utc_time(told.replace(" ", "T")))
    elif name == "wp:attachment_url":
        row.put("attachments", json.dumps([{"role": "file", "url": text.strip()}]))
    elif name in _COLUMNS:
        value = text.strip()
        row.put(_COLUMNS[name], "" if value == "0" else value)
    else:
        seen.setdefault(name, []).append(text)


def _items(body: bytes) -> Iterator[Item]:
    for cut in ranges("wp:author", body):
        native_id = text_in(body[slice(*cut)], "wp:author_id")
        if native_id.isascii() and native_id.isdigit():
            yield _item(Stream.SUBSCRIBERS, native_id, "", (cut,))
    for cut in ranges("item", body):
        yield from _post(body, cut)


def _post(body: bytes, cut: Range) -> Iterator[Item]:
    """Yield a post and its comments."""
    data = body[slice(*cut)]
    native_id, kind = text_in(data, "wp:post_id"), text_in(data, "wp:post_type")
    if kind not in _STREAMS or not (native_id.isascii() and native_id.isdigit()):
        return
    comments = ranges("wp:comment", body, *cut)
    pieces, at = list[tuple[int, int]](), cut[0]
    for a, b in comments:
        pieces.append((at, a))
        at = b
    pieces.append((at, cut[1]))
    private = bool(text_in(data, "wp:post_password"))
    link = text_in(data, "link")
    state = text_in(data, "wp:status")
    yield _item(_STREAMS[kind], native_id, state, pieces, private=private, url=link)
    own = ranges("wp:post_id", body, *cut)
    for one in comments:
        yield from _comment(body, one, own)


def _comment(body: bytes, cut: Range, post: list[Range]) -> Iterator[Item]:
    data = body[slice(*cut)]
    native_id = text_in(data, "wp:comment_id")
    if native_id.isascii() and native_id.isdigit():
        made = _item(
            Stream.COMMENTS, native_id, text_in(data, "wp:comment_approved"), (cut,), private=True
        )
        spans = tuple(Span("post", *one) for one in post[:1])
        yield Item(
            made.stream, made.native_id, made.kind, made.sensitivity,
            (*made.spans, *spans), made.content_type,
        )  # fmt: skip


def _item(
    stream: Stream,
    native_id: str,
    state: str,
    pieces: Sequence[Range],
    *,
    private: bool = False,
    url: str = "",
) -> Item:
    kind = _KINDS.get(state, Kind.HELD) if state else Kind.PRESENT
    hidden = private or stream == Stream.SUBSCRIBERS or kind not in _SHOWN
    return Item(
        stream=stream,
        native_id=native_id,
        kind=kind,
        sensitivity=Sensitivity.PRIVATE if hidden else Sensitivity.PUBLIC,
        spans=tuple(Span("item", *one) for one in pieces),
        content_type="application/xml",
        page_url=web_address(url),
    )


WXR = Wxr()
