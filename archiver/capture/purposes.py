"""What a request is for: stored with its exchange, so that settling can read it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Listing
from archiver.capture.reading import Ask
from archiver.capture.standing import CREDENTIAL
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Connector, Follow, Site
    from archiver.capture.known import Known, Thing

__all__ = ["ask_direct", "ask_file", "ask_known", "ask_page", "ask_standing", "name_of"]


def ask_page(listing: Listing, request: Request, number: str, page: int) -> Ask:
    """Return the request for a page of a listing in the pass of that number."""
    purpose = {**_purpose(listing, "listing"), "pass": number, "page": str(page)}
    purpose |= {"carried": request.carried} if request.carried else {}
    return Ask(request, purpose | ({"listen": "yes"} if request.listen else {}))


def ask_direct(listing: Listing, request: Request, thing: Thing) -> Ask:
    """Return the request for one thing itself; ``listing`` is one that should show it."""
    stream, native_id = thing
    purpose = {**_purpose(listing, "direct"), "pass": "1", "native_id": native_id}
    return Ask(request, {**purpose, "stream": stream})


def ask_file(follow: Follow) -> Ask:
    """Return the request for a file that an item names."""
    if follow.request is None:
        raise ValueError("a follow of role file carries its request")
    ask = _ask_file((follow.stream, follow.native_id), follow.sensitivity, follow.request)
    stated = {} if follow.size is None else {"size": str(follow.size)}
    return Ask(ask.request, {**ask.purpose, **stated})


def ask_known(connector: Connector, site: Site, known: Known, thing: Thing) -> Ask | None:
    """Return the request for a known thing itself, a file at the address where it was.

    None where the platform can't be asked for it. Its listing is the one that showed it,
    as far as its group tells of that.
    """
    record = known.get(thing)
    if record is None:
        return None
    if record.address:
        return _ask_file(thing, record.sensitivity, Request(record.address))
    request = connector.direct(site, *thing)
    name, group, who = record.group or thing[0], record.group, record.sensitivity
    listing = Listing(name, thing[0], Request(""), who, group, exhaustive=False)
    return ask_direct(listing, request, thing) if request else None


def ask_standing(request: Request) -> Ask:
    """Return the request for what a platform says of our login."""
    listing = Listing(
        CREDENTIAL, Stream.PROFILE, request, Sensitivity.PRIVATE, CREDENTIAL, exhaustive=False
    )
    return Ask(request, _purpose(listing, CREDENTIAL))


def name_of(follow: Follow) -> str:
    """Return what a follow asks for, by name."""
    return f"{follow.stream} {follow.native_id}" if follow.listing is None else follow.listing.name


def _purpose(listing: Listing, role: str) -> dict[str, str]:
    return {
        "role": role,
        "listing": listing.name,
        "stream": listing.stream,
        "group": listing.group,
        "sensitivity": listing.sensitivity,
        "exhaustive": "yes" if listing.exhaustive else "no",
    }


def _ask_file(thing: Thing, sensitivity: str, request: Request) -> Ask:
    stream, native_id = thing
    return Ask(
        request,
        {"role": "file", "stream": stream, "native_id": native_id, "sensitivity": sensitivity},
    )
