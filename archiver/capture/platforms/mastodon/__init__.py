"""Mastodon, by its REST API (Mastodon 4.0 on)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.auth import bearer
from archiver.capture.connector import Login
from archiver.capture.platforms.mastodon import (
    addresses,
    events,
    hooks,
    items,
    listings,
    rows,
    standing,
)
from archiver.capture.platforms.mastodon.addresses import api
from archiver.capture.platforms.mastodon.capabilities import CAPABILITIES, DIGESTS
from archiver.capture.platforms.mastodon.legal import LEGAL
from archiver.capture.stated import ProfileCount
from archiver.capture.watching import Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.capture.connector import Capability, Digest, Listing, Page, Problem, Site
    from archiver.capture.delivery import Delivery, Rejected, Reply, Verified
    from archiver.capture.legal import LegalNote
    from archiver.capture.standing import Need, Standing
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Mastodon"]


class Mastodon:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "mastodon"
    parser = "mastodon/1"
    title = "Mastodon"
    credential_fields: tuple[str, ...] = ("token",)
    secret_fields: tuple[str, ...] = ("token",)
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    profile_counts: tuple[ProfileCount, ...] = (
        ProfileCount("settings", ("statuses_count",), Stream.POSTS, "statuses"),
        ProfileCount("profile", ("statuses_count",), Stream.POSTS, "statuses"),
    )
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset()
    needs: tuple[Need, ...] = standing.NEEDS
    watch: Watch = Watch("[0-9]+", {"fields": "its linked pages"}, client=("application", "name"))
    address_form = "https://social.example.gov/@city"
    webhook_fields: tuple[str, ...] = hooks.FIELDS

    def refuses(self, url: str) -> str:
        """Return why an address is not that of an account's public page."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:  # noqa: ARG002 - the port's signature
        """Return the access token as a bearer token (RFC 6750 §2.1); nothing without one."""
        token = credential.get("token", "")
        return Login(bearer(token)) if token else Login()

    def inspection(self, site: Site, credential: Mapping[str, str]) -> Request | None:
        """Return the request in which the token asks about itself."""
        return api(site, "v1/apps/verify_credentials") if credential.get("token") else None

    def standing(self, response: HttpResponse) -> Standing | Problem:
        """Return the scopes of the token."""
        return standing.standing(response)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what can be asked for before the account's id is known."""
        return listings.listings(site, mode)

    def streams(self, site: Site) -> tuple[Listing, ...]:
        """Return the account's stream of events; none without a login."""
        return events.streams(site)

    def handshake(self, delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:  # noqa: ARG002 - the port's signature
        """Return nothing: a server of Mastodon's asks for none."""
        return None

    def verify_webhook(
        self, delivery: Delivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Say whether an admin webhook is the server's."""
        return hooks.verified(delivery, secrets, now)

    def may_keep(self, site: Site, delivery: Delivery) -> bool:
        """Say whether an event of the server's tells of the account."""
        return hooks.may_keep(site, delivery)

    def deliveries(self, site: Site) -> Listing:
        """Return the listing under which admin webhooks are cut."""
        return hooks.deliveries(site)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one status, its versions, a notification, a relation and so on."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a listing or a single thing into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row_of(excerpts, context.get("stream", ""), context.get("native_id", ""))
