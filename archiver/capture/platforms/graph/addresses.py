"""Addresses of the Graph API (developers.facebook.com/docs/graph-api/overview).

An account's address is that of its public page; the API has a host of its own. A page
elsewhere than on Meta's own hosts has its API where it is itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from archiver.capture.urls import same_site, web_address
from archiver.record import Request

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["GRAPH", "VERSION", "api", "is_file_host", "is_node", "origin"]

VERSION = "v26.0"
GRAPH = "https://graph.facebook.com"
_OWN_HOSTS = ("facebook.com", "fb.com", "instagram.com")
_FILE_HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com")
"""Where Meta's platforms keep files (general knowledge; no published list was found)."""
_NODE = re.compile(r"[\w.:=+-]{1,300}", re.ASCII)


def origin(url: str) -> str:
    """Return the origin of the API for an account's address, as ``https://host``."""
    scheme, host, *_ = urlsplit(url)
    return GRAPH if _is_own(host) else f"{scheme}://{host}"


def api(site: Site, path: str, **parameters: str) -> Request:
    """Return the request for ``/v26.0/`` + ``path`` with these parameters, in their order."""
    scheme, host, *_ = urlsplit(origin(site.url))
    # The parentheses of `fields` stay readable: they need no escape (RFC 3986 section 3.4).
    query = urlencode(parameters, safe="(),{}")
    return Request(urlunsplit((scheme, host, f"/{VERSION}/{path}", query, "")))


def is_node(text: object) -> bool:
    """Say whether a value can be the id of a node: one segment of a path, as it stands."""
    return isinstance(text, str) and _NODE.fullmatch(text) is not None and text.strip(".") != ""


def is_file_host(url: str, site: Site) -> bool:
    """Say whether a file may be fetched: by https from Meta's file hosts, or the page's own."""
    if not web_address(url):
        return False
    try:
        parts = urlsplit(url)
        own, port, user = _is_own(urlsplit(site.url).netloc), parts.port, "@" in parts.netloc
    except ValueError:
        return False
    if not own:
        return same_site(url, site.url)
    host = parts.hostname or ""
    return (
        parts.scheme == "https"
        and host.endswith((*_FILE_HOSTS, ".facebook.com", ".instagram.com"))
        and port in {None, 443}
        and not user
    )


def _is_own(host: str) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in _OWN_HOSTS)
