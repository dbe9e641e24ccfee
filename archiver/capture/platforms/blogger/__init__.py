"""Blogger, by its API (v3), as a blog's administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture import auth
from archiver.capture.connector import Digest, Login
from archiver.capture.platforms.blogger import addresses, items, listings, rows
from archiver.capture.platforms.blogger.capabilities import CAPABILITIES
from archiver.capture.platforms.blogger.legal import LEGAL
from archiver.capture.standing import Need
from archiver.capture.watching import Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Listing, Page, Site
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Blogger"]

_SCOPE = "https://www.googleapis.com/auth/blogger"


class Blogger:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "blogger"
    parser = "blogger/1"
    title = "Blogger"
    credential_fields: tuple[str, ...] = ("client_id", "client_secret", "refresh_token")
    secret_fields: tuple[str, ...] = ("client_secret", "refresh_token")
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = (
        Digest(("**", "etag"), "the thing's content, by a method that Google does not tell"),
    )
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset()
    needs: tuple[Need, ...] = (
        Need(
            f"{_SCOPE}.readonly",
            (Stream.POSTS, Stream.PAGES, Stream.COMMENTS, Stream.PROFILE),
            (_SCOPE,),
        ),
    )
    watch: Watch = Watch("[0-9]+")
    address_form = "https://cityofexample.blogspot.com"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of a blog's front page."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the request for an access token, by the refresh token (Google's OAuth 2.0)."""
        origin = addresses.origin(site)
        if not credential.get("refresh_token"):
            return Login(origin=origin)
        endpoint = addresses.token_endpoint(site)
        return auth.refreshed(endpoint, credential, in_body=True, origin=origin)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what can be asked for before the blog's id is known."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one post, page or comment."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a list or a single thing into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row(excerpts, context.get("stream", ""))
