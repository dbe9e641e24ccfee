"""Whom the account ignores: a homeserver shows nothing of what they say (Ignoring Users).

The list is account data of the type ``m.ignored_user_list``. It is asked for in every run,
and where it names anybody, so is a listing that can only say what is not shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture.connector import Claim, Follow, Item, Listing, Page, Problem, Span
from archiver.capture.platforms.matrix.answers import error_of
from archiver.capture.platforms.matrix.requests import account_data, account_of
from archiver.formats.excerpts_json import UNREADABLE
from archiver.record import Kind, Sensitivity, Stream

if TYPE_CHECKING:
    from archiver.capture.connector import Site
    from archiver.formats.http1 import HttpResponse

__all__ = ["IGNORED", "UNSHOWN", "listing", "none_set", "split"]

IGNORED = "m.ignored_user_list"
UNSHOWN = "ignored-people"
_NOT_FOUND = 404


class _List(msgspec.Struct):
    ignored_users: dict[str, msgspec.Raw]


_LIST = msgspec.json.Decoder(_List)


def listing(site: Site) -> Listing:
    """Return the request for the list."""
    return _listing(site, "ignored", Stream.MODERATION)


def none_set(response: HttpResponse) -> bool:
    """Say whether the homeserver answers that the account never ignored anybody."""
    return response.status == _NOT_FOUND and error_of(response.body) == "M_NOT_FOUND"


def split(site: Site, asked: Listing, response: HttpResponse) -> Page:
    """Cut the list, a private item of the account's; or say what is not shown because of it."""
    body = response.body
    try:
        people = len(_LIST.decode(body.removeprefix(b"\xef\xbb\xbf")).ignored_users)
    except UNREADABLE:
        return Page(problem=Problem("schema", "this is no list of ignored people"))
    if asked.name.startswith(UNSHOWN):
        claim = Claim("ignored people", 0, len(body), str(people))
        said = f"what {people} ignored people say is not shown to the account"
        return Page(claims=(claim,), problem=Problem("withheld", said))
    unshown = Follow("listing", Stream.MESSAGES, listing=_unshown(site), always=True)
    start = len(body) - len(body.removeprefix(b"\xef\xbb\xbf"))
    item = Item(
        stream=Stream.MODERATION,
        native_id=f"{account_of(site).user}/{IGNORED}",
        kind=Kind.PRESENT,
        sensitivity=Sensitivity.PRIVATE,
        spans=(Span("item", start, len(body)),),
        content_type="application/json",
        follow=(unshown,) if people else (),
    )
    return Page((item,))


def _unshown(site: Site) -> Listing:
    """Return the same question under another name: nothing known is ever in its group."""
    return _listing(site, UNSHOWN, Stream.MESSAGES)


def _listing(site: Site, name: str, stream: Stream) -> Listing:
    request = account_data(site, IGNORED)
    return Listing(name, stream, request, Sensitivity.PRIVATE, group=name)
