"""Bluesky and other servers of the AT Protocol, by XRPC (atproto.com/specs/xrpc).

An account's address is ``https://HOST/profile/ACTOR``: the host of its personal data
server (PDS), and its DID or handle. A DID stays through renames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.platforms.bluesky import addresses, events, items, listings, login, rows
from archiver.capture.platforms.bluesky.blocks import event_json, record_json
from archiver.capture.platforms.bluesky.capabilities import CAPABILITIES, DIGESTS
from archiver.capture.platforms.bluesky.legal import LEGAL
from archiver.capture.stated import ProfileCount
from archiver.capture.watching import Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Digest, Listing, Login, Page, Site
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Bluesky"]


class Bluesky:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "bluesky"
    parser = "bluesky/1"
    title = "Bluesky (AT Protocol)"
    credential_fields: tuple[str, ...] = ("handle", "password")
    secret_fields: tuple[str, ...] = ("password",)
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    profile_counts: tuple[ProfileCount, ...] = (
        ProfileCount("profile view", ("postsCount",), Stream.POSTS, "app.bsky.feed.post"),
    )
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset()
    watch: Watch = Watch(
        r"view|repository|at://[^/]+/app\.bsky\.actor\.profile/self",
        {"didDoc": "its keys or its server"},
    )
    address_form = "https://pds.example.gov/profile/city.example.gov"

    def refuses(self, url: str) -> str:
        """Return why an address names no account on its own server."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:
        """Return the login with handle and app password; nothing without a password."""
        return login.login(site, credential)

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what to enumerate. Without a login: the repository, which is public."""
        return listings.listings(site, mode)

    def streams(self, site: Site) -> tuple[Listing, ...]:
        """Return the events of the account's server, which are public."""
        return events.streams(site)

    def polled(self, site: Site) -> tuple[Listing, ...]:
        """Return what others do to the account, of which no stream tells."""
        return listings.polled(site)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one thing; None for likes and reposts by others."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut one answer into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        native_id, data = context.get("native_id", ""), b""
        for excerpt in excerpts[:1]:
            if excerpt.role == "record":
                data = record_json(excerpt.data, native_id)
            else:
                data = event_json(excerpt.data) if excerpt.role == "event" else excerpt.data
        return rows.row_of(data, context.get("stream", ""), native_id)
