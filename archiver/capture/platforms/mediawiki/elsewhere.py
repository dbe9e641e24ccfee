"""Files that lie on another host than the wiki: they are not fetched, and each run says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.capture.connector import Claim, Follow, Listing, Page, Problem
from archiver.capture.platforms.mediawiki.requests import query
from archiver.capture.urls import web_address
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["asked", "is_elsewhere", "split"]

_NAME = "files-elsewhere "
_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}", re.ASCII)
_LONGEST_VALUE = 2000


def asked(site: Site, url: str) -> Follow:
    """Return the question where the wiki's files lie (API:Filerepoinfo).

    Nothing known is ever in the group of this listing: it only says what is withheld.
    """
    host = urlsplit(web_address(url)).netloc
    name = f"{_NAME}{host if _HOST.fullmatch(host) else 'another place'}"
    request = query(site, meta="filerepoinfo", friprop="name|displayname|local|rootUrl")
    listing = Listing(name, Stream.MEDIA, request, Sensitivity.PUBLIC, group=name)
    return Follow("listing", Stream.MEDIA, listing=listing, always=True)


def is_elsewhere(listing: Listing) -> bool:
    """Say whether a listing is that question."""
    return listing.name.startswith(_NAME)


def split(listing: Listing, body: bytes) -> Page:
    """Keep the answer as a value, and say what is not fetched."""
    said = body[:_LONGEST_VALUE].decode("utf-8", "replace")
    host = listing.name.removeprefix(_NAME)
    message = f"files that lie on {host}, not on the wiki's own host, are not fetched"
    claim = Claim("repositories", 0, len(body), said)
    return Page(claims=(claim,), problem=Problem("withheld", message))
