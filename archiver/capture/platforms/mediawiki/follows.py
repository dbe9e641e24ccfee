"""What a thing found makes worth asking for: a file's bytes, what a log entry tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Follow
from archiver.capture.platforms.mediawiki import listings
from archiver.capture.urls import same_site
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Request, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Listing, Site

__all__ = ["LogEntry", "after_entry", "file_of", "more_namespaces"]

_FILE_NAMESPACE = 6
_USER_LOGS = frozenset({"newusers", "block", "rights", "renameuser", "gblblock"})
_MANY = 50
"""Revisions that one request may name (500 with high limits)."""


class _Params(msgspec.Struct):
    type: str = ""
    ids: list[int] = msgspec.field(default_factory=list)


class LogEntry(msgspec.Struct):
    """What a log entry must say to be followed."""

    logid: int | str
    type: str = ""
    action: str = ""
    ns: int = 0
    title: str = ""
    params: msgspec.Raw = msgspec.Raw(b"{}")


_PARAMS = msgspec.json.Decoder(_Params)


def file_of(
    site: Site, native_id: str, url: str, sensitivity: str, size: object
) -> tuple[Follow, ...]:
    """Return the request for a file's bytes, where it lies on the wiki's own host."""
    if not same_site(url, site.url):
        return ()
    name, request = f"{native_id}/file", Request(url)
    size = size if isinstance(size, int) else None
    return (Follow("file", Stream.MEDIA, name, sensitivity, request, size=size),)


def more_namespaces(site: Site, numbers: list[int]) -> tuple[Follow, ...]:
    """Return the pages of namespaces that this run does not list anyway."""
    known = {*map(str, listings.NAMESPACES), *site.cursors.get("profile", "").split()}
    new = (number for number in numbers if str(number) not in known)
    return tuple(_listing(listings.pages_of(site, number, exhaustive=False)) for number in new)


def after_entry(site: Site, entry: LogEntry) -> tuple[Follow, ...]:
    """Return what to ask because of a new log entry: what it changed shows nowhere else.

    Moves and protections make a revision of their own and need nothing.
    """
    number, title = str(entry.logid), entry.title
    if not title or not number.isdecimal():
        return ()
    if entry.type in _USER_LOGS:
        name = title.partition(":")[2]
        return (_listing(listings.user_by_name(site, number, name)),) if name else ()
    if entry.type in {"import", "merge"} or entry.action == "restore":
        return _reappeared(site, entry)
    if entry.type in {"delete", "suppress"}:
        return _gone(site, entry)
    return ()


def _reappeared(site: Site, entry: LogEntry) -> tuple[Follow, ...]:
    number, title = str(entry.logid), entry.title
    asked = [
        listings.pages_by_title(site, number, title),
        listings.revisions_by_title(site, number, title),
    ]
    if entry.ns == _FILE_NAMESPACE:
        asked.append(listings.files_by_title(site, number, title))
    return tuple(map(_listing, asked))


def _gone(site: Site, entry: LogEntry) -> tuple[Follow, ...]:
    """Follow a deletion of a page, of a file's versions, or of parts of revisions."""
    number, title = str(entry.logid), entry.title
    if entry.action == "revision":
        return _hidden(site, entry)
    if not site.authorised or not entry.action.startswith("delete"):
        return ()
    asked = [listings.deleted_by_title(site, number, title)]
    if entry.ns == _FILE_NAMESPACE:
        name = title.partition(":")[2]
        asked.append(listings.filearchive_by_name(site, number, name))
    return tuple(map(_listing, asked))


def _hidden(site: Site, entry: LogEntry) -> tuple[Follow, ...]:
    """Follow the hiding, or showing again, of parts of revisions or of file versions."""
    try:
        params = _PARAMS.decode(entry.params)
    except UNREADABLE:
        params = _Params()
    number = str(entry.logid)
    if params.type == "oldimage":
        return (_listing(listings.files_by_title(site, number, entry.title)),)
    if params.type in {"revision", "archive"} and 0 < len(params.ids) <= _MANY:
        ids = "|".join(map(str, params.ids))
        return (_listing(listings.revisions_by_id(site, number, ids)),)
    return (_listing(listings.revisions_by_title(site, number, entry.title)),)


def _listing(listing: Listing) -> Follow:
    return Follow("listing", listing.stream, listing=listing)
