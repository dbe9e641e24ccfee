"""What to ask a homeserver: addresses, listings, single events, files.

An account's address is that of the homeserver with the user's id as its last part:
``https://matrix.city.example/@city:city.example``. Paths: Client-Server API v1.11 on.

`/sync` is the doorbell only: it names the rooms, and the one newest event of each by its
id (``event_fields``). What was said is read from ``/messages``, newest first, so that no
event is ever seen half.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from zlib import crc32

from archiver.capture.connector import Follow, Listing
from archiver.header_text import is_plain
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = [
    "NEWEST",
    "Account",
    "Terms",
    "account_of",
    "direct",
    "event",
    "file",
    "is_event_id",
    "is_room_id",
    "is_token",
    "is_user_id",
    "listings",
    "messages",
    "next_page",
    "refuses",
    "room",
    "room_of",
    "sync",
    "unredacted",
]

NEWEST = "newest"
"""In the name of a listing: it was asked for because of news, and may stop early."""

_OF_EVENTS = (Stream.REACTIONS, Stream.SUBSCRIBERS, Stream.MODERATION)
"""What events of a room are beside messages."""

_API = "/_matrix/client/v3"
_LONGEST_WAIT = 5000  # milliseconds
_PAGE = "100"
_NOTHING = {"not_types": ["*"]}
_FILTER = json.dumps(
    {
        "event_fields": ["event_id"],
        "presence": _NOTHING,
        "account_data": {"types": ["m.direct"]},
        "room": {
            "include_leave": True,
            "timeline": {"limit": 1},
            "state": _NOTHING,
            "ephemeral": _NOTHING,
            "account_data": _NOTHING,
        },
    },
    separators=(",", ":"),
)
_SERVER = re.compile(r"(?:[A-Za-z0-9.-]{1,230}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)
"""A server's name (Matrix Specification, Appendices, Server Name)."""
_USER = re.compile(r"@[^\s:]{1,254}:\S{1,254}")
_ROOM = re.compile(r"![^\s/]{1,254}")
_EVENT = re.compile(r"\$\S{1,254}")
_MXC = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255})/([A-Za-z0-9_-]{1,255})", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,2000}", re.ASCII)
_UNREDACTED = "fi.mau.msc2815.include_unredacted_content=true"


class Account(NamedTuple):
    """A homeserver's address without a trailing slash, and the user's id (may be empty)."""

    base: str
    user: str


class Terms(NamedTuple):
    """What the name of a room's listing says.

    ``newest``: asked for because of news. ``open_since``: milliseconds since when anybody
    may read the room, without joining (history visibility ``world_readable``), or None.
    """

    room: str
    newest: bool
    open_since: int | None


def account_of(site: Site) -> Account:
    """Split an account's address; without a user id in it the user is empty."""
    return _split(site.url)


def refuses(url: str) -> str:
    """Return why an address does not name a homeserver and a user, empty where it does."""
    name, _, server = _split(url).user.partition(":")
    if "?" in url or "/" in name or _SERVER.fullmatch(server) is None:
        return (
            "an account's address on Matrix is the homeserver's with the user's id as its "
            "last part, @name:server"
        )
    return ""


def _split(url: str) -> Account:
    base, found, user = url.partition("/@")
    user = f"@{user}"
    if not found or not is_user_id(user):
        return Account(url.rstrip("/"), "")
    return Account(base.rstrip("/"), user)


def is_user_id(text: str) -> bool:
    """Say whether a text can be a user's id, fit for addresses and header lines."""
    return _USER.fullmatch(text) is not None and is_plain(text)


def is_room_id(text: str) -> bool:
    """Say whether a text can be a room's id: no white space and no slash in it."""
    return _ROOM.fullmatch(text) is not None and is_plain(text)


def is_event_id(text: str) -> bool:
    """Say whether a text can be an event's id; in room version 3 it may hold slashes."""
    return _EVENT.fullmatch(text) is not None and is_plain(text)


def is_token(text: str) -> bool:
    """Say whether a text can be a place in the order of events, fit for an address."""
    return _TOKEN.fullmatch(text) is not None


def room_of(listing: Listing) -> Terms:
    """Return what a listing's name says of the room; settling has no more than the name."""
    words = listing.name.split(" ")
    since = words[-1] if len(words) > 3 and words[-2] == "open" else ""  # noqa: PLR2004 - what, room, "open", since
    room_id = words[1] if len(words) > 1 else ""
    return Terms(room_id, NEWEST in words[2:], int(since) if since.isdecimal() else None)


def listings(site: Site, mode: str) -> tuple[Listing, ...]:
    """Return the profile and the rooms; without a login the profile alone."""
    account = account_of(site)
    profile = Listing(
        name="profile",
        stream=Stream.PROFILE,
        request=Request(f"{account.base}{_API}/profile/{_quoted(account.user)}"),
        sensitivity=Sensitivity.PUBLIC,
        group="profile",
        exhaustive=False,
    )
    if not site.authorised or not account.user:
        return (profile,)
    since = site.cursors.get("sync", "") if mode == "incremental" else ""
    since = since if is_token(since) else ""
    return profile, Listing(
        name="sync",
        stream=Stream.PROFILE,
        request=sync(site, since),
        sensitivity=Sensitivity.PRIVATE,
        group="rooms",
        exhaustive=not since,
    )


