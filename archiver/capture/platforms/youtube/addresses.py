"""Addresses of a channel, of the API that tells of it, and of pushed events.

An account's address is that of its channel: ``https://www.youtube.com/@name`` or
``https://www.youtube.com/channel/UC…``. The API of the real YouTube has its own host; any
other host (a stand-in) answers for itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode, urlsplit

from archiver.capture.urls import same_origin
from archiver.record import Request

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = [
    "api",
    "caption_file",
    "channel_of",
    "handle_of",
    "is_thumbnail",
    "method_of",
    "origin",
    "refuses",
    "token_endpoint",
    "topic",
    "watch_page",
]

_YOUTUBE = frozenset({"www.youtube.com", "youtube.com", "m.youtube.com"})
_API = "https://www.googleapis.com"
_TOKENS = "https://oauth2.googleapis.com/token"
_BASE = "/youtube/v3/"
_CHANNEL = re.compile(r"/channel/(UC[A-Za-z0-9_-]{22})/?", re.ASCII)
_HANDLE = re.compile(r"/@([^/@?#]{1,300})/?")
_NAMED = re.compile(r"/(?:c|user)/")
_PICTURES = (".ytimg.com", ".ggpht.com", ".googleusercontent.com")
"""Hosts on which YouTube keeps pictures."""


def refuses(url: str) -> str:
    """Return why an address is not that of a channel, empty where it is."""
    parts = urlsplit(url)
    if _NAMED.match(parts.path):
        return "a channel's address has its handle, /@name, or its id, /channel/UC…: take one"
    found = _CHANNEL.fullmatch(parts.path) or _HANDLE.fullmatch(parts.path)
    if found is None or "?" in url:
        return (
            "a channel's address on YouTube ends in /@ and its handle, or in /channel/ and its id"
        )
    return ""


def channel_of(site: Site) -> str:
    """Return the channel's id, empty where its address has the handle instead."""
    found = _CHANNEL.fullmatch(urlsplit(site.url).path)
    return found[1] if found else ""


def handle_of(site: Site) -> str:
    """Return the channel's handle in lower case, without the ``@``; empty without one."""
    found = _HANDLE.fullmatch(urlsplit(site.url).path)
    return unquote(found[1]).lower() if found else ""


def origin(site: Site) -> str:
    """Return where the account's API is, as ``https://host``."""
    parts = urlsplit(site.url)
    return _API if parts.hostname in _YOUTUBE else f"{parts.scheme}://{parts.netloc}"


def token_endpoint(site: Site) -> str:
    """Return where access tokens come from (Google's OAuth 2.0 for server-side apps)."""
    return _TOKENS if origin(site) == _API else f"{origin(site)}/token"


def api(site: Site, method: str, **parameters: str) -> Request:
    """Return the request for a method of the API; ids and commas stay as they are."""
    return Request(f"{origin(site)}{_BASE}{method}?{urlencode(parameters, safe=',')}")


def caption_file(site: Site, track: str) -> Request:
    """Return the request for a caption track in its own format (captions.download)."""
    return Request(f"{origin(site)}{_BASE}captions/{quote(track, safe='')}")


def method_of(url: str) -> str:
    """Return the method that an address asks, such as ``videos`` or ``liveChat/messages``."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return path.removeprefix(_BASE) if path.startswith(_BASE) else ""


def topic(channel: str) -> str:
    """Return the topic of a channel's pushed events (guides/push_notifications)."""
    return f"https://www.youtube.com/xml/feeds/videos.xml?channel_id={channel}"


def watch_page(video: str, comment: str = "") -> str:
    """Return the address of a video's page, with a comment at its head."""
    about = {"v": video, **({"lc": comment} if comment else {})}
    return f"https://www.youtube.com/watch?{urlencode(about)}"


def is_thumbnail(url: str, site: Site) -> bool:
    """Say whether a picture may be fetched: from YouTube's hosts by https, or the stand-in's."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    youtubes = parts.scheme == "https" and port is None and host.endswith(_PICTURES)
    return (youtubes and "@" not in parts.netloc) or same_origin(url, origin(site))
