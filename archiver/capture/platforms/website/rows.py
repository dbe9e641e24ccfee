"""What the bytes of a page say: title, text, links, files. The page itself is the excerpt."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote

from archiver.capture.jsonitem import Row
from archiver.capture.platforms.website.markup import css_references, decoded, references, tags
from archiver.capture.text import plain_text, storable
from archiver.capture.times import read_time
from archiver.formats.http1 import parse_response
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archiver.capture.jsonitem import Handler
    from archiver.capture.platforms.website.markup import Tag
    from archiver.record import Excerpt

__all__ = ["is_html", "row_of"]

MOST_NAMED = 5000
"""Links, and files, that a row names; the excerpt has them all."""
_METAS = {"description": "summary", "author": "author_name"}
_TIMES = {"article:published_time": "created", "article:modified_time": "modified"}
_ROOT = b"<"


def row_of(excerpts: tuple[Excerpt, ...], stream: str) -> dict[str, str]:
    """Return the row of a page, a style sheet, another document, or what a browser made of one."""
    data, content_type, headers = b"", "", dict[str, str]()
    for excerpt in excerpts:
        data = excerpt.data
        if excerpt.role == "exchange":
            response = parse_response(excerpt.data)
            data, content_type = response.body, response.header("content-type")
            headers = {name.lower(): value for name, value in response.headers}
    row = Row()
    if any(one.role == "rendered" for one in excerpts):
        row.fill(row.members(data), _RENDERED)
    elif any(one.role == "screenshot" for one in excerpts):
        row.put("media_type", "image/png")
        row.put("file_sha256", sha256(data).hexdigest())
    else:
        _document(row, data, content_type, stream)
        for name in ("last-modified", "etag"):
            if name in headers:
                row.metric(name, _json(headers[name]))
    return {name: storable(value) for name, value in row.finished().items()}


def is_html(content_type: str, data: bytes) -> bool:
    """Tell whether a document is a web page: as its server says, else as it begins."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"}:
        return True
    return not kind and data.lstrip()[:1] == _ROOT


def _document(row: Row, data: bytes, content_type: str, stream: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    row.put("media_type", unquote(kind))
    if stream == Stream.MEDIA:
        text, _ = decoded(data, content_type)
        row.put("attachments", _files("file", (one.url for one in css_references(text))))
        row.put("file_sha256", sha256(data).hexdigest())
    elif is_html(content_type, data):
        text, encoding = decoded(data, content_type)
        _page(row, text)
        row.metric("encoding", _json(encoding))
    elif kind.startswith("text/") or kind.endswith("xml"):
        text, _ = decoded(data, content_type)
        row.put("text", plain_text(text) if kind.endswith("xml") else text)
        row.put("file_sha256", sha256(data).hexdigest())
    else:
        row.put("file_sha256", sha256(data).hexdigest())


def _page(row: Row, text: str) -> None:
    """Read a web page."""
    found = list(tags(text))
    named = list(references(iter(found)))
    begin = text.lower().find("<title")
    if begin >= 0:
        end = text.lower().find("</title", begin)
        row.put("title", " ".join(plain_text(text[begin : end if end >= 0 else None]).split()))
    row.put("text", plain_text(text))
    for tag in found:
        _about(row, tag)
    row.put("attachments", _files("file", (one.url for one in named if one.role != "link")))
    alts = [tag.attributes["alt"] for tag in found if tag.attributes.get("alt")]
    row.put("alt_text", "\n".join(dict.fromkeys(alts)))
    links = list(dict.fromkeys(one.url for one in named if one.role == "link"))
    if links:
        row.keep("links", _json(links[:MOST_NAMED]))
    if len(links) > MOST_NAMED:
        row.flag(f"links {len(links)}")
    others = sorted({tag.name for tag in found if "-" in tag.name or ":" in tag.name})
    if others:
        row.keep("elements", _json(others[:MOST_NAMED]))


def _about(row: Row, tag: Tag) -> None:
    """Take what a page says of itself: language, description, author, times."""
    own = tag.attributes
    if tag.name == "html" and "language" not in row.fields:
        row.put("language", own.get("lang", ""))
    name = (own.get("name") or own.get("property") or "").lower()
    if tag.name != "meta" or not own.get("content"):
        return
    if name in _METAS and _METAS[name] not in row.fields:
        row.put(_METAS[name], own["content"])
    elif name in _TIMES and _TIMES[name] not in row.fields:
        row.time(_TIMES[name], name, own["content"], read_time(own["content"]))


def _files(role: str, urls: Iterable[str]) -> str:
    """Return the files that a page is made of, each once, those written into it left out."""
    named = [one for one in dict.fromkeys(urls) if not one.lower().startswith("data:")]
    return _json([{"role": role, "url": one} for one in named[:MOST_NAMED]]) if named else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(column: str) -> Handler:
    def handle(row: Row, name: str, value: bytes) -> None:
        row.put(column, row.text(name, value))

    return handle


def _passing(row: Row, name: str, value: bytes) -> None:
    row.metric(name, row.raw(name, value))


def _dom(row: Row, name: str, value: bytes) -> None:
    """Take the page as the browser had it: what it links to; the excerpt has the rest."""
    named = list(references(tags(row.text(name, value))))
    links = list(dict.fromkeys(one.url for one in named if one.role == "link"))
    if links:
        row.keep("links", _json(links[:MOST_NAMED]))


_RENDERED: Mapping[str, Handler] = {
    "title": _text("title"),
    "text": _text("text"),
    "dom": _dom,
    "browser": _passing,
    "loaded": _passing,
    "refused": _passing,
}
"""What our browser process says of a page (`archiver.browsing`)."""
