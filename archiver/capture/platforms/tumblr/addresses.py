"""Addresses of a blog on Tumblr, and of the API that tells of it.

An account's address is that of its blog: ``https://NAME.tumblr.com``, ``https://www.tumblr.com/NAME``,
or the blog's own host name. The API of the real Tumblr has its own host; a stand-in's address
ends in ``/standin/NAME``, and it answers for itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from archiver.capture.urls import same_origin
from archiver.record import Request

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["api", "blog", "is_picture", "method_of", "origin", "refuses", "token_endpoint"]

_API = "https://api.tumblr.com"
_SHARED = re.compile(r"/@?([A-Za-z0-9-]{1,32})/?", re.ASCII)
_STANDIN = re.compile(r"/standin/([a-z0-9-]{1,32})", re.ASCII)
_WWW = frozenset({"www.tumblr.com", "tumblr.com"})


def refuses(url: str) -> str:
    """Return why an address is not that of a blog, empty where it is."""
    parts = urlsplit(url)
    if parts.hostname in _WWW:
        good = _SHARED.fullmatch(parts.path) is not None
    else:
        good = parts.path in {"", "/"} or _STANDIN.fullmatch(parts.path) is not None
    return "" if good and "?" not in url else "a blog's address on Tumblr has its name, no more"


def blog(site: Site) -> str:
    """Return what names the blog to the API: its short name, or its host."""
    parts = urlsplit(site.url)
    found = _STANDIN.fullmatch(parts.path)
    if found is None and parts.hostname in _WWW:
        found = _SHARED.fullmatch(parts.path)
    return found[1] if found else (parts.hostname or "")


def origin(site: Site) -> str:
    """Return where the account's API is, as ``https://host``."""
    parts = urlsplit(site.url)
    return f"{parts.scheme}://{parts.netloc}" if _STANDIN.fullmatch(parts.path) else _API


def token_endpoint(site: Site) -> str:
    """Return where access tokens come from."""
    return f"{origin(site)}/v2/oauth2/token"


def api(site: Site, method: str, **parameters: str) -> Request:
    """Return the request for a method of the blog."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return Request(f"{origin(site)}/v2/blog/{blog(site)}/{method}{query}")


def method_of(url: str) -> str:
    """Return the method that an address asks, such as ``posts/queue``; empty for another's."""
    try:
        parts = urlsplit(url).path.split("/")
    except ValueError:
        return ""
    return "/".join(parts[4:]) if parts[1:3] == ["v2", "blog"] else ""


def is_picture(url: str, site: Site) -> bool:
    """Say whether a file may be fetched: from Tumblr's host of media, or the stand-in's."""
    return same_origin(url, "https://64.media.tumblr.com") or (
        origin(site) != _API and same_origin(url, origin(site))
    )
