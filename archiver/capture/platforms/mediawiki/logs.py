"""Logs: which entries anybody may read, and how to read those of one type again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Listing
from archiver.capture.platforms.mediawiki.listings import ENTRY, LOG_PROPERTIES
from archiver.capture.platforms.mediawiki.requests import query
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = ["again", "is_public"]

_PUBLIC = frozenset(
    {
        "abusefilter",
        "block",
        "contentmodel",
        "create",
        "delete",
        "gblblock",
        "import",
        "interwiki",
        "managetags",
        "merge",
        "move",
        "newusers",
        "patrol",
        "protect",
        "renameuser",
        "rights",
        "tag",
        "thanks",
        "upload",
    }
)
"""Types that MediaWiki and usual extensions show to strangers.

A wiki names no restrictions in its answers; ``suppress`` has one everywhere
(Manual:$wgLogRestrictions), logs of extensions may (``checkuser``, ``spamblacklist``), and
their entries carry no mark of it.
"""


def is_public(kind: str) -> bool:
    """Say whether entries of a log of this type are shown to strangers; unknown ones are not."""
    return kind in _PUBLIC


def again(site: Site, number: str, title: str) -> Listing:
    """Return the listing of the log of which entry ``number`` hid or showed parts.

    ``title`` is what it names, ``Special:Log/TYPE``; without a type, all logs. A single entry
    can't be asked for by its number (API:Logevents).
    """
    page, _, kind = title.partition("/")
    only = {"letype": kind} if kind and page.endswith(":Log") else {}
    request = query(
        site, list="logevents", ledir="newer", lelimit="max", leprop=LOG_PROPERTIES, **only
    )
    name = f"{ENTRY}{number} log"
    return Listing(
        name, Stream.MODERATION, request, Sensitivity.PUBLIC, group="log", exhaustive=False
    )
