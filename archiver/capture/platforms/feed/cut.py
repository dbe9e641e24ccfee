"""Cutting RSS, RDF and Atom answers into items, the feed's own profile, and claims.

Sources: RSS 0.91 to 2.0, RSS 1.0, RFC 4287 (Atom), RFC 5005 (paging), RFC 4685 (threading).
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from archiver.capture.connector import Claim, Contained, Follow, Item, Page, Problem, Span
from archiver.capture.platforms.feed.elements import (
    Child,
    attribute,
    children_of,
    decoded,
    encoding_of,
    first,
    inner_text,
    item_id,
    item_link,
    known_prefixes,
    named,
)
from archiver.capture.urls import same_site, web_address
from archiver.formats.excerpts_xml import feed_parts, local_name
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archiver.capture.connector import Listing, Site
    from archiver.formats.excerpts_xml import FeedParts
    from archiver.formats.http1 import HttpResponse

__all__ = ["cut_xml", "file_follow", "hashed_id"]

_ENVELOPE = frozenset(
    {
        "lastbuilddate", "pubdate", "updated", "items",
        "opensearch:totalresults", "opensearch:startindex", "opensearch:itemsperpage",
    }
)  # fmt: skip
"""Elements of the feed that tell of its state, not of its owner."""
_PAGING = frozenset(
    {"next", "previous", "prev", "first", "last", "prev-archive", "next-archive", "current"}
)
_TYPES = {"feed": "application/atom+xml", "rdf": "application/rdf+xml"}
_OTHERS = frozenset({"source", "item", "entry"})
"""Elements of an item that was copied from another feed (RSS 2.0, RFC 4287 §4.2.11)."""
_ROOT_END = re.compile(rb"</(?:[\w.-]++:)?(?:rss|rdf|feed)\s*>", re.IGNORECASE)


def cut_xml(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut an XML feed; a schema problem where it is none."""
    body = response.body
    parts = feed_parts(body)
    if not parts.containers:
        return Page(problem=Problem("schema", "no feed, or not in an ASCII-compatible encoding"))
    if _cut_short(response, parts):
        return Page(problem=Problem("transient", "the feed is cut short"))
    return _Cutter(site, listing, body, parts).page()


def hashed_id(data: bytes) -> str:
    """Return the id of an item that brings none: a digest of its bytes."""
    return f"sha256-{sha256(data).hexdigest()}"


def file_follow(url: str, site: Site) -> tuple[Follow, ...]:
    """Return the request for an enclosed file, if it is on the feed's own host."""
    if not same_site(url, site.url):
        return ()
    return (Follow("file", Stream.MEDIA, url, Sensitivity.PUBLIC, Request(url)),)


def _cut_short(response: HttpResponse, parts: FeedParts) -> bool:
    """Say whether an answer without a length ends inside its last item."""
    framed = response.header("content-length") or response.header("transfer-encoding")
    unended = bool(parts.items) and parts.items[-1][1] == len(response.body)
    return not framed and unended and _ROOT_END.search(response.body) is None


class _Cutter:
    """One feed being cut."""

    def __init__(self, site: Site, listing: Listing, body: bytes, parts: FeedParts) -> None:
        self._site = site
        self._listing = listing
        self._body = body
        self._parts = parts
        declared = body[slice(*parts.declaration)] if parts.declaration else b""
        self._encoding = encoding_of(declared)
        self._type = _TYPES.get(local_name(parts.containers[0].name), "application/rss+xml")
        starts = [body[part.start : part.end] for part in parts.containers]
        self._prefixes = known_prefixes(starts)
        self._common = self._common_spans()

    def page(self) -> Page:
        elements = named(self._parts.elements, self._prefixes)
        asides = named(self._parts.asides, self._prefixes)
        claimed = [element for element in elements if self._is_claim(element)]
        profile = [element for element in elements if not self._is_claim(element)]
        claims = [self._claim(element) for element in (*claimed, *asides)]
        items = (self._profile(profile), *self._items())
        ordered = tuple(sorted(claims, key=lambda claim: claim.start))
        return Page(items, ordered, next=self._next(ordered))

    def _common_spans(self) -> tuple[Span, ...]:
        """Return what every item needs to be read alone: declaration and name spaces."""
        declaration = self._parts.declaration
        spans = [Span("declaration", *declaration)] if declaration else []
        spans += [Span("namespaces", part.start, part.end) for part in self._parts.containers]
        return tuple(spans)

    def _is_claim(self, element: Child) -> bool:
        return element.local in _ENVELOPE or (
            element.local == "link" and self._rel(element) in _PAGING
        )

    def _rel(self, element: Child) -> str:
        return attribute(self._body, element, "rel", self._encoding).lower()

    def _claim(self, element: Child) -> Claim:
        name = element.name
        if element.local == "link":
            name = f"link {self._rel(element)}"
            value = attribute(self._body, element, "href", self._encoding)
        elif name.startswith("#"):
            value = decoded(self._body[element.start : element.end], self._encoding)
        else:
            value = inner_text(self._body, element, self._encoding)
        return Claim(name, element.start, element.end, value)

    def _next(self, claims: Iterable[Claim]) -> Request | None:
        """Return the next page (RFC 5005 section 3), or the archive before (section 4)."""
        links = {claim.name: claim.value for claim in claims}
        href = links.get("link next") or links.get("link prev-archive")
        if not href:
            return None
        try:
            url = urljoin(self._site.url, href)
        except ValueError:
            return None
        return Request(url) if same_site(url, self._site.url) else None

    def _profile(self, elements: list[Child]) -> Item:
        spans = [Span("channel", element.start, element.end) for element in elements]
        return Item(
            stream=Stream.PROFILE,
            native_id="feed",
            kind=Kind.PRESENT,
            sensitivity=Sensitivity.PUBLIC,
            spans=(*self._common, *spans),
            content_type=self._type,
            page_url=self._site.url,
        )

    def _items(self) -> list[Item]:
        """Return the items; where two bring the same id, it is nobody's."""
        texts = [self._body[start:end] for start, end in self._parts.items]
        children = [children_of(text, self._prefixes) for text in texts]
        ids = [item_id(*both, self._encoding) for both in zip(texts, children, strict=True)]
        often = Counter(ids)
        return [
            self._item(text, one if one and often[one] == 1 else hashed_id(text), cut)
            for text, one, cut in zip(texts, ids, self._parts.items, strict=True)
        ]

    def _item(self, text: bytes, native_id: str, cut: tuple[int, int]) -> Item:
        children = children_of(text, self._prefixes)
        reply = first(children, "in-reply-to") is not None
        return Item(
            stream=Stream.COMMENTS if reply else self._listing.stream,
            native_id=native_id,
            kind=Kind.PRESENT,
            sensitivity=Sensitivity.PUBLIC,
            spans=(*self._common, Span("item", *cut)),
            content_type=self._type,
            page_url=web_address(item_link(text, children, self._encoding)),
            follow=self._files(text, children),
            contains=(Contained(),) if any(one.local in _OTHERS for one in children) else (),
        )

    def _files(self, text: bytes, children: list[Child]) -> tuple[Follow, ...]:
        found: tuple[Follow, ...] = ()
        for child in children:
            if child.local == "enclosure":
                found += file_follow(attribute(text, child, "url", self._encoding), self._site)
            rel = attribute(text, child, "rel", self._encoding)
            if child.local == "link" and rel == "enclosure":
                found += file_follow(attribute(text, child, "href", self._encoding), self._site)
        return found
