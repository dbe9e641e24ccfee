"""Tumblr, by its API (v2), as a blog's owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture import auth
from archiver.capture.connector import Login
from archiver.capture.platforms.tumblr import addresses, items, listings, rows
from archiver.capture.platforms.tumblr.capabilities import CAPABILITIES
from archiver.capture.platforms.tumblr.legal import LEGAL
from archiver.capture.standing import Need
from archiver.capture.watching import Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Digest, Listing, Page, Site
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Tumblr"]


class Tumblr:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "tumblr"
    parser = "tumblr/1"
    title = "Tumblr"
    credential_fields: tuple[str, ...] = ("client_id", "client_secret", "refresh_token")
    secret_fields: tuple[str, ...] = ("client_secret", "refresh_token")
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = ()
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset({Stream.COMMENTS, Stream.REACTIONS})
    needs: tuple[Need, ...] = (Need("basic", (Stream.POSTS, Stream.COMMENTS, Stream.SUBSCRIBERS)),)
    watch: Watch = Watch("t:.+", {"theme.header_image": "its header"})
    address_form = "https://cityofexample.tumblr.com"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of a blog."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the request for an access token; the refresh token is good for one use."""
        origin = addresses.origin(site)
        if not credential.get("refresh_token"):
            return Login(origin=origin)
        endpoint = addresses.token_endpoint(site)
        return auth.refreshed(endpoint, credential, in_body=True, origin=origin)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what to enumerate; incremental stops where nothing is new."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one post."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a list or a single post into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row(excerpts, context.get("stream", ""))
