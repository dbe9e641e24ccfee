"""Admin webhooks: what a server's administrators have it send.

Source: docs.joinmastodon.org/admin/webhooks and app/workers/webhooks. An event is
``{"event": …, "created_at": …, "object": …}``, signed over the body with HMAC-SHA-256
by the webhook's own secret. It tells of everybody on the server: of statuses only the account's
own and those that name it may be stored, of reports and sign-ups nothing. No event tells of
a deletion: that is left to the stream and to listings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archiver.capture import signatures
from archiver.capture.connector import Claim, Listing, Page, Problem
from archiver.capture.platforms.mastodon.addresses import handle
from archiver.capture.platforms.mastodon.events import concerns, event_status
from archiver.formats.excerpts_json import UNREADABLE, json_members
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.capture.connector import Site
    from archiver.capture.delivery import Delivery, Rejected, Verified
    from archiver.formats.http1 import HttpResponse

__all__ = ["FIELDS", "NAME", "deliveries", "may_keep", "sent", "verified"]

NAME = "deliveries"
FIELDS = ("webhook_secret",)
_STATUSES = frozenset({"status.created", "status.updated"})


class _Event(msgspec.Struct):
    event: str
    object: msgspec.Raw


_EVENT = msgspec.json.Decoder(_Event)


def deliveries(site: Site) -> Listing:
    """Return the listing under which an event is cut."""
    where = Request(site.url)
    return Listing(NAME, Stream.COMMENTS, where, Sensitivity.PRIVATE, NAME, exhaustive=False)


def verified(delivery: Delivery, secrets: Mapping[str, str], now: datetime) -> Verified | Rejected:
    """Say whether an event is our server's. It has no time that is signed."""
    return signatures.check(signatures.MASTODON, delivery, secrets.values(), now)


def may_keep(site: Site, delivery: Delivery) -> bool:
    """Say whether an event tells of the account; what can't be read may."""
    try:
        event = _EVENT.decode(delivery.body)
    except UNREADABLE:
        return True
    return event.event in _STATUSES and concerns(handle(site), bytes(event.object))


def sent(site: Site, listing: Listing, response: HttpResponse) -> Page:
    """Cut an event into the status it tells of."""
    body = response.body
    try:
        event = _EVENT.decode(body).event
    except UNREADABLE:
        return Page(problem=Problem("schema", "not an event of Mastodon's"))
    members = json_members(body, 0, len(body))
    places = [(one.value_start, one.value_end) for one in members if one.key == "object"]
    known = event in _STATUSES and len(places) == 1
    items = tuple(event_status(site, listing, body, places[0])) if known else ()
    if not items:
        told = event[:80] if event.isprintable() else "?"
        return Page(problem=Problem("schema", f"an event of a kind that is not known: {told}"))
    return Page(items, (Claim("event", 0, len(body), event),))
