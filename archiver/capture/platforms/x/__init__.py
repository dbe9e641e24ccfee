"""X (formerly Twitter), by its API v2 and the X Activity API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.bounds import Shown
from archiver.capture.connector import Listing
from archiver.capture.governing import header_allowances
from archiver.capture.platforms.x import addresses, costs, items, listings, rows, webhooks
from archiver.capture.platforms.x.addresses import api
from archiver.capture.platforms.x.capabilities import CAPABILITIES, DIGESTS
from archiver.capture.platforms.x.login import NEEDS, login
from archiver.capture.platforms.x.terms import LEGAL
from archiver.capture.stated import ProfileCount
from archiver.capture.watching import Watch
from archiver.record import Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from archiver.capture.connector import Capability, Digest, Login, Page, Site
    from archiver.capture.delivery import Delivery, Rejected, Reply, Verified
    from archiver.capture.governing import Allowance, Budget, Charge
    from archiver.capture.legal import LegalNote
    from archiver.capture.standing import Need
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["X"]


class X:
    """The connector; see `archiver.capture.connector.Connector` and `…delivery.Receives`.

    It says what X charges and which requests are counted together (`…capture.governing`).
    """

    platform = "x"
    parser = "x/1"
    title = "X (Twitter)"
    credential_fields: tuple[str, ...] = (
        "client_id",
        "client_secret",
        "refresh_token",
        webhooks.SECRET,
    )
    secret_fields: tuple[str, ...] = ("client_secret", "refresh_token", webhooks.SECRET)
    webhook_fields: tuple[str, ...] = (webhooks.SECRET,)
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    inconclusive: frozenset[str] = frozenset()
    legal: tuple[LegalNote, ...] = LEGAL
    budget: Budget = costs.BUDGET
    needs: tuple[Need, ...] = NEEDS
    watch: Watch = Watch("[0-9]+", {"location": "its place"}, client=("source",))
    shown_for: tuple[Shown, ...] = (
        Shown(Stream.MESSAGES, 30 * 86_400.0, "direct messages are shown for 30 days"),
    )
    profile_counts: tuple[ProfileCount, ...] = (
        ProfileCount(
            "account", ("post_count", "tweet_count"), Stream.POSTS, "posts", limit=3200,
            more="X names the newest 3,200 posts of an account"
            " (docs.x.com/x-api/posts/timelines/introduction)",
        ),
    )  # fmt: skip
    address_form = "https://x.com/CityOfX"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of an account's page."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the refresh of the access token; nothing without a credential."""
        return login(site, credential)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return the question for the account; its answer leads to everything else."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one post, a relation or a list."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a listing, a single thing or a delivery into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row_of(excerpts, context.get("stream", ""), context.get("native_id", ""))

    def most(self, url: str) -> int:
        """Return what an answer can cost at most, in millionths of a dollar."""
        return costs.most(url)

    def charges(self, url: str, response: HttpResponse) -> Iterator[Charge]:
        """Yield what an answer is charged for: each thing in it, once a day."""
        return costs.charges(url, response.body)

    def scope(self, url: str) -> str:
        """Return the endpoint: X counts the requests for each of a login's own."""
        return addresses.endpoint(url)

    def allowances(self, url: str, response: HttpResponse) -> Iterator[Allowance]:
        """Yield what an answer says of the requests that are left for its endpoint."""
        scope = addresses.endpoint(url)
        return (one._replace(scope=scope) for one in header_allowances(response))

    def handshake(self, delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
        """Return the answer to a challenge-response check."""
        return webhooks.handshake(delivery, secrets)

    def verify_webhook(
        self, delivery: Delivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Say whether a delivery is signed by X."""
        return webhooks.verify(delivery, secrets, now)

    def deliveries(self, site: Site) -> Listing:
        """Return the listing under which deliveries are cut."""
        name = listings.DELIVERIES
        request = api(site, "activity/subscriptions")
        who = Sensitivity.PRIVATE
        return Listing(name, Stream.MESSAGES, request, who, name, exhaustive=False)
