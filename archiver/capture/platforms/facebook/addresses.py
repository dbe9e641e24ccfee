"""Addresses of Pages, and whether one is that of the Page a token belongs to.

A Page has a name (``/CityOfX``), in which Facebook takes neither dots nor case for a
difference, or only a number (``/profile.php?id=1``, ``/people/City-of-X/1``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Site

__all__ = ["PAGE", "is_of", "page_id", "refuses"]

PAGE = "profile"
"""The listing whose position is the Page's number (`Site.cursors`)."""

_NAME = re.compile(r"/([A-Za-z0-9.]{2,100})/?", re.ASCII)
_NUMBERED = re.compile(r"/(?:(?:people|pages)/[^/]+/|p/(?:[^/]+-)?)?([0-9]{5,30})/?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{5,30}", re.ASCII)
_NO_PAGES = frozenset({"groups", "events", "watch", "marketplace", "login", "me", "home.php"})


def refuses(url: str) -> str:
    """Return why an address is not that of a Page, empty where it is."""
    if _key(url):
        return ""
    return "a Page's address ends in its name, or in profile.php?id= and its number"


def is_of(url: str, page: Mapping[str, Any]) -> bool:
    """Tell whether the Page that a token belongs to has this address."""
    key = _key(url)
    name = page.get("username")
    known = {str(page.get("id", ""))} | ({_plain(name)} if isinstance(name, str) else set())
    return bool(key) and key in known


def page_id(site: Site) -> str:
    """Return the Page's number, where its address or an earlier run says it, else nothing."""
    key = _key(site.url)
    return key if key.isdigit() else site.cursors.get(PAGE, "")


def _key(url: str) -> str:
    """Return what an address names: a number, or a name without dots in lower case."""
    parts = urlsplit(url)
    if parts.path == "/profile.php":
        number = parse_qs(parts.query).get("id", [""])[0]
        return number if _NUMBER.fullmatch(number) else ""
    if parts.query:
        return ""
    numbered, named = _NUMBERED.fullmatch(parts.path), _NAME.fullmatch(parts.path)
    if numbered:
        return numbered[1]
    return _plain(named[1]) if named and named[1].lower() not in _NO_PAGES else ""


def _plain(name: str) -> str:
    return name.replace(".", "").lower()
