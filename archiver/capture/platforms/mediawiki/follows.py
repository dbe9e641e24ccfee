"""What a thing found makes worth asking for: a file's bytes, what a log entry tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Follow
from archiver.capture.platforms.mediawiki import elsewhere, listings, logs
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
    target_title: str = ""
    dest_title: str = ""
    newuser: str = ""


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
    """Return the request for a file's bytes, where it lies on the wiki's own host.

    Where it does not, every run asks the wiki where its files lie, and says that these are
    not fetched.
    """
    if not url:
        return ()
    if not same_site(url, site.url):
        return (elsewhere.asked(site, url),)
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

    Moves of pages and protections make a revision of their own and need nothing.
    """
    if not entry.title or not str(entry.logid).isdecimal():
        return ()
    if entry.type in _USER_LOGS:
        return _user(site, entry)
    if entry.type in {"import", "merge"} or entry.action == "restore":
        return _reappeared(site, entry)
    if entry.type == "move" and entry.ns == _FILE_NAMESPACE:
        return _moved(site, entry)
    if entry.type in {"delete", "suppress"}:
        return _gone(site, entry)
    return ()


def _user(site: Site, entry: LogEntry) -> tuple[Follow, ...]:
    """Follow a change of an account, under the name that it has now."""
    name = _params(entry).newuser or entry.title.partition(":")[2]
    return (_listing(listings.user_by_name(site, str(entry.logid), name)),) if name else ()


def _reappeared(site: Site, entry: LogEntry) -> tuple[Follow, ...]:
    """Follow pages that have got revisions: of a merge both, the one it was made of as well."""
    number, title = str(entry.logid), entry.title
    found = [*_page(site, number, title)]
    if entry.ns == _FILE_NAMESPACE:
        found.append(_listing(listings.files_by_title(site, number, title)))
    into = _params(entry).dest_title
    return (*found, *_page(site, f"{number} target", into)) if into else tuple(found)


def _page(site: Site, number: str, title: str) -> tuple[Follow, ...]:
    return (
        _listing(listings.pages_by_title(site, number, title)),
        _listing(listings.revisions_by_title(site, number, title)),
    )


def _moved(site: Site, entry: LogEntry) -> tuple[Follow, ...]:
    """Follow a file to its new name; under the old one there may be a redirect, or nothing."""
    number = str(entry.logid)
    titles = {number: entry.title, f"{number} target": _params(entry).target_title}
    return tuple(
        _listing(listings.files_by_title(site, name, title))
        for name, title in titles.items()
        if title
    )


def _gone(site: Site, entry: LogEntry) -> tuple[Follow, ...]:
    """Follow a deletion of a page, of a file's versions, or of parts of revisions or entries."""
    number, title = str(entry.logid), entry.title
    if entry.action == "event":
        return (_listing(logs.again(site, number, title)),)
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
    params = _params(entry)
    number = str(entry.logid)
    if params.type == "oldimage":
        return (_listing(listings.files_by_title(site, number, entry.title)),)
    if params.type in {"revision", "archive"} and 0 < len(params.ids) <= _MANY:
        ids = "|".join(map(str, params.ids))
        return (_listing(listings.revisions_by_id(site, number, ids)),)
    return (_listing(listings.revisions_by_title(site, number, entry.title)),)


def _params(entry: LogEntry) -> _Params:
    try:
        return _PARAMS.decode(entry.params)
    except UNREADABLE:
        return _Params()


def _listing(listing: Listing) -> Follow:
    return Follow("listing", listing.stream, listing=listing)
