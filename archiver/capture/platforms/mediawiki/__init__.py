"""MediaWiki, by its Action API (MediaWiki 1.32 on: slots; measured on 1.39.17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.platforms.mediawiki import (
    items,
    listings,
    login,
    requests,
    rows,
    standing,
)
from archiver.capture.platforms.mediawiki.capabilities import CAPABILITIES, DIGESTS, INCONCLUSIVE
from archiver.capture.platforms.mediawiki.legal import LEGAL
from archiver.capture.watching import People, Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Digest, Listing, Login, Page, Problem, Site
    from archiver.capture.legal import LegalNote
    from archiver.capture.standing import Need, Standing
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["MediaWiki"]


class MediaWiki:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "mediawiki"
    parser = "mediawiki/1"
    title = "MediaWiki"
    credential_fields: tuple[str, ...] = ("user", "password")
    secret_fields: tuple[str, ...] = ("password",)
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = INCONCLUSIVE
    needs: tuple[Need, ...] = standing.NEEDS
    watch: Watch = Watch("site", people=People(Stream.SUBSCRIBERS, "", '"sysop"'))
    address_form = "https://wiki.example.gov/w/api.php"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of a wiki's Action API."""
        return requests.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the steps for a bot password, or an OAuth 2 token's header."""
        return login.authorise(site, credential)

    def inspection(self, site: Site, credential: Mapping[str, str]) -> Request | None:  # noqa: ARG002 - the port's signature
        """Return the request in which the user asks about himself."""
        return requests.query(site, meta="userinfo", uiprop="rights")

    def standing(self, response: HttpResponse) -> Standing | Problem:
        """Return the rights of the user."""
        return standing.standing(response)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what to enumerate; incremental shows newest first."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one page, revision, user or file version."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut an answer into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row_of(excerpts, context.get("stream", ""), context.get("native_id", ""))
