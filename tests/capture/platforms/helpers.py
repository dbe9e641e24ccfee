"""Answers as the wire brought them, and items as settling reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archiver.formats.excerpts import complement, format_of, is_frame, residue
from archiver.formats.http1 import HttpResponse, parse_response
from archiver.record import Excerpt

if TYPE_CHECKING:
    from archiver.capture.connector import Connector, Item, Page


def answer(
    body: bytes | str | object,
    status: int = 200,
    *headers: tuple[str, str],
    length: bool = True,
) -> HttpResponse:
    """Return a response; a body that is no text is written as JSON, as PHP writes it."""
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes):
        body = json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers)]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return parse_response("\r\n".join([*lines, "", ""]).encode() + body)


def row_of(connector: Connector, body: bytes, item: Item) -> dict[str, str]:
    """Return the row that the connector reads from an item's excerpts."""
    excerpts = tuple(Excerpt(span.role, body[span.start : span.end]) for span in item.spans)
    context = {
        "platform": connector.platform,
        "account": "city",
        "stream": item.stream,
        "native_id": item.native_id,
    }
    return connector.parse(excerpts, context)


def left_over(body: bytes, page: Page) -> list[bytes]:
    """Return the residue's bytes, having checked that nothing else is unaccounted for."""
    left = residue(body, page)
    spans = [(s.start, s.end) for item in page.items for s in item.spans]
    spans += [(s.start, s.end) for gone in page.gone for s in gone.spans]
    claims = [(claim.start, claim.end) for claim in page.claims]
    form = format_of(body)
    for start, end in complement(len(body), [*spans, *claims, *left]):
        assert is_frame(body[start:end].removeprefix(b"\xef\xbb\xbf"), form)
    return [body[start:end] for start, end in left]
