"""Addresses: of an account's server, of XRPC methods, of things in the network.

Sources: atproto.com/specs/xrpc, /specs/at-uri-scheme, /specs/did.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from archiver.capture.connector import Site

__all__ = [
    "AtUri",
    "actor_of",
    "at_uri",
    "is_did",
    "nsid_of",
    "parameter",
    "refuses",
    "with_cursor",
    "xrpc",
]

_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,2000}", re.ASCII)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HANDLE = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
"""atproto.com/specs/handle."""
_VIEWERS = ("bsky.app", "www.bsky.app")
"""Where people look at accounts of all servers."""
_AT = re.compile(r"at://(did:[^/]+)/([A-Za-z0-9.-]{1,317})/([A-Za-z0-9._~:-]{1,512})", re.ASCII)
_CURSOR = re.compile(r"[!-~]{1,2000}", re.ASCII)


class AtUri(NamedTuple):
    """A record's address: the repository's DID, the collection's NSID, the record key."""

    did: str
    collection: str
    rkey: str


def at_uri(text: str) -> AtUri | None:
    """Return the parts of a record's address, or None where it is none."""
    found = _AT.fullmatch(text)
    return AtUri(*found.groups()) if found and is_did(found[1]) else None


def is_did(text: str) -> bool:
    """Say whether a text is a DID."""
    return _DID.fullmatch(text) is not None


def refuses(url: str) -> str:
    """Return why an address names no account on its own server, empty where it does."""
    host, path = urlsplit(url).hostname, _parts(url)[1]
    before, mark, actor = path.partition("/profile/")
    actor = unquote(actor.rstrip("/")).removeprefix("@")
    if before or not mark or "?" in url:
        return "an account's address on Bluesky ends in /profile/ and its handle or DID"
    if host in _VIEWERS:
        return f"{host} shows accounts but holds none: the address needs the account's own server"
    if not is_did(actor) and (_HANDLE.fullmatch(actor) is None or len(actor) > 253):  # noqa: PLR2004 - as specified
        return "what stands after /profile/ is neither a handle nor a DID"
    return ""


def actor_of(site: Site) -> str:
    """Return the DID or handle that an account's address names, empty where it names none."""
    before, mark, actor = _parts(site.url)[1].partition("/profile/")
    return unquote(actor.strip("/")).removeprefix("@") if mark and not before else ""


def xrpc(site: Site, nsid: str, **parameters: str) -> str:
    """Return the address of a query on the account's own server."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{_parts(site.url)[0]}/xrpc/{nsid}{query}"


def nsid_of(url: str) -> str:
    """Return the name of the method that an address asks, empty where it asks none."""
    before, mark, nsid = _parts(url)[1].partition("/xrpc/")
    return nsid if mark and not before else ""


def parameter(url: str, name: str) -> str:
    """Return the first value of a query parameter, empty where it is not there."""
    return next((value for key, value in _query(url) if key == name), "")


def with_cursor(site: Site, url: str, cursor: str) -> str:
    """Return the address of the page at ``cursor``, on the account's own server.

    Empty where the cursor can be none. Whatever host answered, it is not asked again.
    """
    if _CURSOR.fullmatch(cursor) is None:
        return ""
    parameters = [(key, value) for key, value in _query(url) if key != "cursor"]
    query = urlencode([*parameters, ("cursor", cursor)])
    return f"{_parts(site.url)[0]}/xrpc/{nsid_of(url)}?{query}"


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query)
    except ValueError:
        return []


def _parts(url: str) -> tuple[str, str]:
    """Return the origin and the path of an address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return f"{parts.scheme}://{parts.netloc}", parts.path
