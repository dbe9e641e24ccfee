"""Discourse, a forum, by its JSON API: with an API key or as strangers see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.capture.auth import api_key
from archiver.capture.connector import Digest, Login
from archiver.capture.platforms.discourse import addresses, items, listings, rows
from archiver.capture.platforms.discourse.capabilities import CAPABILITIES
from archiver.capture.platforms.discourse.legal import LEGAL
from archiver.capture.watching import People, Watch
from archiver.record import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.capture.connector import Capability, Listing, Page, Site
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt, Request

__all__ = ["Discourse"]


class Discourse:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "discourse"
    parser = "discourse/1"
    title = "Discourse"
    credential_fields: tuple[str, ...] = ("user", "key")
    secret_fields: tuple[str, ...] = ("key",)
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = (
        Digest(("native_id",), "the file, where the record is one: its name has its SHA-1"),
    )
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset(
        {Stream.POSTS, Stream.COMMENTS, Stream.MESSAGES, Stream.PAGES}
    )
    """It says *not found* of what is hidden, or moved where we may not look, as well."""
    watch: Watch = Watch(
        "site",
        {"logo_url": "its logo", "favicon_url": "its icon"},
        People(Stream.SUBSCRIBERS, "group/1/member/"),
    )
    """Group 1 is *admins* on every forum (Group::AUTO_GROUPS)."""
    address_form = "https://forum.example.gov"

    def refuses(self, url: str) -> str:
        """Return why an address is not that of a forum's front page."""
        return addresses.refuses(url)

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:  # noqa: ARG002 - the port's signature
        """Return the key and the user that it acts for; nothing without both."""
        user, key = credential.get("user", ""), credential.get("key", "")
        if not user or not key:
            return Login()
        return Login((*api_key("Api-Key", key), ("Api-Username", user)))

    def listings(self, site: Site, mode: str) -> tuple[Listing, ...]:
        """Return what to enumerate; incremental shows newest first."""
        return listings.listings(site, mode)

    def direct(self, site: Site, stream: str, native_id: str) -> Request | None:
        """Return the request for one topic, post, category or user."""
        return listings.direct(site, stream, native_id)

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a listing or a single thing into items."""
        return items.split(site, listing, response)

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item."""
        return rows.row(excerpts, context.get("stream", ""), context.get("native_id", ""))