def sync(site: Site, since: str = "") -> Request:
    """Return the request for the rooms: all of them, or those with news ``since``.

    Synapse answers a full sync out of a cache for two minutes where the same one was asked
    for before. What a run after it has learnt would look undone. So each place where a run
    left off asks with a waiting time of its own, which means nothing: there is always
    something to tell at once.
    """
    last = site.cursors.get("sync", "")
    wait = 0 if since or not last else 1 + crc32(last.encode()) % _LONGEST_WAIT
    query = {"filter": _FILTER, "timeout": str(wait), "set_presence": "offline"}
    if since:
        query["since"] = since
    return Request(f"{account_of(site).base}{_API}/sync?{urlencode(query)}")


def room(site: Site, room_id: str, *, newest: bool) -> Listing:
    """Return the listing of a room's current state: the room itself and its members."""
    return Listing(
        name=f"room {room_id}{f' {NEWEST}' if newest else ''}",
        stream=Stream.SUBSCRIBERS,
        request=Request(f"{_room(site, room_id)}/state"),
        sensitivity=Sensitivity.PRIVATE,
        group=f"room {room_id}",
        shows=(Stream.PAGES,),
    )


def messages(site: Site, room_id: str, *, newest: bool, open_since: int | None) -> Listing:
    """Return the listing of all that happened in a room, newest first, to its beginning."""
    public = open_since is not None
    return Listing(
        name=f"messages {room_id}{_terms(newest=newest, open_since=open_since)}",
        stream=Stream.MESSAGES,
        request=Request(f"{_room(site, room_id)}/messages?dir=b&limit={_PAGE}"),
        sensitivity=Sensitivity.PUBLIC if public else Sensitivity.PRIVATE,
        group=f"messages {room_id}",
        newest_first=True,
        dated=True,
        shows=_OF_EVENTS,
    )


def event(site: Site, listing: Listing, event_id: str) -> Listing:
    """Return one event as a listing: what happened to it changed what it says."""
    terms = room_of(listing)
    suffix = _terms(newest=False, open_since=terms.open_since)
    return Listing(
        name=f"event {terms.room} {event_id}{suffix}",
        stream=Stream.MESSAGES,
        request=Request(f"{_room(site, terms.room)}/event/{_quoted(event_id)}"),
        sensitivity=listing.sensitivity,
        group=f"messages {terms.room}",
        exhaustive=False,
    )


def unredacted(site: Site, room_id: str, event_id: str) -> Listing:
    """Return a redacted event as moderators may read it, on servers that allow it (MSC2815)."""
    path = f"{_room(site, room_id)}/event/{_quoted(event_id)}"
    return Listing(
        name=f"unredacted {room_id} {event_id}",
        stream=Stream.MESSAGES,
        request=Request(f"{path}?{_UNREDACTED}"),
        sensitivity=Sensitivity.PRIVATE,
        group=f"unredacted {room_id}",
        exhaustive=False,
    )


def direct(site: Site, stream: str, native_id: str) -> Request | None:
    """Return the request for one event; None for what has no address of its own."""
    room_id, found, event_id = native_id.partition("/$")
    event_id = f"${event_id}"
    events = (Stream.MESSAGES, Stream.REACTIONS, Stream.SUBSCRIBERS, Stream.MODERATION)
    if not found or stream not in events or not is_room_id(room_id) or not is_event_id(event_id):
        return None
    return Request(f"{_room(site, room_id)}/event/{_quoted(event_id)}")


def next_page(listing: Listing, end: str) -> Request | None:
    """Return the request for the page before, given the token that this one ended with."""
    parts = urlsplit(listing.request.url)
    if not is_token(end) or parse_qs(parts.query).get("from") == [end]:
        return None
    path = listing.request.url.partition("?")[0]
    return Request(f"{path}?{urlencode({'dir': 'b', 'limit': _PAGE, 'from': end})}")


def file(site: Site, uri: str, sensitivity: str) -> tuple[Follow, ...]:
    """Return the file of a content URI (``mxc://server/id``), or nothing for any other."""
    found = _MXC.fullmatch(uri)
    if found is None or not site.authorised:
        return ()
    place = f"{_quoted(found[1])}/{found[2]}"
    request = Request(f"{account_of(site).base}/_matrix/client/v1/media/download/{place}")
    return (Follow("file", Stream.MEDIA, f"{found[1]}/{found[2]}", sensitivity, request),)


def _terms(*, newest: bool, open_since: int | None) -> str:
    opened = "" if open_since is None else f" open {open_since}"
    return f"{f' {NEWEST}' if newest else ''}{opened}"


def _room(site: Site, room_id: str) -> str:
    return f"{account_of(site).base}{_API}/rooms/{_quoted(room_id)}"


def _quoted(text: str) -> str:
    return quote(text, safe="")
