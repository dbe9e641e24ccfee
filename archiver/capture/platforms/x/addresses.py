"""Addresses of X's API v2, and what their paths stand for (docs.x.com/x-api).

An account's address is that of its page, ``https://x.com/CityOfX``; the API is on another
host. Any other host than X's own answers for both: a stand-in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from archiver.record import Request

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = [
    "api",
    "endpoint",
    "file_allowed",
    "handle",
    "next_page",
    "origin",
    "page_of",
    "path_of",
    "quoted",
    "refuses",
]

_X = frozenset({"x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com"})
_API = "https://api.x.com"
_FILES = ".twimg.com"
_PAGE = re.compile(r"/[A-Za-z0-9_]{1,15}/?", re.ASCII)
"""The path of an account's page: a user name has at most 15 of these."""
_RESERVED = frozenset({"home", "i", "search", "settings", "explore", "messages", "notifications"})
_TOKEN = re.compile(r"[\w.~=+-]{1,1000}", re.ASCII)


def origin(site: Site) -> str:
    """Return where the API of an account is: ``https://host``."""
    parts = urlsplit(site.url)
    return _API if parts.hostname in _X else f"{parts.scheme}://{parts.netloc}"


def api(site: Site, path: str, **parameters: str) -> Request:
    """Return the request for ``/2/`` + ``path``; ``__`` in a parameter's name is a dot."""
    named = {name.replace("__", "."): value for name, value in parameters.items()}
    query = urlencode(named, safe=",:", quote_via=quote)
    return Request(f"{origin(site)}/2/{path}" + (f"?{query}" if query else ""))


def refuses(url: str) -> str:
    """Return why an address is not that of an account's page, empty where it is."""
    parts = urlsplit(url)
    if _PAGE.fullmatch(parts.path) is None or "?" in url:
        return "an account's address on X ends in its user name, without the @"
    if parts.path.strip("/").lower() in _RESERVED:
        return "this is a page of X's own, not that of an account"
    return ""


def quoted(native_id: str) -> str:
    """Return an id as one segment of a path."""
    return quote(native_id, safe="")


def handle(site: Site) -> str:
    """Return the account's user name, in lower case."""
    return urlsplit(site.url).path.strip("/").lower()


def page_of(site: Site, username: str, post: str) -> str:
    """Return the address at which a post is shown to people."""
    parts = urlsplit(site.url)
    return f"{parts.scheme}://{parts.netloc}/{quoted(username or 'i')}/status/{quoted(post)}"


def path_of(url: str) -> tuple[str, ...]:
    """Return the segments of an address's path after ``/2/``."""
    try:
        segments = urlsplit(url).path.split("/")
    except ValueError:
        return ()
    return tuple(segments[2:]) if segments[1:2] == ["2"] else ()


def endpoint(url: str) -> str:
    """Return the path of an address with ``:id`` for each id, empty for what is not the API's.

    X counts requests for each of these (docs.x.com/x-api/fundamentals/rate-limits).
    """
    return "/".join(":id" if one.isdigit() else one for one in path_of(url))


def next_page(url: str, token: str) -> Request | None:
    """Return the request for the page after that of ``url``; None for a token that is none.

    A search calls the parameter ``next_token``, all else ``pagination_token``.
    """
    if _TOKEN.fullmatch(token) is None:
        return None
    scheme, host, path, query, _ = urlsplit(url)
    name = "next_token" if "search" in path_of(url) else "pagination_token"
    kept = [(one, value) for one, value in parse_qsl(query) if one != name]
    query = urlencode([*kept, (name, token)], safe=",:", quote_via=quote)
    return Request(urlunsplit((scheme, host, path, query, "")))


def file_allowed(site: Site, url: str) -> bool:
    """Say whether a file may be fetched: by https from X's own hosts, or from a stand-in."""
    try:
        there, here = urlsplit(url), urlsplit(site.url)
        port = there.port
    except ValueError:
        return False
    if here.hostname not in _X:
        return (there.scheme, there.netloc) == (here.scheme, here.netloc)
    host = there.hostname or ""
    return there.scheme == "https" and host.endswith(_FILES) and port is None and not there.username
