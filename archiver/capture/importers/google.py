"""Google Takeout of services that are closed, or have no login for it: Google+ and Blogger."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from archiver.capture.handlers import put, time
from archiver.capture.importers.cutting import elements
from archiver.capture.importers.fields import html, raw
from archiver.capture.importers.importer import REST, Cell, Cut, Kept, file_of
from archiver.capture.importers.tables import JsonExport, Listed, Names
from archiver.capture.importers.xml import attribute, children, element_text, ranges, text_in
from archiver.capture.items import Claim, Item, Span
from archiver.capture.jsonitem import Row
from archiver.capture.text import plain_text
from archiver.capture.times import UNKNOWN, Reading, internet_time
from archiver.header_text import is_plain
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.capture.importers.importer import Given
    from archiver.record import Excerpt

__all__ = ["BLOGGER", "GOOGLE_PLUS"]

_SOURCE = "https://support.google.com/accounts/answer/3024190"
_ZONED = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)([+-]\d{4})", re.ASCII)
_FILES = r".*\.(?:jpe?g|png|gif|webp|mp4|mov|pdf)"


# ── Google+ ──────────────────────────────────────────────────────────────────────────────
def _plus_time(text: str) -> Reading:
    """Read ``2018-10-01 10:00:00-0700``."""
    found = _ZONED.fullmatch(text)
    return internet_time(f"{found[1]}T{found[2]}{found[3]}") if found else UNKNOWN


def _plus_author(row: Row, name: str, value: bytes) -> None:
    members = dict(row.members(value)) if value[:1] == b"{" else {}
    row.keep(name, row.raw(name, value))
    row.put("author_name", row.text(name, members.get("displayName", b"null")))
    row.put("author_url", row.text(name, members.get("profilePageUrl", b"null")))
    row.put("author_id", row.text(name, members.get("resourceName", b"null")))


def _address(names: Names) -> str:
    """Return the last part of the address of a post, which was its id on Google+."""
    return names.text("url").rpartition("/posts/")[2].rpartition("/")[2]


GOOGLE_PLUS = JsonExport(
    name="google-plus-takeout",
    parser="google-plus-takeout/1",
    title="Google Takeout: Google+ Stream",
    platforms=("google-plus",),
    module=__name__,
    cells=(
        Cell(Stream.POSTS, "with the comments that they had; the platform is closed", _SOURCE),
        Cell(Stream.MEDIA, "photos that were downloaded too", _SOURCE),
    ),
    table=(
        Listed(
            role="post",
            where=r".*Google\+ Stream/.*\.json",
            stream=Stream.POSTS,
            native=_address,
            handlers={
                "url": put("url"),
                "creationTime": time("created", _plus_time),
                "updateTime": time("modified", _plus_time),
                "content": html,
                "author": _plus_author,
                "album": raw("attachments"),
                "media": raw("attachments"),
            },
            alone=True,
        ),
    ),
    files=_FILES,
    telling=r".*Google\+ Stream/.+",
)


# ── Blogger ──────────────────────────────────────────────────────────────────────────────
_STREAMS = {"POST": Stream.POSTS, "PAGE": Stream.PAGES, "COMMENT": Stream.COMMENTS}
_STATES = {"LIVE": Kind.PRESENT, "TRASHED": Kind.REMOVED, "SPAM": Kind.HIDDEN}
"""Of posts and comments; every other one (DRAFT, SCHEDULED, PENDING) is held."""
_NUMBER = re.compile(r"tag:blogger\.com,1999:blog-\d+\.(?:post|page|comment)-(\d+)", re.ASCII)


class Blogger:
    """The importer; see `archiver.capture.importers.importer.Importer`."""

    name = "blogger-takeout"
    parser = "blogger-takeout/1"
    title = "Google Takeout: Blogger (Atom)"
    platforms: tuple[str, ...] = ("blogger",)
    module = __name__
    cells = (
        Cell(Stream.POSTS, "every state", _SOURCE),
        Cell(Stream.PAGES, "every state", _SOURCE),
        Cell(Stream.COMMENTS, "every state", _SOURCE),
        Cell(Stream.MEDIA, "albums that were downloaded too", _SOURCE),
    )

    def recognises(self, names: Sequence[str], beginning: bytes) -> bool:
        """Tell whether there is a feed of a blog."""
        told = any(re.fullmatch(r".*Blogger/Blogs/.*feed\.atom", one) for one in names)
        return told or b"schemas.google.com/blogger/" in beginning[:8192]

    def member(self, name: str) -> Kept:
        """Take a feed entry by entry."""
        if name.lower().endswith((".atom", ".xml")):
            return Kept("items", Stream.POSTS, Sensitivity.PRIVATE, elements("entry"))
        return file_of(name) if re.fullmatch(_FILES, name, re.IGNORECASE) else REST

    def made(self, name: str, body: bytes) -> str:
        """Say nothing."""
        del name, body
        return ""

    def carry(self, name: str, body: bytes) -> str:
        """Say nothing: an entry stands by itself."""
        return self.made(name, body)

    def split(self, given: Given) -> Cut:
        """Cut a feed into its entries."""
        at = given.body.rfind(b"</feed>")
        claims = (Claim("end", at, at + len(b"</feed>"), ""),) if at >= 0 else ()
        return Cut(tuple(_entries(given.body)), claims)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read an entry."""
        del context
        row = Row()
        data = excerpts[0].data
        for one in children(data):
            _take(row, one.name, data[one.start : one.end])
        return row.finished()


def _entries(body: bytes) -> Iterator[Item]:
    for cut in ranges("entry", body):
        data = body[slice(*cut)]
        stream = _STREAMS.get(text_in(data, "blogger:type"))
        found = _NUMBER.fullmatch(text_in(data, "id"))
        if stream is None or found is None or not is_plain(found[1]):
            continue
        kind = _STATES.get(text_in(data, "blogger:status") or "LIVE", Kind.HELD)
        public = kind == Kind.PRESENT and stream != Stream.COMMENTS
        who = Sensitivity.PUBLIC if public else Sensitivity.PRIVATE
        yield Item(stream, found[1], kind, who, (Span("entry", *cut),), "application/atom+xml")


def _take(row: Row, name: str, data: bytes) -> None:
    text = element_text(data)
    if name == "content":
        row.put("markup", text)
        row.put("text", plain_text(text))
    elif name in _TIMES:
        row.time(_TIMES[name], name, text.strip(), internet_time(text.strip()))
    elif name == "author":
        row.put("author_name", text_in(data, "name"))
        row.put("author_url", text_in(data, "uri"))
    elif name == "blogger:inReplyTo":
        found = _NUMBER.fullmatch(text.strip())
        row.put("thread_id", found[1] if found else text.strip())
    elif name in _COLUMNS:
        row.put(_COLUMNS[name], text.strip())
    elif name not in {"id", "blogger:type"}:
        row.keep(name, json.dumps(text or attribute(data, "term") or attribute(data, "href")))


_TIMES = {"published": "created", "updated": "modified"}
_COLUMNS = {"title": "title", "blogger:status": "state", "blogger:filename": "url"}

BLOGGER = Blogger()
