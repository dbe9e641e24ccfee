"""Instagram professional accounts, by the Graph API (v26.0), with the token of their Page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.bounds import Shown
from archiver.capture.connector import Login
from archiver.capture.platforms.graph import hub, standing
from archiver.capture.platforms.graph.legal import LEGAL
from archiver.capture.platforms.graph.login import login
from archiver.capture.platforms.graph.rows import row_of
from archiver.capture.platforms.graph.threads import IDLE, READABLE
from archiver.capture.platforms.instagram import addresses, items, listings
from archiver.capture.platforms.instagram.capabilities import CAPABILITIES, INCONCLUSIVE
from archiver.capture.platforms.instagram.rows import TABLES
from archiver.capture.readable import Readable
from archiver.capture.stated import ProfileCount
from archiver.capture.watching import Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.capture.connector import Capability, Digest, Listing, Login, Page, Problem, Site
    from archiver.capture.delivery import Delivery, Rejected, Reply, Verified
    from archiver.capture.legal import LegalNote
    from archiver.capture.standing import Need, Standing
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Instagram"]


class Instagram:
    """The connector; see `Connector` and `Receives` (archiver.capture)."""

    platform = "instagram"
    parser = "instagram/1"
    title = "Instagram professional accounts"
    credential_fields: tuple[str, ...] = ("token", "app_secret", "verify_token")
    secret_fields: tuple[str, ...] = credential_fields
    webhook_fields: tuple[str, ...] = ("app_secret", "verify_token")
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = ()
    inconclusive: frozenset[str] = INCONCLUSIVE
    legal: tuple[LegalNote, ...] = LEGAL
    readable: tuple[Readable, ...] = (Readable(Stream.MESSAGES, "messages", int(READABLE)),)
    needs: tuple[Need, ...] = standing.INSTAGRAM
    watch: Watch = Watch("[0-9]+")
    shown_for: tuple[Shown, ...] = (
        Shown(Stream.MESSAGES, *IDLE),
        Shown(Stream.POSTS, 86_400.0, "stories are shown for 24 hours"),
    )
    profile_counts: tuple[ProfileCount, ...] = (
        ProfileCount(
            addresses.ACCOUNT, ("media_count",), Stream.POSTS, "media", limit=10_000,
            more="the 10,000 newest are listed"
            " (developers.facebook.com/docs/instagram-platform, ig-user/media)",
        ),
    )  # fmt: skip
    address_form = "https://www.instagram.com/cityofexample"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of an account."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the Page's access token, and the proof of the app's secret."""
        return login(site, credential)

    def inspection(self, site: Site, credential: Mapping[str, str]) -> Request | None:
        """Return the request in which the token asks about itself."""
        return standing.inspection(site, credential)

    def standing(self, response: HttpResponse) -> Standing | Problem:
        """Return when the token ends and what it may."""
        return standing.standing(response)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what is asked for before the account's number is known."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one post, comment, message or conversation."""
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
        return hub.verify(delivery, secrets, now, "instagram")

    def deliveries(self, site: Site) -> Listing:
        """Return the listing under which deliveries are cut."""
        return listings.deliveries(site)
