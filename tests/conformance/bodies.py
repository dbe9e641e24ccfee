"""Bodies that no platform should send, and what must hold of a connector that gets them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from archiver.capture.problems import PROBLEMS
from archiver.capture.reading import clean_row
from archiver.formats.excerpts import residue
from archiver.record import Excerpt, Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.capture.connector import Connector, Item, Listing, Page, Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["HOSTILE", "SENTINEL", "cut", "excerpts_of", "row_of", "with_enum", "with_unknown"]

SENTINEL = "zz-never-seen"
_DEEP = 20_000
HOSTILE = (
    b"",
    b"\0" * 64,
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"[null,1,[],{}]",
    b'{"data":null,"items":[{}],"error":{}}',
    b"\xef\xbb\xbf[]",
    b"\xff\xfe[\0]\0",
    b"[" * _DEEP,
    b'{"a":' * _DEEP,
    b"<a>" * _DEEP,
    b"<!DOCTYPE html><title>Sign in</title><form action=/login>",
    b'<?xml version="1.0"?><rss><channel><item>',
    b"x" * 100_000,
)
_ENUM = re.compile(rb':\s*"([a-z_]{3,24})"')


def cut(connector: Connector, site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut a response and read its items; say what does not hold."""
    page = connector.split(site, listing, response)
    places = [(span.start, span.end) for item in page.items for span in item.spans]
    places += [(span.start, span.end) for gone in page.gone for span in gone.spans]
    places += [(claim.start, claim.end) for claim in page.claims]
    assert all(0 <= start <= end <= len(response.body) for start, end in places)
    assert page.problem is None or page.problem.code in PROBLEMS, page.problem
    for item in page.items:
        assert item.stream in set(Stream), item
        assert item.native_id, item
        assert item.kind in set(Kind), item
        assert item.sensitivity in set(Sensitivity), item
        assert item.spans, item
        row_of(connector, site, item, excerpts_of(item, response.body))
    # Where there is content, what stands beside it must not be lost by calling it trouble.
    told = page.problem is not None and not PROBLEMS[page.problem.code].is_content
    assert not (told and (page.items or page.claims)) or residue(response.body, page) == []
    return page


def excerpts_of(item: Item, body: bytes) -> tuple[Excerpt, ...]:
    """Return what a record of an item holds."""
    return tuple(Excerpt(span.role, body[span.start : span.end]) for span in item.spans)


def row_of(
    connector: Connector, site: Site, item: Item, excerpts: tuple[Excerpt, ...]
) -> dict[str, str]:
    """Read an item, twice; say what does not hold."""
    context = {
        "platform": connector.platform,
        "account": site.account,
        "stream": item.stream,
        "native_id": item.native_id,
    }
    row = connector.parse(excerpts, context)
    assert all(isinstance(text, str) for one in row.items() for text in one)
    assert connector.parse(excerpts, context) == row
    clean = clean_row(item.stream, row)
    assert clean_row(item.stream, clean) == clean
    return row


def with_unknown(excerpts: tuple[Excerpt, ...]) -> tuple[Excerpt, ...] | None:
    """Return an item with a member that nobody knows, or None where it is neither JSON nor XML."""
    place = next((n for n, one in enumerate(excerpts) if one.role == "item"), 0)
    data = _with_unknown(excerpts[place].data.strip())
    if data is None:
        return None
    return (*excerpts[:place], replace(excerpts[place], data=data), *excerpts[place + 1 :])


def _with_unknown(data: bytes) -> bytes | None:
    if data[:1] == b"{":
        comma = b"," if data[1:].lstrip()[:1] != b"}" else b""
        told = b'{"zz_unknown":{"deep":["%b"]}%b' % (SENTINEL.encode(), comma)
        return told + data[1:]
    if data[:1] == b"<" and b"</" in data:
        end = data.rindex(b"</")
        told = b'<zz:unknown xmlns:zz="urn:zz">%b</zz:unknown>' % SENTINEL.encode()
        return data[:end] + told + data[end:]
    return None


def with_enum(body: bytes, most: int) -> Iterator[bytes]:
    """Yield a body with one word of a fixed set (so it looks) replaced by one never seen."""
    found = list({match[1]: match for match in _ENUM.finditer(body)}.values())
    step = max(len(found) // most, 1)
    for match in found[::step]:
        yield body[: match.start(1)] + SENTINEL.encode() + body[match.end(1) :]


def edited(body: bytes, places: list[int], what: bytes, how: str) -> bytes:
    """Return a body that something happened to on its way."""
    size = len(body) + 1
    first, last = sorted(place % size for place in (*places, 0, 0)[:2])
    changes = {
        "cut": body[:first],
        "begun late": body[first:],
        "left out": body[:first] + body[last:],
        "twice": body[:last] + body[first:],
        "put in": body[:first] + what + body[first:],
        "over": body[:first] + what + body[first + len(what) :],
    }
    return changes[how]


def huge(body: bytes, size: int) -> Iterator[bytes]:
    """Yield bodies of about a size: the same again and again, and one whose parts repeat."""
    yield (body * (size // max(len(body), 1) + 1))[:size]
    marks = [match.start() for match in re.finditer(rb'\{"|<item|<entry', body)]
    for start, end in list(pairwise(marks))[:1]:
        part = body[start:end]
        yield body[:start] + part * (size // max(len(part), 1)) + body[start:]
