"""Cutting a JSON Feed (version 1 and 1.1, jsonfeed.org) into items, profile and claims."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from archiver.capture.connector import Claim, Item, Page, Problem, Span
from archiver.capture.jsonitem import Row
from archiver.capture.platforms.feed.cut import file_follow, hashed_id
from archiver.capture.urls import same_site, web_address
from archiver.formats.excerpts_json import json_items, json_members
from archiver.record import Kind, Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archiver.capture.connector import Follow, Listing, Site
    from archiver.formats.excerpts_json import Member
    from archiver.formats.http1 import HttpResponse

__all__ = ["cut_json"]

_TYPE = "application/feed+json"


def cut_json(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut a JSON Feed; a schema problem where it is none."""
    body = response.body
    start = body.find(b"{")
    members = json_members(body, max(start, 0), len(body))
    if not body.rstrip(b" \t\r\n").endswith(b"}"):
        return Page(problem=Problem("transient", "the JSON is cut short"))
    if not any(member.key == "items" for member in members):
        return Page(problem=Problem("schema", "JSON, but no JSON Feed: it has no items"))
    claims = tuple(_claims(body, members))
    profile = [member for member in members if member.key not in ("items", "next_url")]
    items = (_profile(site, profile), *_items(site, listing, body))
    return Page(items, claims, next=_next(site, claims))


def _claims(body: bytes, members: list[Member]) -> Iterator[Claim]:
    """Yield the paging address, and the name that stands before the items."""
    items = [member for member in members if member.key == "items"][-1]
    yield Claim("items", items.key_start, items.value_start, "")
    for member in members:
        if member.key == "next_url":
            value = Row().text("next_url", body[member.value_start : member.value_end])
            yield Claim("next_url", member.key_start, member.value_end, value)


def _next(site: Site, claims: tuple[Claim, ...]) -> Request | None:
    href = next((claim.value for claim in claims if claim.name == "next_url"), "")
    try:
        url = urljoin(site.url, href)
    except ValueError:
        return None
    return Request(url) if href and same_site(url, site.url) else None


def _profile(site: Site, members: list[Member]) -> Item:
    return Item(
        stream=Stream.PROFILE,
        native_id="feed",
        kind=Kind.PRESENT,
        sensitivity=Sensitivity.PUBLIC,
        spans=tuple(Span("channel", member.key_start, member.value_end) for member in members),
        content_type=_TYPE,
        page_url=site.url,
    )


def _items(site: Site, listing: Listing, body: bytes) -> list[Item]:
    """Return the items; where two bring the same id, it is nobody's."""
    ranges = [cut for cut in json_items(body, ("items",)) if body[cut[0] : cut[0] + 1] == b"{"]
    rows = [dict(Row().members(body[start:end])) for start, end in ranges]
    ids = [_text(row, "id") or _text(row, "url") for row in rows]
    often = Counter(ids)
    return [
        Item(
            stream=listing.stream,
            native_id=one if one and often[one] == 1 else hashed_id(body[slice(*cut)]),
            kind=Kind.PRESENT,
            sensitivity=Sensitivity.PUBLIC,
            spans=(Span("item", *cut),),
            content_type=_TYPE,
            page_url=web_address(_text(row, "url")),
            follow=_files(site, row),
        )
        for row, one, cut in zip(rows, ids, ranges, strict=True)
    ]


def _text(members: Mapping[str, bytes], name: str) -> str:
    return Row().text(name, members[name]).strip() if name in members else ""


def _files(site: Site, row: Mapping[str, bytes]) -> tuple[Follow, ...]:
    """Return the attached files that are on the feed's own host."""
    attachments = row.get("attachments", b"")
    found: tuple[Follow, ...] = ()
    for start, end in json_items(attachments):
        found += file_follow(_text(dict(Row().members(attachments[start:end])), "url"), site)
    return found
