"""Web feeds: RSS 0.91 to 2.0, RSS 1.0, Atom and JSON Feed, ill-formed ones too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archiver.capture import signatures, websub
from archiver.capture.answers import status_problem
from archiver.capture.connector import Capability, Digest, Listing, Login, Page, Problem
from archiver.capture.platforms.feed.capabilities import CAPABILITIES, DIGESTS
from archiver.capture.platforms.feed.cut import cut_xml
from archiver.capture.platforms.feed.cut_json import cut_json
from archiver.capture.platforms.feed.legal import LEGAL
from archiver.capture.platforms.feed.links import feed_links
from archiver.capture.platforms.feed.rows import xml_row
from archiver.capture.platforms.feed.rows_json import json_row
from archiver.formats.excerpts import format_of
from archiver.record import Request, Sensitivity, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archiver.capture.connector import Site
    from archiver.capture.delivery import Delivery, Rejected, Reply, Subscription, Verified
    from archiver.capture.legal import LegalNote
    from archiver.formats.http1 import HttpResponse
    from archiver.record import Excerpt

__all__ = ["Feed"]

_COMMENTS = re.compile(
    r"comments?/(?:feed|default)|feed=(?:comments-|rss2-comments)", re.IGNORECASE
)
"""Addresses of comments feeds, as WordPress and Blogger make them."""


class Feed:
    """The connector; see `archiver.capture.connector.Connector`."""

    platform = "feed"
    parser = "feed/1"
    title = "Web feed (RSS, Atom, JSON Feed)"
    credential_fields: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()
    capabilities: tuple[Capability, ...] = CAPABILITIES
    digests: tuple[Digest, ...] = DIGESTS
    legal: tuple[LegalNote, ...] = LEGAL
    inconclusive: frozenset[str] = frozenset()
    address_form = "https://news.example.gov/feed.xml"
    webhook_fields: tuple[str, ...] = ("hub_secret",)

    def refuses(self, url: str) -> str:  # noqa: ARG002 - the port's signature
        """Return nothing: a feed may have any address."""
        return ""

    def authorise(self, site: Site, credential: Mapping[str, str]) -> Login:  # noqa: ARG002 - the port's signature
        """Return no headers: feeds are read without a login."""
        return Login()

    def listings(
        self,
        site: Site,
        mode: str,  # noqa: ARG002 - the port's signature: every mode reads the whole feed
    ) -> tuple[Listing, ...]:
        """Return the feed itself. It never names everything, so absence means nothing."""
        return (_listing(site, "feed"),)

    def deliveries(self, site: Site) -> Listing:
        """Return the listing under which what a hub sends is cut: a feed like any other."""
        return _listing(site, "deliveries")

    def handshake(self, delivery: Delivery, secrets: Mapping[str, str]) -> Reply | None:
        """Confirm to a hub what we asked it for (W3C WebSub §5.3)."""
        return websub.confirmed(delivery, secrets)

    def verify_webhook(
        self, delivery: Delivery, secrets: Mapping[str, str], now: datetime
    ) -> Verified | Rejected:
        """Say whether a hub sent this (W3C WebSub §7.1); it says not when."""
        return signatures.check(signatures.WEBSUB_WEAK, delivery, secrets.values(), now)

    def subscription(self, site: Site, response: HttpResponse) -> Subscription | Problem:
        """Return hub and topic as headers or the feed itself name them (W3C WebSub §4)."""
        problem = status_problem(response)
        links = [*websub.header_links(response), *feed_links(response.body)]
        told = f"the feed at {site.url} names no hub and itself: nothing can be subscribed to"
        return problem or websub.subscription(links) or Problem("schema", told)

    def direct(
        self,
        site: Site,  # noqa: ARG002 - the port's signature
        stream: str,  # noqa: ARG002 - likewise
        native_id: str,  # noqa: ARG002 - likewise
    ) -> Request | None:
        """Return nothing: a feed's items can't be asked for one by one."""
        return None

    def split(self, site: Site, listing: Listing, response: HttpResponse) -> Page:
        """Cut a feed into its items and its own profile."""
        problem = status_problem(response)
        if problem is not None:
            return Page(problem=problem)
        if format_of(response.body) == "json":
            return cut_json(site, listing, response)
        if format_of(response.body) == "xml":
            return cut_xml(site, listing, response)
        return Page(problem=Problem("schema", "neither XML nor JSON: is this a feed's address?"))

    def parse(self, excerpts: tuple[Excerpt, ...], context: Mapping[str, str]) -> dict[str, str]:
        """Read one item, or the feed's own elements."""
        stream = context.get("stream", "")
        inner = [excerpt.data for excerpt in excerpts if excerpt.role in ("item", "channel")]
        if inner and inner[0][:1] == b"{":
            return json_row(inner[0], stream)
        if inner and inner[0][:1] == b'"':
            return json_row(b"{" + b",".join(inner) + b"}", stream)
        return xml_row(excerpts, stream)


def _listing(site: Site, name: str) -> Listing:
    stream = Stream.COMMENTS if _COMMENTS.search(site.url) else Stream.POSTS
    request = Request(site.url)
    return Listing(name, stream, request, Sensitivity.PUBLIC, group="feed", exhaustive=False)
