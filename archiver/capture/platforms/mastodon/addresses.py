"""Addresses of a Mastodon server's API, and what their paths stand for.

The account's address is that of its public page, ``https://host/@name``; the API is on
the same host (docs.joinmastodon.org/client/intro).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from archiver.capture.paging import by_parameter, linked, parameter_of
from archiver.record import Request

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse

__all__ = [
    "api",
    "handle",
    "local_name",
    "next_page",
    "path_of",
    "points_further",
    "quoted",
    "refuses",
]

_PAGE = re.compile(r"/@[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*/?", re.ASCII)
"""The path of an account's page (USERNAME_RE in app/models/account.rb)."""
_CURSOR = re.compile(r"[\w.~=+/-]{1,200}", re.ASCII)


def api(site: Site, path: str, **parameters: str) -> Request:
    """Return the request for ``/api/`` + ``path`` of the account's server."""
    scheme, host, *_ = urlsplit(site.url)
    query = urlencode(parameters, safe="[]")
    return Request(urlunsplit((scheme, host, f"/api/{path}", query, "")))


def refuses(url: str) -> str:
    """Return why an address is not that of an account's public page, empty where it is."""
    path = urlsplit(url).path
    if path.startswith("/@") and "@" in path[2:]:
        return "this is another server's account: the address is that of its page on its own server"
    if _PAGE.fullmatch(path) is None or "?" in url:
        return "an account's address on Mastodon ends in /@ and its name"
    return ""


def quoted(native_id: str) -> str:
    """Return an id as one segment of a path."""
    return quote(native_id, safe="")


def handle(site: Site) -> str:
    """Return the account's name on its server, in lower case, without the ``@``."""
    return urlsplit(site.url).path.rstrip("/").rpartition("/")[2].removeprefix("@").lower()


def local_name(acct: str) -> str:
    """Return an account's name as `handle` gives it; others' servers stay in it."""
    return acct.lower()


def path_of(url: str) -> tuple[str, ...]:
    """Return the segments of an address's path after ``/api/v1/`` or ``/api/v2/``."""
    try:
        segments = urlsplit(url).path.split("/")
    except ValueError:
        return ()
    return tuple(segments[3:]) if segments[1:2] == ["api"] else ()


def next_page(url: str, response: HttpResponse) -> Request | None:
    """Return the request for the page that the server calls next, None on the last.

    Only ``max_id`` is taken from the ``Link`` header: it is not always an id of what is
    listed, and the address beside it may name another host.
    """
    cursor = parameter_of(linked(response), "max_id")
    return by_parameter(url, "max_id", cursor, safe="[]") if _CURSOR.fullmatch(cursor) else None


def points_further(response: HttpResponse) -> bool:
    """Say whether the server names a next page, in whatever form."""
    return bool(linked(response))
