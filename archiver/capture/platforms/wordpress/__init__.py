"""WordPress, by its REST API (WordPress 4.7 on; application passwords 5.6 on)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.auth import basic
from archiver.capture.connector import Login
from archiver.capture.platforms.wordpress import items, listings, rows, standing
from archiver.capture.platforms.wordpress.capabilities import CAPABILITIES, DIGESTS
from archiver.capture.platforms.wordpress.legal import LEGAL
from archiver.capture.watching import People, Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Digest, Listing, Page, Problem, Site
    from archiver.capture.legal import LegalNote
    from archiver.capture.standing import Need, Standing
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["WordPress"]


class WordPress:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "wordpress"
    parser = "wordpress/1"
    title = "WordPress"
    credential_fields: tuple[str, ...] = ("user", "password")
    secret_fields: tuple[str, ...] = ("password",)
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset()
    needs: tuple[Need, ...] = standing.NEEDS
    watch: Watch = Watch(
        "site",
        {"site_logo": "its logo", "site_icon": "its icon", "home": "its home page"},
        People(Stream.SUBSCRIBERS, "", '"administrator"'),
    )
    address_form = "https://blog.example.gov"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of a site's own beginning."""
        return listings.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:  # noqa: ARG002 - the port's signature
        """Return HTTP Basic with an application password (RFC 7617); nothing without one."""
        user, password = credential.get("user", ""), credential.get("password", "")
        if not user or not password:
            return Login()
        return Login(basic(user, password))

    def inspection(self, site: Site, credential: Mapping[str, str]) -> Request | None:
        """Return the request in which the user asks about himself."""
        return listings.me(site) if credential.get("user") else None

    def standing(self, response: HttpResponse) -> Standing | Problem:
        """Return what the user may."""
        return standing.standing(response)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what to enumerate; incremental shows newest and last changed first."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one post, page, comment, user, medium or revision."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a listing or a single thing into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        data = next((excerpt.data for excerpt in excerpts if excerpt.role == "item"), b"")
        return rows.row_of(data, context.get("stream", ""), context.get("native_id", ""))
