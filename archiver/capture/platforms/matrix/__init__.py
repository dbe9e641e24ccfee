"""Matrix, by the Client-Server API (v1.11 on; measured on Synapse 1.163)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.platforms.matrix import ignored, items, requests
from archiver.capture.platforms.matrix.capabilities import CAPABILITIES, DIGESTS, INCONCLUSIVE
from archiver.capture.platforms.matrix.legal import LEGAL
from archiver.capture.platforms.matrix.login import login
from archiver.capture.platforms.matrix.rooms_rows import (
    account_data_row,
    profile_row,
    room_row,
    standing_row,
)
from archiver.capture.platforms.matrix.rows import event_row
from archiver.capture.watching import Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Digest, Listing, Login, Page, Site
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Matrix"]


class Matrix:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "matrix"
    parser = "matrix/1"
    title = "Matrix"
    credential_fields: tuple[str, ...] = ("user", "password")
    secret_fields: tuple[str, ...] = ("password",)
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = INCONCLUSIVE
    watch: Watch = Watch("@[^/]+")
    address_form = "https://matrix.example.gov/@city:example.gov"

    def refuses(self, url: str) -> str:
        """Return why an address does not name a homeserver and one of its users."""
        return requests.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return a login with a password, or with an access token for user ``token``."""
        return login(site, credential)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return profile, rooms, ignored people; incremental asks only for rooms with news."""
        found = requests.listings(site, mode)
        more = site.authorised and requests.account_of(site).user
        return (*found, ignored.listing(site)) if more else found

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one event."""
        return requests.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a sync, a room's state, a page of its history, one event, or the profile."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one event, room, standing or profile."""
        stream, native_id = context.get("stream", ""), context.get("native_id", "")
        parts = {excerpt.role: excerpt.data for excerpt in excerpts}
        if stream == Stream.PAGES:
            return room_row([one.data for one in excerpts])
        data = parts.get("item", b"")
        if native_id.endswith(f"/{ignored.IGNORED}"):
            return account_data_row(data, "Ignored people")
        if stream != Stream.PROFILE:
            return event_row(data, stream, native_id)
        if native_id[:1] == "!":
            return standing_row(data, parts.get("membership", b""), parts.get("invitation", b""))
        return profile_row(data, native_id)
