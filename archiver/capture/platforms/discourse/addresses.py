"""Addresses of a Discourse forum: the account's is that of its front page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from archiver.record import Request

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["base", "get", "path_of", "refuses", "segment"]

_INSIDE = re.compile(r"/(?:t|c|u|g|tag|latest|categories|admin)(?:/.*|\.json)?/?$")


def refuses(url: str) -> str:
    """Return why an address is not that of a forum's front page, empty where it is."""
    inside = _INSIDE.search(urlsplit(url).path)
    if inside or "?" in url:
        what = inside[0] if inside else "?"
        return f"the address of a forum is that of its front page, without {what}"
    return ""


def base(site: Site) -> str:
    """Return the forum's address without a slash at its end."""
    return site.url.rstrip("/")


def segment(text: str) -> str:
    """Return a text as one segment of a path."""
    return quote(text, safe="")


def get(site: Site, path: str, **parameters: str) -> Request:
    """Return the request for an address below the forum's."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return Request(f"{base(site)}/{path}{query}")


def path_of(site: Site, url: str) -> str:
    """Return the path of an address below the forum's, empty where it is not below it."""
    start = f"{base(site)}/"
    return url[len(start) :].partition("?")[0] if url.startswith(start) else ""
