"""Addresses of a blog on Blogger, and of the API that tells of it.

An account's address is that of its blog: ``https://NAME.blogspot.com``, or the city's own host
name. The API of the real Blogger has its own host; on any other host than a blog's it is a
stand-in, whose address has ``/blogger`` at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from archiver.record import Request

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["api", "method_of", "origin", "refuses", "token_endpoint"]

_API = "https://blogger.googleapis.com"
_TOKENS = "https://oauth2.googleapis.com/token"
_BASE = "/v3/"
_STANDIN = "/standin/blog"


def refuses(url: str) -> str:
    """Return why an address is not that of a blog, empty where it is."""
    parts = urlsplit(url)
    if parts.hostname in {"www.blogger.com", "blogger.com", "draft.blogger.com"}:
        return "that is where a blog is written: its own address is wanted"
    if "?" in url or parts.path.rstrip("/") not in {"", _STANDIN}:
        return "the address of a blog is that of its front page, without what follows the host"
    return ""


def origin(site: Site) -> str:
    """Return where the account's API is, as ``https://host``."""
    parts = urlsplit(site.url)
    standin = parts.path.rstrip("/") == _STANDIN
    return f"{parts.scheme}://{parts.netloc}" if standin else _API


def token_endpoint(site: Site) -> str:
    """Return where access tokens come from (Google's OAuth 2.0 for server-side apps)."""
    return _TOKENS if origin(site) == _API else f"{origin(site)}/token"


def api(site: Site, method: str, *status: str, **parameters: str) -> Request:
    """Return the request for a method of the API; ``status`` is repeated, as the API has it."""
    query = urlencode([*parameters.items(), *(("status", one) for one in status)])
    return Request(f"{origin(site)}{_BASE}{method}{'?' if query else ''}{query}")


def method_of(url: str) -> str:
    """Return what an address asks, such as ``blogs/1/posts``; empty for another's."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return path.removeprefix(_BASE) if path.startswith(_BASE) else ""
