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
    from archiver.capture.platforms.matrix.terms import Terms

__all__ = [
    "Account",
    "account_data",
    "account_of",
    "direct",
    "event",
    "file",
    "is_event_id",
    "is_older",
    "is_room_id",
    "is_token",
    "is_user_id",
    "listings",
    "messages",
    "next_page",
    "refuses",
    "room",
    "said_by",
    "sync",
    "unredacted",
]

_OF_EVENTS = (Stream.REACTIONS, Stream.SUBSCRIBERS, Stream.MODERATION)
"""What events of a room are beside messages."""

_API = "/_matrix/client/v3"
_LONGEST_WAIT = 5000  # milliseconds
_PAGE = "100"
_OLDER = "99"
"""Events of a page, and of one that goes on where the room's opening to everybody stands on
an earlier page: each answer is read by itself, and no other part of a request could say so."""
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


def account_data(site: Site, kind: str) -> Request:
    """Return the request for one type of what the account keeps at its homeserver."""
    account = account_of(site)
    return Request(f"{account.base}{_API}/user/{_quoted(account.user)}/account_data/{kind}")


def room(site: Site, terms: Terms) -> Listing:
    """Return the listing of a room's current state: the room itself and its members."""
    return Listing(
        name=f"room {terms}",
        stream=Stream.SUBSCRIBERS,
        request=Request(f"{_room(site, terms.room)}/state"),
        sensitivity=Sensitivity.PRIVATE,
        group=f"room {terms.room}",
        shows=(Stream.PAGES,),
    )


def messages(site: Site, terms: Terms) -> Listing:
    """Return the listing of all that happened in a room, newest first, to its beginning."""
    public = terms.open_since is not None
    return Listing(
        name=f"messages {terms}",
        stream=Stream.MESSAGES,
        request=Request(f"{_room(site, terms.room)}/messages?dir=b&limit={_PAGE}"),
        sensitivity=Sensitivity.PUBLIC if public else Sensitivity.PRIVATE,
        group=f"messages {terms.room}",
        newest_first=True,
        dated=True,
        shows=_OF_EVENTS,
    )


def said_by(site: Site, room_id: str, user: str) -> Listing:
    """Return the listing of what one person said in a room, to its beginning."""
    only = json.dumps({"senders": [user]}, separators=(",", ":"))
    query = urlencode({"dir": "b", "limit": _PAGE, "filter": only})
    return Listing(
        name=f"said {room_id} {user}",
        stream=Stream.MESSAGES,
        request=Request(f"{_room(site, room_id)}/messages?{query}"),
        sensitivity=Sensitivity.PRIVATE,
        group=f"messages {room_id}",
        exhaustive=False,
    )


def event(site: Site, room_id: str, event_id: str) -> Listing:
    """Return one event as a listing: what happened to it changed what it says.

    Private: by itself, an event does not tell whether it came before its room was opened.
    """
    return Listing(
        name=f"event {room_id} {event_id}",
        stream=Stream.MESSAGES,
        request=Request(f"{_room(site, room_id)}/event/{_quoted(event_id)}"),
        sensitivity=Sensitivity.PRIVATE,
        group=f"messages {room_id}",
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
        group=f"unredacted {room_id} {event_id}",
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


def next_page(listing: Listing, end: str, *, older: bool) -> Request | None:
    """Return the request for the page before, given the token that this one ended with.

    ``older``: the event that opened the room to everybody is on this page or a later one.
    """
    url, _, text = listing.request.url.partition("?")
    query = {name: values[0] for name, values in parse_qs(text).items()}
    if not is_token(end) or query.get("from") == end:
        return None
    query |= {"limit": _OLDER if older else _PAGE, "from": end}
    return Request(f"{url}?{urlencode(query)}")


def is_older(listing: Listing) -> bool:
    """Say whether a page's request goes on behind the event that opened the room."""
    return f"limit={_OLDER}" in urlsplit(listing.request.url).query.split("&")


def file(site: Site, uri: str, sensitivity: str) -> tuple[Follow, ...]:
    """Return the file of a content URI (``mxc://server/id``), or nothing for any other."""
    found = _MXC.fullmatch(uri)
    if found is None or not site.authorised:
        return ()
    place = f"{_quoted(found[1])}/{found[2]}"
    request = Request(f"{account_of(site).base}/_matrix/client/v1/media/download/{place}")
    return (Follow("file", Stream.MEDIA, f"{found[1]}/{found[2]}", sensitivity, request),)


def _room(site: Site, room_id: str) -> str:
    return f"{account_of(site).base}{_API}/rooms/{_quoted(room_id)}"


def _quoted(text: str) -> str:
    return quote(text, safe="")
