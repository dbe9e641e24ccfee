"""Flickr, by its API, as all see an account: with a key, without a signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.connector import Login
from archiver.capture.platforms.flickr import asking, items, rows
from archiver.capture.platforms.flickr.about import CAPABILITIES, LEGAL
from archiver.capture.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Digest, Listing, Page, Site
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Flickr"]


class Flickr:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "flickr"
    parser = "flickr/1"
    title = "Flickr"
    credential_fields: tuple[str, ...] = ("api_key",)
    secret_fields: tuple[str, ...] = ("api_key",)
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = ()
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset()
    watch: Watch = Watch("[^/]+")
    address_form = "https://www.flickr.com/photos/cityofexample/"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of an account."""
        return asking.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the key, which stands in the address that is sent and in none that is kept."""
        key = credential.get("api_key", "")
        parameters = (("api_key", key),) if key else ()
        return Login(parameters=parameters, origin=asking.origin(site))

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what can be asked for before the user's id is known."""
        return asking.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:  # noqa: ARG002 - the port's signature
        """Return None: to who does not sign, what is private looks like what is gone."""
        return None

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a list or the account's user into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row(excerpts, context.get("stream", ""))
