"""Addresses of a community on Reddit, and of the API that tells of it.

An account's address is that of its community: ``https://www.reddit.com/r/Example``. The API of
the real Reddit has its own host; any other host (a stand-in) answers for itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from archiver.capture.urls import same_origin
from archiver.record import Request

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["api", "community", "is_picture", "origin", "path_of", "refuses", "token_endpoint"]

_REDDIT = frozenset({"www.reddit.com", "reddit.com", "old.reddit.com", "new.reddit.com"})
_API = "https://oauth.reddit.com"
_TOKENS = "https://www.reddit.com/api/v1/access_token"
_COMMUNITY = re.compile(r"/r/([A-Za-z0-9_]{2,21})/?", re.ASCII)


def refuses(url: str) -> str:
    """Return why an address is not that of a community, empty where it is."""
    if _COMMUNITY.fullmatch(urlsplit(url).path) is None or "?" in url:
        return "a community's address on Reddit ends in /r/ and its name"
    return ""


def community(site: Site) -> str:
    """Return the community's name as its address has it, empty where there is none."""
    found = _COMMUNITY.fullmatch(urlsplit(site.url).path)
    return found[1] if found else ""


def origin(site: Site) -> str:
    """Return where the account's API is, as ``https://host``."""
    parts = urlsplit(site.url)
    return _API if parts.hostname in _REDDIT else f"{parts.scheme}://{parts.netloc}"


def token_endpoint(site: Site) -> str:
    """Return where access tokens come from."""
    return _TOKENS if origin(site) == _API else f"{origin(site)}/api/v1/access_token"


def api(site: Site, path: str, **parameters: str) -> Request:
    """Return the request for a path of the API; texts come unescaped (``raw_json``)."""
    return Request(f"{origin(site)}/{path}?{urlencode({**parameters, 'raw_json': '1'}, safe=',')}")


def path_of(url: str) -> str:
    """Return the path that an address asks for, without a slash at its ends."""
    try:
        return urlsplit(url).path.strip("/")
    except ValueError:
        return ""


def is_picture(url: str, site: Site) -> bool:
    """Say whether a file may be fetched: from Reddit's host of pictures, or the stand-in's."""
    return same_origin(url, "https://i.redd.it") or (
        origin(site) != _API and same_origin(url, origin(site))
    )
