"""YouTube, by its Data API (v3) and Live Streaming API, as a channel's owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture import auth, websub
from archiver.capture.connector import Login
from archiver.capture.governing import Charge
from archiver.capture.platforms.youtube import addresses, items, listings, push, rows
from archiver.capture.platforms.youtube.capabilities import CAPABILITIES, DIGESTS
from archiver.capture.platforms.youtube.legal import LEGAL
from archiver.capture.platforms.youtube.quota import BUDGET, cost_of
from archiver.capture.platforms.youtube.scopes import NEEDS
from archiver.capture.stated import ProfileCount
from archiver.capture.watching import Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from archiver.capture.connector import (
        Capability,
        Digest,
        Listing,
        Page,
        Problem,
        Site,
    )
    from archiver.capture.delivery import Delivery, Rejected, Reply, Subscription, Verified
    from archiver.capture.governing import Budget
    from archiver.capture.legal import LegalNote
    from archiver.capture.standing import Need
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["YouTube"]


class YouTube:
    """The connector; see `archiver.capture.connector.Connector`.

    It subscribes to what its platform sends (`archiver.capture.delivery.Subscribes`), and counts
    what that charges (`archiver.capture.governing.Metered`).
    """

    platform = "youtube"
    parser = "youtube/1"
    title = "YouTube"
    credential_fields: tuple[str, ...] = ("client_id", "client_secret", "refresh_token")
    secret_fields: tuple[str, ...] = ("client_secret", "refresh_token")
    webhook_fields: tuple[str, ...] = push.FIELDS
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    profile_counts: tuple[ProfileCount, ...] = (
        ProfileCount(
            "count", ("videoCount",), Stream.POSTS, "videos",
            fewer="the count of the channel's public videos only, even to owners"
            " (developers.google.com/youtube/v3/docs/channels, statistics.videoCount)",
        ),
    )  # fmt: skip
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset({Stream.COMMENTS})
    budget: Budget = BUDGET
    needs: tuple[Need, ...] = NEEDS
    watch: Watch = Watch("UC[^/]+")
    address_form = "https://www.youtube.com/@CityOfExample"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of a channel."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the request for an access token, by the refresh token (Google's OAuth 2.0)."""
        origin = addresses.origin(site)
        if not credential.get("refresh_token"):
            return Login(origin=origin)
        endpoint = addresses.token_endpoint(site)
        return auth.refreshed(endpoint, credential, in_body=True, origin=origin)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what can be asked for before the channel's settings are known."""
        return listings.listings(site, mode)

    def polled(self, site: Site) -> tuple[Listing, ...]:
        """Return the broadcasts that are live, each of which leads to its chat."""
        return listings.live(site)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one video, comment, playlist and so on."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a list, a single thing, or a delivery into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row_of(excerpts, context.get("stream", ""), context.get("native_id", ""))

    def most(self, url: str) -> int:
        """Return the units that an answer costs, whatever it says."""
        return cost_of(url)

    def charges(
        self,
        url: str,
        response: HttpResponse,  # noqa: ARG002 - the port's signature: refusals cost as much
    ) -> Iterable[Charge]:
        """Return what an answer is charged for."""
        return (Charge(cost_of(url)),)

    def handshake(self, delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
        """Confirm to a hub what we asked it for (W3C WebSub §5.3)."""
        return websub.confirmed(delivery, secrets)

    def verify_webhook(
        self, delivery: Delivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Judge a delivery by its signature."""
        return push.verified(delivery, secrets, now)

    def subscription(
        self,
        site: Site,
        response: HttpResponse,  # noqa: ARG002 - the port's signature: no page tells of it
    ) -> Subscription | Problem:
        """Return Google's hub and the channel's topic."""
        return push.subscribed_to(site)

    def deliveries(self, site: Site) -> Listing:
        """Return the listing under which deliveries are cut."""
        return push.deliveries(site)
