"""Facebook Pages and Messenger, by the Graph API (v26.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.bounds import Shown
from archiver.capture.connector import Login
from archiver.capture.platforms.facebook import addresses, items, listings
from archiver.capture.platforms.facebook.capabilities import CAPABILITIES, DIGESTS, INCONCLUSIVE
from archiver.capture.platforms.facebook.rows import TABLES
from archiver.capture.platforms.graph import hub
from archiver.capture.platforms.graph.addresses import origin
from archiver.capture.platforms.graph.legal import LEGAL
from archiver.capture.platforms.graph.rows import row_of
from archiver.capture.platforms.graph.threads import IDLE, READABLE
from archiver.capture.readable import Readable
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.capture.connector import Capability, Digest, Listing, Page, Site
    from archiver.capture.delivery import Delivery, Rejected, Reply, Verified
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Facebook"]


class Facebook:
    """The connector; see `Connector` and `Receives` (archiver.capture)."""

    platform = "facebook"
    parser = "facebook/1"
    title = "Facebook Pages and Messenger"
    credential_fields: tuple[str, ...] = ("token", "app_secret", "verify_token")
    secret_fields: tuple[str, ...] = credential_fields
    webhook_fields: tuple[str, ...] = ("app_secret", "verify_token")
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    inconclusive: frozenset[str] = INCONCLUSIVE
    legal: tuple[LegalNote, ...] = LEGAL
    readable: tuple[Readable, ...] = (Readable(Stream.MESSAGES, "messages", int(READABLE)),)
    shown_for: tuple[Shown, ...] = (Shown(Stream.MESSAGES, *IDLE),)
    address_form = "https://www.facebook.com/CityOfExample"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of a Page."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the Page's access token as a bearer token (RFC 6750 §2.1), for the API's host.

        Graph's documentation shows it in the address, where it would stand in logs; that it
        takes the header as well is general knowledge.
        """
        token = credential.get("token", "")
        headers = (("Authorization", f"Bearer {token}"),) if token else ()
        return Login(headers, origin=origin(site.url))

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what is asked for before the Page's number is known."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one post, comment, photo, video, conversation and so on."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a list, a single node, or the body of a webhook into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return row_of(TABLES, excerpts, context.get("stream", ""), context.get("native_id", ""))

    def handshake(self, delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
        """Answer Meta's question whether the address is ours."""
        return hub.handshake(delivery, secrets)

    def verify_webhook(
        self, delivery: Delivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Check ``X-Hub-Signature-256``. Meta sends again for a day and more: no age is too old."""
        return hub.verify(delivery, secrets, now, "page")

    def deliveries(self, site: Site) -> Listing:
        """Return the listing under which deliveries are cut."""
        return listings.deliveries(site)
