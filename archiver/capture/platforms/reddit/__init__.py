"""Reddit, by its API, as a moderator of a community."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture import auth
from archiver.capture.connector import Login
from archiver.capture.platforms.reddit import addresses, items, listings, rows
from archiver.capture.platforms.reddit.capabilities import CAPABILITIES
from archiver.capture.platforms.reddit.legal import LEGAL
from archiver.capture.standing import Need
from archiver.capture.watching import People, Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Digest, Listing, Page, Site
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Reddit"]


class Reddit:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "reddit"
    parser = "reddit/1"
    title = "Reddit"
    credential_fields: tuple[str, ...] = ("client_id", "client_secret", "refresh_token")
    secret_fields: tuple[str, ...] = ("client_secret", "refresh_token")
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = ()
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset()
    needs: tuple[Need, ...] = (
        Need("read", (Stream.POSTS, Stream.COMMENTS, Stream.PROFILE)),
        Need("identity", (Stream.PROFILE,)),
        Need("modlog", (Stream.MODERATION,)),
        Need("modposts", (Stream.POSTS,)),
        Need("modmail", (Stream.MESSAGES,)),
        Need("privatemessages", (Stream.MESSAGES,)),
    )
    watch: Watch = Watch(
        "[a-z0-9]{3,}",
        {"data.icon_img": "its icon", "data.banner_img": "its banner"},
        People(Stream.MODERATION, "moderator/"),
    )
    address_form = "https://www.reddit.com/r/CityOfExample"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of a community."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the request for an access token, by the refresh token."""
        origin = addresses.origin(site)
        if not credential.get("refresh_token"):
            return Login(origin=origin)
        return auth.refreshed(addresses.token_endpoint(site), credential, origin=origin)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what to enumerate; incremental stops where nothing is new."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one post or comment."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a listing or a single thing into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row(excerpts, context.get("stream", ""), context.get("native_id", ""))
