"""What the server says of one relation: whether somebody still follows, is blocked, is muted.

``GET /api/v1/accounts/relationships`` answers with one Relationship for each account that
was asked about. Suspended accounts are left out where ``with_suspended`` is not given or
not known (before 4.3; docs.joinmastodon.org/methods/accounts/#relationships).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from archiver.capture.connector import Claim, Page, Problem
from archiver.capture.platforms.mastodon.listings import RELATIONS
from archiver.formats.excerpts_json import UNREADABLE

if TYPE_CHECKING:
    from archiver.capture.connector import Listing, Site

__all__ = ["relation"]

_RELATIONSHIPS = msgspec.json.Decoder(list[dict[str, Any]])


def relation(_site: Site, listing: Listing, _path: tuple[str, ...], body: bytes) -> Page:
    """Read what the server says of the relation that a listing no longer shows.

    ``missing`` only where it says so: one Relationship, of the account that was asked
    about, whose flag is false. An answer that tells nothing of it is no word on it.
    """
    try:
        told = _RELATIONSHIPS.decode(body)
    except UNREADABLE:
        return Page(problem=Problem("schema", "an answer that is no list of relationships"))
    flag = RELATIONS.get(listing.group, "")
    ids = [str(one.get("id")) for one in told]
    if any(one != _asked(listing) for one in ids):
        return Page(problem=Problem("schema", "the relationship of somebody else"))
    if len(told) == 1 and told[0].get(flag) is False:
        return Page(problem=Problem("missing", f"200 {flag} is false"))
    return Page(claims=(Claim("relationship", 0, len(body), body.decode("utf-8", "replace")),))


def _asked(listing: Listing) -> str:
    """Return the id of the account that was asked about."""
    return parse_qs(urlsplit(listing.request.url).query).get("id[]", [""])[0]
