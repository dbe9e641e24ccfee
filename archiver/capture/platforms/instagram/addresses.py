"""Addresses of Instagram accounts: ``https://www.instagram.com/name``."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["ACCOUNT", "name_of", "refuses"]

ACCOUNT = "profile"
"""The listing whose position is the account's number (`Site.cursors`)."""

_NAME = re.compile(r"/([A-Za-z0-9._]{1,30})/?", re.ASCII)
_NO_ACCOUNTS = frozenset(
    {"p", "reel", "reels", "explore", "accounts", "stories", "direct", "about"}
)


def refuses(url: str) -> str:
    """Return why an address is not that of an account, empty where it is."""
    return "" if name_of(url) else "an account's address on Instagram ends in its name"


def name_of(url: str) -> str:
    """Return the account's name, in lower case; empty where the address has none."""
    parts = urlsplit(url)
    found = _NAME.fullmatch(parts.path)
    name = found[1].lower() if found and not parts.query else ""
    return "" if name in _NO_ACCOUNTS or not name.strip(".") else name
