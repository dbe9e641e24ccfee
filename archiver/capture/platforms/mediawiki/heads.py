"""What cutting needs to know of an item: its ids, and where to find it on the web."""

from __future__ import annotations

import msgspec

from archiver.capture.platforms.mediawiki.follows import LogEntry
from archiver.capture.platforms.mediawiki.listings import NAMESPACES
from archiver.formats.excerpts_json import UNREADABLE
from archiver.header_text import is_plain

__all__ = ["Head", "anybody_reads", "entry", "file_id", "namespaces", "read"]

_MOST_NAMESPACES = 500


class Head(msgspec.Struct):
    """The ids of any item; each kind of item has some of them."""

    pageid: int | None = None
    lastrevid: int | None = None
    revid: int | None = None
    userid: int | None = None
    missing: bool = False
    size: int | str | None = None
    title: str = ""
    timestamp: str = ""
    url: str = ""
    fullurl: str = ""
    descriptionurl: str = ""


class _Namespace(msgspec.Struct):
    id: int


class _Namespaces(msgspec.Struct):
    namespaces: dict[str, _Namespace] = msgspec.field(default_factory=dict)


class _Group(msgspec.Struct):
    name: str
    rights: list[str] = msgspec.field(default_factory=list)


_HEAD = msgspec.json.Decoder(Head)
_ENTRY = msgspec.json.Decoder(LogEntry)
_NAMESPACES = msgspec.json.Decoder(_Namespaces)
_GROUPS = msgspec.json.Decoder(list[_Group])


def read(body: bytes, cut: tuple[int, int]) -> Head | None:
    """Return the head of an item, None where it is not what the API documents."""
    try:
        return _HEAD.decode(memoryview(body)[slice(*cut)])
    except UNREADABLE:
        return None


def entry(body: bytes, cut: tuple[int, int]) -> LogEntry | None:
    """Return what a log entry says that decides what to ask next; None where it is none."""
    try:
        return _ENTRY.decode(body[slice(*cut)])
    except UNREADABLE:
        return None


def file_id(page: Head | None, version: Head | None) -> str:
    """Return ``NAME/TIME`` of a file's version, empty where it has none.

    A file has no number: its name and the time of the upload name a version before and
    after a newer one, a deletion and a restoration.
    """
    if page is None or version is None:
        return ""
    name = page.title.partition(":")[2]
    native_id = f"{name}/{version.timestamp}"
    fit = name and version.timestamp and "/" not in name and is_plain(native_id)
    return native_id if fit else ""


def anybody_reads(groups: bytes) -> bool:
    """Say whether the group ``*``, everybody, has the right to read (Manual:User rights)."""
    try:
        found = _GROUPS.decode(groups)
    except UNREADABLE:
        return False
    return any(group.name == "*" and "read" in group.rights for group in found)


def namespaces(query: bytes) -> list[int]:
    """Return the numbers of namespaces for pages that not every wiki has, in order."""
    try:
        found = _NAMESPACES.decode(query).namespaces.values()
    except UNREADABLE:
        return []
    more = {one.id for one in found if one.id >= 0} - set(NAMESPACES)
    return sorted(more)[:_MOST_NAMESPACES]
