"""The next page of a listing, in the forms that platforms share. Pure.

What an answer says of its next page is not trusted further than need be: a parameter is
taken from it where one will do, and an address only where it is on the origin that was
asked, for a login goes with it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from archiver.capture.urls import same_origin, web_address
from archiver.record import Request

if TYPE_CHECKING:
    from archiver.formats.http1 import HttpResponse

__all__ = ["by_address", "by_offset", "by_parameter", "linked", "parameter_of"]

_NEXT = re.compile(r'<([^>]*)>\s*;[^,<]*rel="?next"?', re.IGNORECASE)


def linked(response: HttpResponse) -> str:
    """Return the target of the ``Link`` header with ``rel=next`` (RFC 8288), empty without."""
    link = _NEXT.search(", ".join(response.values("link")))
    return link[1] if link else ""


def parameter_of(url: str, name: str) -> str:
    """Return the first value of a parameter of an address's query, empty without one."""
    try:
        return parse_qs(urlsplit(url).query).get(name, [""])[0]
    except ValueError:
        return ""


def by_parameter(url: str, name: str, value: str, *, safe: str = "") -> Request | None:
    """Return the request for ``url`` with a parameter set: a cursor, a token, a page's number.

    Args:
        url: the address that was asked for.
        name: of the parameter; what it was before is left out.
        value: from the answer; empty ends the listing (None is returned).
        safe: characters that the platform wants unescaped in the query.
    """
    if not value:
        return None
    try:
        scheme, host, path, query, _ = urlsplit(url)
    except ValueError:
        return None
    kept = [(key, text) for key, text in parse_qsl(query) if key != name]
    query = urlencode([*kept, (name, value)], safe=safe)
    return Request(urlunsplit((scheme, host, path, query, "")))


def by_address(url: str, following: str) -> Request | None:
    """Return the request for the address that an answer names as its next page.

    None where it names none, and where that is on another origin than ``url``: our login
    would be sent to whom the answer likes.
    """
    try:
        target = urljoin(url, following).partition("#")[0] if following else ""
    except ValueError:
        return None
    return Request(target) if same_origin(web_address(target), url) else None


def by_offset(url: str, name: str, shown: int, total: int | None = None) -> Request | None:
    """Return the request for what comes after ``shown`` things of the page that ``url`` is.

    None where it showed nothing, or where all of ``total`` were shown. Use it only where the
    order of what is listed can't change between two pages: else things are missed.
    """
    before = parameter_of(url, name)
    start = (int(before) if before.isascii() and before.isdigit() else 0) + shown
    if shown <= 0 or (total is not None and start >= total):
        return None
    return by_parameter(url, name, str(start))
